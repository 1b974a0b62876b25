//! A TLS handshake that failed. The causes of one finding have one rule: a row of `RULES` each.

use super::{Context, Hit};
use crate::event::{EventKind, FindingId, TlsCause};

/// A handshake that failed for a cause of this finding.
pub(super) fn take(id: FindingId, context: &Context<'_>) -> Option<Hit> {
    let EventKind::Tls(handshake) = &context.event().kind else {
        return None;
    };
    let failure = handshake.failure.as_ref()?;
    if of_cause(&failure.cause) != id {
        return None;
    }
    let hit = Hit::new(format!("TLS {}", failure.cause), failure.text.clone())?;
    // Whoever looks whether the port is open is no client.
    let probe = failure.cause == TlsCause::Probe;
    Some(if probe { hit.informing() } else { hit })
}

/// The finding about a handshake that failed for this cause.
fn of_cause(cause: &TlsCause) -> FindingId {
    match cause {
        TlsCause::UnknownCa
        | TlsCause::ClientClock
        | TlsCause::CertificateExpired
        | TlsCause::Alert(_) => FindingId::TlsAlert,
        TlsCause::NoSharedCipher => FindingId::TlsCipher,
        TlsCause::Sslv2Only | TlsCause::Sslv3Only | TlsCause::ProtocolVersion => {
            FindingId::TlsVersion
        }
        TlsCause::Closed | TlsCause::Probe => FindingId::TlsClosed,
        TlsCause::NotTls
        | TlsCause::Silent
        | TlsCause::CutHello
        | TlsCause::Timeout
        | TlsCause::Busy
        | TlsCause::Handshake
        | TlsCause::Newer(_) => FindingId::TlsFailed,
    }
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn each_is_found_for_its_cause_and_for_no_other() {
        let all = [
            ("tls-alert", "unknown-ca"),
            ("tls-cipher", "no-shared-cipher"),
            ("tls-closed", "closed"),
            ("tls-version", "sslv2-only"),
            ("tls-failed", "timeout"),
            ("tls-failed", "of-next-year"),
        ];
        for (id, cause) in all {
            let mut story = story();
            story.tls(None);
            assert_eq!(ids_of(&story, id), 0);
            story.tls(Some(cause));
            for (other, _) in all {
                let found = usize::from(other == id);
                assert_eq!(ids_of(&story, other), found, "{other} for {cause}");
            }
        }
    }
}
