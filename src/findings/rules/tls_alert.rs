//! An alert from the client.

use super::{Context, Hit, On, Rule};
use crate::event::{Event, FindingId};

#[derive(Debug)]
pub(super) struct TlsAlert;

impl Rule for TlsAlert {
    fn id(&self) -> FindingId {
        FindingId::TlsAlert
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
        good.tls(Some("another-rules-cause"));
        assert_eq!(ids_of(&good, "tls-alert"), 0);
        let mut story = story();
        story.tls(Some("unknown-ca"));
        assert_eq!(ids_of(&story, "tls-alert"), 1);
    }
}
