//! Presence of a contact that the operator added after the client had read its address book.

use super::{Context, Hit};
use crate::event::EventKind;
use crate::findings::presence;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let unread = &context.client?.unread;
    if unread.is_empty() {
        // So it is with nearly every client.
        return None;
    }
    let EventKind::Frame(frame) = &context.event().kind else {
        return None;
    };
    if frame.frame.verb() != b"NLN" {
        return None;
    }
    let shown = presence::account(frame.frame.line())?;
    let account = unread
        .iter()
        .find(|one| presence::hash(one) == presence::hash(shown))?;
    let text = format!(
        "{account} was added after the client had read its address book: it shows the contact after it has signed in again, or when its user adds it"
    );
    Hit::new(format!("NLN {account}"), text)
}

#[cfg(test)]
mod tests {
    use crate::event::{Became, ContactChange, EventKind};
    use crate::findings::rules::testing::{ids_of, story};
    use crate::roster::Contact;
    use std::sync::Arc;

    #[test]
    fn a_contact_that_came_later_is_told_of_once_and_not_where_the_client_listed_it() {
        let mut story = story();
        for name in ["late@local", "later@local"] {
            let change = ContactChange {
                change: Became::Added,
                contact: Arc::new(Contact::new(name, None)),
                by: None,
                told: 1,
            };
            story.own(EventKind::Contact(Box::new(change)));
        }
        let list = "<ml><d n=\"local\"><c n=\"later\" l=\"3\" t=\"1\"/></d></ml>";
        story.c(&format!("ADL 9 {}\r\n{list}", list.len()));
        story.s("NLN NLN later@local 1 Later 1085276192 %3Cmsnobj%2F%3E\r\n");
        assert_eq!(ids_of(&story, "unread-contact"), 0);
        for _ in 0..2 {
            story.s("NLN NLN late@local 1 Late 1085276192 %3Cmsnobj%2F%3E\r\n");
        }
        assert_eq!(ids_of(&story, "unread-contact"), 1);
    }
}
