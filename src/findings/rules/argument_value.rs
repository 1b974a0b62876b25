//! An argument that is not one of the values that belong there.

use super::{Context, Hit, problem};
use crate::msnp::dictionary::Wrong;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let kinds = [Wrong::Number, Wrong::Value, Wrong::Word];
    // The service itself judges these verbs.
    let hit = problem(context, &kinds, &["CHG", "BLP", "USR", "VER", "ADC"])?;
    // With too many arguments, or too few, none is in its place.
    let miscounted = context
        .problems()
        .iter()
        .any(|p| matches!(p.wrong, Wrong::Few | Wrong::Many));
    (!miscounted).then_some(hit)
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids, story};

    #[test]
    fn a_word_where_a_number_belongs_is_found() {
        let mut story = story();
        story.c("UUM 9 a@b 1 1 2\r\nhi");
        assert!(!ids(&story).contains(&"argument-value"));
        story.c("UUM 10 a@b one 1 2\r\nhi");
        assert!(ids(&story).contains(&"argument-value"));
    }
}
