//! A contact in ADL that the address book lacks.

use super::{Context, Hit, On, Rule};
use crate::event::{Event, FindingId};
use crate::findings::ladder::shown;
use crate::msnp::adl::Lists;

#[derive(Debug)]
pub(super) struct AdlUnknown;

impl Rule for AdlUnknown {
    fn id(&self) -> FindingId {
        FindingId::ListedNotInBook
    }

    fn on(&self) -> On {
        On::Heard
    }

    fn take(&self, _: &Event, context: &Context<'_>) -> Option<Hit> {
        context.of_verb(b"ADL")?;
        let roster = context.roster?;
        let list = context.lists()?;
        let mut unknown = list.entries.iter().filter(|entry| {
            entry.lists.is_some_and(|l| l.contains(Lists::FORWARD))
                && roster.get(&entry.account).is_none()
        });
        let first = shown(unknown.next()?.account.as_bytes());
        let text = match unknown.count() {
            0 => format!("{first} is not in the address book"),
            more => format!("{first} and {more} more are not in the address book"),
        };
        Hit::new("ADL c", text)
    }
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn a_contact_that_nobody_knows_is_found() {
        let mut story = story();
        let adl = |n: u32, name: &str| {
            let payload = format!("<ml><d n=\"local\"><c n=\"{name}\" l=\"3\" t=\"1\"/></d></ml>");
            format!("ADL {n} {}\r\n{payload}", payload.len())
        };
        story.c(&adl(9, "BUSY"));
        assert_eq!(ids_of(&story, "listed-not-in-book"), 0);
        story.c(&adl(10, "nobody"));
        assert_eq!(ids_of(&story, "listed-not-in-book"), 1);
    }
}
