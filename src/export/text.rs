//! A line an event, as in the console's transcript; payloads and exchanges beneath it. Every line is safe
//! on a screen.

use super::moment;
use crate::event::{EventKind, line_of};
use crate::findings::Numbered;
use crate::msnp::Direction;
use crate::msnp::escape::to_screen;
use std::io::{self, Write};

/// Writes one event. Its line begins with its number, by which a finding names the line
/// that shows it.
pub(super) fn write(numbered: &Numbered, show: bool, out: &mut dyn Write) -> io::Result<()> {
    let event = &numbered.event;
    let summary = line_of(event, show);
    let number = numbered
        .number
        .map_or_else(|| "-".into(), |n| n.to_string());
    let client = event.client.map_or_else(|| "-".into(), |c| c.to_string());
    let mark = match &event.kind {
        EventKind::Frame(frame) if frame.direction == Direction::In => "▶",
        EventKind::Frame(_) => "◀",
        _ => "·",
    };
    let injected = matches!(&event.kind, EventKind::Frame(frame) if frame.injected);
    let injected = if injected { "  (injected)" } else { "" };
    let shown_by = match &event.kind {
        EventKind::Finding(finding) => finding.evidence.map(|n| format!("  (line {n})")),
        _ => None,
    };
    writeln!(
        out,
        "{number:>5} {} {client} {mark} {summary}{injected}{}",
        moment(event.time),
        shown_by.unwrap_or_default()
    )?;
    match &event.kind {
        EventKind::Frame(told) => {
            if let Some(at) = told.frame.payload_at() {
                let wire = told.frame.wire();
                lines(&told.secrets.mask(wire, at, wire.len(), show), "    ", out)?;
            }
        }
        EventKind::Http(http) => {
            lines(&http.request.shown(show), "    > ", out)?;
            lines(&http.response.shown(show), "    < ", out)?;
        }
        _ => {}
    }
    Ok(())
}

fn lines(bytes: &[u8], before: &str, out: &mut dyn Write) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    for line in bytes.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        writeln!(out, "{before}{}", to_screen(line))?;
    }
    Ok(())
}
