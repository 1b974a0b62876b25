//! A line that the operator put in and the dialect does not have.

use super::{Context, Hit};
use crate::findings::ladder::shown;
use crate::msnp::Direction;
use crate::msnp::dictionary::{self, Known, Wrong};

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    if !frame.injected {
        return None;
    }
    let verb = frame.frame.verb();
    let dialect = context.shape().map(|shape| shape.dialect);
    let why = match dictionary::known_in(verb, Direction::Out, dialect, context.stage()) {
        Known::Unknown => "is no verb that the service sends".to_owned(),
        Known::OtherDialect(first, last) => format!("belongs to MSNP{first} to MSNP{last}"),
        Known::OtherStage => {
            "does not belong here: the client is at another stage, or on another connection"
                .to_owned()
        }
        Known::Yes => {
            let mut problems = context.problems().iter();
            problems.find(|p| p.wrong == Wrong::Dialect)?.text.clone()
        }
    };
    let verb = shown(verb);
    Hit::new(verb.clone(), format!("{verb} was injected: {why}"))
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn only_what_was_injected_and_is_unknown_is_found() {
        let mut story = story();
        story.inject("NLN BSY busy@local 1 Busy 1085276192 %3Cmsnobj%2F%3E\r\n");
        story.s("XYZ 1\r\n");
        assert_eq!(ids_of(&story, "injected-unknown"), 0);
        story
            .inject("XYZ 1\r\n")
            .inject("JOI a@b c\r\n")
            .inject("LSG x 1\r\n");
        assert_eq!(ids_of(&story, "injected-unknown"), 3);
    }
}
