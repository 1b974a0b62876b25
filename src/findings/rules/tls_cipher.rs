//! No cipher suite in common.

use super::{Context, Hit, On, Rule};
use crate::event::{Event, FindingId};

#[derive(Debug)]
pub(super) struct TlsCipher;

impl Rule for TlsCipher {
    fn id(&self) -> FindingId {
        FindingId::TlsCipher
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
        assert_eq!(ids_of(&good, "tls-cipher"), 0);
        let mut story = story();
        story.tls(Some("no-shared-cipher"));
        assert_eq!(ids_of(&story, "tls-cipher"), 1);
    }
}
