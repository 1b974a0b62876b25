//! What the root must not vouch for, were its key to leak: each leaf is made with that key, and verified as those verify
//! that it is meant for.

use super::*;

use openssl::x509::extension::{ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509PurposeId, X509StoreContext};
use std::process::Command;

/// How a client takes a leaf.
fn verdict(root: &X509Ref, leaf: &X509Ref, purpose: X509PurposeId) -> i32 {
    let mut param = openssl::x509::verify::X509VerifyParam::new().expect("parameters");
    param.set_purpose(purpose).expect("a purpose");
    let mut store = openssl::x509::store::X509StoreBuilder::new().expect("a store");
    store.add_cert(root.to_owned()).expect("a root");
    store.set_param(&param).expect("set");
    let (store, none) = (store.build(), openssl::stack::Stack::new().expect("none"));
    let mut context = X509StoreContext::new().expect("a context");
    context
        .init(&store, leaf, &none, |context| {
            context.verify_cert()?;
            Ok(context.error().as_raw())
        })
        .expect("a verdict")
}

/// What a certificate may be used for, in OpenSSL's words.
fn uses(certificate: &X509Ref) -> Vec<String> {
    let text = String::from_utf8(certificate.to_text().expect("text")).expect("UTF-8");
    let (_, after) = text
        .split_once("X509v3 Extended Key Usage:")
        .expect("a use");
    let line = after.lines().nth(1).expect("a line").trim();
    line.split(", ").map(str::to_owned).collect()
}

/// A use, the purpose for which those verify it, what `openssl verify` calls that, and the names of the leaf.
fn leaves() -> Vec<(
    &'static str,
    ExtendedKeyUsage,
    X509PurposeId,
    &'static str,
    SubjectAlternativeName,
)> {
    let usage = |set: fn(&mut ExtendedKeyUsage) -> &mut ExtendedKeyUsage| {
        let mut usage = ExtendedKeyUsage::new();
        set(&mut usage);
        usage
    };
    let names = |set: fn(&mut SubjectAlternativeName) -> &mut SubjectAlternativeName| {
        let mut names = SubjectAlternativeName::new();
        set(&mut names);
        names
    };
    let ours = || names(|names| names.dns(hosts::LOGIN));
    vec![
        (
            "S/MIME",
            usage(|usage| usage.email_protection()),
            X509PurposeId::SMIME_SIGN,
            "smimesign",
            ours(),
        ),
        (
            "S/MIME to somebody",
            usage(|usage| usage.server_auth()),
            X509PurposeId::SSL_SERVER,
            "sslserver",
            names(|names| names.email("somebody@example.com")),
        ),
        (
            "a client",
            usage(|usage| usage.client_auth()),
            X509PurposeId::SSL_CLIENT,
            "sslclient",
            ours(),
        ),
        (
            "a program",
            usage(|usage| usage.code_signing()),
            X509PurposeId::CODE_SIGN,
            "codesign",
            ours(),
        ),
        (
            "a time",
            usage(|usage| usage.critical().time_stamping()),
            X509PurposeId::TIMESTAMP_SIGN,
            "timestampsign",
            ours(),
        ),
        (
            "a URI",
            usage(|usage| usage.server_auth()),
            X509PurposeId::SSL_SERVER,
            "sslserver",
            names(|names| names.dns(hosts::LOGIN).uri("https://example.com/")),
        ),
        (
            "another host",
            usage(|usage| usage.server_auth()),
            X509PurposeId::SSL_SERVER,
            "sslserver",
            names(|names| names.dns("example.com")),
        ),
        (
            "an address",
            usage(|usage| usage.server_auth()),
            X509PurposeId::SSL_SERVER,
            "sslserver",
            names(|names| names.ip("192.0.2.1")),
        ),
    ]
}

#[test]
fn nothing_but_a_server_of_the_hosts_served_is_vouched_for() {
    let now = OffsetDateTime::now_utc();
    for sha1 in [false, true] {
        let options = CertificateOptions { sha1, ..options() };
        let root = make::root(&options, now).expect("a root");
        let ours = make::leaf(&root, &make::wanted(&options), now).expect("a leaf");
        let server = X509PurposeId::SSL_SERVER;
        assert_eq!(verdict(&root.certificate, &ours.certificate, server), 0);
        for (what, usage, purpose, _, names) in leaves() {
            let leaf = make::leaf_of(&root, hosts::LOGIN, now, &names, &usage).expect("a leaf");
            let code = verdict(&root.certificate, &leaf.certificate, purpose);
            // OpenSSL does not look at the root's use for these two; Windows, NSS and Apple do.
            let nested = uses(&root.certificate).contains(&uses(&leaf.certificate)[0]);
            assert!(code != 0 || !nested, "{what}");
            // Nor is any of them a server of ours.
            let code = verdict(&root.certificate, &leaf.certificate, server);
            assert_ne!(code, 0, "{what}");
        }
        assert_eq!(uses(&root.certificate), uses(&ours.certificate));
    }
}

#[test]
fn the_command_openssl_verify_says_the_same() {
    if Command::new("openssl").arg("version").output().is_err() {
        return;
    }
    let dir = folder();
    let now = OffsetDateTime::now_utc();
    let root = make::root(&options(), now).expect("a root");
    let write = |name: &str, certificate: &X509Ref| {
        let path = dir.path().join(name);
        fs::write(&path, certificate.to_pem().expect("text")).expect("written");
        path
    };
    let root_path = write("root.pem", &root.certificate);
    let verify = |purpose: &str, leaf: &X509Ref| {
        let leaf = write("leaf.pem", leaf);
        let mut command = Command::new("openssl");
        command.args(["verify", "-purpose", purpose, "-CAfile"]);
        let output = command.args([&root_path, &leaf]).output().expect("ran");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let ours = make::leaf(&root, &make::wanted(&options()), now).expect("a leaf");
    let (taken, said) = verify("sslserver", &ours.certificate);
    assert!(taken, "{said}");
    for (what, usage, _, purpose, names) in leaves() {
        // Older ones do not know this purpose.
        if purpose == "codesign" {
            continue;
        }
        let leaf = make::leaf_of(&root, hosts::LOGIN, now, &names, &usage).expect("a leaf");
        let (taken, said) = verify(purpose, &leaf.certificate);
        assert!(!taken, "{what}: {said}");
    }
}
