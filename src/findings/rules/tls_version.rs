//! A hello of SSL 2.0, or of SSL 3.0 where that is shut out, or of no version in common, is refused.

use super::{Context, Hit, On, Rule};
use crate::event::{Event, FindingId};

#[derive(Debug)]
pub(super) struct TlsVersion;

impl Rule for TlsVersion {
    fn id(&self) -> FindingId {
        FindingId::TlsVersion
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
        assert_eq!(ids_of(&good, "tls-version"), 0);
        let mut story = story();
        story.tls(Some("sslv2-only"));
        assert_eq!(ids_of(&story, "tls-version"), 1);
    }
}
