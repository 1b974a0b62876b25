//! SSL 3.0, for those that offer nothing better, and what else rustls would refuse.

use super::*;

// The system's OpenSSL has no SSL 3.0, which the front door's notice then says.
fn has_ssl3() -> bool {
    cfg!(feature = "vendored") && std::env::var_os("OPENSSL_NO_VENDOR").is_none()
}

#[tokio::test]
async fn ssl_3_0_is_spoken_with_those_that_offer_nothing_better() {
    if !has_ssl3() {
        return;
    }
    for suite in ["RC4-MD5", "RC4-SHA", "DES-CBC3-SHA", "AES128-SHA"] {
        let handshake = openssl_talk(SslVersion::SSL3, suite).await;
        assert_eq!(handshake.version.as_deref(), Some("SSLv3"));
        assert_eq!(handshake.cipher.as_deref(), Some(suite));
        assert_eq!(handshake.hello, Some(Hello::Tls));
        assert_eq!(handshake.failure, None);
    }
    let better = openssl_talk(SslVersion::TLS1, "RC4-MD5").await;
    assert_eq!(better.version.as_deref(), Some("TLSv1"));
}

#[tokio::test]
async fn an_sslv2_format_hello_that_offers_3_0_is_answered_in_it() {
    if !has_ssl3() {
        return;
    }
    let (mut client, server) = one_client(PATIENT).await;
    client.write_all(&sslv2_hello(3, 0)).await.expect("written");
    let mut answer = [0; 11];
    client.read_exact(&mut answer).await.expect("an answer");
    // A handshake record of SSL 3.0, a ServerHello, SSL 3.0.
    assert_eq!(answer[..3], [0x16, 3, 0]);
    assert_eq!(answer[5], 2);
    assert_eq!(answer[9..], [3, 0]);
    drop(client);
    let (handshake, _) = failed(server).await;
    assert_eq!(handshake.version.as_deref(), Some("SSLv3"));
    assert_eq!(handshake.hello, Some(Hello::Sslv2));
}

#[tokio::test]
async fn without_ssl_3_0_it_is_refused_in_its_own_words_and_by_name() {
    for hello in [sslv2_hello(3, 0), tls_hello(0, &[0x2f], &[])] {
        let door = FrontDoor::with(certificates(), PATIENT, false).expect("a front door");
        let (mut client, server) = one_client_at(door).await;
        client.write_all(&hello).await.expect("written");
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.expect("an answer");
        assert_eq!(answer, [0x15, 3, 0, 0, 2, 2, 40]);
        let (_, failure) = failed(server).await;
        assert_eq!(failure.cause.to_string(), "sslv3-only");
        assert!(failure.text.contains("--no-ssl3"), "{}", failure.text);
        assert!(failure.text.contains("Use TLS 1.0"), "{}", failure.text);
    }
}

#[tokio::test]
async fn a_hello_of_ssl_2_0_alone_is_refused_with_the_setting_to_change() {
    let (_, failure) = verdict_on(&sslv2_hello(0, 2)).await;
    assert_eq!(failure.cause.to_string(), "sslv2-only");
    for setting in ["Use SSL 3.0", "Use TLS 1.0"] {
        assert!(failure.text.contains(setting), "{}", failure.text);
    }
}

#[tokio::test]
async fn a_hello_of_tls_1_2_that_names_no_signatures_is_served_by_openssl() {
    let (mut client, server) = one_client(PATIENT).await;
    // ECDHE with AES-GCM first, which rustls has, and no extension at all.
    let hello = tls_hello(3, &[0xc02f, 0x9c, 0x2f], &[]);
    client.write_all(&hello).await.expect("written");
    let mut answer = [0; 11];
    client.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer[..3], [0x16, 3, 3]);
    assert_eq!(answer[5], 2);
    assert_eq!(answer[9..], [3, 3]);
    drop(client);
    let (handshake, failure) = failed(server).await;
    assert_eq!(handshake.version.as_deref(), Some("TLSv1.2"));
    assert_eq!(failure.cause.to_string(), "closed", "{}", failure.text);
}
