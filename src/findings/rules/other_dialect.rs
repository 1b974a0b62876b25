//! A verb, or a form of one, that belongs to another dialect.

use super::{Context, Hit, problem};
use crate::findings::ladder::shown;
use crate::msnp::Direction;
use crate::msnp::dictionary::{self, Known, Wrong};

/// These the service refuses, or leaves without an answer, and says so.
const JUDGED: &[&str] = &[
    "SYN", "ADC", "ADG", "GTC", "REM", "REG", "RMG", "ADD", "LST", "FQY", "CAL", "ANS", "MSG",
    "JOI", "BYE", "USR", "REA", "SBP",
];

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    let (verb, dialect) = (frame.frame.verb(), context.shape()?.dialect);
    match dictionary::known_in(verb, Direction::In, Some(dialect), context.stage()) {
        Known::OtherDialect(..) if JUDGED.iter().any(|judged| judged.as_bytes() == verb) => None,
        Known::OtherDialect(first, last) => {
            let verb = shown(verb);
            let text =
                format!("{verb} belongs to MSNP{first} to MSNP{last}, and {dialect} was agreed on");
            Hit::new(verb, text)
        }
        // The service refuses SYN of another dialect. Its form of another dialect it answers in the right one, which most
        // clients take.
        _ if verb == b"SYN" => problem(context, &[Wrong::Dialect], &[]).map(Hit::informing),
        _ => problem(context, &[Wrong::Dialect], JUDGED),
    }
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids, ids_of, story};

    #[test]
    fn a_verb_of_msnp18_at_msnp16_is_found() {
        let mut story = story();
        story.c("SDG 9 2\r\nhi");
        assert!(ids(&story).contains(&"verb-dialect"), "{:?}", ids(&story));
    }

    #[test]
    fn a_verb_of_this_dialect_is_not_and_neither_is_one_that_the_service_refuses() {
        let mut story = story();
        story
            .c("URL 9 MOBILE\r\n")
            .c("SYN 10 0 0\r\n")
            .c("NONSENSE 11\r\n");
        assert_eq!(ids_of(&story, "verb-dialect"), 0);
        // A way to sign in that is not served is said by the service; the shape is a guess until then.
        let mut sso = crate::findings::story::Story::new();
        sso.c("VER 1 MSNP15 CVR0\r\n")
            .s("VER 1 MSNP15 CVR0\r\n")
            .info("15/mac", crate::event::Step::Version)
            .c("USR 3 SSO I me@local\r\n");
        assert_eq!(ids_of(&sso, "verb-dialect"), 0);
    }

    #[test]
    fn syn_in_another_dialects_form_is_found_with_the_form_that_is_due() {
        let mut story = crate::findings::story::Story::new();
        story
            .c("VER 1 MSNP11 CVR0\r\n")
            .s("VER 1 MSNP11 CVR0\r\n")
            .info("11", crate::event::Step::SignedIn)
            .c("SYN 2 0\r\n");
        assert!(ids(&story).contains(&"verb-dialect"), "{:?}", ids(&story));
    }
}
