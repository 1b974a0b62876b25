//! What the ladder keeps of a request over HTTP: what it was, and what its answer lacked.

use super::cause::CauseId;
use crate::event::{HttpAction, HttpExchange, Masked};
use crate::msnp::escape::{put_on_screen, safe};
use crate::msnp::{Frame, TransactionId};
use memchr::memmem;
use std::fmt;

/// The longest piece of an answer that is kept, in bytes.
const MOST: usize = 120;
/// The longest sentence that is kept, in characters: what matters may stand at its end.
const SENTENCE: usize = 400;
/// How much of an answer is looked through for its headers, in bytes.
const HEAD: usize = 16 * 1024;

/// What is wrong with an answer: its cause.
pub type Lack = (CauseId, String);

/// What an exchange was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Digest {
    /// For the row: the host that DALogin names, how many contacts.
    pub detail: String,
    /// What stops a client at once.
    pub failure: Option<Lack>,
    /// What may stop a client: it is said where it stops.
    pub doubt: Option<Lack>,
    /// `DALogin` of the nexus.
    pub login_host: Option<String>,
    /// The client has to ask once more, and no step is taken.
    pub again: bool,
}

/// Looks at an exchange.
pub fn digest(exchange: &HttpExchange) -> Digest {
    match &exchange.action {
        HttpAction::Nexus => nexus(exchange),
        HttpAction::Login => login(exchange),
        HttpAction::Rst => tokens(exchange),
        HttpAction::FindMembership | HttpAction::AbFindAll => soap(exchange),
        _ => Digest::default(),
    }
}

fn failed(id: CauseId, text: String) -> Digest {
    Digest {
        detail: text.clone(),
        failure: Some((id, text)),
        ..Digest::default()
    }
}

/// What clients read of the nexus: `clients.md`.
fn nexus(exchange: &HttpExchange) -> Digest {
    let head = head(&exchange.response);
    if exchange.status != 200 {
        return failed(
            CauseId::NexusStatus,
            format!("the nexus answered {}", exchange.status),
        );
    }
    let Some((name, value)) = header(head, "PassportURLs") else {
        return failed(
            CauseId::NoPassportUrls,
            "the answer has no PassportURLs header".into(),
        );
    };
    let login = value
        .split(|b| *b == b',')
        .find_map(|field| field.trim_ascii().strip_prefix(b"DALogin="))
        .filter(|url| !url.is_empty());
    let Some(login) = login else {
        return failed(CauseId::NoDalogin, "PassportURLs names no DALogin".into());
    };
    let url = shown(login);
    let plain = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = plain.split('/').next().unwrap_or_default().to_owned();
    let doubt = (name != b"PassportURLs").then(|| {
        (
            CauseId::PassportUrlsCase,
            format!(
                "the header is written {}, and some clients know PassportURLs alone",
                shown(name)
            ),
        )
    });
    Digest {
        detail: host.clone(),
        login_host: Some(host),
        doubt,
        ..Digest::default()
    }
}

fn login(exchange: &HttpExchange) -> Digest {
    let response = exchange.response.shown(false);
    let head = cut_head(&response);
    match exchange.status {
        200 => {}
        301 | 302 | 303 | 307 | 308 => {
            return Digest {
                detail: format!("{}: sent to another login server", exchange.status),
                ..Digest::default()
            };
        }
        401 => return login_refused(exchange),
        status => return failed(CauseId::LoginStatus, format!("the login answered {status}")),
    }
    let Some((_, value)) = header(head, "Authentication-Info") else {
        return failed(
            CauseId::LoginNoTicket,
            "the answer has no Authentication-Info header".into(),
        );
    };
    if memmem::find(value, b"from-PP=").is_none() {
        return failed(
            CauseId::LoginNoTicket,
            "Authentication-Info has no from-PP".into(),
        );
    }
    Digest {
        detail: "ticket t=…".into(),
        ..Digest::default()
    }
}

/// The addresses of the token that USR shows: by SSO, and by TWN.
const TOKEN_FOR: &[&[u8]] = &[b"messengerclear.live.com", b"messenger.msn.com"];

fn tokens(exchange: &HttpExchange) -> Digest {
    if exchange.status != 200 {
        let text = format!("RST was answered {}", exchange.status);
        return failed(CauseId::TokensRefused, text);
    }
    let answer = exchange.response.shown(false);
    if memmem::find(&answer, b"Fault>").is_some() {
        let said = element(&answer, "faultstring>").or_else(|| element(&answer, "S:Text"));
        let text = format!(
            "RST was answered with the fault {}",
            said.as_deref().unwrap_or("that its answer names")
        );
        return failed(CauseId::TokensRefused, text);
    }
    let request = exchange.request.shown(false);
    let asked = TOKEN_FOR
        .iter()
        .any(|address| memmem::find(&request, address).is_some());
    // A request that was not kept whole says nothing.
    let whole = memmem::find(&request, b"Envelope>").is_some();
    let doubt = (whole && !asked).then(|| {
        (
            CauseId::NoMessengerToken,
            "RST was asked for no token of messengerclear.live.com, and USR S wants that one"
                .into(),
        )
    });
    Digest {
        doubt,
        ..Digest::default()
    }
}

/// Why a login was refused: what its request lacks, or else whom it names.
fn login_refused(exchange: &HttpExchange) -> Digest {
    let request = exchange.request.shown(false);
    let head = cut_head(&request);
    let Some((_, value)) = header(head, "Authorization") else {
        return failed(
            CauseId::LoginNoAuthorization,
            "401: the login came without an Authorization header, so it named no account and no password".into(),
        );
    };
    let scheme = value.split(u8::is_ascii_whitespace).next();
    if !scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Passport1.4")) {
        return failed(
            CauseId::LoginNoAuthorization,
            format!(
                "401: the Authorization header of the login is of the scheme {}, and not of Passport1.4",
                shown(scheme.unwrap_or_default())
            ),
        );
    }
    let has = |name: &[u8]| {
        value
            .split(|b| matches!(b, b',' | b' '))
            .filter_map(|field| field.split(|b| *b == b'=').next())
            .any(|field| field.eq_ignore_ascii_case(name))
    };
    for (name, what) in [("sign-in", "the account"), ("pwd", "the password")] {
        if !has(name.as_bytes()) && !has(b"tname") {
            return failed(
                CauseId::LoginField,
                format!("401: the Authorization header of the login has no field {name} ({what})"),
            );
        }
    }
    failed(
        CauseId::LoginRefused,
        "401: account or password were not accepted".into(),
    )
}

/// The fault by which a client that asked for changes is told to ask for all: an answer like any other.
const FULL_SYNC: &str = "FullSyncRequired";

fn soap(exchange: &HttpExchange) -> Digest {
    let body = &exchange.response.shown(false);
    if exchange.status != 200 {
        let code = element(body, "errorcode").unwrap_or_default();
        if code == FULL_SYNC {
            return Digest {
                detail: "told to ask for all".into(),
                again: true,
                ..Digest::default()
            };
        }
        let why = element(body, "faultstring").unwrap_or_default();
        let said: Vec<&str> = [code.as_str(), why.as_str()]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect();
        let said = match said.is_empty() {
            true => "no fault code".to_owned(),
            false => said.join(", "),
        };
        return failed(
            CauseId::SoapFault,
            format!("{} {}: {said}", exchange.action, exchange.status),
        );
    }
    if exchange.action == HttpAction::FindMembership {
        let lacks = memmem::find(body, b"MemberRole>").is_none();
        return Digest {
            detail: count(body, b"<MembershipId>", "member"),
            doubt: lacks.then(|| {
                (
                    CauseId::NoMemberships,
                    "FindMembership was answered without one Membership".into(),
                )
            }),
            ..Digest::default()
        };
    }
    let doubt = if memmem::find(body, b"contactType>Me<").is_none() {
        Some((
            CauseId::NoMe,
            "ABFindAll was answered without a contact of contactType Me".into(),
        ))
    } else if memmem::find(body, b"CID>").is_none() {
        Some((
            CauseId::NoCid,
            "ABFindAll was answered without any CID".into(),
        ))
    } else {
        None
    };
    let detail = match &doubt {
        Some((CauseId::NoMe, _)) => format!("{}, no Me", count(body, b"<contactId>", "contact")),
        _ => count(body, b"<contactId>", "contact"),
    };
    Digest {
        detail,
        doubt,
        ..Digest::default()
    }
}

fn count(body: &[u8], element: &[u8], what: &str) -> String {
    let found = memmem::find_iter(body, element).count();
    let plural = if found == 1 { "" } else { "s" };
    format!("{found} {what}{plural}")
}

/// The text of the first element of this name, bounded.
fn element(body: &[u8], name: &str) -> Option<String> {
    let at = memmem::find(body, name.as_bytes())?;
    let rest = &body[at..];
    let start = memchr::memchr(b'>', rest)? + 1;
    let length = memchr::memchr(b'<', &rest[start..])?;
    Some(shown(&rest[start..start + length]))
}

fn head(masked: &Masked) -> &[u8] {
    cut_head(&masked.bytes)
}

fn cut_head(bytes: &[u8]) -> &[u8] {
    let bytes = &bytes[..bytes.len().min(HEAD)];
    let end = memmem::find(bytes, b"\r\n\r\n").unwrap_or(bytes.len());
    &bytes[..end]
}

/// A header by its name in any case: the name as written, and its value.
fn header<'a>(head: &'a [u8], name: &str) -> Option<(&'a [u8], &'a [u8])> {
    head.split(|b| *b == b'\n').skip(1).find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let written = &line[..colon];
        written
            .eq_ignore_ascii_case(name.as_bytes())
            .then(|| (written, line[colon + 1..].trim_ascii()))
    })
}

/// Bytes from outside, safe on a screen and bounded.
pub fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    put_shown(bytes, &mut text);
    text
}

/// As [`shown`], behind what is there.
pub fn put_shown(bytes: &[u8], text: &mut String) {
    let cut = &bytes[..bytes.len().min(MOST)];
    put_on_screen(cut, text);
    if cut.len() < bytes.len() {
        text.push('…');
    }
}

/// Text of ours that may quote such bytes, bounded and safe on a screen; what is escaped is not escaped again.
pub fn shown_text(text: &str) -> String {
    // What is escaped is no shorter, so nothing behind this is shown.
    let beyond = |text: &str| text.char_indices().nth(SENTENCE).map(|(at, _)| at);
    let cut = beyond(text).map_or(text, |at| &text[..at]);
    let mut shown = safe(cut);
    let at = beyond(&shown).unwrap_or(shown.len());
    if at < shown.len() || cut.len() < text.len() {
        shown.truncate(at);
        shown.push('…');
    }
    shown
}

/// The verb of a frame and its transaction id: words are made of them only where somebody reads them.
#[derive(Debug, Clone, Copy)]
pub struct Brief {
    verb: [u8; Self::LONGEST],
    length: u8,
    transaction: Option<TransactionId>,
}

impl Brief {
    /// No verb is longer than this. What is longer is cut.
    const LONGEST: usize = 16;

    /// Of this frame.
    pub fn of(frame: &Frame) -> Self {
        let mut verb = [0; Self::LONGEST];
        let length = frame.verb().len().min(Self::LONGEST);
        verb[..length].copy_from_slice(&frame.verb()[..length]);
        Self {
            verb,
            length: length as u8,
            transaction: frame.transaction(),
        }
    }

    /// The verb, safe on a screen.
    pub fn verb(&self) -> String {
        shown(&self.verb[..usize::from(self.length)])
    }
}

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.verb())?;
        match self.transaction {
            Some(transaction) => write!(f, " {transaction}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Service;
    use std::time::Duration;

    fn exchange(action: &str, status: u16, response: &str) -> HttpExchange {
        HttpExchange {
            service: Service::Https,
            method: "GET".into(),
            target: "/".into(),
            host: None,
            action: action.into(),
            account: None,
            status,
            request: Masked::default(),
            response: Masked::open(response.to_owned()),
            duration: Duration::ZERO,
        }
    }

    fn failure(exchange: &HttpExchange) -> Option<CauseId> {
        digest(exchange).failure.map(|(id, _)| id)
    }

    #[test]
    fn a_nexus_is_read_as_a_client_reads_it() {
        let good = digest(&exchange(
            "nexus",
            200,
            "HTTP/1.1 200 OK\r\nPassportURLs: DARealm=Passport.Net,DALogin=login.example:8443/login2.srf,DAReg=\r\n\r\n",
        ));
        assert_eq!(good.login_host.as_deref(), Some("login.example:8443"));
        assert_eq!((good.failure, good.doubt), (None, None));
        let lower = digest(&exchange(
            "nexus",
            200,
            "HTTP/1.1 200 OK\r\npassporturls: DALogin=http://l/x\r\n\r\n",
        ));
        assert_eq!(
            lower.doubt.map(|(id, _)| id),
            Some(CauseId::PassportUrlsCase)
        );
        assert_eq!(lower.login_host.as_deref(), Some("l"));
        for (status, head, id) in [
            (200, "Server: nudge", CauseId::NoPassportUrls),
            (200, "PassportURLs: DARealm=x", CauseId::NoDalogin),
            (200, "PassportURLs: DALogin=,x=y", CauseId::NoDalogin),
            (404, "PassportURLs: DALogin=x/y", CauseId::NexusStatus),
        ] {
            let response =
                format!("HTTP/1.1 {status} x\r\n{head}\r\n\r\nPassportURLs: DALogin=body/x");
            assert_eq!(failure(&exchange("nexus", status, &response)), Some(id));
        }
    }

    #[test]
    fn a_login_without_a_ticket_is_a_failure() {
        let ok = "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 da-status=success,from-PP='t=a&p='\r\n\r\n";
        assert_eq!(failure(&exchange("login", 200, ok)), None);
        assert_eq!(
            failure(&exchange("login", 200, "HTTP/1.1 200 OK\r\n\r\n")),
            Some(CauseId::LoginNoTicket)
        );
        assert_eq!(
            failure(&exchange("login", 401, ok)),
            Some(CauseId::LoginNoAuthorization)
        );
        for (value, id) in [
            ("Basic bWU6eA==", CauseId::LoginNoAuthorization),
            ("Passport1.4 lc=1033,pwd=x", CauseId::LoginField),
            ("Passport1.4 sign-in=a%40b,lc=1033", CauseId::LoginField),
            ("Passport1.4 sign-in=a%40b,pwd=x", CauseId::LoginRefused),
            ("passport1.4 tname=,OrgVerb=GET", CauseId::LoginRefused),
        ] {
            let mut one = exchange("login", 401, "HTTP/1.1 401 x\r\n\r\n");
            one.request = Masked::open(format!(
                "GET /login2.srf HTTP/1.1\r\nAuthorization: {value}\r\n\r\n"
            ));
            assert_eq!(failure(&one), Some(id), "{value}");
        }
        assert_eq!(
            failure(&exchange("login", 500, ok)),
            Some(CauseId::LoginStatus)
        );
        assert_eq!(failure(&exchange("login", 302, "")), None);
    }

    #[test]
    fn an_address_book_without_me_is_doubted() {
        let book = "<contacts><Contact><contactId>1</contactId><CID>1</CID></Contact></contacts>";
        let found = digest(&exchange("ABFindAll", 200, book));
        assert_eq!(found.doubt.map(|(id, _)| id), Some(CauseId::NoMe));
        assert_eq!(found.detail, "1 contact, no Me");
        let whole = format!("{book}<contactType>Me</contactType>");
        assert_eq!(digest(&exchange("ABFindAll", 200, &whole)).doubt, None);
        let fault =
            "<soap:Fault><detail><errorcode xmlns=\"x\">PassportAuthFail</errorcode></detail>";
        let found = digest(&exchange("ABFindAll", 500, fault));
        assert_eq!(found.failure.map(|(id, _)| id), Some(CauseId::SoapFault));
        assert!(found.detail.contains("PassportAuthFail"));
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_looked_at_without_panic_and_little_is_kept(bytes: Vec<u8>, action in 0usize..4, status in 100u16..600) {
            let mut one = exchange(["nexus", "login", "ABFindAll", "FindMembership"][action], status, "");
            one.response = Masked::open(bytes);
            proptest::prop_assert!(digest(&one).detail.len() < 2048);
        }
    }
}
