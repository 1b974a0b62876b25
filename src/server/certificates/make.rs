//! Makes and checks certificates: an RSA root that is bound to the served hosts, and a leaf for them.
//!
//! Keys come from OpenSSL, since `ring` cannot make RSA keys and clients of the 2000s know no other;
//! rcgen writes the certificates.

use super::{CertificateError, CertificateOptions, Validity};
use crate::msnp::hosts;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509PurposeId, X509Ref, X509StoreContext, X509VerifyResult};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_RSA_SHA256, SerialNumber,
};
use time::{Duration, OffsetDateTime};

/// The size of a key, in bits: every client of the 2000s can use it, and today's still accept it.
const BITS: u32 = 2048;
/// Old clients keep time in 32 bits, so that a root made today ends before 2038.
const ROOT_DAYS: i64 = 3650;
/// Apple's clients refuse a leaf of more than 825 days.
const LEAF_DAYS: i64 = 820;
/// A leaf that is valid for less than this is made anew.
pub(super) const LEAF_MARGIN: Duration = Duration::days(60);
/// A client's clock may be this far behind ours.
const BACKDATED: Duration = Duration::days(2);

/// A certificate and its key.
#[derive(Clone)]
pub(super) struct Pair {
    pub certificate: X509,
    pub key: PKey<Private>,
}

/// The hosts that a leaf is for.
pub(super) fn wanted(options: &CertificateOptions) -> Vec<&'static str> {
    hosts::names(options.login_live).collect()
}

/// A new root, valid from `now` (and a little before).
pub(super) fn root(
    options: &CertificateOptions,
    now: OffsetDateTime,
) -> Result<Pair, CertificateError> {
    let key = new_key()?;
    let serial = serial();
    let mut params = CertificateParams::default();
    dates(&mut params, now, ROOT_DAYS);
    // Two roots of one name would be taken for each other by a keychain.
    let name = format!(
        "nudge root {:02x}{:02x}{:02x}{:02x}",
        serial[1], serial[2], serial[3], serial[4]
    );
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name = distinguished(&name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    if options.name_constraints {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: wanted(options)
                .into_iter()
                .map(|host| GeneralSubtree::DnsName(host.to_string()))
                .collect(),
            excluded_subtrees: vec![
                GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
                GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
            ],
        });
    }
    let made = params.self_signed(&for_rcgen(&key)?)?;
    Ok(Pair {
        certificate: X509::from_der(made.der())?,
        key,
    })
}

/// A new leaf of `root` for `hosts`, with a key of its own.
pub(super) fn leaf(
    root: &Pair,
    hosts: &[&str],
    now: OffsetDateTime,
) -> Result<Pair, CertificateError> {
    let key = new_key()?;
    let names: Vec<String> = hosts.iter().map(|h| h.to_string()).collect();
    let mut params = CertificateParams::new(names)?;
    dates(&mut params, now, LEAF_DAYS);
    params.not_after = params.not_after.min(validity(&root.certificate)?.not_after);
    params.serial_number = Some(SerialNumber::from_slice(&serial()));
    params.distinguished_name = distinguished(hosts.first().copied().unwrap_or("nudge"));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let root_der = root.certificate.to_der()?.into();
    let issuer = Issuer::from_ca_cert_der(&root_der, for_rcgen(&root.key)?)?;
    let made = params.signed_by(&for_rcgen(&key)?, &issuer)?;
    Ok(Pair {
        certificate: X509::from_der(made.der())?,
        key,
    })
}

/// Whether a client that trusts `root` takes `leaf` at `now`, name constraints included.
pub(super) fn verify(
    root: &X509Ref,
    leaf: &X509Ref,
    now: OffsetDateTime,
) -> Result<X509VerifyResult, ErrorStack> {
    let store = store(root, now)?;
    let mut context = X509StoreContext::new()?;
    let between: Stack<X509> = Stack::new()?;
    context.init(&store, leaf, &between, |context| {
        context.verify_cert()?;
        Ok(context.error())
    })
}

fn store(root: &X509Ref, now: OffsetDateTime) -> Result<X509Store, ErrorStack> {
    let mut param = X509VerifyParam::new()?;
    param.set_time(now.unix_timestamp() as _);
    param.set_purpose(X509PurposeId::SSL_SERVER)?;
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(root.to_owned())?;
    store.set_param(&param)?;
    Ok(store.build())
}

/// The names that a certificate is for.
pub(super) fn names(certificate: &X509Ref) -> Vec<String> {
    certificate
        .subject_alt_names()
        .into_iter()
        .flatten()
        .filter_map(|name| name.dnsname().map(str::to_string))
        .collect()
}

/// The hosts that a root permits, and whether it shuts out addresses; `None` where it has no name
/// constraints. Read from OpenSSL's own words, as neither library gives them otherwise.
pub(super) fn permitted(root: &X509Ref) -> Option<Vec<String>> {
    let text = root.to_text().ok()?;
    let text = String::from_utf8_lossy(&text);
    let (_, after) = text.split_once("X509v3 Name Constraints")?;
    let section = after.split("X509v3").next().unwrap_or(after);
    Some(
        section
            .lines()
            .filter_map(|line| line.trim().strip_prefix("DNS:"))
            .map(str::to_string)
            .collect(),
    )
}

/// The common name of a certificate's subject.
pub(super) fn common_name(certificate: &X509Ref) -> String {
    certificate
        .subject_name()
        .entries_by_nid(openssl::nid::Nid::COMMONNAME)
        .next()
        .and_then(|entry| entry.data().to_string().ok())
        .unwrap_or_else(|| "a root without a name".into())
}

/// From when to when a certificate is valid.
pub(super) fn validity(certificate: &X509Ref) -> Result<Validity, CertificateError> {
    Ok(Validity {
        not_before: moment(certificate.not_before())?,
        not_after: moment(certificate.not_after())?,
    })
}

fn moment(time: &Asn1TimeRef) -> Result<OffsetDateTime, CertificateError> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    let seconds = i64::from(since.days) * 86_400 + i64::from(since.secs);
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|error| CertificateError::Make(error.to_string()))
}

fn new_key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_rsa(Rsa::generate(BITS)?)
}

fn for_rcgen(key: &PKey<Private>) -> Result<KeyPair, CertificateError> {
    let pem = String::from_utf8_lossy(&key.private_key_to_pem_pkcs8()?).into_owned();
    Ok(KeyPair::from_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256)?)
}

/// Never twice the same, even for one key: clients refuse two certificates of one issuer and number.
fn serial() -> [u8; 16] {
    let mut bytes = *uuid::Uuid::new_v4().as_bytes();
    // A positive number whose length does not depend on chance.
    bytes[0] = bytes[0] & 0x7f | 0x40;
    bytes
}

fn distinguished(name: &str) -> DistinguishedName {
    let mut out = DistinguishedName::new();
    out.push(
        DnType::OrganizationName,
        "nudge, a fake MSN Messenger service",
    );
    out.push(DnType::CommonName, name);
    out
}

fn dates(params: &mut CertificateParams, now: OffsetDateTime, days: i64) {
    params.not_before = now - BACKDATED;
    params.not_after = params.not_before + Duration::days(days);
}
