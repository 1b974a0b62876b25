//! Any line of the journal as one line of text.

use super::Line;
use crate::event::{Event, EventKind, Hello, HttpExchange, TlsHandshake};
use crate::msnp::escape;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// The longest text that is kept for an event that is no frame, in bytes. The event itself stays whole.
const MAX_TEXT: usize = 16 * 1024;

/// The line for the screen: escaped, and with secrets masked unless `show_secrets` is set. For a frame it is the
/// line without payload; for a request it is like `POST /abservice/abservice.asmx ABFindAll → 200  4.1 ms`.
pub fn summary(line: &Line<'_>, show_secrets: bool) -> String {
    summary_within(line, show_secrets, usize::MAX)
}

/// As [`summary`], made of the first `most` bytes only: a row of the screen need not pay for a line of 8 KiB.
/// (Escaping may make the text longer than `most`.)
pub fn summary_within(line: &Line<'_>, show_secrets: bool, most: usize) -> String {
    let shown = line.shown_line(show_secrets);
    let end = if shown.len() <= most {
        shown.len()
    } else {
        // Not within a character, where there are characters.
        (most.saturating_sub(3)..=most)
            .rev()
            .find(|at| shown[*at] & 0xc0 != 0x80)
            .unwrap_or(most)
    };
    let shown = &shown[..end];
    match std::str::from_utf8(shown) {
        // What is text of ours has been escaped where it quotes bytes.
        Ok(text) if !line.is_frame() => escape::safe(text),
        _ => escape::to_screen(shown),
    }
}

/// Replaces `text` by the text that the journal keeps for an event, with secrets masked and not escaped. It is empty
/// for a frame, whose wire bytes are kept.
pub(super) fn event_text(event: &Event, text: &mut String) {
    text.clear();
    // Writing to a text cannot fail.
    let _ = write_event(event, text);
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text.shrink_to(MAX_TEXT);
}

fn write_event(event: &Event, text: &mut String) -> fmt::Result {
    match &event.kind {
        EventKind::Frame(_)
        | EventKind::Roster(_)
        | EventKind::Client(_)
        | EventKind::Listening { .. } => Ok(()),
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
            let value = match change.change {
                "status" => contact.status.name(),
                "personal-message" => &contact.personal.message,
                "media" => &contact.personal.media,
                "name" => &contact.name,
                _ => "",
            };
            write!(text, "{} {}", contact.account, change.change)?;
            if !value.is_empty() {
                write!(text, ": {value}")?;
            }
            if let Some(by) = change.by {
                write!(text, ", by client {by}")?;
            }
            write!(text, "; {} told", change.told)
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
