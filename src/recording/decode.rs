//! The bytes of one record as an event. They may come from a hostile hand: every length is held against
//! what is there before anything is made of it, and every number against what it can mean.

use super::format::{MAX_TEXT, Numbered, flag, kind, value_of};
use crate::event::{Became, CommandId, FindingId, TlsCause};
use crate::event::{
    ClientId, ClientInfo, ConnectionId, ContactChange, ConversationChange, ConversationId, Event,
    EventKind, Finding, FrameEvent, HttpExchange, Masked, Reply, ReplyData, Secrets, Service,
    Software, Spoken, Timestamp, TlsFailure, TlsHandshake,
};
use crate::msnp::adl::Lists;
use crate::msnp::personal::Personal;
use crate::msnp::{Dialect, Direction, Frame, Shape};
use crate::roster::{Contact, Group, Roster};
use bytes::{Bytes, BytesMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::sync::Arc;
use std::time::Duration;

/// What is wrong with a body, in a few words.
pub type Bad = &'static str;

/// How many comparisons of group ids one roster may cost: what a roster of 10,000 contacts in a
/// hundred groups each costs.
const MAX_GROUP_WORK: usize = 100_000_000;

/// The most groups that a roster can have or a contact be in, and clients and lines that a reply can list: more than
/// there can be, and less than a record of them could make of its bytes.
const MAX_FEW: u32 = 100_000;

/// The block that requests and answers are copied into, in bytes. A journal lets go of them in the order in
/// which they came, so that a block ends soon after the first of them.
const BLOCK: usize = 1024 * 1024;

/// Room for the bytes of many requests and answers. A recording of sign-ins has hundreds of thousands, and with an
/// allocation each a journal full of them took 30 MB more.
#[derive(Debug, Default)]
pub struct Shared(BytesMut);

impl Shared {
    fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > BLOCK / 16 {
            // A journal may cut it, and the rest of its block would be kept for nothing.
            return Bytes::copy_from_slice(bytes);
        }
        if self.0.capacity() < bytes.len() {
            self.0 = BytesMut::with_capacity(BLOCK);
        }
        self.0.extend_from_slice(bytes);
        self.0.split().freeze()
    }
}

/// The event of a body. Where things are `shared`, frames are pieces of the body and keep all that it was cut
/// from, and requests and answers are pieces of another block; else each is a copy.
///
/// # Errors
/// What is wrong with it.
pub fn event(body: &Bytes, shared: Option<&mut Shared>) -> Result<Event, Bad> {
    let mut read = Read {
        rest: body,
        shared: shared.map(|shared| (body, shared)),
    };
    let kind = read.u8()?;
    let flags = read.u8()?;
    if flags & !(flag::CONNECTION | flag::CLIENT) != 0 {
        return Err("flags that are not known");
    }
    let time = Timestamp(read.u64()?);
    let connection = match flags & flag::CONNECTION {
        0 => None,
        _ => Some(ConnectionId(read.u64()?)),
    };
    let client = match flags & flag::CLIENT {
        0 => None,
        _ => Some(ClientId(read.u64()?)),
    };
    let kind = read.kind(kind)?;
    if !read.rest.is_empty() {
        return Err("bytes after the end of the event");
    }
    Ok(Event {
        time,
        connection,
        client,
        kind,
    })
}

struct Read<'a> {
    rest: &'a [u8],
    shared: Option<(&'a Bytes, &'a mut Shared)>,
}

impl<'a> Read<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Bad> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or("it ends within a field")?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let (taken, rest) = self
            .rest
            .split_first_chunk()
            .ok_or("it ends within a field")?;
        self.rest = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, Bad> {
        self.array().map(|[byte]: [u8; 1]| byte)
    }

    fn u16(&mut self) -> Result<u16, Bad> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, Bad> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Bad> {
        self.array().map(u64::from_le_bytes)
    }

    fn flag(&mut self) -> Result<bool, Bad> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err("neither yes nor no"),
        }
    }

    fn value<T: Numbered>(&mut self) -> Result<T, Bad> {
        value_of(self.u8()?).ok_or("a number that stands for nothing")
    }

    fn bytes(&mut self) -> Result<&'a [u8], Bad> {
        let length = self.u32()? as usize;
        self.take(length)
    }

    fn text(&mut self) -> Result<String, Bad> {
        self.str().map(str::to_owned)
    }

    fn str(&mut self) -> Result<&'a str, Bad> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| "a text that is not UTF-8")?;
        // Recordings of before there was a bound may have longer ones: replies that name very many contacts.
        Ok(&text[..text.floor_char_boundary(MAX_TEXT)])
    }

    fn name<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Bad> {
        read(self.str()?).ok_or("no name of a finding, a cause or a change")
    }

    fn maybe<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Bad>,
    ) -> Result<Option<T>, Bad> {
        if self.flag()? {
            read(self).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Items of which each takes at least `least` bytes, so that a count that cannot be true is
    /// refused before room is made.
    fn list<T>(
        &mut self,
        least: usize,
        mut each: impl FnMut(&mut Self) -> Result<T, Bad>,
    ) -> Result<Vec<T>, Bad> {
        let count = self.u32()? as usize;
        if count > self.rest.len() / least {
            return Err("a list that is longer than the record");
        }
        (0..count).map(|_| each(self)).collect()
    }

    /// A list of at most [`MAX_FEW`] things, which may take much more than their bytes here.
    fn few<T>(&mut self, each: impl FnMut(&mut Self) -> Result<T, Bad>) -> Result<Vec<T>, Bad> {
        let count = self.rest.first_chunk().copied().map(u32::from_le_bytes);
        if count.is_some_and(|count| count > MAX_FEW) {
            return Err("a list of more than there can be");
        }
        self.list(1, each)
    }

    fn duration(&mut self) -> Result<Duration, Bad> {
        let (seconds, nanoseconds) = (self.u64()?, self.u32()?);
        if nanoseconds >= 1_000_000_000 {
            return Err("a second of more than a second");
        }
        Ok(Duration::new(seconds, nanoseconds))
    }

    fn address(&mut self) -> Result<SocketAddr, Bad> {
        match self.u8()? {
            4 => {
                let ip = Ipv4Addr::from(self.array::<4>()?);
                Ok(SocketAddr::new(IpAddr::V4(ip), self.u16()?))
            }
            6 => {
                let ip = Ipv6Addr::from(self.array::<16>()?);
                let (flow, scope) = (self.u32()?, self.u32()?);
                Ok(SocketAddrV6::new(ip, self.u16()?, flow, scope).into())
            }
            _ => Err("an address that is neither IPv4 nor IPv6"),
        }
    }

    fn shape(&mut self) -> Result<Shape, Bad> {
        let dialect = Dialect::new(self.u8()?).ok_or("no dialect")?;
        Ok(Shape::new(dialect, self.value()?))
    }

    fn secrets(&mut self, length: usize) -> Result<Secrets, Bad> {
        let mut from = 0;
        let ranges = self.list(8, |read| {
            let range = read.u32()?..read.u32()?;
            if range.start < from || range.end <= range.start || range.end as usize > length {
                return Err("secret ranges that are empty, out of order or outside");
            }
            from = range.end;
            Ok(range)
        })?;
        Ok(Secrets(ranges))
    }

    fn masked(&mut self) -> Result<Masked, Bad> {
        let bytes = self.bytes()?;
        let bytes = match &mut self.shared {
            Some((_, shared)) => shared.copy(bytes),
            None => Bytes::copy_from_slice(bytes),
        };
        let secrets = self.secrets(bytes.len())?;
        Ok(Masked { bytes, secrets })
    }

    fn kind(&mut self, number: u8) -> Result<EventKind, Bad> {
        Ok(match number {
            kind::ROSTER => EventKind::Roster(Arc::new(self.roster()?)),
            kind::LISTENING => EventKind::Listening {
                service: self.value()?,
                address: self.address()?,
            },
            kind::CONNECTED => EventKind::Connected {
                service: self.value()?,
                peer: self.address()?,
                local: self.address()?,
            },
            kind::TLS => EventKind::Tls(Box::new(self.tls()?)),
            kind::FRAME => EventKind::Frame(self.frame()?),
            kind::HTTP => EventKind::Http(Box::new(self.http()?)),
            kind::CLIENT => EventKind::Client(Box::new(self.client()?)),
            kind::SIGNED_IN => EventKind::SignedIn {
                account: self.text()?,
                shape: self.shape()?,
            },
            kind::SIGNED_OUT => EventKind::SignedOut {
                account: self.text()?,
                reason: self.text()?,
            },
            kind::CONTACT => EventKind::Contact(Box::new(ContactChange {
                change: self.name(Became::read)?,
                contact: Arc::new(self.contact()?),
                by: self.maybe(|read| read.u64().map(ClientId))?,
                told: usize::try_from(self.u64()?).map_err(|_| "a count beyond this machine")?,
            })),
            kind::FINDING => EventKind::Finding(Box::new(Finding {
                id: self.name(FindingId::read)?,
                severity: self.value()?,
                field: self.text()?,
                text: self.text()?,
                // Which line shows it, whoever reads the recording numbers anew.
                evidence: None,
            })),
            kind::DISCONNECTED => EventKind::Disconnected {
                service: self.value()?,
                reason: self.text()?,
                bytes_in: self.u64()?,
                bytes_out: self.u64()?,
            },
            kind::REPLY => EventKind::Reply(Box::new(self.reply()?)),
            kind::CONVERSATION => EventKind::Conversation(Box::new(ConversationChange {
                conversation: ConversationId(self.u64()?),
                change: self.value()?,
                account: self.text()?,
                played: self.flag()?,
                members: self.few(Self::text)?,
                reason: self.maybe(Self::text)?,
            })),
            kind::MESSAGE => EventKind::Message(Box::new(Spoken {
                conversation: ConversationId(self.u64()?),
                from: self.text()?,
                played: self.flag()?,
                to: self.few(Self::text)?,
                others: usize::try_from(self.u64()?).map_err(|_| "a count beyond this machine")?,
                kind: self.value()?,
                text: self.text()?,
                format: self.maybe(Self::text)?,
            })),
            kind::NOTICE => EventKind::Notice {
                severity: self.value()?,
                text: self.text()?,
            },
            _ => return Err("a kind that is not known"),
        })
    }

    fn frame(&mut self) -> Result<FrameEvent, Bad> {
        let flags = self.u8()?;
        if flags & !(flag::OUT | flag::INJECTED | flag::PAYLOAD | flag::SWITCHBOARD) != 0 {
            return Err("flags of a frame that are not known");
        }
        let wire = self.bytes()?;
        let wire = match &self.shared {
            Some((body, _)) => body.slice_ref(wire),
            None => Bytes::copy_from_slice(wire),
        };
        let secrets = self.secrets(wire.len())?;
        let frame = Frame::from_wire(wire);
        let frame = match (flags & flag::PAYLOAD != 0, frame.payload_at()) {
            (true, None) => frame
                .with_empty_payload()
                .ok_or("a payload without a line")?,
            (false, Some(_)) => return Err("a payload where there is none"),
            _ => frame,
        };
        Ok(FrameEvent {
            service: match flags & flag::SWITCHBOARD {
                0 => Service::Notification,
                _ => Service::Switchboard,
            },
            direction: if flags & flag::OUT == 0 {
                Direction::In
            } else {
                Direction::Out
            },
            frame,
            secrets,
            injected: flags & flag::INJECTED != 0,
        })
    }

    fn http(&mut self) -> Result<HttpExchange, Bad> {
        Ok(HttpExchange {
            service: self.value()?,
            method: self.text()?,
            target: self.text()?,
            host: self.maybe(Self::text)?,
            action: self.text()?,
            account: self.maybe(Self::text)?,
            status: u16::try_from(self.u32()?).map_err(|_| "a status beyond 65535")?,
            request: self.masked()?,
            response: self.masked()?,
            duration: self.duration()?,
        })
    }

    fn tls(&mut self) -> Result<TlsHandshake, Bad> {
        Ok(TlsHandshake {
            version: self.maybe(Self::text)?,
            cipher: self.maybe(Self::text)?,
            sni: self.maybe(Self::text)?,
            hello: self.maybe(Self::value)?,
            duration: self.duration()?,
            failure: self.maybe(|read| {
                Ok(TlsFailure {
                    cause: read.name(TlsCause::read)?,
                    text: read.text()?,
                })
            })?,
        })
    }

    fn client(&mut self) -> Result<ClientInfo, Bad> {
        Ok(ClientInfo {
            id: ClientId(self.u64()?),
            account: self.maybe(Self::text)?,
            software: self.maybe(|read| {
                Ok(Software {
                    name: read.text()?,
                    version: read.text()?,
                    system: read.text()?,
                })
            })?,
            shape: self.maybe(Self::shape)?,
            peer: self.address()?,
            step: self.value()?,
            since: Timestamp(self.u64()?),
            status: self.maybe(Self::value)?,
            name: self.maybe(Self::text)?,
            personal_message: self.maybe(Self::text)?,
            media: self.maybe(Self::text)?,
            capabilities: self.maybe(Self::text)?,
            endpoint: self.maybe(Self::text)?,
            machine: self.maybe(Self::text)?,
        })
    }

    fn contact(&mut self) -> Result<Contact, Bad> {
        let contact = Contact {
            id: self.text()?,
            account: self.text()?,
            network: self.u8()?,
            name: self.text()?,
            status: self.value()?,
            personal: Personal {
                message: self.text()?,
                media: self.text()?,
            },
            capabilities: self.u32()?,
            extended: self.u32()?,
            msnobj: self.text()?,
            lists: Lists(self.u8()?),
            groups: self.few(Self::text)?,
            messenger_user: self.flag()?,
            picture: None,
            // How it behaves is the service's own affair, and not recorded.
            manner: Default::default(),
        };
        contact.check().map_err(|_| "a contact that cannot be")?;
        Ok(contact)
    }

    fn roster(&mut self) -> Result<Roster, Bad> {
        let groups = self.few(|read| {
            Ok(Group {
                id: read.text()?,
                name: read.text()?,
            })
        })?;
        let mut work = 0_usize;
        let contacts = self.list(40, |read| {
            let contact = read.contact()?;
            work = work.saturating_add(contact.groups.len().saturating_mul(groups.len()));
            if work > MAX_GROUP_WORK {
                return Err("a roster with more groups than can be");
            }
            Ok(contact)
        })?;
        Roster::new(contacts, groups).map_err(|_| "a roster that cannot be")
    }

    fn reply(&mut self) -> Result<Reply, Bad> {
        Ok(Reply {
            command: CommandId(self.u64()?),
            ok: self.flag()?,
            text: self.text()?,
            data: match self.u8()? {
                0 => ReplyData::None,
                1 => ReplyData::Clients(self.few(|read| read.client().map(|info| info.brief()))?),
                2 => ReplyData::Contacts(self.list(40, |read| read.contact().map(Arc::new))?),
                3 => ReplyData::Lines(self.few(Self::text)?),
                _ => return Err("a reply that is not known"),
            },
        })
    }
}
