//! Clients that verify who they talk to, in whole handshakes: with the one root trusted and no other.

use super::*;

/// A root and what it has signed, with SHA-1 or SHA-256.
fn made(sha1: bool) -> Certificates {
    let options = CertificateOptions {
        sha1,
        ..CertificateOptions::default()
    };
    Certificates::in_memory(&options).expect("certificates")
}

/// A client of this version that trusts this root, which must have signed with this algorithm.
async fn verified(
    served: &Certificates,
    trusted: &Certificates,
    version: SslVersion,
    host: &str,
) -> bool {
    let door = FrontDoor::with(served, PATIENT, true).expect("a front door");
    let (client, server) = one_client_at(door).await;
    let mut builder = openssl_builder(version, "AES128-SHA");
    let mut store = openssl::x509::store::X509StoreBuilder::new().expect("a store");
    store
        .add_cert(X509::from_der(trusted.root_der()).expect("a root"))
        .expect("trust");
    builder.set_cert_store(store.build());
    let ssl = builder
        .build()
        .configure()
        .expect("a configuration")
        .into_ssl(host)
        .expect("a session");
    let mut client = tokio_openssl::SslStream::new(ssl, client).expect("a stream");
    if Pin::new(&mut client).connect().await.is_err() {
        drop(client);
        failed(server).await;
        return false;
    }
    assert_eq!(
        client.ssl().verify_result(),
        openssl::x509::X509VerifyResult::OK
    );
    let leaf = client.ssl().peer_certificate().expect("a certificate");
    assert_eq!(
        leaf.signature_algorithm().object().nid(),
        match served.is_sha1() {
            true => openssl::nid::Nid::SHA1WITHRSAENCRYPTION,
            false => openssl::nid::Nid::SHA256WITHRSAENCRYPTION,
        }
    );
    talk(&mut client).await;
    assert_eq!(handshake(server).await.failure, None);
    true
}

#[tokio::test]
async fn a_client_that_verifies_takes_the_chain_of_sha_1_and_that_of_sha_256_and_no_other() {
    let (old, new) = (made(true), made(false));
    assert!(old.is_sha1() && !new.is_sha1());
    for version in [SslVersion::TLS1, SslVersion::TLS1_2] {
        for served in [&old, &new] {
            for host in crate::msnp::hosts::names(false) {
                assert!(verified(served, served, version, host).await, "{host}");
            }
            assert!(!verified(served, served, version, "example.com").await);
        }
        assert!(!verified(&old, &new, version, HOST).await);
        assert!(!verified(&new, &old, version, HOST).await);
    }
}

#[tokio::test]
async fn rustls_takes_the_chain_of_sha_256_and_refuses_that_of_sha_1() {
    for (served, fine) in [(made(false), true), (made(true), false)] {
        let door = FrontDoor::with(&served, PATIENT, true).expect("a front door");
        let (client, server) = one_client_at(door).await;
        let connector = rustls_client(Some(served.root_der()), &[&rustls::version::TLS13]);
        match connector.connect(name(), client).await {
            Ok(mut client) => {
                talk(&mut client).await;
                assert_eq!(handshake(server).await.failure, None);
                assert!(fine, "SHA-1 is taken");
            }
            Err(error) => {
                assert!(!fine, "{error}");
                failed(server).await;
            }
        }
    }
}
