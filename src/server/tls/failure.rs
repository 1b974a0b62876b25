//! Why a handshake failed: a cause with a short id, and a sentence that says what to check.

use super::sniff::{Decision, HelloFacts};
use crate::event::{Sentence, Service, TlsCause, TlsFailure};
use crate::msnp::escape;
use crate::server::certificates::{Certificates, Validity, day};
use crate::server::stranger::Speech;
use rustls::{AlertDescription, PeerIncompatible};
use std::fmt::Write as _;
use std::io;
use std::time::Duration;
use time::OffsetDateTime;

/// The most first bytes of an unknown connection that are shown.
const SHOWN_BYTES: usize = 48;
/// The most offered suites that are shown.
const SHOWN_SUITES: usize = 16;

/// What a client has to trust, for the sentences.
#[derive(Debug, Clone)]
pub(super) struct Trust {
    root: String,
    fingerprint: String,
    validity: Validity,
    ssl3: bool,
    sha1: bool,
    constrained: bool,
}

impl Trust {
    pub fn of(certificates: &Certificates, ssl3: bool) -> Self {
        Self {
            root: certificates.root_name(),
            fingerprint: certificates.fingerprint().to_string(),
            validity: certificates.leaf_validity(),
            ssl3,
            sha1: certificates.is_sha1(),
            constrained: certificates.is_constrained(),
        }
    }

    fn advice(&self) -> String {
        format!(
            "install the root \"{}\" (SHA-256 {}; `nudge certs export` gives it) on the client's \
             machine, and trust it for SSL",
            self.root, self.fingerprint
        )
    }

    /// What systems refuse a trusted root for. A hello does not say what its client can verify, so this names the
    /// systems, and the operator knows which it is.
    fn old_systems(&self, facts: &HelloFacts) -> String {
        let old = !matches!(facts.version, Some("TLSv1.2" | "TLSv1.3"));
        let mut out = String::new();
        if old && !self.sha1 {
            out.push_str(
                ". Windows before XP SP3 and Mac OS X before 10.5 cannot verify SHA-256: `nudge certs init --force --sha1` \
                 makes a root for them",
            );
        }
        if old && self.constrained {
            out.push_str(
                ". Mac OS X up to about 10.10 and Windows XP SP3 may refuse name constraints: `nudge certs init --force \
                 --no-name-constraints` makes a root without",
            );
        }
        if self.sha1 {
            out.push_str(
                ". The certificate is signed with SHA-1, which newer systems refuse: `nudge certs init --force` makes one \
                 for them",
            );
        }
        out
    }
}

/// Reasons of `ERR_LIB_SSL` (20) in OpenSSL 3.x, `openssl/sslerr.h`. An alert from the peer is its
/// number plus 1000.
mod reason {
    pub const LIBRARY: i32 = 20;
    pub const NO_SHARED_CIPHER: i32 = 193;
    pub const UNSUPPORTED_PROTOCOL: i32 = 258;
    pub const VERSION_TOO_LOW: i32 = 396;
    pub const ALERTS: std::ops::Range<i32> = 1000..1256;
}

/// A handshake that OpenSSL gave up. `read` is the number of bytes that the client sent.
pub(super) fn legacy(
    error: &openssl::ssl::Error,
    facts: &HelloFacts,
    trust: &Trust,
    read: u64,
) -> TlsFailure {
    let Some(stack) = error.ssl_error() else {
        return closed(error.io_error(), read, facts, trust);
    };
    for error in stack.errors() {
        if error.library_code() != reason::LIBRARY {
            continue;
        }
        match error.reason_code() {
            reason::NO_SHARED_CIPHER => return no_shared_cipher(facts),
            // A hello of TLS 1.3 comes here only where it offers none of the suites of rustls.
            reason::UNSUPPORTED_PROTOCOL if facts.version == Some("TLSv1.3") => {
                return no_shared_cipher(facts);
            }
            reason::UNSUPPORTED_PROTOCOL | reason::VERSION_TOO_LOW => {
                return protocol_version(facts, trust);
            }
            code if reason::ALERTS.contains(&code) => {
                let number = (code - reason::ALERTS.start) as u8;
                return alert(number, facts, trust, read);
            }
            _ => {}
        }
    }
    let said = stack.errors().first().and_then(|error| error.reason());
    other(said.unwrap_or("no reason given"), "OpenSSL")
}

/// A handshake that rustls gave up.
pub(super) fn modern(
    error: &io::Error,
    facts: &HelloFacts,
    trust: &Trust,
    read: u64,
) -> TlsFailure {
    let said = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match said {
        None => closed(Some(error), read, facts, trust),
        Some(rustls::Error::AlertReceived(description)) => {
            alert(u8::from(*description), facts, trust, read)
        }
        Some(rustls::Error::PeerIncompatible(
            PeerIncompatible::NoCipherSuitesInCommon
            | PeerIncompatible::NoKxGroupsInCommon
            | PeerIncompatible::NoSignatureSchemesInCommon
            | PeerIncompatible::NoEcPointFormatsInCommon,
        )) => no_shared_cipher(facts),
        Some(rustls::Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        )) => protocol_version(facts, trust),
        Some(error) => other(&error.to_string(), "rustls"),
    }
}

/// First bytes that are refused.
pub(super) fn refused(decision: Decision, bytes: &[u8]) -> TlsFailure {
    match decision {
        Decision::Sslv2Only => failure(
            TlsCause::Sslv2Only,
            "the client speaks SSL 2.0 and nothing better, which no library still has: allow it SSL 3.0 \
             and TLS 1.0. Clients of Windows go by Internet Options, Advanced, \"Use SSL 3.0\" and \"Use TLS 1.0\"",
        ),
        Decision::Sslv3Only => failure(
            TlsCause::Sslv3Only,
            "the client asks for SSL 3.0 at best, which `--no-ssl3` shuts out: start nudge without that, or allow the \
             client TLS 1.0. Clients of Windows go by Internet Options, Advanced, \"Use TLS 1.0\"",
        ),
        _ => quoting(
            TlsCause::NotTls,
            match Speech::refused(bytes, Service::Https) {
                Some(stranger) => format!("{stranger} ({})", shown(bytes)),
                None => format!(
                    "the client's first bytes are no TLS hello, nor HTTP: {}. Check which port it was given",
                    shown(bytes)
                ),
            },
            &shown(bytes),
        ),
    }
}

/// A client that was silent for too long before its hello could be decided on.
pub(super) fn slow_hello(bytes: &[u8], bound: Duration) -> TlsFailure {
    let bound = bound.as_secs_f32();
    match bytes {
        [] => failure(
            TlsCause::Silent,
            format!("the client connected and sent nothing for {bound} s, not a byte of a hello"),
        ),
        bytes => quoting(
            TlsCause::CutHello,
            format!(
                "only a part of a hello came, {} bytes of it, and no more for {bound} s: it was cut off on the way \
                 (a firewall, a packet larger than the MTU), or the client stopped in the middle of it. They were {}",
                bytes.len(),
                shown(bytes)
            ),
            &shown(bytes),
        ),
    }
}

/// A client that did not go on with its handshake. `stage` is where it stood.
pub(super) fn slow_handshake(stage: &str, bound: Duration) -> TlsFailure {
    failure(
        TlsCause::Timeout,
        format!(
            "the handshake was not done after {} s; it stood at \"{stage}\". A client that is stopped \
             in a debugger does this, and so does one that asks its user about the certificate",
            bound.as_secs_f32()
        ),
    )
}

/// A client that came while too many others had a handshake in hand.
pub(super) fn busy(limit: usize) -> TlsFailure {
    failure(
        TlsCause::Busy,
        format!("{limit} handshakes are in hand already, and none of them ended in time"),
    )
}

/// A client that closed before its hello could be decided on.
pub(super) fn closed_early(bytes: &[u8], error: Option<&io::Error>) -> TlsFailure {
    let how = how_closed(error);
    match bytes {
        [] => failure(
            TlsCause::Probe,
            format!("the client {how} without sending a byte: to look whether the port is open?"),
        ),
        bytes => quoting(
            TlsCause::CutHello,
            format!(
                "the client {how} after {} bytes, before its hello was whole: it was cut off on the way (a firewall, a \
                 packet larger than the MTU), or the client stopped in the middle of it. They were {}",
                bytes.len(),
                shown(bytes)
            ),
            &shown(bytes),
        ),
    }
}

fn closed(error: Option<&io::Error>, read: u64, facts: &HelloFacts, trust: &Trust) -> TlsFailure {
    if let Some(clock) = wrong_clock(facts, trust) {
        return clock;
    }
    failure(
        TlsCause::Closed,
        format!(
            "the client {} after {read} bytes, in the middle of the handshake and without an alert. Many \
             old clients do so when they do not trust the certificate: {}{}{}",
            how_closed(error),
            trust.advice(),
            clock_hint(facts, trust),
            trust.old_systems(facts)
        ),
    )
}

fn how_closed(error: Option<&io::Error>) -> String {
    match error {
        Some(error) if error.kind() == io::ErrorKind::ConnectionReset => "reset".to_string(),
        Some(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            format!("was lost ({error})")
        }
        _ => "closed".to_string(),
    }
}

/// Before 1980 no client is set, and past 2036 none is: in Unix seconds.
const PLAUSIBLE: std::ops::Range<u32> = 315_532_800..2_082_758_400;

/// A clock of the client's that would explain any refusal of the certificate, by its hello: one that nobody sets.
fn wrong_clock(facts: &HelloFacts, trust: &Trust) -> Option<TlsFailure> {
    let old = matches!(facts.version, Some("TLSv1" | "TLSv1.1" | "SSLv3"));
    let seconds = facts.clock.filter(|_| old)?;
    let clock = OffsetDateTime::from_unix_timestamp(seconds.into()).ok()?;
    // A clock whose battery is empty begins at New Year; chance hits that day once in a year of tries.
    let begins = clock.ordinal() == 1;
    (facts.again || begins || !PLAUSIBLE.contains(&seconds)).then_some(())?;
    (!trust.validity.contains(clock)).then_some(())?;
    let by = match facts.again {
        true => "by two hellos that say the same",
        false => "by its hello",
    };
    Some(failure(
        TlsCause::ClientClock,
        format!(
            "the clock of the client's machine stands at {}, {by}, and the certificate is valid from {}: set \
             the clock, then try again. If it is right, {}",
            day(clock),
            trust.validity,
            trust.advice()
        ),
    ))
}

/// The client's own word for why it gave up.
fn alert(number: u8, facts: &HelloFacts, trust: &Trust, read: u64) -> TlsFailure {
    let name = AlertDescription::from(number);
    let refuses = matches!(
        name,
        AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
    );
    if let Some(clock) = wrong_clock(facts, trust).filter(|_| refuses) {
        return clock;
    }
    match name {
        AlertDescription::UnknownCA => failure(
            TlsCause::UnknownCa,
            format!(
                "the client does not know who issued the certificate: {}{}",
                trust.advice(),
                trust.old_systems(facts)
            ),
        ),
        AlertDescription::CertificateExpired
            if trust.validity.contains(OffsetDateTime::now_utc()) =>
        {
            failure(
                TlsCause::ClientClock,
                format!(
                    "the client says that the certificate is out of date, but it is valid from {}: check \
                     the clock of the client's machine{}",
                    trust.validity,
                    clock_hint(facts, trust)
                ),
            )
        }
        AlertDescription::CertificateExpired => failure(
            TlsCause::CertificateExpired,
            format!(
                "the certificate is valid from {} only: start nudge again, which issues a new one",
                trust.validity
            ),
        ),
        AlertDescription::ProtocolVersion => protocol_version(facts, trust),
        AlertDescription::CloseNotify => closed(None, read, facts, trust),
        // It was read, and something in it is not known there: the signature, or the name constraints.
        AlertDescription::UnsupportedCertificate if !trust.old_systems(facts).is_empty() => {
            failure(
                TlsCause::Alert(number),
                format!(
                    "the client does not know this kind of certificate (alert {number}, {name:?}){}. Else {}",
                    trust.old_systems(facts),
                    trust.advice()
                ),
            )
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown => failure(
            TlsCause::Alert(number),
            format!(
                "the client refused the certificate (alert {number}, {name:?}), without saying why: {}; and \
                 check that its clock is within {}{}{}",
                trust.advice(),
                trust.validity,
                clock_hint(facts, trust),
                trust.old_systems(facts)
            ),
        ),
        _ => failure(
            TlsCause::Alert(number),
            format!("the client gave up with alert {number}, {name:?}"),
        ),
    }
}

/// The clock that an old client wrote into its hello, where that would explain a refusal.
fn clock_hint(facts: &HelloFacts, trust: &Trust) -> String {
    let old = matches!(facts.version, Some("TLSv1" | "TLSv1.1"));
    facts
        .clock
        .filter(|_| old)
        .and_then(|clock| OffsetDateTime::from_unix_timestamp(clock.into()).ok())
        .filter(|clock| !trust.validity.contains(*clock))
        .map_or_else(String::new, |clock| {
            format!(
                ". Where its hello should hold its clock it says {}: if that is no chance, the clock is wrong",
                day(clock)
            )
        })
}

fn no_shared_cipher(facts: &HelloFacts) -> TlsFailure {
    let mut offered = String::new();
    for suite in facts.suites.iter().take(SHOWN_SUITES) {
        let _ = write!(offered, " {suite:04X}");
    }
    if facts.suites.len() > SHOWN_SUITES {
        let _ = write!(offered, " and {} more", facts.suites.len() - SHOWN_SUITES);
    }
    failure(
        TlsCause::NoSharedCipher,
        format!(
            "the client offers no cipher suite, curve or signature that is served here; its suites:{}{}",
            if offered.is_empty() {
                " none"
            } else {
                &offered
            },
            kind_of_suites(&facts.suites)
        ),
    )
}

/// What all suites of a client have in common for which none is served: IANA's registry of TLS cipher suites.
fn kind_of_suites(suites: &[u16]) -> &'static str {
    let all = |is: fn(u16) -> bool| {
        suites
            .iter()
            .all(|suite| *suite == RENEGOTIATION || is(*suite))
    };
    match () {
        () if suites.is_empty() => "",
        () if all(
            |s| matches!(s, 0x03 | 0x06 | 0x08 | 0x0B | 0x0E | 0x11 | 0x14 | 0x17 | 0x19 | 0x26..=0x2B | 0x60..=0x65),
        ) =>
        {
            ". All of them are for export (40 or 56 bits): the system lacks the high encryption pack"
        }
        () if all(|s| {
            matches!(
                s,
                0x01 | 0x02 | 0x09 | 0x0C | 0x0F | 0x12 | 0x15 | 0x1A | 0x3B
            )
        }) =>
        {
            ". All of them encrypt with DES, or not at all"
        }
        () if all(
            |s| matches!(s, 0xC001..=0xC00A | 0xC023..=0xC026 | 0xC02B..=0xC02E | 0xCCA9),
        ) =>
        {
            ". All of them want a certificate with a key of ECDSA, and nudge's is RSA"
        }
        () => "",
    }
}

/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV, which is no suite.
const RENEGOTIATION: u16 = 0xFF;

fn protocol_version(facts: &HelloFacts, trust: &Trust) -> TlsFailure {
    failure(
        TlsCause::ProtocolVersion,
        format!(
            "client and service have no version in common: the client asks for {}, and {} to TLS 1.3 are \
             served",
            facts.version.unwrap_or("an unknown one"),
            if trust.ssl3 { "SSL 3.0" } else { "TLS 1.0" },
        ),
    )
}

fn other(said: &str, who: &str) -> TlsFailure {
    quoting(
        TlsCause::Handshake,
        format!("{who} could not make sense of what the client sent: {said}"),
        said,
    )
}

fn failure(cause: TlsCause, text: impl Into<String>) -> TlsFailure {
    quoting(cause, text, "")
}

/// A failure whose sentence quotes this.
fn quoting(cause: TlsCause, text: impl Into<String>, quoted: &str) -> TlsFailure {
    TlsFailure {
        cause,
        text: Sentence::quoting(text.into(), &[quoted]),
    }
}

fn shown(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(SHOWN_BYTES)];
    let more = if bytes.len() > head.len() { "…" } else { "" };
    format!("\"{}{more}\"", escape::to_screen(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_that_have_something_in_common_are_called_by_it() {
        assert!(kind_of_suites(&[0x0003, 0x0006, 0x00FF]).contains("export"));
        assert!(kind_of_suites(&[0xC02B, 0xC00A]).contains("ECDSA"));
        assert!(kind_of_suites(&[0x0009]).contains("DES"));
        assert_eq!(kind_of_suites(&[0x0003, 0x0035]), "");
        assert_eq!(kind_of_suites(&[]), "");
    }
}
