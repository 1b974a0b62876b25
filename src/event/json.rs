//! Events as JSON: one object a line, exactly the fields of [`EVENTS`](super::reference::EVENTS).

use crate::event::EventId;
use crate::event::{
    ClientInfo, Event, EventKind, Finding, FrameEvent, Hello, HttpExchange, Reply, ReplyData,
    TlsHandshake,
};
use crate::msnp::{Direction, escape};
use crate::roster::{Contact, Group};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use std::io;
use std::sync::Arc;

/// The event as one line of JSON, without a line end; `number` is its number in the stream, if it has one.
/// Secrets are masked unless `show_secrets`.
pub fn to_json(number: Option<EventId>, event: &Event, show_secrets: bool) -> String {
    let mut out = Vec::new();
    let line = Line {
        number,
        event,
        show_secrets,
    };
    // Writing texts and numbers into memory cannot fail.
    match write_safe(&line, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// JSON in which no character is unsafe on a screen: C1 and bidirectional controls are `\u…`, as C0 are in any JSON.
/// Who reads it as JSON reads the same text.
struct Safe;

impl serde_json::ser::Formatter for Safe {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(escape::is_unsafe_on_screen) {
            out.write_all(&rest.as_bytes()[..at])?;
            let mut chars = rest[at..].chars();
            for unit in chars.next().into_iter().collect::<String>().encode_utf16() {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

/// Writes a value as JSON that is safe on a screen.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write_safe(value: &impl Serialize, out: impl io::Write) -> io::Result<()> {
    Ok(value.serialize(&mut serde_json::Serializer::with_formatter(out, Safe))?)
}

/// Appends the event as one line of JSON, with its line end.
///
/// # Errors
/// None: `out` is memory.
pub fn write_json(
    number: Option<EventId>,
    event: &Event,
    show_secrets: bool,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let line = Line {
        number,
        event,
        show_secrets,
    };
    write_safe(&line, &mut *out)?;
    out.push(b'\n');
    Ok(())
}

struct Line<'a> {
    number: Option<EventId>,
    event: &'a Event,
    show_secrets: bool,
}

/// Bytes as text: a backslash doubled, a byte that is no UTF-8 as `\xHH`. A sentence of ours is no such text: what
/// it quotes is escaped already.
struct Text<'a>(&'a [u8]);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) if memchr::memchr(b'\\', self.0).is_none() => out.serialize_str(text),
            _ => out.serialize_str(&escape::to_text(self.0)),
        }
    }
}

fn text(text: &str) -> Text<'_> {
    Text(text.as_bytes())
}

fn texts(list: &[String]) -> impl Serialize + '_ {
    List(|| list.iter().map(|item| text(item)))
}

fn maybe(text: Option<&String>) -> Option<Text<'_>> {
    text.map(|text| Text(text.as_bytes()))
}

/// A list whose items are made as they are written.
struct List<F>(F);

impl<F, I, T> Serialize for List<F>
where
    F: Fn() -> I,
    I: Iterator<Item = T>,
    T: Serialize,
{
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut list = out.serialize_seq(None)?;
        for item in (self.0)() {
            list.serialize_element(&item)?;
        }
        list.end()
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Event {
            time,
            connection,
            client,
            kind,
        } = self.event;
        let mut map = out.serialize_map(None)?;
        if let Some(number) = self.number {
            map.serialize_entry("n", &number.0)?;
        }
        map.serialize_entry("event", kind.name())?;
        map.serialize_entry("time", &time.0)?;
        if let Some(connection) = connection {
            map.serialize_entry("connection", &connection.0)?;
        }
        let about = match kind {
            EventKind::Client(info) => Some(info.id),
            _ => None,
        };
        if let Some(client) = client.or(about) {
            map.serialize_entry("client", &client.0)?;
        }
        self.fields(kind, &mut map)?;
        map.end()
    }
}

impl Line<'_> {
    fn fields<M: SerializeMap>(&self, kind: &EventKind, map: &mut M) -> Result<(), M::Error> {
        match kind {
            EventKind::Roster(roster) => {
                map.serialize_entry("contacts", &contacts(|| roster.contacts()))?;
                map.serialize_entry("groups", &List(|| roster.groups().iter().map(JsonGroup)))
            }
            EventKind::Listening { service, address } => {
                map.serialize_entry("service", service.name())?;
                map.serialize_entry("address", address)
            }
            EventKind::Connected {
                service,
                peer,
                local,
            } => {
                map.serialize_entry("service", service.name())?;
                map.serialize_entry("peer", peer)?;
                map.serialize_entry("local", local)
            }
            EventKind::Tls(handshake) => tls(handshake, map),
            EventKind::Frame(frame) => self.frame(frame, map),
            EventKind::Http(exchange) => self.http(exchange, map),
            EventKind::Client(info) => client(info, map),
            EventKind::SignedIn { account, shape } => {
                map.serialize_entry("account", &text(account))?;
                map.serialize_entry("shape", &shape.to_string())
            }
            EventKind::SignedOut { account, reason } => {
                map.serialize_entry("account", &text(account))?;
                map.serialize_entry("reason", reason)
            }
            EventKind::Contact(change) => {
                map.serialize_entry("change", change.change.name())?;
                map.serialize_entry("contact", &JsonContact(&change.contact))?;
                map.serialize_entry("by", &change.by.map(|client| client.0))?;
                map.serialize_entry("told", &change.told)
            }
            EventKind::Conversation(change) => {
                map.serialize_entry("conversation", &change.conversation.0)?;
                map.serialize_entry("change", change.change.name())?;
                map.serialize_entry("account", &text(&change.account))?;
                map.serialize_entry("played", &change.played)?;
                map.serialize_entry("members", &texts(&change.members))?;
                map.serialize_entry("reason", &change.reason)
            }
            EventKind::Message(said) => {
                map.serialize_entry("conversation", &said.conversation.0)?;
                map.serialize_entry("from", &text(&said.from))?;
                map.serialize_entry("played", &said.played)?;
                map.serialize_entry("to", &texts(&said.to))?;
                map.serialize_entry("others", &said.others)?;
                map.serialize_entry("kind", said.kind.name())?;
                // Escaped where it was read.
                map.serialize_entry("text", &said.text)?;
                map.serialize_entry("format", &said.format)
            }
            EventKind::Finding(finding) => {
                let Finding {
                    id,
                    severity,
                    field,
                    text: sentence,
                    evidence,
                } = &**finding;
                map.serialize_entry("id", id.name())?;
                map.serialize_entry("severity", severity.name())?;
                map.serialize_entry("field", field)?;
                map.serialize_entry("text", sentence)?;
                map.serialize_entry("evidence", &evidence.map(|id| id.0))
            }
            EventKind::Disconnected {
                service,
                reason,
                bytes_in,
                bytes_out,
            } => {
                map.serialize_entry("service", service.name())?;
                map.serialize_entry("reason", reason)?;
                map.serialize_entry("bytes_in", bytes_in)?;
                map.serialize_entry("bytes_out", bytes_out)
            }
            EventKind::Reply(outcome) => reply(outcome, map),
            EventKind::Notice {
                severity,
                text: sentence,
            } => {
                map.serialize_entry("severity", severity.name())?;
                map.serialize_entry("text", sentence)
            }
        }
    }

    fn frame<M: SerializeMap>(&self, event: &FrameEvent, map: &mut M) -> Result<(), M::Error> {
        let frame = &event.frame;
        let part = |from, to| {
            event
                .secrets
                .mask(frame.wire(), from, to, self.show_secrets)
        };
        let direction = match event.direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let payload = frame.payload_at().map(|at| part(at, frame.wire().len()));
        map.serialize_entry("direction", direction)?;
        map.serialize_entry("line", &Text(&part(0, frame.line().len())))?;
        map.serialize_entry("payload", &payload.as_deref().map(Text))?;
        map.serialize_entry("injected", &event.injected)?;
        map.serialize_entry("service", event.service.name())
    }

    fn http<M: SerializeMap>(&self, http: &HttpExchange, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("service", http.service.name())?;
        map.serialize_entry("method", &text(&http.method))?;
        map.serialize_entry("target", &http.target)?;
        map.serialize_entry("host", &maybe(http.host.as_ref()))?;
        map.serialize_entry("action", &text(&http.action))?;
        map.serialize_entry("account", &maybe(http.account.as_ref()))?;
        map.serialize_entry("status", &http.status)?;
        map.serialize_entry("request", &Text(&http.request.shown(self.show_secrets)))?;
        map.serialize_entry("response", &Text(&http.response.shown(self.show_secrets)))?;
        map.serialize_entry("duration_us", &micros(http.duration))
    }
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn tls<M: SerializeMap>(handshake: &TlsHandshake, map: &mut M) -> Result<(), M::Error> {
    let hello = handshake.hello.map(|hello| match hello {
        Hello::Sslv2 => "sslv2",
        Hello::Tls => "tls",
    });
    let failure = handshake.failure.as_ref();
    map.serialize_entry("version", &maybe(handshake.version.as_ref()))?;
    map.serialize_entry("cipher", &maybe(handshake.cipher.as_ref()))?;
    // Escaped where it was read.
    map.serialize_entry("sni", &handshake.sni)?;
    map.serialize_entry("hello", &hello)?;
    map.serialize_entry("ok", &failure.is_none())?;
    map.serialize_entry("cause", &failure.map(|failure| failure.cause.to_string()))?;
    map.serialize_entry("reason", &failure.map(|failure| &failure.text))?;
    map.serialize_entry("duration_us", &micros(handshake.duration))
}

/// The fields of a client, but for its number.
fn client<M: SerializeMap>(info: &ClientInfo, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("account", &maybe(info.account.as_ref()))?;
    map.serialize_entry("software", &info.software.as_ref().map(JsonSoftware))?;
    map.serialize_entry("shape", &info.shape.map(|shape| shape.to_string()))?;
    map.serialize_entry("peer", &info.peer)?;
    map.serialize_entry("step", info.step.name())?;
    map.serialize_entry("since", &info.since.0)?;
    map.serialize_entry("expects", info.step.expects())?;
    map.serialize_entry("status", &info.status.map(|status| status.word()))?;
    map.serialize_entry("name", &maybe(info.name.as_ref()))?;
    map.serialize_entry("personal_message", &maybe(info.personal_message.as_ref()))?;
    map.serialize_entry("media", &maybe(info.media.as_ref()))?;
    map.serialize_entry("capabilities", &maybe(info.capabilities.as_ref()))?;
    map.serialize_entry("endpoint", &maybe(info.endpoint.as_ref()))?;
    map.serialize_entry("machine", &maybe(info.machine.as_ref()))
}

fn reply<M: SerializeMap>(reply: &Reply, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("id", &reply.command.0)?;
    map.serialize_entry("ok", &reply.ok)?;
    map.serialize_entry("text", &reply.text)?;
    match &reply.data {
        ReplyData::None => Ok(()),
        ReplyData::Clients(clients) => {
            map.serialize_entry("clients", &List(|| clients.iter().map(JsonClient)))
        }
        ReplyData::Contacts(list) => map.serialize_entry("contacts", &contacts(|| list.iter())),
        ReplyData::Lines(lines) => map.serialize_entry("lines", lines),
    }
}

fn contacts<'a, I: Iterator<Item = &'a Arc<Contact>>>(list: impl Fn() -> I) -> impl Serialize {
    List(move || list().map(|contact| JsonContact(contact)))
}

struct JsonClient<'a>(&'a ClientInfo);

impl Serialize for JsonClient<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("client", &self.0.id.0)?;
        client(self.0, &mut map)?;
        map.end()
    }
}

struct JsonSoftware<'a>(&'a crate::event::Software);

impl Serialize for JsonSoftware<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(3))?;
        map.serialize_entry("name", &text(&self.0.name))?;
        map.serialize_entry("version", &text(&self.0.version))?;
        map.serialize_entry("system", &text(&self.0.system))?;
        map.end()
    }
}

struct JsonContact<'a>(&'a Contact);

impl Serialize for JsonContact<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Contact {
            id,
            account,
            network,
            name,
            status,
            personal,
            capabilities,
            extended,
            msnobj,
            lists,
            groups,
            messenger_user,
            // Its object says which it is.
            picture: _,
            manner,
        } = self.0;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("account", &text(account))?;
        map.serialize_entry("id", &text(id))?;
        map.serialize_entry("name", &text(name))?;
        map.serialize_entry("status", status.word())?;
        map.serialize_entry("personal_message", &text(&personal.message))?;
        map.serialize_entry("media", &text(&personal.media))?;
        map.serialize_entry("lists", &List(|| lists.words()))?;
        map.serialize_entry("groups", &List(|| groups.iter().map(|group| text(group))))?;
        map.serialize_entry("network", network)?;
        map.serialize_entry("capabilities", capabilities)?;
        map.serialize_entry("extended", extended)?;
        map.serialize_entry("msnobj", &text(msnobj))?;
        map.serialize_entry("messenger_user", messenger_user)?;
        map.serialize_entry("behaviour", manner.name())?;
        map.end()
    }
}

struct JsonGroup<'a>(&'a Group);

impl Serialize for JsonGroup<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(2))?;
        map.serialize_entry("id", &text(&self.0.id))?;
        map.serialize_entry("name", &text(&self.0.name))?;
        map.end()
    }
}
