//! Presence without an msnobj.

use super::{About, Context, Hit, On, Rule, presence_hit};
use crate::event::{Event, Severity};
use crate::findings::presence::Fault;

#[derive(Debug)]
pub(super) struct NoMsnobj;

impl Rule for NoMsnobj {
    fn about(&self) -> &'static About {
        &About {
            id: "no-msnobj",
            severity: Severity::Error,
            explanation: "Presence was sent without an msnobj: Messenger for Mac drops the line without a word and shows nobody; `%3Cmsnobj%2F%3E` is enough",
            real_service: "sent the field from MSNP9 on",
        }
    }

    fn on(&self) -> On {
        On::Sent
    }

    fn take(&self, event: &Event, context: &Context<'_>) -> Option<Hit> {
        presence_hit(event, context, &[Fault::Msnobj], "msnobj")
    }
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn a_line_without_one_is_found_and_one_with_it_is_not() {
        let mut story = story();
        story.s("NLN BSY busy@local 1 Busy 1085276192 %3Cmsnobj%2F%3E\r\n");
        assert_eq!(ids_of(&story, "no-msnobj"), 0);
        story.s("NLN BSY busy@local 1 Busy 1085276192\r\n");
        story.s("NLN AWY away@local 1 Away 1085276192 0\r\n");
        // Told once, counted twice.
        assert_eq!(ids_of(&story, "no-msnobj"), 1);
    }
}
