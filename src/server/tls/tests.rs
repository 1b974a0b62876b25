//! The front door over real sockets, from clients of every kind.

mod chain;
mod ssl3;

use super::*;
use crate::event::{Hello, TlsCause};
use crate::server::certificates::CertificateOptions;
use crate::server::tls::sniff::tests::{sslv2_hello, tls_hello};
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::OnceLock;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const HOST: &str = crate::msnp::hosts::LOGIN;

/// So long that it never ends a test that goes well.
const PATIENT: Bounds = Bounds {
    decision: Duration::from_secs(60),
    handshake: Duration::from_secs(60),
    limit: 16,
};

/// Short enough to be waited for.
const HASTY: Bounds = Bounds {
    decision: Duration::from_millis(50),
    handshake: Duration::from_millis(50),
    limit: 16,
};

/// One root for all tests: keys take long to make.
fn certificates() -> &'static Certificates {
    static CERTIFICATES: OnceLock<Certificates> = OnceLock::new();
    CERTIFICATES.get_or_init(|| {
        Certificates::in_memory(&CertificateOptions::default()).expect("certificates")
    })
}

type Outcome = Result<Opened<TcpStream>, Box<TlsHandshake>>;

/// A door that lets one client in, and echoes what it says until it closes.
async fn one_client(bounds: Bounds) -> (TcpStream, JoinHandle<Outcome>) {
    one_client_at(FrontDoor::with(certificates(), bounds, true).expect("a front door")).await
}

async fn one_client_at(door: FrontDoor) -> (TcpStream, JoinHandle<Outcome>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut opened = door.accept(stream).await?;
        match &mut opened {
            Opened::Secure { stream, .. } => echo(stream).await,
            Opened::Plain(stream) => echo(stream).await,
        }
        Ok(opened)
    });
    let client = TcpStream::connect(address).await.expect("a connection");
    (client, server)
}

async fn echo(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let mut buffer = [0; 64];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        stream.write_all(&buffer[..count]).await.expect("written");
        stream.flush().await.expect("flushed");
    }
}

/// Says something, hears it, and closes.
async fn talk(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    stream.write_all(b"hello").await.expect("written");
    stream.flush().await.expect("flushed");
    let mut heard = [0; 5];
    stream.read_exact(&mut heard).await.expect("an echo");
    assert_eq!(&heard, b"hello");
    stream.shutdown().await.expect("closed");
}

async fn handshake(server: JoinHandle<Outcome>) -> TlsHandshake {
    match server.await.expect("a server") {
        Ok(Opened::Secure { handshake, .. }) => *handshake,
        other => panic!("{other:?}"),
    }
}

async fn failed(server: JoinHandle<Outcome>) -> (TlsHandshake, TlsFailure) {
    match server.await.expect("a server") {
        Err(handshake) => {
            let failure = handshake.failure.clone().expect("a failure");
            (*handshake, failure)
        }
        other => panic!("{other:?}"),
    }
}

fn rustls_client(
    root: Option<&[u8]>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> tokio_rustls::TlsConnector {
    let mut roots = RootCertStore::empty();
    if let Some(der) = root {
        roots
            .add(CertificateDer::from(der.to_vec()))
            .expect("a root");
    }
    let mut config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    tokio_rustls::TlsConnector::from(Arc::new(config))
}

fn name() -> ServerName<'static> {
    ServerName::try_from(HOST).expect("a name")
}

/// What makes a client of one version, which verifies who it talks to, with no care for security.
fn openssl_builder(version: SslVersion, suites: &str) -> openssl::ssl::SslConnectorBuilder {
    let mut builder = SslConnector::builder(SslMethod::tls_client()).expect("a client");
    builder.set_security_level(0);
    builder
        .set_min_proto_version(Some(version))
        .expect("a version");
    builder
        .set_max_proto_version(Some(version))
        .expect("a version");
    builder.clear_options(openssl::ssl::SslOptions::NO_SSLV3);
    builder.set_cipher_list(suites).expect("suites");
    builder.set_verify(SslVerifyMode::PEER);
    builder
}

/// A client as OpenSSL can still play it: one version, one suite, no care for security.
fn openssl_client(version: SslVersion, suites: &str, trusts: bool) -> openssl::ssl::Ssl {
    // RC4 is the legacy provider's, for the client too.
    legacy::context(certificates(), true).expect("providers");
    let mut builder = openssl_builder(version, suites);
    if trusts {
        let root = X509::from_der(certificates().root_der()).expect("a root");
        builder.cert_store_mut().add_cert(root).expect("trust");
    }
    let connector = builder.build();
    let configuration = connector.configure().expect("a configuration");
    configuration.into_ssl(HOST).expect("a session")
}

async fn openssl_talk(version: SslVersion, suites: &str) -> TlsHandshake {
    let (client, server) = one_client(PATIENT).await;
    let ssl = openssl_client(version, suites, true);
    let mut client = tokio_openssl::SslStream::new(ssl, client).expect("a stream");
    Pin::new(&mut client).connect().await.expect("a handshake");
    talk(&mut client).await;
    handshake(server).await
}

#[tokio::test]
async fn a_client_of_today_is_served_by_rustls() {
    for (version, named, cipher) in [
        (&rustls::version::TLS13, "TLSv1.3", "TLS_AES_256_GCM_SHA384"),
        (
            &rustls::version::TLS12,
            "TLSv1.2",
            "ECDHE-RSA-AES256-GCM-SHA384",
        ),
    ] {
        let (client, server) = one_client(PATIENT).await;
        let connector = rustls_client(Some(certificates().root_der()), &[version]);
        let mut client = connector
            .connect(name(), client)
            .await
            .expect("a handshake");
        talk(&mut client).await;
        let Ok(Opened::Secure { stream, handshake }) = server.await.expect("a server") else {
            panic!("not secure");
        };
        assert!(matches!(stream, SecureStream::Modern(_)));
        let agreed = client.get_ref().1.alpn_protocol();
        assert_eq!(
            agreed,
            Some(&b"http/1.1"[..]),
            "today's clients would take HTTP/2"
        );
        assert_eq!(handshake.version.as_deref(), Some(named));
        assert_eq!(handshake.cipher.as_deref(), Some(cipher));
        assert_eq!(handshake.sni.as_deref(), Some(HOST));
        assert_eq!(handshake.hello, Some(Hello::Tls));
        assert_eq!(handshake.failure, None);
    }
}

#[tokio::test]
async fn a_client_of_the_2000s_is_served_by_openssl() {
    for (version, named) in [
        (SslVersion::TLS1, "TLSv1"),
        (SslVersion::TLS1_1, "TLSv1.1"),
        (SslVersion::TLS1_2, "TLSv1.2"),
    ] {
        let handshake = openssl_talk(version, "AES128-SHA").await;
        assert_eq!(handshake.version.as_deref(), Some(named));
        assert_eq!(handshake.cipher.as_deref(), Some("AES128-SHA"));
        assert_eq!(handshake.sni.as_deref(), Some(HOST));
        assert_eq!(handshake.hello, Some(Hello::Tls));
    }
}

#[tokio::test]
async fn of_many_suites_it_takes_rsa_with_aes_first() {
    let handshake = openssl_talk(SslVersion::TLS1, "ALL").await;
    assert_eq!(handshake.cipher.as_deref(), Some("AES128-SHA"));
}

// The system's OpenSSL may lack them, which the front door's notice then says.
#[cfg(feature = "vendored")]
#[tokio::test]
async fn rc4_and_triple_des_are_served_and_nothing_is_said_to_lack() {
    if std::env::var_os("OPENSSL_NO_VENDOR").is_some() {
        return;
    }
    let door = FrontDoor::new(certificates()).expect("a front door");
    assert_eq!(door.notice(), None);
    for suite in ["DES-CBC3-SHA", "RC4-SHA", "RC4-MD5"] {
        let handshake = openssl_talk(SslVersion::TLS1, suite).await;
        assert_eq!(handshake.cipher.as_deref(), Some(suite));
    }
}

#[tokio::test]
async fn an_sslv2_format_hello_is_answered_in_tls_1_0_with_rsa() {
    let (mut client, server) = one_client(PATIENT).await;
    // What Java 17 sends with `SSLv2Hello,TLSv1`, and Messenger for Mac alike: 0x7a bytes, TLS 1.0, 27
    // suites of three bytes, no session id, a challenge of 32.
    let mut hello = vec![
        0x80, 0x7a, 0x01, 0x03, 0x01, 0x00, 0x51, 0x00, 0x00, 0x00, 0x20,
    ];
    for suite in [
        [0x00, 0x00, 0x2f],
        [0x00, 0x00, 0x35],
        [0x00, 0x00, 0x05],
        [0x00, 0x00, 0x0a],
    ]
    .iter()
    .cycle()
    .take(27)
    {
        hello.extend(suite);
    }
    hello.extend([0x5a; 32]);
    client.write_all(&hello).await.expect("written");
    let mut answer = [0; 5 + 4 + 2 + 32 + 1];
    client.read_exact(&mut answer).await.expect("an answer");
    // A handshake record of TLS 1.0, a ServerHello, TLS 1.0.
    assert_eq!(answer[..3], [0x16, 3, 1]);
    assert_eq!(answer[5], 2);
    assert_eq!(answer[9..11], [3, 1]);
    let mut suite = vec![0; usize::from(answer[43]) + 2];
    client.read_exact(&mut suite).await.expect("a suite");
    assert!(suite.ends_with(&[0x00, 0x2f]), "{suite:02x?}");
    drop(client);
    let (handshake, failure) = failed(server).await;
    assert_eq!(handshake.hello, Some(Hello::Sslv2));
    assert_eq!(handshake.version.as_deref(), Some("TLSv1"));
    assert_eq!(failure.cause.to_string(), "closed");
    assert!(failure.text.contains("124 bytes"), "{}", failure.text);
}

#[tokio::test]
async fn a_hello_that_comes_byte_by_byte_is_served() {
    let (client, server) = one_client(PATIENT).await;
    let (near, far) = tokio::io::duplex(1);
    let between = tokio::spawn(async move {
        let (mut far, mut client) = (far, client);
        client.set_nodelay(true).expect("no delay");
        let _ = tokio::io::copy_bidirectional_with_sizes(&mut far, &mut client, 1, 4096).await;
    });
    let connector = rustls_client(Some(certificates().root_der()), rustls::DEFAULT_VERSIONS);
    let mut client = connector.connect(name(), near).await.expect("a handshake");
    talk(&mut client).await;
    drop(client);
    assert_eq!(handshake(server).await.version.as_deref(), Some("TLSv1.3"));
    between.await.expect("a relay");
}

#[tokio::test]
async fn plain_http_is_passed_through_from_its_first_byte() {
    let (mut client, server) = one_client(PATIENT).await;
    client
        .write_all(b"GET / HTTP/1.0\r\n\r\n")
        .await
        .expect("written");
    client.shutdown().await.expect("closed");
    let mut heard = Vec::new();
    let reading = client.read_to_end(&mut heard);
    let (outcome, heard_all) =
        tokio::join!(async { server.await.expect("a server").map(drop) }, reading);
    outcome.expect("let in");
    heard_all.expect("an echo");
    assert_eq!(heard, b"GET / HTTP/1.0\r\n\r\n");
}

#[tokio::test]
async fn a_client_that_does_not_know_the_root_is_named_and_told_what_to_trust() {
    let versions: [&[_]; 2] = [&[&rustls::version::TLS13], &[&rustls::version::TLS12]];
    for versions in versions {
        let (client, server) = one_client(PATIENT).await;
        let connector = rustls_client(None, versions);
        connector
            .connect(name(), client)
            .await
            .expect_err("no trust");
        let (handshake, failure) = failed(server).await;
        assert_eq!(failure.cause.to_string(), "unknown-ca", "{}", failure.text);
        assert!(failure.text.contains(certificates().fingerprint()));
        assert_eq!(handshake.sni.as_deref(), Some(HOST));
    }
    let (client, server) = one_client(PATIENT).await;
    let ssl = openssl_client(SslVersion::TLS1, "AES128-SHA", false);
    let mut client = tokio_openssl::SslStream::new(ssl, client).expect("a stream");
    let refused = Pin::new(&mut client).connect().await;
    refused.expect_err("no trust");
    let (handshake, failure) = failed(server).await;
    assert_eq!(failure.cause.to_string(), "unknown-ca", "{}", failure.text);
    assert_eq!(handshake.version.as_deref(), Some("TLSv1"));
    assert_eq!(handshake.sni.as_deref(), Some(HOST));
}

/// What the door says of a client that sends `bytes` and then, where they are no whole answer, waits.
async fn verdict_on(bytes: &[u8]) -> (TlsHandshake, TlsFailure) {
    let (mut client, server) = one_client(PATIENT).await;
    client.write_all(bytes).await.expect("written");
    let verdict = failed(server).await;
    drop(client);
    verdict
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_at_once_and_by_name() {
    let fallback = tls_hello(1, &[0x5600, 0x2f], &[]);
    for (bytes, cause, told) in [
        (&sslv2_hello(0, 2)[..], "sslv2-only", "SSL 2.0"),
        (b"\x00\x01\x1b[2J", "not-tls", r"\x00\x01\x1B[2J"),
        (
            &tls_hello(1, &[0x0001, 0x00ff], &[]),
            "no-shared-cipher",
            "0001",
        ),
        (
            // TLS 1.3 alone, which OpenSSL's half would have to serve, as no suite is one of rustls'.
            &tls_hello(3, &[0x1304], &[0, 43, 0, 3, 2, 3, 4]),
            "no-shared-cipher",
            "1304",
        ),
        (&fallback, "handshake", "fallback"),
    ] {
        let (_, failure) = verdict_on(bytes).await;
        assert_eq!(failure.cause.to_string(), cause, "{}", failure.text);
        assert!(failure.text.contains(told), "{}", failure.text);
    }
}

#[tokio::test]
async fn an_alert_of_the_client_is_named() {
    let alert = |number| {
        [
            &tls_hello(1, &[0x2f], &[])[..],
            &[0x15, 3, 1, 0, 2, 2, number],
        ]
        .concat()
    };
    let (_, failure) = verdict_on(&alert(45)).await;
    assert_eq!(failure.cause.to_string(), "client-clock");
    let dates = certificates().leaf_validity().to_string();
    assert!(failure.text.contains(&dates), "{}", failure.text);
    // The clock in that hello.
    assert!(failure.text.contains("2009-02-13"), "{}", failure.text);
    for (number, cause) in [
        (42, "alert-42"),
        (46, "alert-46"),
        (40, "alert-40"),
        (70, "protocol-version"),
        (200, "alert-200"),
    ] {
        let (_, failure) = verdict_on(&alert(number)).await;
        assert_eq!(failure.cause.to_string(), cause, "{}", failure.text);
    }
}

#[tokio::test]
async fn a_client_that_closes_early_is_done_with_at_once() {
    for (bytes, told) in [
        (&b""[..], "without sending a byte"),
        (&[0x16, 3, 1], "after 3 bytes"),
        (&[0x80], "after 1 bytes"),
        (&tls_hello(3, &[0x1301], &[])[..40], "after 40 bytes"),
    ] {
        let (mut client, server) = one_client(PATIENT).await;
        client.write_all(bytes).await.expect("written");
        client.shutdown().await.expect("closed");
        let (_, failure) = failed(server).await;
        let cause = if bytes.is_empty() {
            "probe"
        } else {
            "cut-hello"
        };
        assert_eq!(failure.cause.to_string(), cause);
        assert!(failure.text.contains(told), "{}", failure.text);
    }
}

#[tokio::test]
async fn a_client_that_stops_is_given_up_after_the_bound() {
    for (bytes, cause) in [
        (&b""[..], "silent"),
        (&[0x16], "cut-hello"),
        (&tls_hello(3, &[0x2f], &[])[..47], "cut-hello"),
        (&tls_hello(1, &[0x2f], &[])[..20], "timeout"),
        (&tls_hello(1, &[0x2f], &[]), "timeout"),
        (&sslv2_hello(3, 1), "timeout"),
    ] {
        let (mut client, server) = one_client(HASTY).await;
        client.write_all(bytes).await.expect("written");
        let (_, failure) = failed(server).await;
        assert_eq!(failure.cause.to_string(), cause, "{}", failure.text);
        drop(client);
    }
}

#[tokio::test]
async fn handshakes_in_hand_are_capped() {
    let bounds = Bounds {
        decision: Duration::from_millis(50),
        limit: 1,
        ..PATIENT
    };
    let door = FrontDoor::with(certificates(), bounds, true).expect("a front door");
    let (_silent, first) = tokio::io::duplex(64);
    let taken = door.room.clone().acquire_owned().await.expect("a place");
    let refused = door.accept(first).await.expect_err("no room");
    assert_eq!(refused.failure.expect("a failure").cause, TlsCause::Busy);
    drop(taken);
    let (mut client, second) = tokio::io::duplex(64);
    client.write_all(b"GET ").await.expect("written");
    let opened = door.accept(second).await.expect("let in");
    assert!(matches!(opened, Opened::Plain(_)));
    assert_eq!(door.room.available_permits(), 1);
}
