//! Whom a command names: its contact, and its clients. Every command looks them up here.

use super::hub::Hub;
use super::notification::Mailbox;
use crate::control::{EVERY_CONTACT, Target};
use crate::event::{ClientId, ClientInfo, Step};
use crate::msnp::nearest;
use crate::roster::{Contact, EditError, Roster};
use std::sync::Arc;

/// A client that is connected, and where its letters go.
pub(super) type Connected = (ClientInfo, Arc<Mailbox>);

/// The contact, by its account or by what stands before the `@`.
pub(super) fn contact(hub: &Hub, name: &str) -> Result<Arc<Contact>, String> {
    let roster = hub.roster();
    let found = roster.find(name).cloned();
    found.map_err(|error| refused(&roster, &error))
}

/// Why an edit was refused, with the contact that was probably meant where there is none of that name.
pub(super) fn refused(roster: &Roster, error: &EditError) -> String {
    let EditError::NoContact(name) = error else {
        return error.to_string();
    };
    let accounts = || roster.contacts().map(|contact| contact.account.as_str());
    let short = accounts().filter_map(|account| account.split('@').next());
    match nearest(name, short.chain(accounts())) {
        Some(meant) => format!("{error}: did you mean {meant:?}?"),
        None => error.to_string(),
    }
}

/// The contacts: all of them by the word that stands for it.
pub(super) fn contacts(roster: &Roster, names: &[String]) -> Vec<String> {
    match names {
        [all] if all == EVERY_CONTACT => roster.contacts().map(|c| c.account.clone()).collect(),
        names => names.to_vec(),
    }
}

/// The clients that are connected and meant, at least one: by their numbers, by their account or what stands before its
/// `@`, or all.
pub(super) fn clients(hub: &Hub, to: &Target) -> Result<Vec<Connected>, String> {
    let all = hub.clients();
    let ids: Vec<ClientId> = match to {
        Target::Clients(ids) => ids.clone(),
        Target::All => all.iter().map(|info| info.id).collect(),
        Target::Account(name) => {
            let named = |info: &&ClientInfo| info.account.as_ref().is_some_and(|a| is(a, name));
            all.iter().filter(named).map(|info| info.id).collect()
        }
    };
    let found: Vec<Connected> = match to {
        Target::Clients(_) => ids
            .into_iter()
            .map(|id| client(hub, id))
            .collect::<Result<_, _>>()?,
        // Whoever has left since is not meant any more.
        _ => ids.into_iter().filter_map(|id| hub.client(id)).collect(),
    };
    match (found.is_empty(), to) {
        (false, _) => Ok(found),
        (true, Target::Account(name)) => Err(format!(
            "no client is signed in as {name:?}; {}",
            connected(hub)
        )),
        (true, _) => Err("no client is connected".into()),
    }
}

/// The same, of all and of an account those that have signed in.
pub(super) fn signed_in(hub: &Hub, to: &Target) -> Result<Vec<Connected>, String> {
    let mut found = match (clients(hub, to), to) {
        (Err(_), Target::All) => Vec::new(),
        (found, _) => found?,
    };
    if !matches!(to, Target::Clients(_)) {
        found.retain(|(info, _)| info.step >= Step::SignedIn);
    }
    match (found.is_empty(), to) {
        (false, _) => Ok(found),
        (true, Target::Account(name)) => Err(format!("no client is signed in as {name:?}")),
        (true, _) => Err("no client is signed in".into()),
    }
}

/// The one client that is meant.
pub(super) fn one(hub: &Hub, to: &Target) -> Result<ClientId, String> {
    let found = clients(hub, to)?;
    match found.as_slice() {
        [(info, _)] => Ok(info.id),
        _ => Err(format!(
            "one client is wanted, and that is {}",
            words(&found)
        )),
    }
}

/// The client with this number.
fn client(hub: &Hub, id: ClientId) -> Result<Connected, String> {
    hub.client(id)
        .ok_or_else(|| format!("there is no client {id}; {}", connected(hub)))
}

/// Whether an account, or what stands before its `@`, is this.
fn is(account: &str, name: &str) -> bool {
    let short = account.split('@').next().unwrap_or_default();
    account.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
}

/// Which clients there are.
fn connected(hub: &Hub) -> String {
    /// So many are named.
    const NAMED: usize = 20;
    let all = hub.clients();
    if all.is_empty() {
        return "none is connected".into();
    }
    let named = all.iter().take(NAMED).map(|info| match &info.account {
        Some(account) => format!("{} {account}", info.id),
        None => info.id.to_string(),
    });
    let named: Vec<String> = named.collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("connected: {}{more}", named.join(", "))
}

/// Clients for a sentence: `client 1`, `clients 1, 2`, `12 clients`.
pub(super) fn words(clients: &[Connected]) -> String {
    /// So many are named.
    const NAMED: usize = 8;
    let ids: Vec<String> = clients
        .iter()
        .map(|(info, _)| info.id.to_string())
        .collect();
    match ids.len() {
        1 => format!("client {}", ids[0]),
        2..=NAMED => format!("clients {}", ids.join(", ")),
        count => format!("{count} clients"),
    }
}
