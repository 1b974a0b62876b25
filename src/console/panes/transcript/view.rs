//! What happened: the visible rows of the journal, and no others.

use crate::command::Pane;
use crate::console::panes::transcript::state::{Row, Times, unfolded};
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::frame::{Titles, selection};
use crate::console::widget::marks;
use crate::console::widget::text;
use crate::console::widget::time;
use crate::event::{EventId, EventKind};
use crate::journal::Line as Entry;
use crate::msnp::{TransactionId, escape};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Bytes of a line that are looked at for each column: one may be four.
const BYTES: usize = 4;

pub(in super::super) fn titles(state: &State, _: usize) -> Titles {
    let theme = state.theme();
    let transcript = &state.transcript;
    let mut titles = Titles::default();
    // Everything stands on the upper line: the lower one is the next pane's upper one.
    if transcript.following {
        let style = theme.style(Role::Good);
        titles.top.push(Span::styled("  ▼ following", style));
    } else {
        let style = theme.style(Role::Warning);
        titles.top.push(Span::styled("  ‖ held  ", style));
        let unseen = transcript.unseen();
        let key = state.keymap.key(Pane::Transcript, "last");
        if let Some(key) = key.filter(|_| unseen > 0) {
            let text = format!(" {} new below: {key} follows ", time::count(unseen as u64));
            titles
                .top
                .push(Span::styled(text, theme.style(Role::Badge)));
        }
    }
    let older = state.journal.older();
    if older > 0 {
        let text = format!("  {} older lines", time::count(older));
        titles.top.push(Span::styled(text, theme.style(Role::Dim)));
    }
    if !transcript.filter.is_empty() {
        let matched = &transcript.matched;
        let more = if matched.is_done() { "" } else { "+" };
        titles
            .top_right
            .push(Span::styled("filter: ", theme.style(Role::Dim)));
        titles.top_right.push(Span::styled(
            text::safe(&transcript.filter),
            theme.style(Role::Key),
        ));
        titles.top_right.push(Span::styled(
            format!(" · {}{more} lines", time::count(matched.count() as u64)),
            theme.style(Role::Dim),
        ));
    }
    if let Some(find) = &transcript.find {
        let running = if find.running.is_some() { "…" } else { "" };
        let place = find.place(transcript.cursor);
        let text = format!("/{}{running} {place}", text::safe(&find.typed));
        titles.top.push(Span::raw("  "));
        titles
            .top
            .push(Span::styled(text, theme.style(Role::Match)));
    }
    titles
}

pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let height = usize::from(area.height);
    let rows = state
        .transcript
        .visible(&state.journal, height, state.show_secrets);
    if rows.is_empty() {
        let text = match state.journal.is_empty() {
            false => "no line passes the filter",
            true if state.journal.next() > EventId(0) => {
                "nothing has happened since it was cleared"
            }
            true => "nothing has happened yet",
        };
        text::put(
            buffer,
            area.x,
            area.y,
            &Line::styled(text, state.theme().style(Role::Dim)),
            area.width,
        );
        return;
    }
    let mut payload: Option<(Row, Vec<String>)> = None;
    for (y, row) in (area.y..area.bottom()).zip(&rows) {
        let Some(entry) = state.journal.get(row.id) else {
            continue;
        };
        if row.part == 0 {
            let line = head(state, &entry, usize::from(area.width));
            text::put(buffer, area.x, y, &line, area.width);
        } else {
            if payload.as_ref().is_none_or(|(held, _)| held.id != row.id) {
                payload = Some((*row, unfolded(&entry, state.show_secrets)));
            }
            let shown = payload
                .as_ref()
                .and_then(|(_, lines)| lines.get(row.part - 1))
                .cloned()
                .unwrap_or_default();
            let mut spans = vec![Span::styled(
                "               │ ",
                state.theme().style(Role::Border),
            )];
            found(
                state,
                &shown,
                state.theme().style(Role::Payload),
                &mut spans,
            );
            text::put(buffer, area.x, y, &Line::from(spans), area.width);
        }
        if state.transcript.cursor == Some(row.id) && row.part == 0 {
            text::paint(buffer, area, y, selection(state, Pane::Transcript));
            if state.focus == Pane::Transcript {
                token(state, buffer, &entry, area, y);
            }
        }
    }
}

/// Columns before the text of a line: mark, time, client, arrow.
const LEAD: usize = 19;

/// Points at the value under the cursor, by underlining it.
fn token(state: &State, buffer: &mut Buffer, entry: &Entry<'_>, area: Rect, y: u16) {
    if state.transcript.token == 0 {
        return;
    }
    let shown = entry.shown_line(state.show_secrets);
    let Some(range) = words(&shown).nth(state.transcript.token) else {
        return;
    };
    let columns =
        |bytes: &[u8]| unicode_width::UnicodeWidthStr::width(escape::to_screen(bytes).as_str());
    let from = LEAD + columns(&shown[..range.start]);
    let width = columns(&shown[range]);
    let x = area.x.saturating_add(from as u16);
    let place = Rect::new(x, y, width as u16, 1).intersection(area);
    let style = Style::new()
        .add_modifier(ratatui::style::Modifier::UNDERLINED | ratatui::style::Modifier::BOLD);
    buffer.set_style(place, style);
}

/// Where the words of a line are.
fn words(line: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut at = 0;
    line.split(|b| *b == b' ').filter_map(move |word| {
        let range = at..at + word.len();
        at += word.len() + 1;
        (!word.is_empty()).then_some(range)
    })
}

fn head(state: &State, entry: &Entry<'_>, width: usize) -> Line<'static> {
    let theme = state.theme();
    let mark = if state.transcript.marks.contains(&entry.id()) {
        "*"
    } else {
        " "
    };
    let client = entry
        .client()
        .map_or_else(|| "·".to_owned(), |id| id.to_string());
    let (arrow, role) = marks::of_line(entry);
    let mut spans = vec![
        Span::styled(mark, theme.style(Role::Mark)),
        Span::styled(
            format!("{:>12} ", when(state, entry)),
            theme.style(Role::Dim),
        ),
        Span::styled(format!("{client:>2} "), theme.style(Role::Dim)),
        Span::styled(format!("{arrow} "), theme.style(role)),
    ];
    let budget = width.saturating_sub(LEAD) * BYTES + 16;
    if entry.is_frame() {
        frame(state, entry, role, budget, &mut spans);
    } else {
        let shown = entry.shown_line(state.show_secrets);
        let shown = &shown[..shown.len().min(budget)];
        push(state, shown, theme.style(role), &mut spans);
        if !unfolds(entry) {
            return Line::from(spans);
        }
        fold_mark(state, entry, &mut spans);
    }
    Line::from(spans)
}

fn unfolds(entry: &Entry<'_>) -> bool {
    entry.payload().is_some_and(|p| !p.is_empty())
        || matches!(entry.event().map(|e| &e.kind), Some(EventKind::Http(_)))
}

fn fold_mark(state: &State, entry: &Entry<'_>, spans: &mut Vec<Span<'static>>) {
    let open = state.transcript.is_unfolded(entry.id());
    let sign = if open { " ▾" } else { " ▸" };
    spans.push(Span::styled(sign, state.theme().style(Role::Dim)));
}

/// A frame: verb, transaction, words, and the beginning of its payload.
fn frame(
    state: &State,
    entry: &Entry<'_>,
    role: Role,
    budget: usize,
    spans: &mut Vec<Span<'static>>,
) {
    let theme = state.theme();
    let shown = entry.shown_line(state.show_secrets);
    let shown = &shown[..shown.len().min(budget)];
    let mut end = 0;
    for (at, range) in words(shown).enumerate() {
        push(
            state,
            &shown[end..range.start],
            theme.style(Role::Text),
            spans,
        );
        end = range.end;
        let word = &shown[range];
        let style = match at {
            0 => theme.style(Role::Verb).patch(theme.style(role)),
            1 if TransactionId::parse(word).is_some() => theme.style(Role::Transaction),
            _ if word == crate::event::MASK => theme.style(Role::Dim),
            _ if word.contains(&b'@') && !word.contains(&b'%') => theme.style(Role::Account),
            _ => theme.style(Role::Text),
        };
        push(state, word, style, spans);
    }
    push(state, &shown[end..], theme.style(Role::Text), spans);
    if entry.is_bare_lf() {
        spans.push(Span::styled(" ⏎LF", theme.style(Role::Warning)));
    }
    if !unfolds(entry) {
        return;
    }
    fold_mark(state, entry, spans);
    if !state.transcript.is_unfolded(entry.id())
        && let Some(payload) = entry.shown_payload(state.show_secrets)
    {
        spans.push(Span::raw(" "));
        let payload = &payload[..payload.len().min(budget)];
        push(state, payload, theme.style(Role::Payload), spans);
    }
}

/// Bytes, safe for the screen; what the search found in them stands out.
fn push(state: &State, bytes: &[u8], style: Style, spans: &mut Vec<Span<'static>>) {
    let Some(find) = &state.transcript.find else {
        spans.push(Span::styled(escape::to_screen(bytes), style));
        return;
    };
    let mut end = 0;
    for range in find.text.find_all(bytes) {
        spans.push(Span::styled(
            escape::to_screen(&bytes[end..range.start]),
            style,
        ));
        end = range.end;
        let found = escape::to_screen(&bytes[range]);
        spans.push(Span::styled(found, state.theme().style(Role::Match)));
    }
    spans.push(Span::styled(escape::to_screen(&bytes[end..]), style));
}

/// A text that is safe already; what the search found in it stands out.
fn found(state: &State, shown: &str, style: Style, spans: &mut Vec<Span<'static>>) {
    let ranges = match &state.transcript.find {
        Some(find) => find.text.find_all(shown.as_bytes()),
        None => Vec::new(),
    };
    let mut end = 0;
    for range in ranges {
        // An expression over bytes may end within a character.
        let (Some(before), Some(hit)) = (shown.get(end..range.start), shown.get(range.clone()))
        else {
            continue;
        };
        spans.push(Span::styled(before.to_owned(), style));
        let style = state.theme().style(Role::Match);
        spans.push(Span::styled(hit.to_owned(), style));
        end = range.end;
    }
    spans.push(Span::styled(shown[end..].to_owned(), style));
}

fn when(state: &State, entry: &Entry<'_>) -> String {
    let since = |earlier| format!("+{}", time::short(entry.time().since(earlier)));
    match state.transcript.times {
        Times::Clock => time::clock(entry.time(), state.utc_offset),
        Times::Before => state
            .transcript
            .matched
            .prev_from(entry.id())
            .and_then(|id| state.journal.get(id))
            .map_or_else(|| "+0".into(), |line| since(line.time())),
        Times::Connection => entry
            .client()
            .and_then(|id| state.clients.get(id))
            .map_or_else(|| "–".into(), |client| since(client.began)),
    }
}
