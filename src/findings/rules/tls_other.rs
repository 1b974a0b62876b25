//! Any other handshake that failed.

use super::{Context, Hit, On, Rule};
use crate::event::{Event, FindingId};

#[derive(Debug)]
pub(super) struct TlsOther;

impl Rule for TlsOther {
    fn id(&self) -> FindingId {
        FindingId::TlsFailed
    }

    fn on(&self) -> On {
        On::Handshake
    }

    fn take(&self, event: &Event, _: &Context<'_>) -> Option<Hit> {
        Hit::of_handshake(event, self)
    }
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
