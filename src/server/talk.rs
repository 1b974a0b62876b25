//! What the operator has contacts say and do in conversations.

use super::hub::Hub;
use super::named;
use super::switchboard::{Deed, Ordered, Switchboard};
use crate::control::{Talk, Target};
use crate::event::ClientId;
use crate::msnp::message::MAX_MESSAGE;
use crate::roster::{Contact, PASSPORT};
use std::sync::Arc;

/// The most bytes that a contact says at once: with its headers a message is as long as the real service carried.
pub const MAX_WORDS: usize = MAX_MESSAGE - 128;

/// Has a contact do something towards clients, and says in a sentence what came of it.
///
/// # Errors
/// A sentence; what was done towards the clients before the one that refused stays done.
pub fn talk(
    hub: &Hub,
    switchboard: &Arc<Switchboard>,
    contact: &str,
    to: &Target,
    what: &Talk,
) -> Result<String, String> {
    let contact = named::contact(hub, contact).map_err(|error| match to {
        Target::Account(other)
            if contact.bytes().all(|b| b.is_ascii_digit()) && hub.roster().find(other).is_ok() =>
        {
            format!("{error}: the contact stands before the client: {other} {contact}")
        }
        _ => error,
    })?;
    if let Talk::Say(words) = what
        && words.len() > MAX_WORDS
    {
        return Err(format!(
            "a message has at most {MAX_WORDS} bytes, and this one has {}",
            words.len()
        ));
    }
    let clients = named::signed_in(hub, to)?;
    let mut texts = Vec::with_capacity(clients.len());
    for (client, _) in clients {
        texts.push(one(hub, switchboard, &contact, client.id, what)?);
    }
    Ok(texts.join("; "))
}

fn one(
    hub: &Hub,
    switchboard: &Arc<Switchboard>,
    contact: &Contact,
    client: ClientId,
    what: &Talk,
) -> Result<String, String> {
    let account = &contact.account;
    let (deed, done) = match what {
        Talk::Ring => {
            let ordered = switchboard.order(contact, client, None);
            let ordered = ordered.map_err(|trouble| trouble.to_string());
            return ordered.map(|ordered| match ordered {
                // Nobody is rung by UBM.
                Ordered::Apart(_) => String::new(),
                Ordered::Done(id) => {
                    format!("{account} is in conversation {id} with client {client} already")
                }
                Ordered::Waits(id) => {
                    format!("{account} rings client {client} already: conversation {id}")
                }
                Ordered::Rings(id) => {
                    format!("{account} rings client {client}: conversation {id}")
                }
            });
        }
        Talk::Invite(other) => {
            // A contact may be named by what stands before its `@`; a client's account is whole.
            let found = hub.roster().find(other).map(|c| c.account.clone());
            let other = found.unwrap_or_else(|_| other.clone());
            let id = switchboard
                .bring(contact, client, &other)
                .map_err(|trouble| format!("{account}, client {client}, {other}: {trouble}"))?;
            return Ok(format!("{other} is called into conversation {id}"));
        }
        Talk::Leave => {
            let id = switchboard
                .dismiss(contact, client)
                .map_err(|trouble| format!("{account}, client {client}: {trouble}"))?;
            return Ok(format!("{account} leaves conversation {id}"));
        }
        Talk::Say(words) => (Deed::Text(words.clone()), ("says it", " to")),
        Talk::Typing => (Deed::Typing, ("is typing", " to")),
        Talk::Nudge => (Deed::Nudge, ("nudges", "")),
        Talk::Emoticon { .. } | Talk::Wink(_) | Talk::Ink(_) => {
            return Err("that needs a file to be read first".into());
        }
    };
    does(switchboard, contact, client, deed, done)
}

/// What a contact does in words, and what stands between them and the client.
pub(super) type Done = (&'static str, &'static str);

/// Has a contact do this towards a client, and says in a sentence what came of it.
pub(super) fn does(
    switchboard: &Arc<Switchboard>,
    contact: &Contact,
    client: ClientId,
    deed: Deed,
    (done, to): Done,
) -> Result<String, String> {
    let account = &contact.account;
    if contact.network != PASSPORT {
        let written = switchboard.write(contact, client, &deed);
        return written
            .map(|()| format!("{account} {done}{to} client {client} (UBM)"))
            .map_err(|trouble| trouble.to_string());
    }
    let ordered = switchboard.order(contact, client, Some(deed));
    Ok(match ordered.map_err(|trouble| trouble.to_string())? {
        Ordered::Done(id) => format!("{account} {done}{to} client {client} in conversation {id}"),
        Ordered::Apart(by) => format!("{account} {done}{to} client {client} ({})", by.verb()),
        Ordered::Waits(id) | Ordered::Rings(id) => format!(
            "{account} rings client {client}, and {done} when it answers: conversation {id}"
        ),
    })
}
