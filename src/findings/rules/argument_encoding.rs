//! An argument that is not percent-encoded.

use super::{Context, Hit, On, Rule, problem};
use crate::event::{Event, FindingId};
use crate::msnp::dictionary::Wrong;

#[derive(Debug)]
pub(super) struct Encoding;

impl Rule for Encoding {
    fn id(&self) -> FindingId {
        FindingId::ArgumentEncoding
    }

    fn on(&self) -> On {
        On::Heard
    }

    fn take(&self, _: &Event, context: &Context<'_>) -> Option<Hit> {
        // The service itself judges the friendly name of PRP.
        problem(context, &[Wrong::Encoding], &["PRP"])
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
