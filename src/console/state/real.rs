//! Contacts whose account has signed in for real: such a contact is that client while it is there, and shows what that
//! one says. The service does the same (`server/hub/faces.rs`); here it is read off the clients.

use super::State;
use crate::event::{ClientId, ClientInfo, Step};
use crate::msnp::Status;
use crate::roster::Contact;
use std::borrow::Cow;
use std::collections::HashMap;

/// A contact as clients see it now.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// As it is seen. Lists, groups and what else a client does not say of itself are those of the roster.
    pub contact: Cow<'a, Contact>,
    /// The client that it is; of several places the newest that can be seen.
    pub client: Option<ClientId>,
}

impl State {
    /// How these contacts are seen, in their order. Every client is looked at once.
    pub fn seen<'a>(&self, contacts: impl IntoIterator<Item = &'a Contact>) -> Vec<Seen<'a>> {
        let plain = |contact| Seen {
            contact: Cow::Borrowed(contact),
            client: None,
        };
        let mut all: Vec<Seen<'a>> = contacts.into_iter().map(plain).collect();
        let place = places(&all);
        let mut found: Vec<Found<'_>> = vec![Found::default(); all.len()];
        for (_, client) in self.clients.iter() {
            let Some(info) = &client.info else { continue };
            let Some(at) = info.account.as_deref().and_then(|a| place(&all, a)) else {
                continue;
            };
            let found = &mut found[at];
            // The service remembers the name of an account that left.
            found.name = info.name.as_deref().or(found.name);
            let is_visible = |info: &ClientInfo| info.status.is_some_and(Status::is_visible);
            let is_here = client.gone.is_none() && info.step == Step::Online;
            if is_here && (is_visible(info) || !found.client.is_some_and(is_visible)) {
                found.client = Some(info);
            }
        }
        for (seen, found) in all.iter_mut().zip(found) {
            if let Some(info) = found.client {
                seen.client = Some(info.id);
                says(seen.contact.to_mut(), info, found.name);
            }
        }
        all
    }

    /// How this contact is seen.
    pub fn seen_as<'a>(&self, contact: &'a Contact) -> Seen<'a> {
        let mut seen = self.seen([contact]);
        seen.pop().unwrap_or(Seen {
            contact: Cow::Borrowed(contact),
            client: None,
        })
    }
}

/// What the clients of an account say.
#[derive(Debug, Clone, Copy, Default)]
struct Found<'a> {
    client: Option<&'a ClientInfo>,
    name: Option<&'a str>,
}

/// From this many contacts on they are found by a table.
const MANY: usize = 64;

/// What finds a contact by its account.
fn places(all: &[Seen<'_>]) -> impl Fn(&[Seen<'_>], &str) -> Option<usize> + use<> {
    let key = |(at, seen): (usize, &Seen<'_>)| (seen.contact.account.to_ascii_lowercase(), at);
    let table: HashMap<String, usize> = match all.len() {
        ..MANY => HashMap::new(),
        _ => all.iter().enumerate().map(key).collect(),
    };
    move |all, account| match table.is_empty() {
        true => all
            .iter()
            .position(|seen| seen.contact.account.eq_ignore_ascii_case(account)),
        false => table.get(&account.to_ascii_lowercase()).copied(),
    }
}

/// A contact shows what its client says of itself.
fn says(contact: &mut Contact, info: &ClientInfo, name: Option<&str>) {
    contact.status = info.status.unwrap_or(Status::Offline);
    contact.name = name.unwrap_or(&contact.account).to_owned();
    contact.personal.message = info.personal_message.clone().unwrap_or_default();
    contact.personal.media = info.media.clone().unwrap_or_default();
    let numbers = info.capabilities.as_deref().unwrap_or_default();
    let mut numbers = numbers.split(':').map(|n| n.parse().unwrap_or(0));
    contact.capabilities = numbers.next().unwrap_or(0);
    contact.extended = numbers.next().unwrap_or(0);
    // The console knows none.
    contact.msnobj = String::new();
}
