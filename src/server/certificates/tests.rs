mod purposes;

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use time::Duration;

fn options() -> CertificateOptions {
    CertificateOptions::default()
}

fn live() -> CertificateOptions {
    CertificateOptions {
        login_live: true,
        ..options()
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn open(dir: &Path) -> Certificates {
    Certificates::open_or_init(dir, &options()).expect("certificates")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

fn leaf_of(certificates: &Certificates) -> Vec<u8> {
    certificates.leaf().to_der().expect("a leaf")
}

#[test]
fn the_first_run_makes_them_and_the_next_finds_them() {
    let dir = folder();
    let certs = dir.path().join("a/certs");
    let first = open(&certs);
    assert!(first.notices().is_empty(), "{:?}", first.notices());
    assert_eq!(first.folder(), Some(&*certs));
    assert_eq!(mode(&certs), 0o700);
    assert_eq!(mode(&certs.join("root.key")), 0o600);
    assert_eq!(mode(&certs.join("leaf.key")), 0o600);
    let second = open(&certs);
    assert!(second.notices().is_empty(), "{:?}", second.notices());
    assert_eq!(first.fingerprint(), second.fingerprint());
    assert_eq!(leaf_of(&first), leaf_of(&second));
    let left: Vec<_> = fs::read_dir(&certs)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().ends_with(".new"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_root_vouches_for_the_hosts_served_and_for_nothing_else() {
    let now = OffsetDateTime::now_utc();
    let root = make::root(&options(), now).expect("a root");
    let code = |hosts: &[&str]| {
        let leaf = make::leaf(&root, hosts, now).expect("a leaf");
        make::verify(&root.certificate, &leaf.certificate, now)
            .expect("a verdict")
            .as_raw()
    };
    assert_eq!(code(&make::wanted(&options())), 0);
    // X509_V_ERR_PERMITTED_VIOLATION and X509_V_ERR_EXCLUDED_VIOLATION.
    assert_eq!(code(&["example.com"]), 47);
    assert_eq!(code(&["login.live.com"]), 47);
    assert_eq!(code(&["passport.com"]), 47);
    assert_eq!(code(&["127.0.0.1"]), 48);
    assert_eq!(code(&["::1"]), 48);
}

#[test]
fn the_leaf_is_what_old_and_new_clients_ask_for() {
    let certs = Certificates::in_memory(&options()).expect("certificates");
    let text = String::from_utf8(certs.leaf().to_text().expect("text")).expect("UTF-8");
    for part in [
        "Version: 3",
        "sha256WithRSAEncryption",
        "Public-Key: (2048 bit)",
        "CA:FALSE",
        "Digital Signature, Key Encipherment",
        "TLS Web Server Authentication",
        "Authority Key Identifier",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let validity = certs.leaf_validity();
    assert!(validity.not_after - validity.not_before <= Duration::days(825));
    assert!(validity.contains(OffsetDateTime::now_utc()));
    let mut names = make::names(certs.leaf());
    names.sort_unstable();
    let mut served: Vec<_> = crate::msnp::hosts::names(false).collect();
    served.sort_unstable();
    assert_eq!(names, served);
    let root = String::from_utf8(certs.root.to_text().expect("text")).expect("UTF-8");
    assert!(root.contains("CA:TRUE, pathlen:0"), "{root}");
    assert!(root.contains("Certificate Sign, CRL Sign"), "{root}");
}

#[test]
fn without_name_constraints_the_root_has_none() {
    let certs = Certificates::in_memory(&CertificateOptions {
        name_constraints: false,
        ..options()
    })
    .expect("certificates");
    assert_eq!(make::permitted(&certs.root), None);
    assert!(certs.describe().contains("any host"));
}

#[test]
fn a_leaf_near_its_end_is_reissued_under_the_same_root() {
    let dir = folder();
    let first = open(dir.path());
    let later = OffsetDateTime::now_utc() + Duration::days(790);
    let second = Certificates::open_at(dir.path(), &options(), later).expect("certificates");
    assert_eq!(first.fingerprint(), second.fingerprint());
    assert!(second.leaf_validity().not_after > first.leaf_validity().not_after);
    assert!(second.notices()[0].contains("a new leaf was issued"));
    assert_ne!(
        first.leaf().serial_number().to_bn().expect("a number"),
        second.leaf().serial_number().to_bn().expect("a number")
    );
    // And it has been written.
    let third = Certificates::open_at(dir.path(), &options(), later).expect("certificates");
    assert_eq!(leaf_of(&second), leaf_of(&third));
}

#[test]
fn a_root_whose_time_is_over_or_has_not_come_is_an_error() {
    let dir = folder();
    open(dir.path());
    for days in [-10, 4000] {
        let then = OffsetDateTime::now_utc() + Duration::days(days);
        let error = Certificates::open_at(dir.path(), &options(), then).expect_err("an error");
        assert!(
            matches!(error, CertificateError::RootDates { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_root_that_does_not_permit_a_host_is_an_error_that_says_what_to_do() {
    let dir = folder();
    let first = open(dir.path());
    let error = Certificates::open_or_init(dir.path(), &live()).expect_err("an error");
    let CertificateError::NotCovered { hosts, .. } = &error else {
        panic!("{error}");
    };
    assert!(hosts.contains(&"login.live.com".to_owned()), "{hosts:?}");
    // Typed as it stands, it makes one that does.
    let folder = dir.path().display();
    let command = format!("`nudge certs init --force --certs {folder} --login-live` makes");
    assert!(error.to_string().contains(&command), "{error}");
    // It left the old leaf alone.
    assert_eq!(leaf_of(&first), leaf_of(&open(dir.path())));
    Certificates::init(dir.path(), &live(), true).expect("certificates");
    let certs = Certificates::open_or_init(dir.path(), &live()).expect("certificates");
    assert!(make::names(certs.leaf()).contains(&"login.live.com".to_string()));
    // A root that permits more is good; its leaf is for what is served only.
    let certs = open(dir.path());
    assert!(!make::names(certs.leaf()).contains(&"login.live.com".to_string()));
}

/// What nudge of before served, and put into its roots.
const BEFORE: [&str; 9] = [
    "messenger.hotmail.com",
    "gateway.messenger.hotmail.com",
    "nexus.passport.com",
    "loginnet.passport.com",
    "login.passport.com",
    "byrdr.omega.contacts.msn.com",
    "contacts.msn.com",
    "local-bay.contacts.msn.com",
    "storage.msn.com",
];

#[test]
fn a_root_of_before_goes_on_for_what_it_covers_and_says_what_it_lacks() {
    let dir = folder();
    let now = OffsetDateTime::now_utc();
    let root = make::root_for(&BEFORE, &options(), now).expect("a root");
    let leaf = make::leaf(&root, &BEFORE, now).expect("a leaf");
    let before = leaf.certificate.to_der().expect("a leaf");
    let held = Folder::lock(dir.path()).expect("a folder");
    write_both(&held, &root, &leaf).expect("written");
    drop(held);
    for _ in 0..2 {
        let certs = open(dir.path());
        let names = make::names(certs.leaf());
        // A permitted name permits those below it.
        assert!(names.contains(&"tkrdr.storage.msn.com".to_owned()));
        assert!(!names.contains(&"config.messenger.msn.com".to_owned()));
        assert!(BEFORE.iter().all(|host| names.contains(&host.to_string())));
        let told = certs.notices().join("\n");
        assert!(told.contains("config.messenger.msn.com"), "{told}");
        assert!(told.contains("nudge certs init --force"), "{told}");
        assert!(!told.contains(" storage.msn.com"), "{told}");
        let verdict = make::verify(&certs.root, certs.leaf(), now).expect("a verdict");
        assert_eq!(verdict, X509VerifyResult::OK);
        assert_ne!(
            leaf_of(&certs),
            before,
            "with the hosts below those permitted"
        );
    }
    let first = leaf_of(&open(dir.path()));
    assert_eq!(
        first,
        leaf_of(&open(dir.path())),
        "it is not made anew each time"
    );
    let new = Certificates::init(dir.path(), &options(), true).expect("certificates");
    assert!(new.notices().is_empty());
    assert!(open(dir.path()).notices().is_empty());
}

#[test]
fn a_root_of_sha_1_signs_its_leaves_so_too_and_says_whom_that_is_for() {
    let dir = folder();
    let sha1 = CertificateOptions {
        sha1: true,
        ..options()
    };
    let made = Certificates::init(dir.path(), &sha1, false).expect("certificates");
    fs::remove_file(dir.path().join("leaf.pem")).expect("removed");
    // The service does not ask for it: the root says what it is.
    let certs = open(dir.path());
    assert_eq!(made.fingerprint(), certs.fingerprint());
    assert_eq!(made.sha1_fingerprint().len(), 59);
    let error = Certificates::open_or_init(dir.path(), &live()).expect_err("an error");
    assert!(
        error.to_string().contains(" --login-live --sha1`"),
        "{error}"
    );
    for certificate in [&*certs.root, certs.leaf()] {
        assert_eq!(make::Signature::of(certificate), make::Signature::Sha1);
    }
    let shown = show(dir.path()).expect("a description");
    assert!(
        shown.contains("signed with  SHA-1, for Windows before XP SP3"),
        "{shown}"
    );
    let other = folder();
    let shown = open(other.path()).describe();
    assert!(shown.contains("signed with  SHA-256"), "{shown}");
}

#[test]
fn init_replaces_a_root_only_by_force() {
    let dir = folder();
    let first = Certificates::init(dir.path(), &options(), false).expect("certificates");
    let error = Certificates::init(dir.path(), &options(), false).expect_err("an error");
    assert!(matches!(error, CertificateError::Exists { .. }), "{error}");
    let second = Certificates::init(dir.path(), &options(), true).expect("certificates");
    assert_ne!(first.fingerprint(), second.fingerprint());
    assert_ne!(first.root_name(), second.root_name());
    assert_eq!(second.fingerprint(), open(dir.path()).fingerprint());
}

#[test]
fn a_file_that_holds_something_else_is_named() {
    for name in ["root.pem", "root.key", "leaf.pem", "leaf.key"] {
        let dir = folder();
        open(dir.path());
        fs::write(dir.path().join(name), "-----BEGIN NOISE-----").expect("written");
        // A root's key is read only where a leaf is due.
        if name == "root.key" {
            fs::remove_file(dir.path().join("leaf.pem")).expect("removed");
        }
        let error = Certificates::open_or_init(dir.path(), &options()).expect_err(name);
        let text = error.to_string();
        assert!(matches!(error, CertificateError::Corrupt { .. }), "{text}");
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn a_key_of_another_root_is_an_error_and_of_another_leaf_a_new_leaf() {
    let (dir, other) = (folder(), folder());
    open(dir.path());
    open(other.path());
    let copy = |name: &str| {
        fs::copy(other.path().join(name), dir.path().join(name)).expect("copied");
    };
    copy("leaf.key");
    let certs = open(dir.path());
    assert!(certs.notices()[0].contains("did not fit its key"));
    copy("leaf.key");
    copy("leaf.pem");
    let certs = open(dir.path());
    assert!(certs.notices()[0].contains("does not vouch"));
    copy("root.key");
    fs::remove_file(dir.path().join("leaf.pem")).expect("removed");
    let error = Certificates::open_or_init(dir.path(), &options()).expect_err("an error");
    assert!(error.to_string().contains("root.key"), "{error}");
}

#[test]
fn a_crash_between_any_two_writes_leaves_what_the_next_start_understands() {
    for gone in [
        &["root.pem", "leaf.pem"][..],
        &["root.pem", "leaf.pem", "leaf.key"],
        &["leaf.pem"],
        &["leaf.pem", "leaf.key"],
    ] {
        let dir = folder();
        open(dir.path());
        for name in gone {
            fs::remove_file(dir.path().join(name)).expect("removed");
        }
        let certs = open(dir.path());
        assert_eq!(certs.notices().len(), 1, "{gone:?}");
        assert!(open(dir.path()).notices().is_empty(), "{gone:?}");
    }
}

#[test]
fn a_root_without_its_key_serves_until_a_leaf_is_due() {
    let dir = folder();
    let first = open(dir.path());
    fs::remove_file(dir.path().join("root.key")).expect("removed");
    assert_eq!(leaf_of(&first), leaf_of(&open(dir.path())));
    fs::remove_file(dir.path().join("leaf.key")).expect("removed");
    let error = Certificates::open_or_init(dir.path(), &options()).expect_err("an error");
    assert!(
        matches!(error, CertificateError::NoRootKey { .. }),
        "{error}"
    );
}

#[test]
fn a_key_that_others_can_read_is_shut_and_told() {
    let dir = folder();
    open(dir.path());
    let key = dir.path().join("root.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("changed");
    let certs = open(dir.path());
    assert!(certs.notices()[0].contains("root.key"));
    assert_eq!(mode(&key), 0o600);
}

#[test]
fn a_folder_that_cannot_be_written_is_a_root_in_memory_and_a_loud_word() {
    let dir = folder();
    let file = dir.path().join("file");
    fs::write(&file, "").expect("written");
    // A folder within a file can be made by nobody, the superuser included.
    let certs = open(&file.join("certs"));
    assert_eq!(certs.folder(), None);
    assert!(certs.notices()[0].contains("CANNOT BE WRITTEN"));
    assert!(certs.notices()[0].contains("in memory"));
    assert!(certs.describe().contains("in memory only"));
    let error = Certificates::init(&file.join("certs"), &options(), false).expect_err("an error");
    assert!(matches!(error, CertificateError::Io { .. }), "{error}");
}

#[test]
fn many_that_start_at_once_get_one_pair() {
    let dir = folder();
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| open(dir.path()))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a thread"))
            .collect()
    });
    for certs in &all {
        assert_eq!(certs.fingerprint(), all[0].fingerprint());
        assert_eq!(leaf_of(certs), leaf_of(&all[0]));
        let now = OffsetDateTime::now_utc();
        let verdict = make::verify(&certs.root, certs.leaf(), now).expect("a verdict");
        assert_eq!(verdict, X509VerifyResult::OK);
    }
}

#[test]
fn show_and_export_give_the_root_and_change_nothing() {
    let dir = folder();
    let error = export(dir.path(), false).expect_err("nothing is there");
    assert!(error.to_string().contains("nudge certs init"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).expect("the folder").count(), 0);
    let certs = open(dir.path());
    let pem = export(dir.path(), false).expect("a root");
    assert!(pem.starts_with(b"-----BEGIN CERTIFICATE-----"));
    assert_eq!(pem, certs.root_pem());
    assert_eq!(export(dir.path(), true).expect("a root"), certs.root_der());
    let shown = show(dir.path()).expect("a description");
    assert_eq!(shown, certs.describe());
    assert!(shown.contains(certs.fingerprint()), "{shown}");
    assert!(shown.contains("nexus.passport.com"), "{shown}");
    assert_eq!(certs.fingerprint().len(), 32 * 3 - 1);
}

#[test]
fn what_is_only_borrowed_is_never_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = CertificateOptions::default();
    let path = folder.path().join("certs");
    let made = Certificates::open_or_borrow(&path, &options).expect("in memory");
    assert!(made.folder().is_none() && !path.exists());
    let kept = Certificates::init(&path, &options, false).expect("written");
    std::fs::remove_file(path.join("leaf.pem")).expect("removed");
    let borrowed = Certificates::open_or_borrow(&path, &options).expect("read");
    assert_eq!(borrowed.root_pem(), kept.root_pem());
    assert!(!path.join("leaf.pem").exists(), "the leaf is in memory");
}
