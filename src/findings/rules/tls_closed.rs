//! A handshake that the client closed without an alert.

use super::{Context, Hit, On, Rule};
use crate::event::{Event, FindingId};

#[derive(Debug)]
pub(super) struct TlsClosed;

impl Rule for TlsClosed {
    fn id(&self) -> FindingId {
        FindingId::TlsClosed
    }

    fn on(&self) -> On {
        On::Handshake
    }

    fn take(&self, event: &Event, _: &Context<'_>) -> Option<Hit> {
        // Whoever looks whether the port is open sends nothing.
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
        assert_eq!(ids_of(&good, "tls-closed"), 0);
        let mut story = story();
        story.tls(Some("closed"));
        assert_eq!(ids_of(&story, "tls-closed"), 1);
    }
}
