//! An alert from the client.

use super::{About, Context, Hit, On, Rule};
use crate::event::{Event, Severity};

#[derive(Debug)]
pub(super) struct TlsAlert;

impl Rule for TlsAlert {
    fn about(&self) -> &'static About {
        &About {
            id: "tls-alert",
            severity: Severity::Error,
            explanation: "The client ended the handshake with an alert: it does not know the root (install and trust it), its clock is wrong, or it refuses the certificate",
            real_service: "had a certificate of a root that its clients came with",
        }
    }

    fn on(&self) -> On {
        On::Handshake
    }

    fn take(&self, event: &Event, _: &Context<'_>) -> Option<Hit> {
        Hit::of_handshake(event, |cause| {
            matches!(cause, "unknown-ca" | "client-clock" | "certificate-expired")
                || cause.starts_with("alert-")
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn it_is_found_for_its_cause_and_for_no_other() {
        let mut good = story();
        good.tls(None);
        good.tls(Some("another-rules-cause"));
        assert_eq!(ids_of(&good, "tls-alert"), 0);
        let mut story = story();
        story.tls(Some("unknown-ca"));
        assert_eq!(ids_of(&story, "tls-alert"), 1);
    }
}
