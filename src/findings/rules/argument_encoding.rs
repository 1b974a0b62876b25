//! An argument that is not percent-encoded.

use super::{Context, Hit, problem};
use crate::msnp::dictionary::Wrong;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    // The service itself judges the friendly name of PRP.
    problem(context, &[Wrong::Encoding], &["PRP"])
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids, story};

    #[test]
    fn a_byte_that_must_be_encoded_is_found() {
        let mut story = story();
        story
            .c("URL 9 MOBILE %zz\r\n")
            .c("CHG 10 NLN 1:2 %3Cmsnobj%2F%3E\r\n");
        assert!(!ids(&story).contains(&"argument-encoding"));
        story.c("CHG 11 NLN 1:2 <msnobj/>\r\n");
        assert!(ids(&story).contains(&"argument-encoding"));
    }
}
