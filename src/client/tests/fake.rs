//! A small scripted server: literal bytes on the notification side, a hand-written HTTP responder on
//! the other. It knows nothing of nudge's server, so the two cannot agree on a mistake.

use crate::client::{Config, Reach, Transport};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{Ssl, SslContext, SslMethod, SslVersion};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What the article's client sends, and what its server answers each time.
pub const ARTICLE: &[(&str, &str)] = &[
    (
        "VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\r\n",
        "VER 1 MSNP16 CVR0\r\n",
    ),
    (
        "CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n",
        "CVR 2 1 2 3 4 5\r\n",
    ),
    ("USR 3 TWN I me@local\r\n", "USR 3 TWN S fake=1\r\n"),
    (
        "USR 4 TWN S a=HENLO 235411cb78234a468feb6f1bccca43fd\r\n",
        "USR 4 OK me@local 1 0\r\n",
    ),
    (
        "ADL 5 245\r\n<ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /><c n=\"brb\" l=\"3\" t=\"1\" /><c n=\"busy\" l=\"3\" t=\"1\" /><c n=\"hidden\" l=\"3\" t=\"1\" /><c n=\"idle\" l=\"3\" t=\"1\" /><c n=\"lunch\" l=\"3\" t=\"1\" /><c n=\"online\" l=\"3\" t=\"1\" /><c n=\"phone\" l=\"3\" t=\"1\" /></d></ml>",
        "ADL 5 OK\r\n",
    ),
    ("PRP 6 MFN Me%20Myself\r\n", "ACK 6 PRP\r\n"),
    ("BLP 7 AL\r\n", "ACK 7 BLP\r\n"),
    (
        "CHG 8 NLN 1085276192:131088\r\n",
        "CHG 8 NLN 1085276192:131088\r\n\
         ILN 8 NLN online@local 1 Online%20User 1085276192 %3Cmsnobj%2F%3E\r\n\
         UBX online@local 1 89\r\n<Data><PSM>0b48cf1c-b9a5-4793-b8d4-a8ddd6b13c6c</PSM><CurrentMedia></CurrentMedia></Data>\
         ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n\
         UBX busy@local 1 89\r\n<Data><PSM>72b6dca4-811b-4c6a-8b2a-c87cfa6e3299</PSM><CurrentMedia></CurrentMedia></Data>\
         ILN 8 IDL idle@local 1 Idle%20User 1085276192 %3Cmsnobj%2F%3E\r\n\
         UBX idle@local 1 89\r\n<Data><PSM>88360ef7-5152-4ada-8bc8-e0343736e830</PSM><CurrentMedia></CurrentMedia></Data>\
         ILN 8 AWY away@local 1 Away%20User 1085276192 %3Cmsnobj%2F%3E\r\n\
         UBX away@local 1 89\r\n<Data><PSM>d430617a-17bf-4437-a8f2-54aa4d33444e</PSM><CurrentMedia></CurrentMedia></Data>\
         ILN 8 BRB brb@local 1 Brb%20User 1085276192 %3Cmsnobj%2F%3E\r\n\
         UBX brb@local 1 89\r\n<Data><PSM>ecd12daf-0c11-445f-b1ae-4751a509c25c</PSM><CurrentMedia></CurrentMedia></Data>\
         ILN 8 LUN lunch@local 1 Lunch%20User 1085276192 %3Cmsnobj%2F%3E\r\n\
         UBX lunch@local 1 89\r\n<Data><PSM>9bd609bc-d2f8-4e1a-be72-06804bf73183</PSM><CurrentMedia></CurrentMedia></Data>\
         ILN 8 PHN phone@local 1 Phone%20User 1085276192 %3Cmsnobj%2F%3E\r\n\
         UBX phone@local 1 89\r\n<Data><PSM>b1482981-ad81-4a2a-872f-ba3331c6bb91</PSM><CurrentMedia></CurrentMedia></Data>",
    ),
    (
        "UUX 9 53\r\n<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>",
        "ACK 9 UUX\r\n",
    ),
    (
        "UUX 10 75\r\n<EndpointData><Capabilities>1085276192:131088</Capabilities></EndpointData>",
        "ACK 10 UUX\r\n",
    ),
    (
        "UUX 11 92\r\n<PrivateEndpointData><EpName>Rhodes</EpName><ClientType>1</ClientType></PrivateEndpointData>",
        "ACK 11 UUX\r\n",
    ),
    (
        "URL 12 MOBILE\r\n",
        "URL 12 MOBILE http://10.0.10.126:8080/\r\n",
    ),
    (
        "URL 13 PROFILE 0x0409\r\n",
        "URL 13 PROFILE http://10.0.10.126:8080/\r\n",
    ),
    (
        "URL 14 CHGMOB\r\n",
        "URL 14 CHGMOB http://10.0.10.126:8080/\r\n",
    ),
    ("UUN 15 me@local 8 9\r\nignore me", "ACK 15 UUN\r\n"),
    ("PNG 16\r\n", "QNG 60\r\n"),
];

/// The script as owned lines, so that a test can change some.
pub fn article() -> Vec<(String, Vec<u8>)> {
    ARTICLE
        .iter()
        .map(|(said, answer)| ((*said).to_owned(), answer.as_bytes().to_vec()))
        .collect()
}

/// Everything that the fake has read, a request or an exact line each.
pub type Heard = Arc<Mutex<Vec<String>>>;

/// Waits until the fake has heard so much; fails, rather than hangs, if it never does.
pub async fn heard(heard: &Heard, count: usize) {
    for _ in 0..2_000 {
        if heard.lock().expect("unpoisoned").len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!(
        "the fake heard only {:?}",
        heard.lock().expect("unpoisoned")
    );
}

/// Serves a script: reads as many bytes as the line that is due, answers, and stays after the last.
/// The connection ends early if the client says anything else.
pub async fn notification(script: Vec<(String, Vec<u8>)>) -> (SocketAddr, Heard) {
    serve(script, false).await
}

/// As [`notification`], and closes at the end of the script.
pub async fn closing(script: Vec<(String, Vec<u8>)>) -> SocketAddr {
    serve(script, true).await.0
}

async fn serve(script: Vec<(String, Vec<u8>)>, close: bool) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Heard::default();
    let ours = Arc::clone(&heard);
    tokio::spawn(async move {
        let Ok((mut stream, _)) = listener.accept().await else {
            return;
        };
        for (expected, answer) in script {
            let mut said = vec![0; expected.len()];
            if stream.read_exact(&mut said).await.is_err() {
                return;
            }
            let said = String::from_utf8_lossy(&said).into_owned();
            let right = said == expected;
            ours.lock().expect("unpoisoned").push(said);
            if !right || stream.write_all(&answer).await.is_err() {
                return;
            }
        }
        if close {
            return;
        }
        // What is said after the script is kept too (OUT), until the client closes.
        let mut rest = String::new();
        let _ = stream.read_to_string(&mut rest).await;
        if !rest.is_empty() {
            ours.lock().expect("unpoisoned").push(rest);
        }
    });
    (address, heard)
}

/// A certificate of its own for the three hosts, and its PEM.
pub fn certificate() -> (SslContext, Vec<u8>) {
    let key = PKey::from_rsa(Rsa::generate(2048).expect("RSA")).expect("a key");
    let mut name = X509NameBuilder::new().expect("a name");
    name.append_entry_by_text("CN", "fake").expect("a name");
    let name = name.build();
    let mut builder = X509::builder().expect("a builder");
    builder.set_version(2).expect("version");
    let serial = BigNum::from_u32(1).and_then(|n| n.to_asn1_integer());
    builder
        .set_serial_number(&serial.expect("a number"))
        .expect("serial");
    builder.set_subject_name(&name).expect("subject");
    builder.set_issuer_name(&name).expect("issuer");
    let (from, to) = (Asn1Time::days_from_now(0), Asn1Time::days_from_now(2));
    builder
        .set_not_before(&from.expect("a date"))
        .expect("date");
    builder.set_not_after(&to.expect("a date")).expect("date");
    builder.set_pubkey(&key).expect("key");
    let ca = BasicConstraints::new().critical().ca().build();
    builder.append_extension(ca.expect("CA")).expect("CA");
    let names = SubjectAlternativeName::new()
        .dns("nexus.passport.com")
        .dns("loginnet.passport.com")
        .dns("byrdr.omega.contacts.msn.com")
        .build(&builder.x509v3_context(None, None));
    builder
        .append_extension(names.expect("names"))
        .expect("names");
    builder.sign(&key, MessageDigest::sha256()).expect("sign");
    let certificate = builder.build();
    let mut context = SslContext::builder(SslMethod::tls_server()).expect("a context");
    context.set_security_level(0);
    context
        .set_min_proto_version(Some(SslVersion::TLS1))
        .expect("version");
    context
        .set_cipher_list("AES256-SHA:AES128-SHA")
        .expect("ciphers");
    context.set_certificate(&certificate).expect("certificate");
    context.set_private_key(&key).expect("key");
    (context.build(), certificate.to_pem().expect("PEM"))
}

/// Answers each request, a connection each, with what `answer` makes of its text.
pub async fn web(
    tls: Option<SslContext>,
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Heard::default();
    let ours = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            match &tls {
                None => exchange(stream, &ours, &answer).await,
                Some(context) => {
                    let ssl = Ssl::new(context).expect("an SSL");
                    let mut stream = tokio_openssl::SslStream::new(ssl, stream).expect("a stream");
                    if Pin::new(&mut stream).accept().await.is_ok() {
                        let sni = stream
                            .ssl()
                            .servername(openssl::ssl::NameType::HOST_NAME)
                            .map(str::to_owned);
                        assert_eq!(sni, None, "the Mac names no server");
                        exchange(stream, &ours, &answer).await;
                    }
                }
            }
        }
    });
    (address, heard)
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    heard: &Heard,
    answer: &(impl Fn(&str) -> Vec<u8> + Sync),
) {
    let mut request = Vec::new();
    while let Ok(byte) = stream.read_u8().await {
        request.push(byte);
        if request.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let length = head
        .split("\r\n")
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    let _ = stream.read_exact(&mut body).await;
    let request = head + &String::from_utf8_lossy(&body);
    let reply = answer(&request);
    heard.lock().expect("unpoisoned").push(request);
    let _ = stream.write_all(&reply).await;
    let _ = stream.shutdown().await;
}

/// An HTTP answer with these header lines and this body.
pub fn reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The article's Passport and SOAP services.
pub fn services(request: &str) -> Vec<u8> {
    let line = request.lines().next().unwrap_or_default();
    if line.starts_with("GET /rdr/pprdr.asp ") {
        return reply(
            "200 OK",
            "PassportURLs: DARealm=Passport.Net,DALogin=loginnet.passport.com:8443/login2.srf,DAReg=,ConfigVersion=15\r\n",
            "",
        );
    }
    if line.starts_with("POST /login2.srf ") || line.starts_with("GET /login2.srf ") {
        return reply(
            "200 OK",
            "Authentication-Info: Passport1.4 da-status=success,from-PP='a=HENLO'\r\n",
            "",
        );
    }
    if request.contains("/FindMembership\r\n") {
        return reply("200 OK", "Content-Type: text/xml\r\n", &membership());
    }
    if request.contains("/ABFindAll\r\n") {
        return reply("200 OK", "Content-Type: text/xml\r\n", &contacts());
    }
    reply("404 Not Found", "", "")
}

const EIGHT: [&str; 8] = [
    "online", "busy", "idle", "away", "brb", "lunch", "phone", "hidden",
];

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><ServiceHeader xmlns=\"http://www.msn.com/webservices/AddressBook\"><Version>15.01.1408.0000</Version></ServiceHeader></soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

/// Everyone allowed; one member deleted, one on the reverse list alone, one of another service.
pub fn membership() -> String {
    let member = |name: &str, deleted: bool| {
        format!(
            "<Member xsi:type=\"PassportMember\"><MembershipId>1</MembershipId><Type>Passport</Type><State>Accepted</State><Deleted>{deleted}</Deleted><PassportName>{name}@local</PassportName></Member>"
        )
    };
    let list = |role: &str, members: String| {
        format!(
            "<Membership><MemberRole>{role}</MemberRole><Members>{members}</Members><MembershipIsComplete>true</MembershipIsComplete></Membership>"
        )
    };
    let service = |lists: String, kind: &str| {
        format!(
            "<Service><Memberships>{lists}</Memberships><Info><Handle><Id>1</Id><Type>{kind}</Type></Handle></Info></Service>"
        )
    };
    let all: String = EIGHT.iter().map(|name| member(name, false)).collect();
    let messenger = list("Allow", all + &member("gone", true))
        + &list("Reverse", member("stranger", false))
        + &list("Block", String::new());
    envelope(&format!(
        "<FindMembershipResponse xmlns=\"http://www.msn.com/webservices/AddressBook\"><FindMembershipResult><Services>{}{}</Services></FindMembershipResult></FindMembershipResponse>",
        service(messenger, "Messenger"),
        service(list("Allow", member("profile", false)), "Profile"),
    ))
}

/// The eight contacts, and one each that is deleted, no Messenger user, or the user itself.
pub fn contacts() -> String {
    let contact = |name: &str, kind: &str, user: bool, deleted: bool, shown: &str| {
        format!(
            "<Contact><contactId>11111111-1111-1111-1111-111111111111</contactId><contactInfo><contactType>{kind}</contactType><passportName>{name}@local</passportName><displayName>{shown}</displayName><isMessengerUser>{user}</isMessengerUser></contactInfo><fDeleted>{deleted}</fDeleted></Contact>"
        )
    };
    let all: String = EIGHT
        .iter()
        .map(|name| contact(name, "Regular", true, false, "A &amp; B"))
        .collect();
    envelope(&format!(
        "<ABFindAllResponse xmlns=\"http://www.msn.com/webservices/AddressBook\"><ABFindAllResult><groups/><contacts>{}{}{all}{}</contacts><ab><abId>00000000-0000-0000-0000-000000000000</abId></ab></ABFindAllResult></ABFindAllResponse>",
        contact("mail", "Regular", false, false, "Mail"),
        contact("left", "Regular", true, true, "Left"),
        contact("me", "Me", true, false, "Me Myself"),
    ))
}

/// A configuration for the two fakes, in the clear, with short patience.
pub fn config(notification: SocketAddr, web: SocketAddr) -> Config {
    Config {
        notification: notification.to_string(),
        reach: Reach::all(web),
        transport: Transport::Plain,
        patience: Duration::from_secs(20),
        ..Config::default()
    }
}
