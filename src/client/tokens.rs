//! The security token service, as a client sees it: an account and a password in, a ticket and a secret for each
//! address out (`RST.srf`). Facts: watched conversations of open clients.

use super::config::Config;
use super::error::{ClientError, Wrong};
use super::http::{Ask, Url, Web};
use super::reporter::Reporter;
use super::xml::walk;
use hyper::http::HeaderValue;
use quick_xml::escape::escape;
use std::fmt::Write as _;

const SERVICE: (&str, &str) = ("login.live.com", "/RST.srf");
/// The address of the Passport itself, which has no ticket.
const PASSPORT: &str = "http://Passport.NET/tb";
/// The address whose ticket the notification service takes with a proof.
const PROVED: &str = "messengerclear.live.com";
/// The address whose ticket it takes without one.
const MESSENGER: &str = "messenger.msn.com";
/// The address of the address book.
const CONTACTS: &str = "contacts.msn.com";
/// Parameters of `USR TWN S` that do not come back in the policy (clients watched).
const LEFT_OUT: [&str; 4] = ["lc", "ct", "ru", "tpf"];
/// The longest fault that is quoted, in bytes.
const MAX_FAULT: usize = 512;

/// What the service granted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    /// The ticket for the notification service.
    pub messenger: String,
    /// The secret that goes with it, in base64.
    pub secret: String,
    /// The ticket for the address book.
    pub contacts: String,
}

/// Asks for a ticket for TWN, with the parameters of `USR TWN S` as its policy.
pub(super) async fn by_parameters(
    web: &Web,
    reporter: &mut Reporter,
    config: &Config,
    parameters: &str,
) -> Result<Granted, ClientError> {
    let kept = parameters
        .split(',')
        .filter(|field| !LEFT_OUT.contains(&field.split('=').next().unwrap_or_default()));
    let policy = format!("?{}&rn=(null)", kept.collect::<Vec<_>>().join("&"));
    let wanted = [(PASSPORT, ""), (MESSENGER, &policy), (CONTACTS, &policy)];
    ask(web, reporter, config, MESSENGER, &wanted).await
}

/// Asks for a ticket for SSO, with the policy that the notification service names.
pub(super) async fn by_policy(
    web: &Web,
    reporter: &mut Reporter,
    config: &Config,
    policy: &str,
) -> Result<Granted, ClientError> {
    let wanted = [
        (PASSPORT, ""),
        (PROVED, policy),
        (CONTACTS, "MBI"),
        ("storage.msn.com", "MBI"),
    ];
    ask(web, reporter, config, PROVED, &wanted).await
}

async fn ask(
    web: &Web,
    reporter: &mut Reporter,
    config: &Config,
    messenger: &str,
    wanted: &[(&str, &str)],
) -> Result<Granted, ClientError> {
    let url = Url::new(SERVICE.0, SERVICE.1);
    let failed = |why: Wrong| ClientError::Login {
        url: url.to_string(),
        why,
    };
    let request = Ask {
        method: "POST",
        url: url.clone(),
        headers: vec![(
            "Content-Type",
            HeaderValue::from_static("text/xml; charset=utf-8"),
        )],
        body: envelope(config, wanted),
    };
    let answer = web
        .exchange(request, reporter, |_| {
            format!("tickets for {} addresses", wanted.len())
        })
        .await?;
    let text = std::str::from_utf8(&answer.body)
        .map_err(|error| failed(Wrong::NotText(answer.status, error)))?;
    granted(text, messenger).map_err(|why| {
        failed(match answer.status {
            200 => why,
            status => Wrong::WithStatus(why.into(), status),
        })
    })
}

fn envelope(config: &Config, wanted: &[(&str, &str)]) -> String {
    let mut tokens = String::new();
    for (number, (address, policy)) in wanted.iter().enumerate() {
        let _ = write!(
            tokens,
            "<wst:RequestSecurityToken Id=\"RST{number}\">\
             <wst:RequestType>http://schemas.xmlsoap.org/ws/2004/04/security/trust/Issue</wst:RequestType>\
             <wsp:AppliesTo><wsa:EndpointReference><wsa:Address>{address}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>"
        );
        if !policy.is_empty() {
            let policy = escape(*policy);
            let _ = write!(tokens, "<wsse:PolicyReference URI=\"{policy}\"/>");
        }
        tokens.push_str("</wst:RequestSecurityToken>");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:wsse=\"http://schemas.xmlsoap.org/ws/2003/06/secext\" \
         xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2002/12/policy\" \
         xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/03/addressing\" \
         xmlns:wst=\"http://schemas.xmlsoap.org/ws/2004/04/trust\"><Header>\
         <ps:AuthInfo xmlns:ps=\"http://schemas.microsoft.com/Passport/SoapServices/PPCRL\" Id=\"PPAuthInfo\">\
         <ps:HostingApp>{{7108E71A-9926-4FCB-BCC9-9A9D3F32E423}}</ps:HostingApp><ps:BinaryVersion>4</ps:BinaryVersion>\
         <ps:UIVersion>1</ps:UIVersion><ps:Cookies></ps:Cookies>\
         <ps:RequestParams>AQAAAAIAAABsYwQAAAAxMDMz</ps:RequestParams></ps:AuthInfo>\
         <wsse:Security><wsse:UsernameToken Id=\"user\"><wsse:Username>{}</wsse:Username>\
         <wsse:Password>{}</wsse:Password></wsse:UsernameToken></wsse:Security></Header><Body>\
         <ps:RequestMultipleSecurityTokens xmlns:ps=\"http://schemas.microsoft.com/Passport/SoapServices/PPCRL\" Id=\"RSTS\">\
         {tokens}</ps:RequestMultipleSecurityTokens></Body></Envelope>",
        escape(config.account.as_str()),
        escape(config.password.as_str())
    )
}

/// What an answer grants. Tickets are known by the address that they are for.
fn granted(text: &str, messenger: &str) -> Result<Granted, Wrong> {
    let mut granted = Granted::default();
    let (mut address, mut ticket, mut secret) = (String::new(), String::new(), String::new());
    let mut fault: Option<String> = None;
    walk(text, |path, text| {
        let text = text.trim();
        match path.last().copied().unwrap_or_default() {
            _ if path.contains(&"Fault") => {
                let fault = fault.get_or_insert_with(String::new);
                if !text.is_empty() && fault.len() + text.len() < MAX_FAULT {
                    let comma = if fault.is_empty() { "" } else { ", " };
                    let _ = write!(fault, "{comma}{text}");
                }
            }
            "Address" => text.clone_into(&mut address),
            "BinarySecurityToken" => text.clone_into(&mut ticket),
            "BinarySecret" => text.clone_into(&mut secret),
            "RequestSecurityTokenResponse" => {
                let (ticket, secret) = (std::mem::take(&mut ticket), std::mem::take(&mut secret));
                if address == messenger {
                    (granted.messenger, granted.secret) = (ticket, secret);
                } else if address == CONTACTS {
                    granted.contacts = ticket;
                }
                address.clear();
            }
            _ => {}
        }
    })?;
    if let Some(fault) = fault {
        return Err(Wrong::Fault(fault));
    }
    for (ticket, address) in [
        (&granted.messenger, messenger),
        (&granted.contacts, CONTACTS),
    ] {
        if ticket.is_empty() || ticket.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Wrong::NoTicketFor(address.to_owned()));
        }
    }
    Ok(granted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(address: &str, token: &str) -> String {
        format!(
            "<wst:RequestSecurityTokenResponse><wsp:AppliesTo><wsa:EndpointReference><wsa:Address>{address}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo><wst:RequestedSecurityToken><wsse:BinarySecurityToken Id=\"Compact1\">t={token}&amp;p=</wsse:BinarySecurityToken></wst:RequestedSecurityToken><wst:RequestedProofToken><wst:BinarySecret>{token}==</wst:BinarySecret></wst:RequestedProofToken></wst:RequestSecurityTokenResponse>"
        )
    }

    #[test]
    fn tickets_are_known_by_their_address_and_a_fault_is_told() {
        let text = format!(
            "<S:Envelope>{}{}{}</S:Envelope>",
            response("http://Passport.NET/tb", "no"),
            response(CONTACTS, "book"),
            response(PROVED, "chat")
        );
        assert_eq!(
            granted(&text, PROVED),
            Ok(Granted {
                messenger: "t=chat&p=".into(),
                secret: "chat==".into(),
                contacts: "t=book&p=".into(),
            })
        );
        for (wrong, word) in [
            (format!("<a>{}</a>", response(CONTACTS, "book")), PROVED),
            (
                "<S:Envelope><S:Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>Authentication Failure</faultstring></S:Fault></S:Envelope>".into(),
                "refused: wsse:FailedAuthentication, Authentication Failure",
            ),
            ("<a>".into(), "ends too early"),
            (format!("<a>{}{}</a>", response(CONTACTS, "a b"), response(PROVED, "c")), "white space"),
        ] {
            let why = granted(&wrong, PROVED).expect_err(word).to_string();
            assert!(why.contains(word), "{why}");
        }
    }
}
