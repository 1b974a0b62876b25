//! One line of text for any line.

use super::Line;
use crate::event::{Event, EventKind, Hello, HttpExchange, TlsHandshake};
use crate::msnp::escape;
use std::fmt::Write as _;
use std::time::Duration;

/// The longest text that is kept for an event that is no frame, in bytes; the event itself is whole.
const MAX_TEXT: usize = 16 * 1024;

/// One line for the screen: escaped, and secrets masked unless `show_secrets` is set. A frame's is its line
/// without payload; `POST /abservice/abservice.asmx ABFindAll → 200  4.1 ms` is a request's.
pub fn summary(line: &Line<'_>, show_secrets: bool) -> String {
    summary_within(line, show_secrets, usize::MAX)
}

/// As [`summary`], of at most the first `most` bytes: a row of the screen need not pay for a line of 8 KiB.
/// (What is escaped may make the text longer than `most`.)
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

/// The text that stands for an event in the journal, secrets masked and not escaped. Empty for a frame: its
/// wire bytes are kept.
pub(super) fn event_text(event: &Event) -> String {
    let mut text = match &event.kind {
        EventKind::Frame(_)
        | EventKind::Roster(_)
        | EventKind::Client(_)
        | EventKind::Listening { .. } => String::new(),
        EventKind::Http(http) => http_text(http),
        EventKind::Tls(tls) => tls_text(tls),
        EventKind::Connected {
            service,
            peer,
            local,
        } => format!("{peer} connected to {} at {local}", service.name()),
        EventKind::Disconnected {
            service,
            reason,
            bytes_in,
            bytes_out,
        } => format!(
            "{} connection closed: {reason}; {bytes_in} bytes in, {bytes_out} out",
            service.name()
        ),
        EventKind::SignedIn { account, shape } => format!("{account} signed in, {shape}"),
        EventKind::SignedOut { account, reason } => format!("{account} signed out: {reason}"),
        EventKind::Contact(change) => {
            let contact = &change.contact;
            let value = match change.change {
                "status" => contact.status.name(),
                "personal-message" => &contact.personal.message,
                "media" => &contact.personal.media,
                "name" => &contact.name,
                _ => "",
            };
            let mut text = format!("{} {}", contact.account, change.change);
            if !value.is_empty() {
                let _ = write!(text, ": {value}");
            }
            if let Some(by) = change.by {
                let _ = write!(text, ", by client {by}");
            }
            let _ = write!(text, "; {} told", change.told);
            text
        }
        EventKind::Finding(finding) => {
            let mut text = format!("{} {}", finding.severity.name(), finding.id);
            if !finding.field.is_empty() {
                let _ = write!(text, " ({})", finding.field);
            }
            let _ = write!(text, ": {}", finding.text);
            text
        }
        EventKind::Reply(reply) => {
            let outcome = if reply.ok { "done" } else { "refused" };
            format!("{outcome}: {}", reply.text)
        }
        EventKind::Notice { text, .. } => text.clone(),
    };
    text.truncate(super::between_characters(&text, MAX_TEXT));
    text
}

fn http_text(http: &HttpExchange) -> String {
    // A secret in the target (a ticket in a query) is secret in the request's bytes.
    let at = http.method.len() + 1;
    let end = at + http.target.len();
    let target = if http.request.bytes.get(at..end) == Some(http.target.as_bytes()) {
        let secrets = &http.request.secrets;
        String::from_utf8_lossy(&secrets.mask(&http.request.bytes, at, end, false)).into_owned()
    } else {
        http.target.clone()
    };
    let mut text = format!("{} {target}", http.method);
    if !http.action.is_empty() {
        let _ = write!(text, " {}", http.action);
    }
    let _ = write!(text, " → {}  {}", http.status, duration(http.duration));
    text
}

fn tls_text(tls: &TlsHandshake) -> String {
    let mut text = match &tls.failure {
        Some(failure) => format!("handshake failed, {}: {}", failure.cause, failure.text),
        None => String::new(),
    };
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
        let _ = write!(text, ", for {sni}");
    }
    let _ = write!(text, "  {}", duration(tls.duration));
    text
}

/// `0.4 ms`, `12 ms`, `3.1 s`.
fn duration(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1e3;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1e3)
    }
}
