//! A report of a client's sign-in, ready for a bug tracker, with its conversations behind it.

use super::chat::Chats;
use super::moment;
use crate::event::{ClientInfo, Event, EventKind, HttpExchange, TlsHandshake};
use crate::msnp::escape::safe;
use crate::msnp::{Direction, pretty};
use crate::recording::conversation::Conversation;
use crate::recording::message::Message;
use std::io::{self, Write};

/// The most lines of the notification connection that a report has.
const MOST_ROWS: u64 = 500;
/// The most characters of a reason, a name or a finding: a hostile one may have millions.
const MOST_OF_CELL: usize = 2_000;

/// Writes the report; how many events are in it.
pub(super) fn write(
    conversation: &Conversation,
    known: Option<&ClientInfo>,
    chats: &mut Chats,
    show: bool,
    out: &mut dyn Write,
) -> io::Result<u64> {
    let events = conversation.sign_in();
    head(conversation, known, events, out)?;
    let mut rows = steps(events, show, out)?;
    problems(events, out)?;
    let info = conversation.info.as_ref().or(known);
    if let Some(account) = info.and_then(|info| info.account.as_deref()) {
        rows += chats.write(account, (cell, said), out)?;
    }
    exchanges(events, show, out)?;
    let later = (conversation.events.len() - events.len()) as u64 + conversation.left_out;
    if later > 0 {
        writeln!(out, "\n{later} later events are left out.")?;
    }
    Ok(rows)
}

fn head(
    conversation: &Conversation,
    known: Option<&ClientInfo>,
    events: &[Event],
    out: &mut dyn Write,
) -> io::Result<()> {
    let info = events
        .iter()
        .rev()
        .find_map(|event| match &event.kind {
            EventKind::Client(info) => Some(&**info),
            _ => None,
        })
        .or(conversation.info.as_ref())
        .or(known);
    // The console has no event of what is known of a client that was forgotten.
    let signed_in = events.iter().find_map(|event| match &event.kind {
        EventKind::SignedIn { account, .. } => Some(account.as_str()),
        _ => None,
    });
    let account = info.and_then(|info| info.account.as_deref()).or(signed_in);
    let account = account.unwrap_or("no account yet");
    writeln!(
        out,
        "# Sign-in of client {}: {}\n",
        conversation.client,
        cell(account)
    )?;
    writeln!(out, "| | |\n|---|---|")?;
    let mut row = |name: &str, value: &str| writeln!(out, "| {name} | {} |", cell(value));
    if let Some(software) = info.and_then(|info| info.software.as_ref()) {
        let (name, version) = (&software.name, &software.version);
        row(
            "client",
            &format!("{name} {version} on {}", software.system),
        )?;
    }
    if let Some(info) = info {
        let shape = info.shape.map(|shape| shape.to_string());
        row("dialect", shape.as_deref().unwrap_or("none agreed"))?;
        row("reached", info.step.name())?;
        row("waits for", info.step.expects())?;
    }
    if let (Some(first), Some(last)) = (events.first(), events.last()) {
        row("began", &moment(first.time))?;
        row("took", &since(last, first))?;
    }
    row("recorded by", concat!("nudge ", env!("CARGO_PKG_VERSION")))
}

/// No more than anybody reads.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_OF_CELL) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What stands in one cell of a table: one line, nothing of it Markdown, and no longer than anybody reads.
fn cell(text: &str) -> String {
    plain(&cut(text))
}

/// What somebody said: its lines are lines.
fn said(text: &str) -> String {
    let lines: Vec<String> = cut(text).lines().map(plain).collect();
    lines.join("<br>")
}

fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        if "\\`*_{}[]<>#|~&!".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Code in a cell: no backtick can end it, no bar the cell.
fn code(text: &str) -> String {
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

fn since(event: &Event, earlier: &Event) -> String {
    let ms = event.time.since(earlier.time).as_secs_f64() * 1e3;
    if ms < 1_000.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{:.2} s", ms / 1e3)
    }
}

fn steps(events: &[Event], show: bool, out: &mut dyn Write) -> io::Result<u64> {
    writeln!(out, "\n## What happened\n")?;
    writeln!(out, "| after | who | what |\n|---:|---|---|")?;
    let Some(first) = events.first() else {
        return Ok(0);
    };
    let (mut rows, mut exchange) = (0, 0);
    for event in events {
        let row = match &event.kind {
            EventKind::Frame(told) => {
                let who = match (told.direction, told.injected) {
                    (Direction::In, _) => "client",
                    (Direction::Out, false) => "service",
                    (Direction::Out, true) => "operator",
                };
                let wire = told.frame.wire();
                let line = told.secrets.mask(wire, 0, told.frame.line().len(), show);
                let mut text = code(&pretty::bounded(&line));
                if let Some(at) = told.frame.payload_at().filter(|at| *at < wire.len()) {
                    let payload = told.secrets.mask(wire, at, wire.len(), show);
                    text.push_str("<br>");
                    text.push_str(&code(&pretty::bounded(&payload)));
                }
                Some((who, text))
            }
            EventKind::Http(http) => {
                exchange += 1;
                Some((
                    "client",
                    format!("{} (exchange {exchange})", cell(&named(http))),
                ))
            }
            EventKind::Tls(tls) => Some(("client", cell(&handshake(tls)))),
            EventKind::SignedIn { .. } => Some(("", "**signed in**".to_owned())),
            EventKind::SignedOut { reason, .. } => {
                Some(("", format!("**signed out**: {}", cell(&reason.to_string()))))
            }
            EventKind::Finding(finding) => {
                let name = finding.severity.name();
                Some(("", format!("**{name}** {}", cell(&finding.text))))
            }
            _ => None,
        };
        let Some((who, text)) = row else { continue };
        rows += 1;
        if rows <= MOST_ROWS {
            writeln!(out, "| {} | {who} | {text} |", since(event, first))?;
        }
    }
    if rows > MOST_ROWS {
        writeln!(out, "\n{} more lines are left out.", rows - MOST_ROWS)?;
    }
    Ok(rows)
}

fn named(http: &HttpExchange) -> String {
    let host = http.host.as_deref().unwrap_or("no host");
    let (method, target) = (&http.method, &http.target);
    format!(
        "{method} {host}{target} → {} ({})",
        http.status, http.action
    )
}

fn handshake(tls: &TlsHandshake) -> String {
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".into());
    match &tls.failure {
        Some(failure) => format!("TLS handshake failed ({}): {}", failure.cause, failure.text),
        None => format!(
            "TLS handshake: {} {}",
            word(&tls.version),
            word(&tls.cipher)
        ),
    }
}

fn problems(events: &[Event], out: &mut dyn Write) -> io::Result<()> {
    let mut said = false;
    for event in events {
        let (name, text) = match &event.kind {
            EventKind::Finding(finding) => (finding.id.to_string(), &finding.text),
            EventKind::Tls(tls) => match &tls.failure {
                Some(failure) => (failure.cause.to_string(), &failure.text),
                None => continue,
            },
            _ => continue,
        };
        if !said {
            writeln!(out, "\n## Findings\n")?;
            said = true;
        }
        writeln!(out, "- {}: {}", code(&name), cell(text))?;
    }
    Ok(())
}

fn exchanges(events: &[Event], show: bool, out: &mut dyn Write) -> io::Result<()> {
    let http = events.iter().filter_map(|event| match &event.kind {
        EventKind::Http(http) => Some(http),
        _ => None,
    });
    for (at, http) in http.enumerate() {
        if at == 0 {
            writeln!(out, "\n## Exchanges")?;
        }
        writeln!(out, "\n### {}. {}\n", at + 1, cell(&named(http)))?;
        let mut lines = message(&http.request.shown(show));
        lines.push(String::new());
        lines.extend(message(&http.response.shown(show)));
        fenced(&lines, out)?;
    }
    Ok(())
}

fn message(bytes: &[u8]) -> Vec<String> {
    let message = Message::new(bytes);
    let head = bytes[..message.head].split(|b| *b == b'\n');
    let mut lines: Vec<String> = head
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .take_while(|line| !line.is_empty())
        .take(pretty::MOST_LINES)
        .map(pretty::bounded)
        .collect();
    if !message.body.is_empty() {
        lines.push(String::new());
        lines.extend(pretty::payload(message.body));
    }
    lines
}

/// A block that nothing within it can end.
fn fenced(lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    let longest = lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`').map(str::len))
        .max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    writeln!(out, "{fence}")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_in_lines_is_shown_in_lines_and_nothing_of_it_is_markdown() {
        assert_eq!(
            said("one\r\n# two\n- *three*"),
            "one<br>\\# two<br>- \\*three\\*"
        );
        assert_eq!(said("<br>\u{1b}[31m"), "\\<br\\>\\\\x1B\\[31m");
        assert!(said(&"x\n".repeat(5_000)).ends_with('…'));
    }
}
