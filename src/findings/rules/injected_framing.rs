//! What the operator put in ends elsewhere than its line says.

use super::{Context, Hit};
use crate::findings::ladder::shown;
use crate::msnp::inject;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    if !frame.injected {
        return None;
    }
    let why = inject::breaks(frame.frame.wire())?;
    let verb = shown(frame.frame.verb());
    Hit::new(
        format!("{verb} length"),
        format!("{verb} was injected, and {why}"),
    )
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn only_what_was_injected_and_ends_elsewhere_is_found() {
        let mut story = story();
        story.inject("UBX busy@local 1 6\r\n<Data>");
        story.inject("QNG 50\r\n");
        assert_eq!(ids_of(&story, "injected-framing"), 0);
        story.inject("UBX busy@local 1 500\r\n<Data>");
        assert_eq!(ids_of(&story, "injected-framing"), 1);
    }
}
