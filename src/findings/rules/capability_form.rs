//! Capabilities in the form of another dialect.

use super::{Context, Hit, presence_hit};
use crate::findings::ladder::shown;
use crate::findings::presence::Fault;
use crate::msnp::Direction;
use crate::msnp::dialect::Capabilities;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    if frame.direction == Direction::Out {
        return presence_hit(context, &[Fault::Capabilities], "capabilities");
    }
    if frame.frame.verb() != b"CHG" {
        return None;
    }
    let shape = context.shape()?;
    let given = frame.frame.tokens().nth(3)?;
    let two = given.contains(&b':');
    // `0` says nothing in either form.
    if given == b"0" || two == (shape.dialect.rules().capabilities == Capabilities::Two) {
        return None;
    }
    let due = if two {
        "one number is"
    } else {
        "two numbers with a colon are"
    };
    // Clients that were watched do so at MSNP15, and nothing comes of it.
    let hit = Hit::new(
        "CHG capabilities",
        format!(
            "{} was given as capabilities; at {} {due} due",
            shown(given),
            shape.dialect
        ),
    );
    hit.map(Hit::informing)
}

#[cfg(test)]
mod tests {
    use crate::event::Step;
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn the_form_of_the_dialect_is_right_and_the_other_is_found() {
        let mut story = story();
        story.s("NLN BSY busy@local 1 Busy 1085276192 %3Cmsnobj%2F%3E\r\n");
        story.c("CHG 9 NLN 1085276192:131088\r\n");
        assert_eq!(ids_of(&story, "capability-form"), 0);
        story.s("NLN BSY busy@local 1 Busy 1085276192:0 %3Cmsnobj%2F%3E\r\n");
        story.c("CHG 10 NLN 1085276192\r\n");
        assert_eq!(ids_of(&story, "capability-form"), 2);
        story
            .info("15", Step::Online)
            .c("CHG 11 NLN 1:2\r\n")
            .c("CHG 12 NLN 1\r\n");
        assert_eq!(ids_of(&story, "capability-form"), 2, "told once of CHG");
    }
}
