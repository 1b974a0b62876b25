//! Any other handshake that failed.

use super::{About, Context, Hit, On, Rule};
use crate::event::{Event, Severity};

#[derive(Debug)]
pub(super) struct TlsOther;

impl Rule for TlsOther {
    fn about(&self) -> &'static About {
        &About {
            id: "tls-failed",
            severity: Severity::Warning,
            explanation: "A handshake failed in another way: not TLS, nonsense, or too slow",
            real_service: "is not known to have met it",
        }
    }

    fn on(&self) -> On {
        On::Handshake
    }

    fn take(&self, event: &Event, _: &Context<'_>) -> Option<Hit> {
        Hit::of_handshake(event, |cause| !known(cause))
    }
}

/// Whether another rule is for it.
fn known(cause: &str) -> bool {
    cause.starts_with("alert-")
        || matches!(
            cause,
            "sslv2-only"
                | "sslv3-only"
                | "protocol-version"
                | "no-shared-cipher"
                | "unknown-ca"
                | "client-clock"
                | "certificate-expired"
                | "closed"
                | "probe"
        )
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn it_is_found_for_its_cause_and_for_no_other() {
        let mut good = story();
        good.tls(None);
        good.tls(Some("another-rules-x"));
        assert_eq!(ids_of(&good, "tls-failed"), 1);
        let mut story = story();
        story.tls(Some("timeout"));
        assert_eq!(ids_of(&story, "tls-failed"), 1);
    }
}
