//! A conversation in bubbles: clients on the left, contacts on the right, each with its time; below, what is being typed.

use super::state::{Conversation, Entry, What};
use crate::command::Pane;
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::frame::{Titles, selection};
use crate::console::widget::text::{self, safe};
use crate::console::widget::{marks, time};
use crate::event::Chapter;
use crate::msnp::message::MessageKind;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// What one account says within this time stands under one name.
const TOGETHER: std::time::Duration = std::time::Duration::from_secs(120);

pub(in super::super) fn titles(state: &State, _: usize) -> Titles {
    let theme = state.theme();
    let style = |role| theme.style(role);
    let all = &state.conversations;
    let mut titles = Titles::default();
    let names = match (&all.call, all.shown()) {
        (Some(call), _) => format!("{}, {}", call.contact, call.account),
        (None, Some(held)) => names(held),
        (None, None) => return titles,
    };
    let names = format!("  {}", safe(&names));
    titles.top.push(Span::styled(names, style(Role::Account)));
    // All stands on the upper line: the lower one is the next pane's upper one.
    if let Some(held) = all.shown() {
        let typing: Vec<_> = held.typing(state.now).take(3).map(safe).collect();
        let word = if typing.len() > 1 { "are" } else { "is" };
        if !typing.is_empty() {
            let text = format!("{} {word} typing… ", typing.join(", "));
            let span = Span::styled(text, style(Role::Good));
            titles.top_right.push(span);
        }
    }
    if let Some((at, count)) = all.place().filter(|(_, count)| *count > 1) {
        let key = state.keymap.key(Pane::Conversation, "next-conversation");
        let key = key.map_or_else(String::new, |key| format!(" ({key} next)"));
        let span = Span::styled(format!("{at} of {count}{key}"), style(Role::Dim));
        titles.top_right.push(span);
    }
    titles
}

/// Who is in it, or was where it is over.
fn names(held: &Conversation) -> String {
    if held.id.is_apart() {
        let over = if held.ended { ", over" } else { "" };
        return format!(
            "{} (in no conversation: UUM, UBM{over})",
            held.everyone.join(", ")
        );
    }
    if held.ended {
        return format!("{} (over)", held.everyone.join(", "));
    }
    let mut names: Vec<_> = held
        .members
        .iter()
        .map(|member| member.account.clone())
        .collect();
    let called = held.called.iter();
    names.extend(called.map(|account| format!("{account} (rung)")));
    if held.others > 0 {
        names.push(format!("{} more", held.others));
    }
    names.join(", ")
}

pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    if area.height == 0 || area.width < 8 {
        return None;
    }
    let (above, input) = parts(state, area);
    let dim = state.theme().style(Role::Dim);
    if state.conversations.shown().is_none() {
        let lines = text::wrap(&nothing(state), usize::from(above.width));
        for (y, line) in (above.y..above.bottom()).zip(lines) {
            text::put(buffer, above.x, y, &Line::styled(line, dim), above.width);
        }
    }
    let rows = rows(state, above);
    let first = above.bottom() - (rows.len() as u16).min(above.height);
    for (y, row) in (first..above.bottom()).zip(&rows) {
        if row.right {
            text::put_right(buffer, above, y, &row.line);
        } else {
            text::put(buffer, above.x, y, &row.line, above.width);
        }
        if state.conversations.cursor() == Some(row.entry) {
            text::paint(buffer, above, y, selection(state, Pane::Conversation));
        }
    }
    typed(state, buffer, input?)
}

/// The bubbles, and the line that is typed into; over a recording there is none.
fn parts(state: &State, area: Rect) -> (Rect, Option<Rect>) {
    if state.opened.is_some() || area.height < 2 {
        return (area, None);
    }
    let above = Rect::new(area.x, area.y, area.width, area.height - 1);
    let input = Rect::new(area.x, area.bottom() - 1, area.width, 1);
    (above, Some(input))
}

/// What is said where there is no conversation to show.
fn nothing(state: &State) -> String {
    if let Some(call) = &state.conversations.call {
        let (contact, account) = (safe(&call.contact), safe(&call.account));
        return match call.is_refused {
            true => {
                format!("{contact} could not ring {account}: the line above the keys says why.")
            }
            false => format!(
                "{contact} rings {account}. What you type is said as soon as the client answers."
            ),
        };
    }
    if state.opened.is_some() {
        return "No conversation has been in this recording so far.".to_owned();
    }
    match state.keymap.key(Pane::Contacts, "converse {contact}") {
        Some(key) => format!(
            "Nobody is in a conversation. In the contacts {key} has one ring the client at hand."
        ),
        None => "Nobody is in a conversation.".to_owned(),
    }
}

/// One row of the pane.
struct Row {
    entry: usize,
    line: Line<'static>,
    right: bool,
}

/// The rows in view: the newest, or those around the cursor. No others are built.
fn rows(state: &State, area: Rect) -> Vec<Row> {
    let Some(held) = state.conversations.shown() else {
        return Vec::new();
    };
    let height = usize::from(area.height);
    let width = usize::from(area.width);
    let cursor = state.conversations.cursor();
    let middle = cursor.map_or(held.entries.len(), |at| at + 1);
    let mut below: Vec<Row> = Vec::new();
    let mut take_below = |most: usize, from: usize| {
        for at in from..held.entries.len() {
            if below.len() >= most {
                break;
            }
            below.extend(entry(state, held, at, width));
        }
        below.truncate(most);
        std::mem::take(&mut below)
    };
    let mut after = take_below(height / 2, middle);
    let mut before: Vec<Row> = Vec::new();
    for at in (0..middle).rev() {
        if before.len() + after.len() >= height {
            break;
        }
        let mut rows = entry(state, held, at, width);
        rows.reverse();
        before.extend(rows);
    }
    if before.len() + after.len() < height {
        after = take_below(height - before.len(), middle);
    }
    before.truncate(height - after.len());
    before.reverse();
    before.extend(after);
    before
}

/// Which entry is on that row of the pane.
pub(super) fn entry_at(state: &State, area: Rect, at: usize) -> Option<usize> {
    let (above, _) = parts(state, area);
    let rows = rows(state, above);
    let blank = usize::from(above.height).saturating_sub(rows.len());
    rows.get(at.checked_sub(blank)?).map(|row| row.entry)
}

fn entry(state: &State, held: &Conversation, at: usize, width: usize) -> Vec<Row> {
    let Some(of) = held.entries.get(at) else {
        return Vec::new();
    };
    let row = |line, right| Row {
        entry: at,
        line,
        right,
    };
    let clock = time::clock(of.time, state.utc_offset);
    let theme = state.theme();
    let (kind, words, count) = match &of.what {
        What::Changed { change, reason } => {
            return vec![row(changed(state, of, *change, reason.as_deref()), false)];
        }
        What::Said { kind, text, count } => (*kind, text, *count),
    };
    let mut rows = Vec::new();
    let before = at.checked_sub(1).and_then(|at| held.entries.get(at));
    if !before.is_some_and(|before| goes_on(before, of)) {
        let name = Span::styled(safe(&of.account), theme.style(Role::Account));
        let clock = Span::styled(clock[..8].to_owned(), theme.style(Role::Dim));
        let (left, right) = if of.played {
            (clock, name)
        } else {
            (name, clock)
        };
        let line = Line::from(vec![
            Span::raw(" "),
            left,
            Span::raw(" "),
            right,
            Span::raw(" "),
        ]);
        rows.push(row(line, of.played));
    }
    let room = (width * 2 / 3).max(width.min(24)).saturating_sub(4);
    let role = match of.played {
        true => Role::Out,
        false => Role::In,
    };
    let side = |sign: &'static str| Span::styled(sign, theme.style(role));
    let text = match kind {
        MessageKind::Text => words.clone(),
        MessageKind::Nudge => "(nudges)".to_owned(),
        kind if words.is_empty() => format!("({kind})"),
        kind => format!("({kind}: {words})"),
    };
    let pieces = text.lines().flat_map(|line| text::wrap(&safe(line), room));
    let mut pieces: Vec<String> = pieces.collect();
    if count > 1
        && let Some(last) = pieces.last_mut()
    {
        *last += &format!(" ×{count}");
    }
    let columns = pieces.iter().map(|p| p.width()).max().unwrap_or(0);
    let style = theme.style(match kind {
        MessageKind::Text => Role::Text,
        MessageKind::Nudge => Role::Warning,
        _ => Role::Dim,
    });
    for piece in pieces {
        let line = if of.played {
            Line::from(vec![
                Span::styled(text::fit(&piece, columns), style),
                side(" ▐ "),
            ])
        } else {
            Line::from(vec![side(" ▌ "), Span::styled(piece, style)])
        };
        rows.push(row(line, of.played));
    }
    // What the client has given of it.
    for (name, portrait) in state.conversations.objects.of(of) {
        let shown = portrait.rows(theme, &state.pictures, room);
        if shown.is_empty() {
            let text = format!("{name}: {}", portrait.words());
            let pieces = text::wrap(&safe(&text), room).into_iter();
            let lines = pieces.map(|piece| Span::styled(piece, theme.style(Role::Dim)));
            rows.extend(lines.map(|text| row(Line::from(vec![side(" ▌ "), text]), false)));
        }
        for mut line in shown {
            line.spans.insert(0, side(" ▌ "));
            rows.push(row(line, false));
        }
    }
    rows
}

/// Whether the second goes on where the first stopped: then it needs no name.
fn goes_on(before: &Entry, of: &Entry) -> bool {
    matches!(before.what, What::Said { .. })
        && before.account.eq_ignore_ascii_case(&of.account)
        && of.time.since(before.time) < TOGETHER
}

fn changed(state: &State, of: &Entry, change: Chapter, reason: Option<&str>) -> Line<'static> {
    let clock = time::clock(of.time, state.utc_offset);
    let reason = reason.map_or_else(String::new, |reason| format!(": {}", safe(reason)));
    let account = safe(&of.account);
    let text = format!(
        " {} {} {account} {}{reason}",
        &clock[..8],
        marks::CONVERSATION,
        change.words()
    );
    let role = match change {
        Chapter::Unanswered => Role::Warning,
        _ => Role::Dim,
    };
    Line::styled(text, state.theme().style(role))
}

/// What is being typed, and as whom.
fn typed(state: &State, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let theme = state.theme();
    let all = &state.conversations;
    let Some(line) = all.line() else {
        let text = match all.shown() {
            Some(held) if held.ended => {
                "it is over; from the contacts a new one is begun".to_owned()
            }
            Some(_) => "no contact of yours is in it: it is only read".to_owned(),
            None => return None,
        };
        let line = Line::styled(format!(" {text}"), theme.style(Role::Dim));
        text::put(buffer, area.x, area.y, &line, area.width);
        return None;
    };
    let contact = text::clip(&safe(&line.contact), usize::from(area.width) / 2).to_owned();
    let sign = format!(" {contact} {} ", marks::FOLDED);
    let edit = all.draft();
    let room = usize::from(area.width).saturating_sub(sign.width());
    let shift = (edit.column() + 1).saturating_sub(room);
    let typed = safe(edit.text());
    let typed = typed[text::clip(&typed, shift).len()..].to_owned();
    let is_blank = typed.is_empty() && shift == 0;
    let rest = match is_blank {
        true => Span::styled("type, and enter says it", theme.style(Role::Dim)),
        false => Span::styled(typed, theme.style(Role::Text)),
    };
    let line = Line::from(vec![
        Span::styled(sign.clone(), theme.style(Role::Key)),
        rest,
    ]);
    text::put(buffer, area.x, area.y, &line, area.width);
    let column = sign.width() + edit.column() - shift.min(edit.column());
    let x = area.x + (column as u16).min(area.width - 1);
    Some(Position::new(x, area.y))
}
