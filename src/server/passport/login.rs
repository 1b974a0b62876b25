//! The login: an account and a password in, a ticket out (MS-PASS 2.2.3 to 2.2.5).

use super::{REALM, who};
use crate::event::{ClientId, Finding, HttpAction, ServiceFinding, ours, say};
use crate::msnp::percent;
use crate::server::http::message::{Answer, Request};
use crate::server::site::Site;
use hyper::StatusCode;

/// The field of the TWN parameters in which the notification service puts its nonce.
pub(crate) const NONCE_FIELD: &str = "tpf";

/// Fields of the Authorization header that are shown as they are: those of MS-PASS, and those of the TWN
/// parameters. Whatever else follows a password is taken for a part of it when secrets are masked.
pub(crate) const OPEN_FIELDS: &[&str] = &[
    "sign-in",
    "OrgVerb",
    "OrgURL",
    "elapsed-time",
    "challenge",
    "tname",
    "fake",
    "lc",
    "id",
    "tw",
    "fs",
    "ru",
    "ct",
    "kpp",
    "kv",
    "ver",
    "rver",
    "rn",
    "seed",
    NONCE_FIELD,
];

/// Where the login has account and password.
const FIELDS: who::Fields = who::Fields {
    account: "sign-in",
    password: "pwd",
    refusal: "answered 401",
};

/// What an Authorization header of Passport 1.4 says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    /// Reads a comma list in any order, each piece split at its first `=`. A piece with none belongs to the
    /// one before it: a client that does not encode may have a comma in its password.
    fn read(value: &'a str) -> Self {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        let mut at = 0;
        for piece in value.split(',') {
            let end = at + piece.len();
            match (piece.split_once('='), fields.last_mut()) {
                (Some((name, text)), _) => fields.push((name.trim(), text)),
                (None, Some((_, text))) => {
                    let start = at - 1 - text.len();
                    *text = &value[start..end];
                }
                (None, None) => fields.push((piece.trim(), "")),
            }
            at = end + 1;
        }
        Self(fields)
    }

    /// The first field of this name, as written.
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(held, _)| held.eq_ignore_ascii_case(name))
            .map(|(_, text)| *text)
    }
}

/// Whether a request brings a Passport 1.4 header, and so is for the login wherever it goes.
pub(crate) fn is_for_login(request: &Request) -> bool {
    request
        .header("authorization")
        .is_some_and(|value| passport_fields(&value).is_some())
}

/// What follows the scheme, where that is Passport 1.4.
fn passport_fields(value: &str) -> Option<&str> {
    const SCHEME: &str = "Passport1.4";
    let value = value.trim_start();
    let blank = |c: char| c.is_ascii_whitespace();
    let (scheme, fields) = value.split_once(blank).unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case(SCHEME).then(|| fields.trim())
}

/// Signs in.
pub(crate) fn answer(site: &Site, request: &Request) -> Answer {
    let Some(value) = request.header("authorization") else {
        return refused(site, None).finding(Finding::new(
            ServiceFinding::PassportAuthorization,
            "Authorization",
            "The request to sign in has no Authorization header, so there is nobody to sign in; answered 401.",
        ));
    };
    let Some(fields) = passport_fields(&value) else {
        return refused(site, None).finding(Finding::new(
            ServiceFinding::PassportAuthorization,
            "Authorization",
            "The scheme of the Authorization header is not Passport1.4; answered 401.",
        ));
    };
    let fields = Fields::read(fields);
    let mut answer = sign_in(site, request, &fields);
    if fields.get("pwd").is_some() {
        answer
            .findings
            .extend(who::in_the_clear(request, FIELDS.password));
    }
    answer
}

/// Whose sign-in this is, by the nonce of the TWN parameters. `Err` where there is one that is not ours.
fn client(site: &Site, fields: &Fields<'_>) -> Result<Option<ClientId>, ()> {
    match fields.get(NONCE_FIELD) {
        None | Some("") => Ok(None),
        Some(nonce) => site
            .config
            .tickets
            .client(&percent::decode_text(nonce.as_bytes()))
            .map(Some)
            .ok_or(()),
    }
}

fn sign_in(site: &Site, request: &Request, fields: &Fields<'_>) -> Answer {
    let nonce = client(site, fields);
    let client = nonce.unwrap_or_default();
    let mut findings = Vec::new();
    if nonce.is_err() {
        findings.push(Finding::new(
            ServiceFinding::PassportNonce,
            NONCE_FIELD,
            "The TWN parameters that came back are not of this run, so whose sign-in this is cannot be told; it goes on without.",
        ));
    }
    let mut answer = match credentials(site, request, fields) {
        Ok(account) => {
            let ticket = site.config.tickets.issue(&account, client);
            // Nothing may follow it: one client takes all to the end of the header for the ticket.
            let mut answer = Answer::new(HttpAction::Login, StatusCode::OK).header(
                "Authentication-Info",
                format!("Passport1.4 da-status=success,from-PP='{ticket}'"),
            );
            answer.account = Some(account);
            answer.secrets.push(ticket);
            answer
        }
        Err(refused) => *refused,
    };
    answer.client = client;
    findings.append(&mut answer.findings);
    answer.findings = findings;
    answer
}

/// The account, if it may sign in.
fn credentials(site: &Site, request: &Request, fields: &Fields<'_>) -> Result<String, Box<Answer>> {
    let missing = |field: &'static str| {
        Box::new(refused(site, None).finding(Finding::new(
            ServiceFinding::PassportField,
            field,
            say!(
                "The Authorization header has no {}; answered 401.",
                ours(field)
            ),
        )))
    };
    let (sign_in, password) = match (fields.get("sign-in"), fields.get("pwd")) {
        (Some(sign_in), Some(password)) => (sign_in, password),
        // The probe: an empty token, to be told where and how to sign in (MS-PASS).
        (None, None) if fields.get("tname").is_some() => {
            let mut answer = refused(site, None);
            answer.action = HttpAction::LoginProbe;
            return Err(Box::new(answer));
        }
        (None, _) => return Err(missing("sign-in")),
        (_, None) => return Err(missing("pwd")),
    };
    let account = percent::decode_text(sign_in.as_bytes());
    let password = percent::decode_text(password.as_bytes());
    match who::check(site, request, &account, &password, FIELDS) {
        Ok(()) => Ok(account),
        Err(denied) => Err(Box::new({
            let answer = refused(site, denied.account.clone());
            denied.told(answer)
        })),
    }
}

/// 401, in the order of MS-PASS 2.2.2: status, realm, a token of our own, and what to show.
fn refused(site: &Site, account: Option<String>) -> Answer {
    let mut answer = Answer::new(HttpAction::Login, StatusCode::UNAUTHORIZED).header(
        "WWW-Authenticate",
        format!(
            "Passport1.4 da-status=failed,srealm={REALM},ts=-3,prompt,cburl=http://{}/,cbtxt={}",
            site.config.login_http,
            percent::encode("The account or the password was not accepted by nudge.")
        ),
    );
    answer.account = account;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_split_at_their_first_equals_in_any_order() {
        let fields = Fields::read("lc=1, Sign-In=a%40b,pwd=a=b,c,OrgURL=http%3A%2F%2Fx,tname=");
        assert_eq!(fields.get("sign-in"), Some("a%40b"));
        assert_eq!(fields.get("pwd"), Some("a=b,c"));
        assert_eq!(fields.get("orgurl"), Some("http%3A%2F%2Fx"));
        assert_eq!(fields.get("tname"), Some(""));
        assert_eq!(fields.get("nothing"), None);
    }

    #[test]
    fn a_piece_without_equals_joins_what_is_before_it() {
        assert_eq!(Fields::read("pwd=a,,b").get("pwd"), Some("a,,b"));
        assert_eq!(Fields::read("alone").get("alone"), Some(""));
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read_without_panic(value: String) {
            let fields = Fields::read(&value);
            let _ = fields.get("pwd");
        }
    }
}
