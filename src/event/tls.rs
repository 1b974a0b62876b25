//! TLS handshakes as they are told: how they ended, and why one failed.

use super::table::Told;
use super::text::write_duration;
use super::{Newer, Sentence};
use std::fmt::{self, Write as _};
use std::time::Duration;

rows! {
    /// How a hello was written.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Hello {
        /// Its name in JSON.
        pub fn name;
    }
    /// In SSLv2 format, asking for SSL 3.0 or TLS: what Messenger for Mac sends.
    Sslv2 "sslv2";
    /// In TLS format.
    Tls "tls";
}

numbered!(Hello name = Hello::ALL);

fields! {
    /// A TLS handshake that ended.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TlsHandshake {
        /// `TLSv1` to `TLSv1.3`. Of a handshake that failed: the version that the hello asked for.
        pub version: Option<String>,
        /// The name of the cipher suite.
        pub cipher: Option<String>,
        /// The host that the client asked for.
        pub sni: Option<String> as Option<Said>,
        /// The format of the hello.
        pub hello: Option<Hello>,
        /// Whether it succeeded.
        shown ok: bool = failure.is_none(),
        /// Where it failed: a short id, such as `client-clock`.
        shown cause: Option<TlsCause> = failure.as_ref().map(|failure| failure.cause.clone()),
        /// Where it failed: what happened, and what to check.
        shown reason: Option<Sentence> = failure.as_ref().map(|failure| failure.text.clone()),
        /// Microseconds from its first byte to its end.
        pub duration "duration_us": Duration,
        /// Why it failed.
        kept failure: Option<TlsFailure>,
    }
}

fields! {
    /// Why a handshake failed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TlsFailure {
        /// Of which kind.
        kept cause: TlsCause,
        /// A sentence that says what happened and what to check.
        kept text: Sentence,
    }
}

named!(TlsCause to_string);

impl Told for TlsHandshake {
    fn tell(&self, out: &mut String) -> fmt::Result {
        if let Some(failure) = &self.failure {
            write!(out, "handshake failed, {}: {}", failure.cause, failure.text)?;
        }
        for part in [&self.version, &self.cipher].into_iter().flatten() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(part);
        }
        if self.hello == Some(Hello::Sslv2) {
            out.push_str(", SSLv2-format hello");
        }
        if let Some(sni) = &self.sni {
            write!(out, ", for {sni}")?;
        }
        out.push_str("  ");
        write_duration(self.duration, out)
    }
}

macro_rules! causes {
    ($($(#[doc = $doc:literal])* $cause:ident $name:literal;)*) => {
        /// The kinds of failed handshakes. Its `Display` is the short id in JSON and recordings.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum TlsCause {
            $($(#[doc = $doc])* $cause,)*
            /// An alert of the client that has no cause of its own.
            Alert(u8),
            /// One that a newer nudge told of.
            Newer(Newer),
        }

        impl TlsCause {
            /// The causes that have a name of their own.
            pub const NAMED: &[TlsCause] = &[$(TlsCause::$cause),*];

            /// The cause of this id; `None` where the text can be no id.
            pub fn read(id: &str) -> Option<Self> {
                Some(match id {
                    $($name => TlsCause::$cause,)*
                    _ => match alert(id) {
                        Some(number) => TlsCause::Alert(number),
                        None => TlsCause::Newer(Newer::read(id)?),
                    },
                })
            }
        }

        impl fmt::Display for TlsCause {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(TlsCause::$cause => f.write_str($name),)*
                    TlsCause::Alert(number) => write!(f, "alert-{number}"),
                    TlsCause::Newer(newer) => newer.fmt(f),
                }
            }
        }
    };
}

causes! {
    /// The client does not know the root.
    UnknownCa "unknown-ca";
    /// The client's clock lies outside the dates of the certificate.
    ClientClock "client-clock";
    /// The certificate has expired.
    CertificateExpired "certificate-expired";
    /// No cipher suite, curve or signature in common.
    NoSharedCipher "no-shared-cipher";
    /// No version in common.
    ProtocolVersion "protocol-version";
    /// The client speaks only SSL 2.0.
    Sslv2Only "sslv2-only";
    /// The client speaks only SSL 3.0, which is switched off.
    Sslv3Only "sslv3-only";
    /// What came is not TLS.
    NotTls "not-tls";
    /// Nothing came.
    Silent "silent";
    /// Only a part of a hello came.
    CutHello "cut-hello";
    /// The connection was closed before a byte came.
    Probe "probe";
    /// The client closed without an alert.
    Closed "closed";
    /// The handshake did not end in time.
    Timeout "timeout";
    /// Too many handshakes were in hand.
    Busy "busy";
    /// The handshake makes no sense.
    Handshake "handshake";
}

/// The number of an alert, as [`TlsCause`] writes it.
fn alert(id: &str) -> Option<u8> {
    let number = id.strip_prefix("alert-")?;
    number
        .parse()
        .ok()
        .filter(|read: &u8| read.to_string() == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_read_back_from_its_id() {
        let alerts = (0..=255).map(TlsCause::Alert);
        for cause in TlsCause::NAMED.iter().cloned().chain(alerts) {
            assert_eq!(TlsCause::read(&cause.to_string()), Some(cause));
        }
        // One of before, and one of a newer nudge.
        for id in ["alert-unknown", "of-next-year", "alert-042", "alert-256"] {
            let read = TlsCause::read(id).expect("a name");
            assert!(matches!(read, TlsCause::Newer(_)), "{id}");
            assert_eq!(read.to_string(), id);
        }
        assert_eq!(TlsCause::read("no id"), None);
    }
}
