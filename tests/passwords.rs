//! A password may be any word, those of nudge's own sentences too: it is hidden where a sentence quotes it, and nowhere
//! else, so that the sentences read as they do with any other password and tell nothing of it.

mod common;

use common::{PATIENCE, Raw, Whole, whole};
use nudge::event::{Event, EventKind, Service};
use nudge::msnp::percent;
use std::collections::BTreeSet;
use tokio::io::AsyncWriteExt as _;

/// A password that no sentence has, and none of its letters in a row.
const NOBODYS: &str = "Qx8kzv";

/// Words of the requests below.
const SENT: &[&str] = &[
    "schemas", "envelope", "Envelope", "xmlns", "xmlsoap", "soap", "Header", "Body", "profile",
];

/// Says this at a door, and gives back what comes until the end of the connection.
async fn says(whole: &Whole, at: Service, bytes: &str) -> String {
    let mut raw = Raw::connect(whole.door(at)).await;
    let _ = raw.stream.write_all(bytes.as_bytes()).await;
    let _ = raw.stream.shutdown().await;
    raw.rest().await
}

fn login(account: &str, password: &str) -> String {
    let (account, password) = (percent::encode(account), percent::encode(password));
    format!(
        "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 OrgVerb=GET,sign-in={account},pwd={password}\r\nConnection: close\r\n\r\n"
    )
}

fn post(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: contacts.msn.com\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A service to which these passwords were shown, and what it tells while this is planted in every place that a sentence may
/// quote.
async fn told(shown: &[String], secret: &str) -> Vec<Event> {
    let mut whole = whole().await;
    let mut connections = 1;
    for password in shown {
        says(&whole, Service::Http, &login("me@local", password)).await;
        connections += 1;
    }
    let answer = says(&whole, Service::Http, &login("me@local", NOBODYS)).await;
    let ticket = answer.split_once("from-PP='").expect("a ticket").1;
    let ticket = ticket.split_once('\'').expect("its end").0.to_owned();
    let cvr =
        "VER 1 MSNP16 CVR0\r\nCVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n";
    let usr = format!("{cvr}USR 3 TWN I me@local\r\n");
    let in_ = format!("{usr}USR 4 TWN S {ticket}\r\n");
    for line in [
        format!("{secret} 1 x\r\n"),
        format!("VER 1 {secret}\r\n"),
        format!("VER {secret} MSNP16\r\n"),
        format!("CVR {secret}\r\n"),
        format!("VER 1 MSNP16 CVR0\r\n{secret} 2\r\n"),
        format!("VER 1 MSNP16 CVR0\r\nCVR 2 {secret}\r\n"),
        format!("{cvr}USR 3 {secret} I me@local\r\n"),
        format!("{cvr}USR 3 TWN {secret} me@local\r\n"),
        format!("{cvr}USR 3 TWN I {secret}\r\n"),
        format!("{cvr}USR 3 TWN I {secret}@\r\n"),
        format!("{cvr}USR {secret} TWN I me@local\r\n"),
        format!("{usr}USR 4 TWN S {secret}\r\n"),
        format!("{usr}USR 4 {secret} S t=x\r\n"),
        format!("{usr}USR 4 TWN S {secret}"),
        format!("{usr}PRP 4 MFN {secret}"),
        format!("{usr}{secret}"),
        format!("{usr}CHG 4 {secret}\r\n"),
        format!("{usr}{secret}{}\r\n", " x".repeat(5_000)),
        format!("{in_}{secret} 5\r\n"),
        format!("{in_}PNG {secret}\r\n"),
        format!("{in_}CHG 5 {secret}\r\nCHG 6 NLN {secret}\r\nCHG 7 NLN 0 {secret}\r\n"),
        format!("{in_}CHG {secret} NLN\r\n"),
        format!("{in_}PRP 5 {secret} x\r\nPRP 6 MFN {secret}\r\nPRP 7 MFN {secret} {secret}\r\n"),
        format!("{in_}BLP 5 {secret}\r\nGTC 6 {secret}\r\nSYN 7 {secret}\r\nURL 8 {secret}\r\n"),
        format!("{in_}UUX 5 {0}\r\n{secret}", secret.len()),
        format!("{in_}UUX 5 {secret}\r\n"),
        format!("{in_}UUX 5 3\r\nabc{secret} 5 x\r\n"),
        format!("{in_}ADL 5 {0}\r\n{secret}", secret.len()),
        format!(
            "{in_}RML 5 {0}\r\n<ml><d n=\"x\"><c n=\"{secret}\" l=\"1\" t=\"1\"/></d></ml>",
            45 + secret.len()
        ),
        format!(
            "{in_}ADL 5 {0}\r\n<ml><d n=\"x\"><c n=\"{secret}\" l=\"6\" t=\"1\"/></d></ml>",
            45 + secret.len()
        ),
        format!(
            "{in_}ADC 5 FL N={secret} F={secret}\r\nADC 6 {secret} N=a@b\r\nREM 7 FL {secret}\r\nREM 8 {secret} a@b\r\n"
        ),
        format!(
            "{in_}ADG 5 {secret}\r\nADG 6 {secret}\r\nRMG 7 {secret}\r\nREG 8 {secret} {secret}\r\n"
        ),
        format!(
            "{in_}XFR 5 {secret}\r\nLKP 6 {secret}\r\nUUN 7 {secret} 1 0\r\nUUM 8 {secret} 1 1 0\r\n"
        ),
        format!("{in_}CHG 5 NLN 0 0\r\nXFR 6 SB\r\nXFR 7 SB {secret}\r\nCAL 8 {secret}\r\n"),
        format!("{in_}QRY 5 {secret} 32\r\n{}", "0".repeat(32)),
        format!("{in_}OUT {secret}\r\n"),
        format!("{in_}FQY 5 {0}\r\n{secret}", secret.len()),
        format!("{in_}VER 5 {secret}\r\n"),
    ] {
        says(&whole, Service::Notification, &line).await;
        connections += 1;
    }
    for line in [
        format!("{secret} 1\r\n"),
        format!("USR 1 {secret} {secret}\r\n"),
        format!("ANS 1 {secret} {secret} {secret}\r\n"),
        format!("ANS 1 me@local {secret} 1\r\n"),
        format!("CAL 1 {secret}\r\n"),
        format!("MSG 1 {secret} 3\r\nabc"),
        format!("MSG 1 N {secret}\r\nabc"),
        secret.to_owned(),
    ] {
        says(&whole, Service::Switchboard, &line).await;
        connections += 1;
    }
    let envelope = |header: &str, body: &str| {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
    };
    let book = "/abservice/abservice.asmx";
    let escaped = ticket.replace('&', "&amp;");
    let good = format!("<h xmlns=\"\"><TicketToken>{escaped}</TicketToken></h>");
    let mail = |to: &str, from: &str| {
        envelope(
            &format!(
                "<From memberName=\"{from}\" friendlyName=\"{secret}\"/><To memberName=\"{to}\"/><Ticket passport=\"{escaped}\" appid=\"{secret}\" lockkey=\"{secret}\"/>"
            ),
            &format!("<MessageType>{secret}</MessageType><Content>{secret}</Content>"),
        )
    };
    for request in [
        format!("GET /{secret} HTTP/1.1\r\nHost: {secret}\r\nConnection: close\r\n\r\n"),
        format!("GET http://{secret}/ HTTP/1.1\r\nHost: {secret}\r\nConnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {secret}\r\nHost: b\r\n\r\n"),
        format!("GET /login2.srf HTTP/1.1\r\nHost: {secret}.com\r\nConnection: close\r\n\r\n"),
        format!("GET /{secret}.srf HTTP/1.1\r\nHost: login.live.com\r\nConnection: close\r\n\r\n"),
        format!("{secret} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        format!("{secret}\r\n\r\n"),
        format!("CONNECT {secret}:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!(
            "GET /gateway/gateway.dll?SessionID={secret} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ),
        format!(
            "POST /gateway/gateway.dll?Action={secret}&Server={secret}&IP={secret} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        ),
        "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nConnection: close\r\n\r\n"
            .to_owned(),
        format!(
            "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nConnection: close\r\nAuthorization: {secret}\r\n\r\n"
        ),
        format!(
            "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nConnection: close\r\nAuthorization: Passport1.4 sign-in={secret},pwd=x\r\n\r\n"
        ),
        format!(
            "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nConnection: close\r\nAuthorization: Passport1.4 sign-in=a%40b,nonce={secret},pwd=x\r\n\r\n"
        ),
        login(&format!("{secret}@local"), "12"),
        post("/RST.srf", "", secret),
        post(
            "/RST.srf",
            "",
            &envelope(
                &format!(
                    "<UsernameToken><Username>{secret}</Username><Password>{secret}</Password></UsernameToken>"
                ),
                "<x/>",
            ),
        ),
        post(
            "/RST.srf",
            "",
            &envelope(
                &format!(
                    "<UsernameToken><Username>{secret}@local</Username><Password>xx</Password></UsernameToken><Created>{secret}</Created>"
                ),
                &format!(
                    "<RequestSecurityToken><AppliesTo><Address>{secret}</Address></AppliesTo></RequestSecurityToken>"
                ),
            ),
        ),
        post(book, "", secret),
        post(
            book,
            &format!("SOAPAction: {secret}\r\n"),
            &envelope(&good, "<ABFindAll/>"),
        ),
        post(book, "", &envelope(&good, &format!("<{secret}/>"))),
        post(
            book,
            "",
            &envelope(
                &format!("<TicketToken>{secret}</TicketToken>"),
                "<ABFindAll/>",
            ),
        ),
        post(book, "", &envelope("", "<ABFindAll/>")),
        post(
            book,
            "",
            &envelope(
                &good,
                &format!(
                    "<ABContactAdd><contacts><Contact><contactInfo><passportName>{secret}</passportName></contactInfo></Contact></contacts></ABContactAdd>"
                ),
            ),
        ),
        post(
            book,
            "",
            &envelope(
                &good,
                &format!(
                    "<ABContactAdd><contacts><Contact><contactInfo><passportName>{secret}@local</passportName></contactInfo></Contact></contacts></ABContactAdd>"
                ),
            ),
        ),
        post(
            book,
            "",
            &envelope(
                &good,
                &format!(
                    "<ABContactDelete><contacts><Contact><contactId>{secret}</contactId></Contact></contacts></ABContactDelete>"
                ),
            ),
        ),
        post(
            book,
            "",
            &envelope(
                &good,
                &format!(
                    "<ABGroupAdd><groupAddOptions/><groupInfo><GroupInfo><name>{secret}</name></GroupInfo></groupInfo></ABGroupAdd>"
                ),
            ),
        ),
        post(
            book,
            "",
            &envelope(
                &good,
                &format!(
                    "<ABGroupDelete><groupFilter><groupIds><guid>{secret}</guid></groupIds></groupFilter></ABGroupDelete>"
                ),
            ),
        ),
        post(
            "/abservice/SharingService.asmx",
            "",
            &envelope(
                &good,
                &format!(
                    "<AddMember><memberships><Membership><MemberRole>{secret}</MemberRole><Members><Member><PassportName>{secret}@local</PassportName></Member></Members></Membership></memberships></AddMember>"
                ),
            ),
        ),
        post(
            "/OimWS/oim.asmx",
            "SOAPAction: \"http://messenger.live.com/ws/2006/09/oim/Store2\"\r\n",
            &mail(secret, "me@local"),
        ),
        post(
            "/OimWS/oim.asmx",
            "SOAPAction: \"http://messenger.live.com/ws/2006/09/oim/Store2\"\r\n",
            &mail("you@local", secret),
        ),
        post(
            "/rsi/rsi.asmx",
            &format!("Cookie: MSPAuth={secret}\r\n"),
            &envelope(
                "",
                &format!("<GetMessage><messageId>{secret}</messageId></GetMessage>"),
            ),
        ),
        post(
            "/storageservice/SchematizedStore.asmx",
            "",
            &envelope(
                &format!(
                    "<StorageUserHeader><TicketToken>{escaped}</TicketToken></StorageUserHeader>"
                ),
                &format!(
                    "<UpdateProfile><profile><ResourceID>{secret}</ResourceID></profile></UpdateProfile>"
                ),
            ),
        ),
    ] {
        says(&whole, Service::Http, &request).await;
        connections += 1;
    }
    for bytes in [
        secret.to_owned(),
        format!("GET /{secret} HTTP/1.1\r\nHost: {secret}\r\nConnection: close\r\n\r\n"),
        format!("{secret} 1\r\n"),
    ] {
        says(&whole, Service::Https, &bytes).await;
        connections += 1;
    }
    let (mut events, mut ended) = (Vec::new(), 0);
    while ended < connections {
        let told = tokio::time::timeout(PATIENCE, whole.stream.recv()).await;
        let event = told.expect("in time").expect("an event").event;
        ended += usize::from(matches!(event.kind, EventKind::Disconnected { .. }));
        events.push(event);
    }
    events
}

/// The sentences of nudge's own, with each number as one sign: ports, lengths and times differ.
fn sentences(events: &[Event]) -> Vec<String> {
    let mut all = Vec::new();
    for event in events {
        let said = match &event.kind {
            EventKind::Finding(finding) => {
                format!("{} ({}): {}", finding.id, finding.field, finding.text)
            }
            EventKind::Disconnected { reason, .. } => format!("closed: {reason}"),
            EventKind::SignedOut { reason, .. } => format!("signed out: {reason}"),
            EventKind::Conversation(change) => format!("conversation: {:?}", change.reason),
            // Of the root, which is made for each run.
            EventKind::Notice { text, .. }
                if text.contains("fingerprint") || text.starts_with("root certificate") =>
            {
                continue;
            }
            EventKind::Notice { text, .. } => format!("notice: {text}"),
            EventKind::Reply(reply) => format!("reply: {}", reply.text),
            EventKind::Tls(tls) => {
                let failure = tls.failure.as_ref();
                format!("tls: {}", failure.map_or("", |failure| &failure.text))
            }
            _ => continue,
        };
        let mut text = String::new();
        for c in said.chars() {
            let c = if c.is_ascii_digit() { '#' } else { c };
            if c != '#' || !text.ends_with('#') {
                text.push(c);
            }
        }
        all.push(text);
    }
    all.sort();
    all
}

fn differing(one: &[String], other: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (one.iter().collect(), other.iter().collect());
    out.extend(a.difference(&b).map(|text| format!("- {text}")));
    out.extend(b.difference(&a).map(|text| format!("+ {text}")));
    out
}

/// The words of these sentences that nobody sent.
fn words(sentences: &[String]) -> Vec<String> {
    let all: BTreeSet<&str> = sentences
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphabetic()))
        .filter(|word| (4..=16).contains(&word.len()))
        .filter(|word| !word[1..].contains(|c: char| c.is_ascii_uppercase()))
        .filter(|word| !SENT.contains(word))
        .collect();
    all.into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn no_sentence_is_garbled_by_a_password_that_is_a_word_of_it() {
    let plain = sentences(&told(&[], NOBODYS).await);
    let words = words(&plain);
    assert!(words.len() > 200, "{}", words.len());
    let mut wrong = BTreeSet::new();
    for words in words.chunks(60) {
        let garbled = sentences(&told(words, NOBODYS).await);
        wrong.extend(differing(&plain, &garbled));
    }
    nothing(&wrong);
}

fn nothing(wrong: &BTreeSet<String>) {
    let lines: Vec<&str> = wrong.iter().map(String::as_str).collect();
    assert!(
        lines.is_empty(),
        "{} differ:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[tokio::test]
async fn a_sentence_that_quotes_a_password_hides_it_whatever_word_it_is() {
    let mut wrong = BTreeSet::new();
    for word in [
        "ticket",
        "secret",
        "account",
        "client",
        "answered",
        "password",
        "connection",
        "time",
        "first",
    ] {
        // Of as many letters.
        let other: String = "qxzkvjwqxzkv".chars().take(word.len()).collect();
        let mut plain = sentences(&told(std::slice::from_ref(&other), &other).await);
        if word.len() < 6 {
            // As a part of an account or a path it is shown, as any short one is.
            let shown = plain.iter().map(|text| text.replace(&other, word));
            plain = shown.collect();
        }
        let said = sentences(&told(&[word.to_owned()], word).await);
        let differing = differing(&plain, &said).into_iter();
        wrong.extend(differing.map(|line| format!("{word}: {line}")));
    }
    nothing(&wrong);
}
