//! A contact of the address book that no ADL had.

use super::context::MAX_LISTED;
use super::{Context, Hit};
use crate::findings::ladder::shown;
use crate::findings::presence::hash;
use crate::msnp::adl::Lists;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    context.of_verb(b"CHG")?;
    let facts = context.client?;
    let listed = facts.listed.as_ref().filter(|_| facts.lists > 0)?;
    let roster = context.roster.filter(|roster| roster.len() <= MAX_LISTED)?;
    let mut missing = roster
        .contacts()
        .filter(|c| c.lists.contains(Lists::FORWARD) && !listed.contains(&hash(&c.account)));
    let first = shown(missing.next()?.account.as_bytes());
    let text = match missing.count() {
        0 => format!("{first} is in the address book and in no ADL"),
        more => format!("{first} and {more} more are in the address book and in no ADL"),
    };
    Hit::new("ADL", text)
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::ids_of;
    use crate::findings::story::{BOOK, Story};

    #[test]
    fn a_contact_that_was_left_out_is_found_at_chg() {
        let mut story = Story::new();
        let payload = "<ml><d n=\"local\"><c n=\"busy\" l=\"3\" t=\"1\"/></d></ml>";
        story
            .with_book(BOOK)
            .c(&format!("ADL 5 {}\r\n{payload}", payload.len()));
        assert_eq!(ids_of(&story, "in-book-not-listed"), 0);
        story.c("CHG 8 NLN 0\r\n");
        assert_eq!(ids_of(&story, "in-book-not-listed"), 1);
        let mut whole = Story::new();
        whole.with_lists().c("CHG 8 NLN 0\r\n");
        assert_eq!(ids_of(&whole, "in-book-not-listed"), 0);
    }
}
