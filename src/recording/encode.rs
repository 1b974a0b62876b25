//! An event as the bytes of one record. The other half is `decode`; what the numbers mean is in
//! `format`, and a golden file holds both to it.

use super::format::{HEAD, MAX_RECORD, MAX_TEXT, flag, kind, number_of};
use crate::event::{
    ClientInfo, ContactChange, Event, EventKind, FrameEvent, HttpExchange, Masked, Reply,
    ReplyData, Secrets, Service, TlsHandshake,
};
use crate::msnp::{Direction, Shape};
use crate::recording::crc::crc32;
use crate::roster::{Contact, Roster};
use std::net::SocketAddr;
use std::time::Duration;

/// Appends the record of this event: length, checksum, body.
///
/// # Errors
/// The length of a body beyond [`MAX_RECORD`], in bytes; nothing is appended then.
pub fn append(event: &Event, out: &mut Vec<u8>) -> Result<(), usize> {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    let mut write = Write(out);
    write.u8(kind_number(&event.kind));
    write
        .u8(event.connection.map_or(0, |_| flag::CONNECTION)
            | event.client.map_or(0, |_| flag::CLIENT));
    write.u64(event.time.0);
    if let Some(connection) = event.connection {
        write.u64(connection.0);
    }
    if let Some(client) = event.client {
        write.u64(client.0);
    }
    write.kind(&event.kind);
    let length = out.len() - start - HEAD;
    if length > MAX_RECORD {
        out.truncate(start);
        return Err(length);
    }
    let size = (length as u32).to_le_bytes();
    let sum = crc32(&[&size, &out[start + HEAD..]]);
    out[start..start + 4].copy_from_slice(&size);
    out[start + 4..start + HEAD].copy_from_slice(&sum.to_le_bytes());
    Ok(())
}

fn kind_number(of: &EventKind) -> u8 {
    match of {
        EventKind::Roster(_) => kind::ROSTER,
        EventKind::Listening { .. } => kind::LISTENING,
        EventKind::Connected { .. } => kind::CONNECTED,
        EventKind::Tls(_) => kind::TLS,
        EventKind::Frame(_) => kind::FRAME,
        EventKind::Http(_) => kind::HTTP,
        EventKind::Client(_) => kind::CLIENT,
        EventKind::SignedIn { .. } => kind::SIGNED_IN,
        EventKind::SignedOut { .. } => kind::SIGNED_OUT,
        EventKind::Contact(_) => kind::CONTACT,
        EventKind::Finding(_) => kind::FINDING,
        EventKind::Disconnected { .. } => kind::DISCONNECTED,
        EventKind::Reply(_) => kind::REPLY,
        EventKind::Notice { .. } => kind::NOTICE,
        EventKind::Conversation(_) => kind::CONVERSATION,
        EventKind::Message(_) => kind::MESSAGE,
    }
}

struct Write<'a>(&'a mut Vec<u8>);

impl Write<'_> {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// A length or count. One beyond 32 bits makes the record too long anyway, and it is refused.
    fn count(&mut self, value: usize) {
        self.u32(u32::try_from(value).unwrap_or(u32::MAX));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(&text.as_bytes()[..text.floor_char_boundary(MAX_TEXT)]);
    }

    fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn maybe_text(&mut self, text: Option<&String>) {
        self.maybe(text, |write, text| write.text(text));
    }

    fn list<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.count(items.len());
        items.for_each(|item| each(self, item));
    }

    fn duration(&mut self, duration: Duration) {
        self.u64(duration.as_secs());
        self.u32(duration.subsec_nanos());
    }

    fn address(&mut self, address: SocketAddr) {
        match address {
            SocketAddr::V4(address) => {
                self.u8(4);
                self.0.extend_from_slice(&address.ip().octets());
            }
            SocketAddr::V6(address) => {
                self.u8(6);
                self.0.extend_from_slice(&address.ip().octets());
                self.u32(address.flowinfo());
                self.u32(address.scope_id());
            }
        }
        self.0.extend_from_slice(&address.port().to_le_bytes());
    }

    fn shape(&mut self, shape: Shape) {
        self.u8(shape.dialect.number());
        self.u8(number_of(shape.family));
    }

    /// The secret ranges of `length` bytes, made such that they are in order and within: a mistake in one
    /// event must not make the rest of the file unreadable.
    fn secrets(&mut self, secrets: &Secrets, length: usize) {
        let mut from = 0;
        let ranges: Vec<_> = secrets
            .0
            .iter()
            .filter_map(|range| {
                let start = range.start.max(from);
                let end = range.end.min(length as u32);
                (start < end).then(|| {
                    from = end;
                    (start, end)
                })
            })
            .collect();
        self.list(ranges.into_iter(), |write, (start, end)| {
            write.u32(start);
            write.u32(end);
        });
    }

    fn masked(&mut self, masked: &Masked) {
        self.bytes(&masked.bytes);
        self.secrets(&masked.secrets, masked.bytes.len());
    }

    fn kind(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Roster(roster) => self.roster(roster),
            EventKind::Listening { service, address } => {
                self.u8(number_of(*service));
                self.address(*address);
            }
            EventKind::Connected {
                service,
                peer,
                local,
            } => {
                self.u8(number_of(*service));
                self.address(*peer);
                self.address(*local);
            }
            EventKind::Tls(handshake) => self.tls(handshake),
            EventKind::Frame(frame) => self.frame(frame),
            EventKind::Http(exchange) => self.http(exchange),
            EventKind::Client(info) => self.client(info),
            EventKind::SignedIn { account, shape } => {
                self.text(account);
                self.shape(*shape);
            }
            EventKind::SignedOut { account, reason } => {
                self.text(account);
                self.text(reason);
            }
            EventKind::Contact(change) => self.change(change),
            // The number of the event that shows it is of the stream it was told in, and every reader of a
            // recording has one of its own: it is not kept.
            EventKind::Finding(finding) => {
                self.text(finding.id.name());
                self.u8(number_of(finding.severity));
                self.text(&finding.field);
                self.text(&finding.text);
            }
            EventKind::Disconnected {
                service,
                reason,
                bytes_in,
                bytes_out,
            } => {
                self.u8(number_of(*service));
                self.text(reason);
                self.u64(*bytes_in);
                self.u64(*bytes_out);
            }
            EventKind::Conversation(change) => {
                self.u64(change.conversation.0);
                self.u8(number_of(change.change));
                self.text(&change.account);
                self.u8(u8::from(change.played));
                self.list(change.members.iter(), |write, member| write.text(member));
                self.maybe_text(change.reason.as_ref());
            }
            EventKind::Message(said) => {
                self.u64(said.conversation.0);
                self.text(&said.from);
                self.u8(u8::from(said.played));
                self.list(said.to.iter(), |write, other| write.text(other));
                self.u64(said.others as u64);
                self.u8(number_of(said.kind));
                self.text(&said.text);
                self.maybe_text(said.format.as_ref());
            }
            EventKind::Reply(reply) => self.reply(reply),
            EventKind::Notice { severity, text } => {
                self.u8(number_of(*severity));
                self.text(text);
            }
        }
    }

    fn frame(&mut self, event: &FrameEvent) {
        let out = event.direction == Direction::Out;
        self.u8(if out { flag::OUT } else { 0 }
            | if event.injected { flag::INJECTED } else { 0 }
            | event.frame.payload_at().map_or(0, |_| flag::PAYLOAD)
            | if event.service == Service::Switchboard {
                flag::SWITCHBOARD
            } else {
                0
            });
        self.bytes(event.frame.wire());
        self.secrets(&event.secrets, event.frame.wire().len());
    }

    fn http(&mut self, http: &HttpExchange) {
        self.u8(number_of(http.service));
        self.text(&http.method);
        self.text(&http.target);
        self.maybe_text(http.host.as_ref());
        self.text(&http.action);
        self.maybe_text(http.account.as_ref());
        self.u32(u32::from(http.status));
        self.masked(&http.request);
        self.masked(&http.response);
        self.duration(http.duration);
    }

    fn tls(&mut self, tls: &TlsHandshake) {
        self.maybe_text(tls.version.as_ref());
        self.maybe_text(tls.cipher.as_ref());
        self.maybe_text(tls.sni.as_ref());
        self.maybe(tls.hello, |write, hello| write.u8(number_of(hello)));
        self.duration(tls.duration);
        self.maybe(tls.failure.as_ref(), |write, failure| {
            write.text(&failure.cause.to_string());
            write.text(&failure.text);
        });
    }

    fn client(&mut self, info: &ClientInfo) {
        self.u64(info.id.0);
        self.maybe_text(info.account.as_ref());
        self.maybe(info.software.as_ref(), |write, software| {
            write.text(&software.name);
            write.text(&software.version);
            write.text(&software.system);
        });
        self.maybe(info.shape, Self::shape);
        self.address(info.peer);
        self.u8(number_of(info.step));
        self.u64(info.since.0);
        self.maybe(info.status, |write, status| write.u8(number_of(status)));
        self.maybe_text(info.name.as_ref());
        self.maybe_text(info.personal_message.as_ref());
        self.maybe_text(info.media.as_ref());
        self.maybe_text(info.capabilities.as_ref());
        self.maybe_text(info.endpoint.as_ref());
        self.maybe_text(info.machine.as_ref());
    }

    fn change(&mut self, change: &ContactChange) {
        self.text(change.change.name());
        self.contact(&change.contact);
        self.maybe(change.by, |write, client| write.u64(client.0));
        self.u64(change.told as u64);
    }

    fn contact(&mut self, contact: &Contact) {
        self.text(&contact.id);
        self.text(&contact.account);
        self.u8(contact.network);
        self.text(&contact.name);
        self.u8(number_of(contact.status));
        self.text(&contact.personal.message);
        self.text(&contact.personal.media);
        self.u32(contact.capabilities);
        self.u32(contact.extended);
        self.text(&contact.msnobj);
        self.u8(contact.lists.0);
        self.list(contact.groups.iter(), |write, id| write.text(id));
        self.u8(u8::from(contact.messenger_user));
    }

    fn roster(&mut self, roster: &Roster) {
        self.list(roster.groups().iter(), |write, group| {
            write.text(&group.id);
            write.text(&group.name);
        });
        self.list(roster.contacts(), |write, contact| write.contact(contact));
    }

    fn reply(&mut self, reply: &Reply) {
        self.u64(reply.command.0);
        self.u8(u8::from(reply.ok));
        self.text(&reply.text);
        match &reply.data {
            ReplyData::None => self.u8(0),
            ReplyData::Clients(clients) => {
                self.u8(1);
                self.list(clients.iter(), |write, client| write.client(client));
            }
            ReplyData::Contacts(contacts) => {
                self.u8(2);
                self.list(contacts.iter(), |write, contact| write.contact(contact));
            }
            ReplyData::Lines(lines) => {
                self.u8(3);
                self.list(lines.iter(), |write, line| write.text(line));
            }
        }
    }
}
