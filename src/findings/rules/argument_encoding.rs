//! An argument that is not percent-encoded.

use super::{About, Context, Hit, On, Rule, problem};
use crate::event::{Event, Severity};
use crate::msnp::dictionary::Wrong;

#[derive(Debug)]
pub(super) struct Encoding;

impl Rule for Encoding {
    fn about(&self) -> &'static About {
        &About {
            id: "argument-encoding",
            severity: Severity::Warning,
            explanation: "An argument has a byte that must be written %HH, or a % that encodes nothing",
            real_service: "read a bare space as the end of the argument; what it made of other bytes is not known",
        }
    }

    fn on(&self) -> On {
        On::Heard
    }

    fn take(&self, event: &Event, context: &Context<'_>) -> Option<Hit> {
        // The friendly name of PRP the service judges itself.
        problem(event, context, &[Wrong::Encoding], &["PRP"])
    }
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
