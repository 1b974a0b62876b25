//! Makes and checks certificates: an RSA root that is bound to the served hosts, and a leaf for them.
//!
//! OpenSSL makes and signs them: `ring` cannot make RSA keys, and clients of the 2000s know no other; nor does anything
//! newer still sign with SHA-1, which is the only hash that the oldest systems verify.

use super::{CertificateError, CertificateOptions, Validity};
use crate::msnp::hosts;
use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time, Asn1TimeRef};
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, PKeyRef, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{
    X509, X509Builder, X509Extension, X509Name, X509NameBuilder, X509PurposeId, X509Ref,
    X509StoreContext, X509VerifyResult,
};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// The size of a key, in bits: every client of the 2000s can use it, and today's still accept it.
const BITS: u32 = 2048;
/// The end of a root made today: old clients keep time in 32 bits, which end in 2038.
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

/// The only name that the root may vouch for in an address of e-mail or a URI: nobody has it. An excluded empty one
/// would exclude nothing.
const NOBODY: &str = "nudge.invalid";

/// What certificates are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// For today's systems.
    Sha256,
    /// For systems that verify nothing newer.
    Sha1,
}

impl Signature {
    /// Of a certificate.
    pub fn of(certificate: &X509Ref) -> Self {
        match certificate.signature_algorithm().object().nid() {
            Nid::SHA1WITHRSAENCRYPTION => Signature::Sha1,
            _ => Signature::Sha256,
        }
    }

    fn digest(self) -> MessageDigest {
        match self {
            Signature::Sha256 => MessageDigest::sha256(),
            Signature::Sha1 => MessageDigest::sha1(),
        }
    }
}

/// A new root, valid from `now` (and a little before).
pub(super) fn root(
    options: &CertificateOptions,
    now: OffsetDateTime,
) -> Result<Pair, CertificateError> {
    root_for(&wanted(options), options, now)
}

/// The same for these hosts.
pub(super) fn root_for(
    hosts: &[&str],
    options: &CertificateOptions,
    now: OffsetDateTime,
) -> Result<Pair, CertificateError> {
    let key = new_key()?;
    let serial = serial();
    // A keychain would take two roots of one name for the same.
    let name = format!(
        "nudge root {:02x}{:02x}{:02x}{:02x}",
        serial[1], serial[2], serial[3], serial[4]
    );
    let name = distinguished(&name)?;
    let mut builder = begin(&serial, &name, &key, now)?;
    builder.set_issuer_name(&name)?;
    builder.set_not_after(asn1(now - BACKDATED + Duration::days(ROOT_DAYS))?.as_ref())?;
    builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
    let mut usage = KeyUsage::new();
    builder.append_extension(usage.critical().key_cert_sign().crl_sign().build()?)?;
    // It vouches for servers alone: not for mail, programs, times or clients.
    builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
    let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(identifier)?;
    if options.name_constraints {
        builder.append_extension(name_constraints(hosts)?)?;
    }
    let signature = match options.sha1 {
        true => Signature::Sha1,
        false => Signature::Sha256,
    };
    builder.sign(&key, signature.digest())?;
    let certificate = builder.build();
    Ok(Pair { certificate, key })
}

/// A new leaf of `root` for `hosts`, with a key of its own, signed as the root is.
pub(super) fn leaf(
    root: &Pair,
    hosts: &[&str],
    now: OffsetDateTime,
) -> Result<Pair, CertificateError> {
    let mut names = SubjectAlternativeName::new();
    for host in hosts {
        match host.parse::<IpAddr>() {
            Ok(_) => names.ip(host),
            Err(_) => names.dns(host),
        };
    }
    let name = hosts.first().copied().unwrap_or("nudge");
    leaf_of(
        root,
        name,
        now,
        &names,
        ExtendedKeyUsage::new().server_auth(),
    )
}

/// The same with other names and another use: for the tests of what the root must not vouch for.
pub(super) fn leaf_of(
    root: &Pair,
    name: &str,
    now: OffsetDateTime,
    names: &SubjectAlternativeName,
    usage: &ExtendedKeyUsage,
) -> Result<Pair, CertificateError> {
    let key = new_key()?;
    let name = distinguished(name)?;
    let mut builder = begin(&serial(), &name, &key, now)?;
    builder.set_issuer_name(root.certificate.subject_name())?;
    let root_ends = validity(&root.certificate)?.not_after;
    let ends = (now - BACKDATED + Duration::days(LEAF_DAYS)).min(root_ends);
    builder.set_not_after(asn1(ends)?.as_ref())?;
    builder.append_extension(BasicConstraints::new().critical().build()?)?;
    let mut keys = KeyUsage::new();
    let keys = keys.critical().digital_signature().key_encipherment();
    builder.append_extension(keys.build()?)?;
    builder.append_extension(usage.build()?)?;
    let context = builder.x509v3_context(Some(&root.certificate), None);
    let (issuer, own, names) = (
        AuthorityKeyIdentifier::new().keyid(true).build(&context)?,
        SubjectKeyIdentifier::new().build(&context)?,
        names.build(&context)?,
    );
    for extension in [issuer, own, names] {
        builder.append_extension(extension)?;
    }
    builder.sign(&root.key, Signature::of(&root.certificate).digest())?;
    let certificate = builder.build();
    Ok(Pair { certificate, key })
}

/// What every certificate has.
fn begin(
    serial: &[u8],
    name: &X509Name,
    key: &PKeyRef<Private>,
    now: OffsetDateTime,
) -> Result<X509Builder, CertificateError> {
    let mut builder = X509::builder()?;
    // X.509 v3, counted from 0.
    builder.set_version(2)?;
    let serial = Asn1Integer::from_bn(BigNum::from_slice(serial)?.as_ref())?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(name)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(asn1(now - BACKDATED)?.as_ref())?;
    Ok(builder)
}

fn asn1(moment: OffsetDateTime) -> Result<Asn1Time, ErrorStack> {
    Asn1Time::from_unix(moment.unix_timestamp() as _)
}

/// Which names the root may vouch for (RFC 5280, 4.2.1.10): of hosts, these; of addresses of e-mail and URIs,
/// [`NOBODY`]'s; no IP address. Directory names are left alone: a constraint on them would refuse every leaf with a
/// common name.
fn name_constraints(hosts: &[&str]) -> Result<X509Extension, ErrorStack> {
    const SEQUENCE: u8 = 0x30;
    const PERMITTED: u8 = 0xa0;
    const EXCLUDED: u8 = 0xa1;
    // Kinds of a GeneralName.
    const EMAIL: u8 = 0x81;
    const HOST: u8 = 0x82;
    const URI: u8 = 0x86;
    const ADDRESS: u8 = 0x87;
    let subtree = |(kind, name): (u8, &[u8])| der(SEQUENCE, &der(kind, name));
    let hosts = hosts.iter().map(|host| (HOST, host.as_bytes()));
    let nobody = [(EMAIL, NOBODY.as_bytes()), (URI, NOBODY.as_bytes())];
    let permitted: Vec<u8> = hosts.chain(nobody).flat_map(subtree).collect();
    // An address and its mask, both zero: every one, of IPv4 and of IPv6.
    let excluded: Vec<u8> = [(ADDRESS, &[0; 8][..]), (ADDRESS, &[0; 32])]
        .into_iter()
        .flat_map(subtree)
        .collect();
    let both = [der(PERMITTED, &permitted), der(EXCLUDED, &excluded)].concat();
    let name = Asn1Object::from_str("2.5.29.30")?;
    let content = Asn1OctetString::new_from_bytes(&der(SEQUENCE, &both))?;
    X509Extension::new_from_der(&name, true, &content)
}

/// An element of DER: its tag, its length and its content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(length as u8),
        _ => {
            let bytes = length.to_be_bytes();
            let bytes = &bytes[(length.leading_zeros() / 8) as usize..];
            out.push(0x80 | bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }
    out.extend_from_slice(content);
    out
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

/// Of these hosts, those that a root does not permit. A permitted name permits the names below it too.
pub(super) fn lacking<'a>(root: &X509Ref, hosts: &[&'a str]) -> Vec<&'a str> {
    let Some(permitted) = permitted(root) else {
        return Vec::new();
    };
    let covers = |name: &String, host: &str| {
        host.strip_suffix(name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let lacks = |host: &&&str| !permitted.iter().any(|name| covers(name, host));
    hosts.iter().filter(lacks).copied().collect()
}

/// Whether a root vouches for servers alone, and for no addresses of e-mail nor URIs: those of before vouched for more.
pub(super) fn is_narrow(root: &X509Ref) -> bool {
    let text = root.to_text().unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let has = |line: &str| text.lines().any(|held| held.trim() == line);
    let constrained = [format!("email:{NOBODY}"), format!("URI:{NOBODY}")];
    has("TLS Web Server Authentication")
        && (permitted(root).is_none() || constrained.iter().all(|line| has(line)))
}

/// The common name of a certificate's subject.
pub(super) fn common_name(certificate: &X509Ref) -> String {
    certificate
        .subject_name()
        .entries_by_nid(Nid::COMMONNAME)
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

/// It is never the same twice, even for one key: clients refuse two certificates of one issuer and number.
fn serial() -> [u8; 16] {
    let mut bytes = *uuid::Uuid::new_v4().as_bytes();
    // A positive number whose length does not depend on chance.
    bytes[0] = bytes[0] & 0x7f | 0x40;
    bytes
}

fn distinguished(name: &str) -> Result<X509Name, ErrorStack> {
    let mut out = X509NameBuilder::new()?;
    out.append_entry_by_nid(Nid::ORGANIZATIONNAME, "nudge, a fake MSN Messenger service")?;
    out.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(out.build())
}
