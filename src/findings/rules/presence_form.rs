//! Presence that the client cannot read.

use super::{Context, Hit, presence_hit};
use crate::findings::presence::Fault;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    presence_hit(context, &[Fault::Network, Fault::Short], "form")
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn a_line_without_its_network_id_is_found() {
        let mut story = story();
        story.s("ILN 8 BSY busy@local 1 Busy 1085276192 %3Cmsnobj%2F%3E\r\n");
        assert_eq!(ids_of(&story, "presence-form"), 0);
        story.s("ILN 8 BSY busy@local Busy 1085276192 %3Cmsnobj%2F%3E\r\n");
        assert_eq!(ids_of(&story, "presence-form"), 1);
    }
}
