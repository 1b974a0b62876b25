//! A contact in ADL that the address book lacks.

use super::{Context, Hit};
use crate::findings::ladder::shown;
use crate::msnp::adl::Lists;
use crate::roster::Roster;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    context.of_verb(b"ADL")?;
    let roster = context.roster?;
    let list = context.lists()?;
    let mut unknown = list.entries.iter().filter(|entry| {
        entry.lists.is_some_and(|l| l.contains(Lists::FORWARD))
            && roster.get(&entry.account).is_none()
    });
    let first = shown(unknown.next()?.account.as_bytes());
    let mut text = match unknown.count() {
        0 => format!("{first} is not in the address book"),
        more => format!("{first} and {more} more are not in the address book"),
    };
    text.push_str(&elsewhere(&first, roster));
    let hit = Hit::new("ADL c", text)?;
    // Behind its CHG it adds somebody, whom the address book may get later.
    let adds = context.client.is_some_and(|facts| facts.listed.is_none());
    Some(if adds { hit.informing() } else { hit })
}

/// That all contacts are in one domain and this account in another, as the end of a sentence.
pub(in crate::findings) fn elsewhere(account: &str, roster: &Roster) -> String {
    let domain = account.rsplit_once('@').map(|(_, domain)| domain);
    match domain.zip(only_domain(roster)) {
        Some((domain, own)) if !domain.eq_ignore_ascii_case(own) => format!(
            ": all contacts here are in the domain {own} (`--domain`), so the client keeps a list of another service, or of before"
        ),
        _ => String::new(),
    }
}

/// The domain of all contacts, where they have one.
fn only_domain(roster: &Roster) -> Option<&str> {
    let mut domains = roster
        .contacts()
        .map(|contact| contact.account.split_once('@').map_or("", |(_, d)| d));
    let first = domains.next()?;
    domains.all(|domain| domain == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use crate::event::FindingId;
    use crate::findings::rules::testing::{ids_of, story, told};

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

    #[test]
    fn contacts_of_another_domain_than_all_here_are_said_to_be() {
        let mut story = story();
        let payload = "<ml><d n=\"hotmail.com\"><c n=\"anna\" l=\"3\" t=\"1\"/></d></ml>";
        story.c(&format!("ADL 9 {}\r\n{payload}", payload.len()));
        let told = told(&story);
        let last = told
            .iter()
            .rfind(|t| t.finding.id == FindingId::ListedNotInBook);
        let text = &last.expect("it is found").finding.text;
        assert!(text.contains("in the domain local (`--domain`)"), "{text}");
    }
}
