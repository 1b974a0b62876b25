//! The detail: of the contact or client under the cursor where its list has the keys, else of the line.

use crate::command::Pane;
use crate::console::panes;
use crate::console::panes::contacts::detail::lines as contact;
use crate::console::panes::transcript::state::unfolded;
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::explained::explained;
use crate::console::widget::field::field;
use crate::console::widget::frame::Titles;
use crate::console::widget::text::{self, safe};
use crate::console::widget::{hex, time};
use crate::event::{Event, EventKind, HttpExchange, Kind};
use crate::journal::Line as Entry;
use crate::msnp::explain::explain;
use crate::msnp::{Direction, escape};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

fn entry(state: &State) -> Option<Entry<'_>> {
    state.transcript.cursor.and_then(|id| state.journal.get(id))
}

pub(in super::super) fn titles(state: &State, _: usize) -> Titles {
    let theme = state.theme();
    let dim = |text: String| vec![Span::styled(text, theme.style(Role::Dim))];
    match panes::of(state.focus).subject(state) {
        Some(subject) => Titles {
            top_right: dim(subject.into()),
            ..Titles::default()
        },
        None => Titles {
            top_right: entry(state)
                .map(|line| {
                    let what = match line.direction() {
                        Some(Direction::In) => "client → server",
                        Some(Direction::Out) if line.injected() => "injected → client",
                        Some(Direction::Out) => "server → client",
                        None => line.kind().name(),
                    };
                    // The number by which exports and `nudge explain` name it.
                    dim(format!("line {} · {what}", line.id()))
                })
                .unwrap_or_default(),
            ..Titles::default()
        },
    }
}

pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let width = usize::from(area.width);
    let face = panes::of(state.focus);
    let lines = match (face.subject(state), entry(state)) {
        (Some(_), _) => face.detail(state, width),
        (None, Some(line)) => of_line(state, &line, width),
        (None, None) => Vec::new(),
    };
    let height = usize::from(area.height);
    let skip = state.detail.scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(skip + height);
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(skip)) {
        text::put(buffer, area.x, y, line, area.width);
    }
    if below > 0 && area.height > 1 {
        let more = Line::styled(format!(" {below} more "), state.theme().style(Role::Badge));
        text::put_right(buffer, area, area.bottom() - 1, &more);
    }
}

fn of_line(state: &State, line: &Entry<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    if state.detail.hex {
        // Of a finding nudge has the sentence; the bytes are those of the line that shows it.
        let evidence = line.evidence().and_then(|id| state.journal.get(id));
        let line = evidence.as_ref().unwrap_or(line);
        if let Some(EventKind::Http(http)) = line.event().map(|event| &event.kind) {
            return of_exchange(state, http, width);
        }
        // Secrets stay masked here as well; the offsets then are those of what is shown.
        let shown = line.shown(0..line.wire().len(), state.show_secrets);
        return hex::dump(&shown, width)
            .into_iter()
            .map(|row| Line::styled(row, theme.style(Role::Text)))
            .collect();
    }
    let mut lines = if line.is_frame() {
        of_frame(state, line, width)
    } else {
        line.event()
            .map_or_else(Vec::new, |e| of_event(state, line, e, width))
    };
    if line.cut() > 0 {
        let text = format!(
            "⚠ {} bytes were left out: it was too large",
            time::count(line.cut())
        );
        lines.push(Line::styled(text, theme.style(Role::Warning)));
    }
    lines
}

/// The bytes of a request, and those of its answer.
fn of_exchange(state: &State, http: &HttpExchange, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let mut lines = Vec::new();
    for (title, message) in [("request", &http.request), ("answer", &http.response)] {
        let shown = message.shown(state.show_secrets);
        let title = format!("{title}, {} bytes", time::count(shown.len() as u64));
        lines.push(Line::styled(title, theme.style(Role::Dim)));
        let rows = hex::dump(&shown, width).into_iter();
        lines.extend(rows.map(|row| Line::styled(row, theme.style(Role::Text))));
    }
    lines
}

/// Scrolls to what a search has found, where it stands in the detail of the line and that is in view: a long body is not
/// read through for it.
pub(crate) fn seek(state: &mut State) {
    let area = state.areas().inner(Pane::Detail);
    let is_it = state.detail.seek.is_some() && state.detail.seek == state.transcript.cursor;
    if !is_it || area.height == 0 || panes::of(state.focus).subject(state).is_some() {
        return;
    }
    state.detail.seek = None;
    let found = state.transcript.find.as_ref().zip(entry(state));
    let row = found.and_then(|(find, line)| {
        let lines = of_line(state, &line, usize::from(area.width));
        let mut texts = lines.iter().map(|line| {
            let spans = line.spans.iter();
            spans.map(|span| span.content.as_ref()).collect::<String>()
        });
        texts.position(|text| find.text.is_in(text.as_bytes()))
    });
    let height = usize::from(area.height);
    state.detail.scroll = match row {
        Some(row) if row >= height => row - height / 2,
        _ => 0,
    };
}

fn of_frame(state: &State, line: &Entry<'_>, width: usize) -> Vec<Line<'static>> {
    let shape = line
        .client()
        .and_then(|id| state.clients.get(id))
        .and_then(|c| c.info.as_ref())
        .and_then(|i| i.shape);
    let direction = line.direction().unwrap_or(Direction::Out);
    let head = line.shown_line(state.show_secrets);
    let payload = line.shown_payload(state.show_secrets);
    let told = explain(&head, payload.as_deref(), direction, shape);
    let pointed = (state.focus != Pane::Contacts).then_some(state.transcript.token);
    explained(state, &told, width, pointed)
}

fn of_event(state: &State, line: &Entry<'_>, event: &Event, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let shown = escape::to_screen(&line.shown_line(state.show_secrets));
    let role = if line.is_error() {
        Role::Error
    } else {
        Role::Text
    };
    let mut lines: Vec<Line<'static>> = text::wrap(&shown, width)
        .into_iter()
        .map(|piece| Line::styled(piece, theme.style(role)))
        .collect();
    if let Some(connection) = line.connection() {
        lines.extend(field(
            state,
            "connection",
            &connection.to_string(),
            Role::Text,
            width,
        ));
    }
    match &event.kind {
        EventKind::Tls(tls) => {
            let mut add = |name: &str, value: Option<String>| {
                if let Some(value) = value {
                    lines.extend(field(state, name, &value, Role::Text, width));
                }
            };
            add("version", tls.version.clone());
            add("cipher", tls.cipher.clone());
            add("asked for host", tls.sni.clone());
            if let Some(failure) = &tls.failure {
                for piece in text::wrap(&safe(&failure.text), width) {
                    lines.push(Line::styled(piece, theme.style(Role::Error)));
                }
            }
        }
        EventKind::Finding(finding) => {
            lines.extend(super::finding::lines(state, finding, line, width));
        }
        EventKind::Contact(change) => lines.extend(contact(state, &change.contact, width)),
        EventKind::Http(_) => lines.extend(
            unfolded(line, state.show_secrets)
                .into_iter()
                .map(|row| Line::styled(row, theme.style(Role::Payload))),
        ),
        _ => {}
    }
    debug_assert!(line.kind() != Kind::Frame);
    lines
}
