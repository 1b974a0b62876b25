//! Any event as one line of text.

use super::{Became, Event, EventKind, Hello, HttpExchange, TlsHandshake};
use crate::msnp::escape;
use crate::msnp::message::MessageKind;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// The longest text that is kept for an event that is no frame, in bytes. The event itself stays whole.
const MAX_TEXT: usize = 16 * 1024;

/// Any event as one line for the screen: escaped, and with secrets masked unless `show_secrets` is set. For a frame it
/// is the line without payload.
pub fn line_of(event: &Event, show_secrets: bool) -> String {
    if let EventKind::Frame(told) = &event.kind {
        let wire = told.frame.wire();
        let end = told.frame.line().len();
        return escape::to_screen(&told.secrets.mask(wire, 0, end, show_secrets));
    }
    let mut text = String::new();
    event_text(event, &mut text);
    // What quotes bytes has been escaped where it does.
    escape::safe(&text)
}

/// Replaces `text` by the text that the journal keeps for an event, with secrets masked and not escaped. It is empty
/// for a frame, whose wire bytes are kept.
pub(crate) fn event_text(event: &Event, text: &mut String) {
    text.clear();
    // Writing to a text cannot fail.
    let _ = write_event(event, text);
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text.shrink_to(MAX_TEXT);
}

fn write_event(event: &Event, text: &mut String) -> fmt::Result {
    match &event.kind {
        EventKind::Frame(_) => Ok(()),
        EventKind::Listening { service, address } => {
            write!(text, "{} listens on {address}", service.name())
        }
        EventKind::Roster(roster) => write!(text, "a roster of {} contacts", roster.len()),
        EventKind::Client(info) => {
            let account = info.account.as_deref();
            let account = account.unwrap_or("a client without account");
            write!(text, "{account} is at {}", info.step.name())
        }
        EventKind::Http(http) => write_http(http, text),
        EventKind::Tls(tls) => write_tls(tls, text),
        EventKind::Connected {
            service,
            peer,
            local,
        } => write!(text, "{peer} connected to {} at {local}", service.name()),
        EventKind::Disconnected {
            service,
            reason,
            bytes_in,
            bytes_out,
        } => write!(
            text,
            "{} connection closed: {reason}; {bytes_in} bytes in, {bytes_out} out",
            service.name()
        ),
        EventKind::SignedIn { account, shape } => write!(text, "{account} signed in, {shape}"),
        EventKind::SignedOut { account, reason } => {
            write!(text, "{account} signed out: {reason}")
        }
        EventKind::Contact(change) => {
            let contact = &change.contact;
            let value = match &change.change {
                Became::Status | Became::Drift => contact.status.name(),
                Became::Personal => &contact.personal.message,
                Became::Media => &contact.personal.media,
                Became::Name => &contact.name,
                Became::Behaviour => contact.manner.name(),
                _ => "",
            };
            match &change.change {
                Became::Drift => write!(text, "{} (the demo) status", contact.account)?,
                became => write!(text, "{} {}", contact.account, became.name())?,
            }
            if !value.is_empty() {
                write!(text, ": {value}")?;
            }
            if let Some(by) = change.by {
                write!(text, ", by client {by}")?;
            }
            write!(text, "; {} told", change.told)
        }
        EventKind::Conversation(change) => {
            let account = escape::to_screen(change.account.as_bytes());
            let what = change.change.words();
            write!(
                text,
                "conversation {}: {account} {what}",
                change.conversation
            )?;
            if let Some(reason) = &change.reason {
                write!(text, ": {reason}")?;
            }
            Ok(())
        }
        EventKind::Message(said) => {
            write!(text, "conversation {}: {} ", said.conversation, said.from)?;
            match said.kind {
                MessageKind::Text => write!(text, "says: {}", said.text),
                MessageKind::Typing => text.write_str("is typing"),
                MessageKind::Picture | MessageKind::File => text.write_str(&said.text),
                kind if said.text.is_empty() => write!(text, "sends: {kind}"),
                kind => write!(text, "sends: {kind}, {}", said.text),
            }
        }
        EventKind::Finding(finding) => {
            write!(text, "{} {}", finding.severity.name(), finding.id)?;
            if !finding.field.is_empty() {
                write!(text, " ({})", finding.field)?;
            }
            write!(text, ": {}", finding.text)
        }
        EventKind::Reply(reply) => {
            let outcome = if reply.ok { "done" } else { "refused" };
            write!(text, "{outcome}: {}", reply.text)
        }
        EventKind::Notice { text: notice, .. } => text.write_str(notice),
    }
}

fn write_http(http: &HttpExchange, text: &mut String) -> fmt::Result {
    write!(text, "{} ", http.method)?;
    // A secret in the target (a ticket in a query) is secret in the request's bytes.
    let at = http.method.len() + 1;
    let end = at + http.target.len();
    if http.request.bytes.get(at..end) == Some(http.target.as_bytes()) {
        let masked = http
            .request
            .secrets
            .mask(&http.request.bytes, at, end, false);
        text.push_str(&String::from_utf8_lossy(&masked));
    } else {
        text.push_str(&http.target);
    }
    if !http.action.is_empty() {
        write!(text, " {}", http.action)?;
    }
    write!(text, " → {}  ", http.status)?;
    write_duration(http.duration, text)
}

fn write_tls(tls: &TlsHandshake, text: &mut String) -> fmt::Result {
    if let Some(failure) = &tls.failure {
        write!(
            text,
            "handshake failed, {}: {}",
            failure.cause, failure.text
        )?;
    }
    for part in [&tls.version, &tls.cipher].into_iter().flatten() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(part);
    }
    if tls.hello == Some(Hello::Sslv2) {
        text.push_str(", SSLv2-format hello");
    }
    if let Some(sni) = &tls.sni {
        write!(text, ", for {sni}")?;
    }
    text.push_str("  ");
    write_duration(tls.duration, text)
}

/// A duration such as `0.4 ms`, `12 ms`, `3.1 s`.
fn write_duration(duration: Duration, text: &mut String) -> fmt::Result {
    let micros = duration.as_micros();
    // Rounded by hand: it is a part of every handshake and request.
    let tenths = |all: u128, unit: u128| (all * 10 + unit / 2) / unit;
    if micros < 9_950 {
        let tenths = tenths(micros, 1_000);
        write!(text, "{}.{} ms", tenths / 10, tenths % 10)
    } else if micros < 999_500 {
        write!(text, "{} ms", (micros + 500) / 1_000)
    } else {
        let tenths = tenths(micros, 1_000_000);
        write!(text, "{}.{} s", tenths / 10, tenths % 10)
    }
}
