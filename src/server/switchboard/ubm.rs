//! The frame by which a contact says something to a client in no conversation.

use super::deed::Deed;
use super::trouble::Trouble;
use crate::event::{ClientId, ConversationId, Spoken, Step};
use crate::msnp::dictionary::{self, Known, Stage};
use crate::msnp::message::Message;
use crate::msnp::{Direction, Frame, Shape};
use crate::roster::Contact;
use crate::server::hub::Hub;
use crate::server::notification::mail::Mail;

/// Whether a client of this shape has UBM.
pub(super) fn is_taken(shape: Shape) -> bool {
    let dialect = Some(shape.dialect);
    dictionary::known_in(b"UBM", Direction::Out, dialect, Stage::SignedIn) == Known::Yes
}

/// Puts it into the mailbox of the client, which tells of it.
pub(super) fn write(
    hub: &Hub,
    contact: &Contact,
    client: ClientId,
    deed: &Deed,
) -> Result<(), Trouble> {
    let Contact {
        account, network, ..
    } = contact;
    let found = hub
        .client(client)
        .filter(|(info, _)| info.step >= Step::SignedIn);
    let (info, mailbox) = found.ok_or(Trouble::Absent(client))?;
    if !info.shape.is_some_and(is_taken) {
        return Err(Trouble::NoUbm(client));
    }
    let kind = deed.apart();
    let kind = kind.ok_or_else(|| Trouble::OnlyTogether(account.clone()))?;
    let payload = deed.payloads(account).concat();
    let line = format!("UBM {account} {network} {kind} {}\r\n", payload.len());
    let wire = [line.as_bytes(), &payload].concat();
    let Message { kind, text, format } = Message::read(&payload);
    let spoken = Spoken {
        conversation: ConversationId(0),
        from: account.clone(),
        played: true,
        to: info.account.into_iter().collect(),
        others: 1,
        kind,
        text,
        format,
    };
    mailbox.put(Mail::Say(Frame::from_wire(wire.into()), Box::new(spoken)));
    Ok(())
}
