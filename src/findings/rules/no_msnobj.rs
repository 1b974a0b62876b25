//! Presence without an msnobj.

use super::{Context, Hit, presence_hit};
use crate::findings::presence::Fault;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    presence_hit(context, &[Fault::Msnobj], "msnobj")
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
