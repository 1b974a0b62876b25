//! Signing in with a token of the security service (RST): by SSO at MSNP15 to 18, and by TWN where a client takes its
//! ticket there. The bytes of the clients are those of watched conversations.

mod common;
#[path = "common/proof.rs"]
mod proof;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Raw, Whole, whole};
use nudge::event::Service::{Http, Notification};

/// What BitlBee 3.0.5 posts to RST.srf, with these addresses.
fn request(account: &str, password: &str, addresses: &[(&str, &str)]) -> String {
    let tokens: String = addresses
        .iter()
        .enumerate()
        .map(|(n, (address, policy))| {
            format!("<wst:RequestSecurityToken Id=\"RST{n}\"><wst:RequestType>http://schemas.xmlsoap.org/ws/2004/04/security/trust/Issue</wst:RequestType><wsp:AppliesTo><wsa:EndpointReference><wsa:Address>{address}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo><wsse:PolicyReference URI=\"{policy}\"></wsse:PolicyReference></wst:RequestSecurityToken>")
        })
        .collect();
    format!(
        "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsse=\"http://schemas.xmlsoap.org/ws/2003/06/secext\" xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2002/12/policy\" xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/03/addressing\" xmlns:wst=\"http://schemas.xmlsoap.org/ws/2004/04/trust\"><Header><ps:AuthInfo xmlns:ps=\"http://schemas.microsoft.com/Passport/SoapServices/PPCRL\" Id=\"PPAuthInfo\"><ps:HostingApp>{{7108E71A-9926-4FCB-BCC9-9A9D3F32E423}}</ps:HostingApp><ps:BinaryVersion>4</ps:BinaryVersion><ps:UIVersion>1</ps:UIVersion><ps:Cookies></ps:Cookies><ps:RequestParams>AQAAAAIAAABsYwQAAAAxMDMz</ps:RequestParams></ps:AuthInfo><wsse:Security><wsse:UsernameToken Id=\"user\"><wsse:Username>{account}</wsse:Username><wsse:Password>{password}</wsse:Password></wsse:UsernameToken></wsse:Security></Header><Body><ps:RequestMultipleSecurityTokens xmlns:ps=\"http://schemas.microsoft.com/Passport/SoapServices/PPCRL\" Id=\"RSTS\">{tokens}</ps:RequestMultipleSecurityTokens></Body></Envelope>"
    )
}

const ADDRESSES: &[(&str, &str)] = &[
    ("http://Passport.NET/tb", ""),
    ("contacts.msn.com", "MBI"),
    ("messenger.msn.com", "?id=507&amp;tw=40&amp;fs=1"),
    ("messengerclear.live.com", "MBI_KEY_OLD"),
    ("storage.msn.com", "MBI"),
];

async fn post(whole: &Whole, path: &str, host: &str, action: &str, body: &str) -> String {
    let mut raw = Raw::connect(whole.door(Http)).await;
    raw.send(format!(
        "POST {path} HTTP/1.0\r\nHost: {host}\r\nAccept: */*\r\nContent-Type: text/xml; charset=utf-8\r\n{action}Content-Length: {}\r\n\r\n{body}",
        body.len()
    ))
    .await;
    raw.rest().await
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let begin = text
        .find(before)
        .unwrap_or_else(|| panic!("{before} in {text}"))
        + before.len();
    &text[begin..begin + text[begin..].find(after).expect("its end")]
}

/// The proof of a client that holds this secret. Its last part is 72 bytes long.
fn proof(secret: &str, question: &str) -> String {
    let proof = proof::proof(secret, question);
    let block = STANDARD.decode(&proof).expect("base64");
    assert_eq!(block.len(), 28 + 8 + 20 + 72, "clients fix it");
    proof
}

/// Up to `USR … SSO S`: the client, and its question.
async fn asked(whole: &Whole, dialect: &str) -> (Raw, String) {
    let mut raw = Raw::connect(whole.door(Notification)).await;
    raw.send(format!("VER 1 {dialect} CVR0\r\n")).await;
    raw.expect(&format!("VER 1 {dialect} CVR0\r\n")).await;
    raw.send("CVR 2 0x0409 mac 10.2.0 ppc macmsgs 3.5.1 macmsgs me@local.test\r\n")
        .await;
    assert!(
        raw.line()
            .await
            .starts_with("CVR 2 3.5.1 3.5.1 3.5.1 http://")
    );
    raw.send("USR 3 SSO I me@local.test\r\n").await;
    let policies = raw.line().await;
    let length: usize = policies
        .strip_prefix("GCF 0 ")
        .expect("policies")
        .parse()
        .expect("a length");
    raw.skip(length).await;
    let line = raw.line().await;
    let question = line
        .strip_prefix("USR 3 SSO S MBI_KEY_OLD ")
        .expect("a question")
        .to_owned();
    assert_eq!(question.len(), 64, "one client takes no other length");
    (raw, question)
}

#[tokio::test]
async fn bitlbees_conversation_at_msnp15_reaches_every_contact() {
    let whole = whole().await;
    let (mut raw, question) = asked(&whole, "MSNP15").await;
    let answer = post(
        &whole,
        "/RST.srf",
        "login.live.com",
        "",
        &request("me@local.test", "secret", ADDRESSES),
    )
    .await;
    assert!(answer.contains(" 200 OK\r\n"), "{answer}");
    for literal in [
        "<wsa:Address>messengerclear.live.com</wsa:Address>",
        "<wsse:BinarySecurityToken Id=\"Compact1\">t=",
        "<wsse:BinarySecurityToken Id=\"PPToken2\">t=",
        "<wsse:BinarySecurityToken Id=\"Compact3\">t=",
        "&amp;p=</wsse:BinarySecurityToken>",
        "ServerTime=\"20",
        "Content-Length: ",
    ] {
        assert!(answer.contains(literal), "{literal}: {answer}");
    }
    let ticket = between(&answer, "Id=\"Compact3\">", "</").replace("&amp;", "&");
    let secret = between(&answer, "<wst:BinarySecret>", "</");
    raw.send(format!(
        "USR 4 SSO S {ticket} {}\r\n",
        proof(secret, &question)
    ))
    .await;
    raw.expect("USR 4 OK me@local.test 1 0\r\nSBS 0 null\r\nMSG Hotmail Hotmail ")
        .await;
    let length: usize = raw.line().await.parse().expect("a length");
    let profile = raw.take(length).await;
    assert!(
        profile.starts_with(
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\n"
        ),
        "{profile}"
    );
    assert!(profile.ends_with("\r\n\r\n"), "{profile}");
    for field in [
        "LoginTime: ",
        "MSPAuth: ",
        "MemberIdHigh: ",
        "sid: 507",
        "ClientIP: 127.0.0.1",
        "ABCHMigrated: 1",
    ] {
        assert!(profile.contains(field), "{field}");
    }

    let header = "<soap:Header><ABAuthHeader xmlns=\"http://www.msn.com/webservices/AddressBook\"><TicketToken>t=TICKET&amp;p=</TicketToken></ABAuthHeader></soap:Header>";
    let header = header.replace("t=TICKET&amp;p=", &ticket.replace('&', "&amp;"));
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">{header}<soap:Body><ABFindAll xmlns=\"http://www.msn.com/webservices/AddressBook\"><abId>00000000-0000-0000-0000-000000000000</abId><abView>Full</abView><deltasOnly>false</deltasOnly><lastChange>0001-01-01T00:00:00.0000000-08:00</lastChange></ABFindAll></soap:Body></soap:Envelope>"
    );
    let action = "SOAPAction: \"http://www.msn.com/webservices/AddressBook/ABFindAll\"\r\n";
    let book = post(
        &whole,
        "/abservice/abservice.asmx",
        "contacts.msn.com",
        action,
        &body,
    )
    .await;
    assert!(
        book.contains("<passportName>busy@local</passportName>"),
        "{book}"
    );

    raw.send("BLP 5 BL\r\n").await;
    raw.expect("BLP 5 BL\r\n").await;
    raw.send("ADL 6 58\r\n<ml l=\"1\"><d n=\"local\"><c n=\"phone\" l=\"3\" t=\"1\"/></d></ml>")
        .await;
    raw.expect("ADL 6 OK\r\n").await;
    raw.send("PRP 7 MFN Me%20Myself\r\n").await;
    raw.expect("PRP 7 MFN Me%20Myself\r\n").await;
    raw.send("CHG 8 NLN\r\n").await;
    raw.expect("CHG 8 NLN 0\r\nMSG Hotmail Hotmail ").await;
    let length: usize = raw.line().await.parse().expect("a length");
    let mailbox = raw.take(length).await;
    assert!(
        mailbox.contains("text/x-msmsgsinitialmdatanotification"),
        "{mailbox}"
    );
    for (status, user) in CONTACTS {
        let line = raw.line().await;
        assert!(
            line.starts_with(&format!("ILN 8 {status} {user}@local 1 ")),
            "{line}"
        );
        assert!(
            raw.line()
                .await
                .starts_with(&format!("UBX {user}@local 1 "))
        );
    }
    raw.send("UUX 9 53\r\n<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>")
        .await;
    raw.expect("UUX 9 0\r\n").await;
}

const CONTACTS: [(&str, &str); 7] = [
    ("NLN", "online"),
    ("BSY", "busy"),
    ("IDL", "idle"),
    ("AWY", "away"),
    ("BRB", "brb"),
    ("LUN", "lunch"),
    ("PHN", "phone"),
];

#[tokio::test]
async fn msnp18_has_a_machine_guid_an_endpoint_and_its_own_presence() {
    let whole = whole().await;
    let (mut raw, question) = asked(&whole, "MSNP18").await;
    // Through a path with doubled slashes and a query, on another host.
    let body = request("me@local.test", "secret", ADDRESSES);
    let answer = post(&whole, "//RST.srf?id=507", "login.passport.com", "", &body).await;
    let ticket = between(&answer, "Id=\"Compact3\">", "</").replace("&amp;", "&");
    let proof = proof(between(&answer, "<wst:BinarySecret>", "</"), &question);
    raw.send(format!(
        "USR 4 SSO S {ticket} {proof} {{a2fdea28-6985-01ac-5487-2c0d3a6a656f}}\r\n"
    ))
    .await;
    raw.expect("USR 4 OK me@local.test 1 0\r\nSBS 0 null\r\nMSG Hotmail Hotmail ")
        .await;
    let length: usize = raw.line().await.parse().expect("a length");
    assert!(raw.take(length).await.contains("MPOPEnabled: 1"));
    raw.expect("UBX 1:me@local.test 0\r\n").await;
    raw.send("UUX 7 71\r\n<EndpointData><Capabilities>2684649508:32</Capabilities></EndpointData>")
        .await;
    raw.expect("UUX 7 0\r\n").await;
    raw.send("CHG 10 NLN 2684649508:32 0\r\n").await;
    raw.expect("CHG 10 NLN 2684649508:32 0\r\nMSG Hotmail Hotmail ")
        .await;
    let length: usize = raw.line().await.parse().expect("a length");
    raw.skip(length).await;
    for (status, user) in CONTACTS {
        let line = raw.line().await;
        assert!(
            line.starts_with(&format!("NLN {status} 1:{user}@local ")),
            "{line}"
        );
        assert!(
            raw.line()
                .await
                .starts_with(&format!("UBX 1:{user}@local "))
        );
    }
}

#[tokio::test]
async fn a_proof_with_another_secret_gets_911_and_a_close() {
    let whole = whole().await;
    let answer = post(
        &whole,
        "/RST2.srf",
        "login.live.com",
        "",
        &request("me@local.test", "secret", ADDRESSES),
    )
    .await;
    assert!(answer.contains("<wst:Lifetime>"), "{answer}");
    let ticket = between(&answer, "Id=\"Compact3\">", "</").replace("&amp;", "&");
    let secret = between(&answer, "<wst:BinarySecret>", "</");
    let other = STANDARD.encode([9; 24]);
    for (secret, question) in [(other.as_str(), None), (secret, Some("another question"))] {
        let (mut raw, asked) = asked(&whole, "MSNP15").await;
        let mut shown = proof(secret, &asked);
        if question.is_some() {
            shown.replace_range(100..104, "AAAA");
        }
        raw.send(format!("USR 4 SSO S {ticket} {shown}\r\n")).await;
        assert_eq!(raw.rest().await, "911 4\r\n");
    }
}

#[tokio::test]
async fn a_windows_client_at_msnp13_takes_its_ticket_from_rst_and_is_not_answered_as_a_mac() {
    let whole = whole().await;
    let mut raw = Raw::connect(whole.door(Notification)).await;
    raw.send("VER 1 MSNP14 MSNP13 CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 8.0.0812 msmsgs me@local.test\r\nUSR 3 TWN I me@local.test\r\n").await;
    raw.expect("VER 1 MSNP14 CVR0\r\n").await;
    raw.line().await;
    let policies = raw.line().await;
    raw.skip(
        policies
            .strip_prefix("GCF 0 ")
            .expect("policies")
            .parse()
            .expect("a length"),
    )
    .await;
    assert!(raw.line().await.starts_with("USR 3 TWN S lc=1033,"));
    // Single quotes, no blank in the content type, and the TWN parameters as the policy.
    let body = request(
        "me@local.test",
        "secret",
        &[
            ("http://Passport.NET/tb", ""),
            (
                "messenger.msn.com",
                "?id=507&amp;tw=40&amp;fs=1&amp;kpp=1&amp;kv=5&amp;ver=2.1.0173.1&amp;rn=(null)",
            ),
        ],
    )
    .replace('"', "'");
    let answer = post(
        &whole,
        "/RST.srf",
        "loginnet.passport.com",
        "SOAPAction: \r\n",
        &body,
    )
    .await;
    let ticket =
        between(&answer, "<wsse:BinarySecurityToken Id=\"PPToken1\">", "</").replace("&amp;", "&");
    raw.send(format!("USR 4 TWN S {ticket}\r\n")).await;
    raw.expect("USR 4 OK me@local.test 1 0\r\nSBS 0 null\r\nMSG Hotmail Hotmail ")
        .await;
    let length: usize = raw.line().await.parse().expect("a length");
    raw.skip(length).await;
    raw.send("BLP 5 AL\r\nPRP 6 MFN Me\r\nUUX 7 0\r\n").await;
    raw.expect("BLP 5 AL\r\nPRP 6 MFN Me\r\nUUX 7 0\r\n").await;
}

#[tokio::test]
async fn what_is_no_request_for_tokens_gets_a_fault_and_none() {
    let whole = whole().await;
    let good = request("me@local.test", "secret", ADDRESSES);
    let many = request("me@local.test", "secret", &[("a.b", "MBI"); 257]);
    for body in [
        "",
        "<a",
        &good[..good.len() / 2],
        &many,
        &good.replace("Username", "Nobody"),
        &request("nobody", "secret", ADDRESSES),
        &request("me@local.test", "secret", &[]),
    ] {
        let answer = post(&whole, "/RST.srf", "login.live.com", "", body).await;
        assert!(answer.contains("<S:Fault><faultcode>"), "{answer}");
        assert!(!answer.contains("BinarySecurityToken"), "{answer}");
    }
}

#[tokio::test]
async fn the_other_dialects_of_sso_are_signed_in_to_as_well() {
    let whole = whole().await;
    let body = request("me@local.test", "secret", ADDRESSES);
    let answer = post(&whole, "/RST.srf", "login.live.com", "", &body).await;
    let ticket = between(&answer, "Id=\"Compact3\">", "</").replace("&amp;", "&");
    let secret = between(&answer, "<wst:BinarySecret>", "</");
    for (dialect, own) in [
        ("MSNP14", ""),
        ("MSNP16", "UBX me@local.test 1 0\r\n"),
        ("MSNP17", "UBX me@local.test 1 0\r\n"),
    ] {
        let (mut raw, question) = asked(&whole, dialect).await;
        let proof = proof(secret, &question);
        raw.send(format!(
            "USR 4 SSO S {ticket} {proof} {{a2fdea28-6985-01ac-5487-2c0d3a6a656f}}\r\n"
        ))
        .await;
        raw.expect("USR 4 OK me@local.test 1 0\r\nSBS 0 null\r\n")
            .await;
        raw.message("text/x-msmsgsprofile").await;
        raw.expect(own).await;
        raw.send("BLP 5 AL\r\nUUX 6 53\r\n<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>")
            .await;
        raw.expect("BLP 5 AL\r\nUUX 6 0\r\n").await;
    }
}
