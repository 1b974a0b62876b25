//! The frame by which a contact says something to a client in no conversation.

use super::deed::Deed;
use super::memory::By;
use super::trouble::Trouble;
use crate::event::{ClientId, ConversationId, Spoken, Step};
use crate::msnp::dictionary::{self, Known, Stage};
use crate::msnp::directed::{self, Directed};
use crate::msnp::message::Message;
use crate::msnp::{Direction, Frame, Shape};
use crate::roster::Contact;
use crate::server::hub::Hub;
use crate::server::notification::mail::Mail;

/// Whether a client of this shape has the verb.
pub(super) fn is_taken(shape: Shape, by: By) -> bool {
    let dialect = Some(shape.dialect);
    dictionary::known_in(
        by.verb().as_bytes(),
        Direction::Out,
        dialect,
        Stage::SignedIn,
    ) == Known::Yes
}

/// Puts it into the mailbox of the client, which tells of it.
pub(super) fn write(
    hub: &Hub,
    contact: &Contact,
    client: ClientId,
    deed: &Deed,
    by: By,
) -> Result<(), Trouble> {
    let Contact {
        account, network, ..
    } = contact;
    let found = hub
        .client(client)
        .filter(|(info, _)| info.step >= Step::SignedIn);
    let (info, mailbox) = found.ok_or(Trouble::Absent(client))?;
    if !info.shape.is_some_and(|shape| is_taken(shape, by)) {
        return Err(Trouble::NoUbm(client));
    }
    let kind = deed.apart();
    let kind = kind.ok_or_else(|| Trouble::OnlyTogether(account.clone()))?;
    let to = info.account.unwrap_or_default();
    let (line, payload) = match by {
        By::Uum => {
            let payload = deed.payloads(account).concat();
            let length = payload.len();
            (
                format!("UBM {account} {network} {kind} {length}\r\n"),
                payload,
            )
        }
        By::Sdg => {
            let payload = directed::write(account, &to, kind, deed.words());
            (format!("SDG 0 {}\r\n", payload.len()), payload.into_bytes())
        }
    };
    let wire = [line.as_bytes(), &payload].concat();
    let directed = Directed::read(&payload).filter(|_| by == By::Sdg);
    let message = directed.map_or_else(|| Message::read(&payload), |directed| directed.message);
    let Message { kind, text, format } = message;
    let spoken = Spoken {
        conversation: ConversationId(0),
        from: account.clone(),
        played: true,
        to: vec![to],
        others: 1,
        kind,
        text,
        format,
    };
    mailbox.put(Mail::Say(Frame::from_wire(wire.into()), Box::new(spoken)));
    Ok(())
}
