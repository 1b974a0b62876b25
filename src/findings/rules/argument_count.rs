//! Too many arguments, or too few.

use super::{Context, Hit, problem};
use crate::msnp::dictionary::Wrong;

/// The service itself refuses these verbs where they have too few.
const JUDGED: &[&str] = &["CVR", "USR", "PRP", "BLP", "CHG", "URL", "UUN", "PNG"];

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    // Too many arguments of USR are told of where it is read, since its method says how many it takes.
    problem(context, &[Wrong::Many], &["USR"]).or_else(|| problem(context, &[Wrong::Few], JUDGED))
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids, story};

    #[test]
    fn a_line_with_too_much_is_found() {
        let mut story = story();
        story.c("BLP 9 AL\r\n");
        assert!(!ids(&story).contains(&"wrong-count"));
        story.c("BLP 10 AL BL\r\n");
        assert!(ids(&story).contains(&"wrong-count"));
    }

    #[test]
    fn what_the_service_refuses_itself_is_not_found_twice() {
        let mut story = story();
        story.c("BLP 9\r\n");
        assert!(!ids(&story).contains(&"wrong-count"));
    }
}
