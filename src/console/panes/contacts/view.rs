//! The contacts: one row each.

use crate::command::Pane;
use crate::console::state::State;
use crate::console::state::real::Seen;
use crate::console::theme::Role;
use crate::console::widget::frame::{Titles, selection};
use crate::console::widget::list::first_row;
use crate::console::widget::marks;
use crate::console::widget::text::{self, fit, safe};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(in super::super) fn titles(state: &State, _: usize) -> Titles {
    let theme = state.theme();
    let mut right = Vec::new();
    if state.contacts.marked() > 0 {
        right.push(Span::styled(
            format!("* {} marked", state.contacts.marked()),
            theme.style(Role::Mark),
        ));
    } else if !state.contacts.is_empty() {
        right.push(Span::styled(
            state.contacts.len().to_string(),
            theme.style(Role::Dim),
        ));
    }
    Titles {
        top_right: right,
        ..Titles::default()
    }
}

pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let height = usize::from(area.height);
    if state.contacts.is_empty() {
        // In a recording, and where no key does it, nothing is offered.
        let key = state.keymap.key(state.focus, "add ");
        let offer = match key.filter(|_| state.opened.is_none()) {
            Some(key) => format!(": {key} adds one"),
            None => String::new(),
        };
        let line = Line::styled(
            format!("no contacts{offer}"),
            state.theme().style(Role::Dim),
        );
        text::put(buffer, area.x, area.y, &line, area.width);
        return;
    }
    let first = first_row(state.contacts.row(), state.contacts.len(), height);
    let shown = state.contacts.iter().skip(first).take(height);
    let shown = state.seen(shown.map(|contact| &**contact));
    for (row, seen) in (first..).zip(&shown) {
        let y = area.y + (row - first) as u16;
        let selected = row == state.contacts.row();
        let line = line(state, seen, selected, usize::from(area.width));
        text::put(buffer, area.x, y, &line, area.width);
        if selected {
            text::paint(buffer, area, y, selection(state, Pane::Contacts));
        }
    }
}

/// Sign, account, status, and as much of the message as there is room for.
fn line(state: &State, seen: &Seen<'_>, selected: bool, width: usize) -> Line<'static> {
    let theme = state.theme();
    let contact = &seen.contact;
    let status = theme.status(contact.status);
    let room = width.saturating_sub(4 + 14);
    let account = if room > 40 { 26 } else { room.clamp(8, 20) };
    let mut spans = vec![
        Span::raw(if selected { "▸" } else { " " }),
        Span::styled(
            if state.contacts.is_marked(&contact.account) {
                "*"
            } else if state.conversations.is_awaited(&contact.account) {
                marks::MESSAGE
            } else if seen.client.is_some() {
                marks::REAL
            } else {
                " "
            },
            theme.style(Role::Mark),
        ),
        Span::styled(format!("{} ", marks::of_status(contact.status)), status),
        Span::styled(
            fit(&safe(&contact.account), account),
            theme.style(Role::Account),
        ),
        Span::styled(format!(" {}", fit(contact.status.name(), 13)), status),
    ];
    let rest = room.saturating_sub(account + 1);
    if rest > 6 {
        let message = match (&contact.personal.message, &contact.personal.media) {
            (message, media) if message.is_empty() => media,
            (message, _) => message,
        };
        spans.push(Span::styled(
            format!(" {}", fit(&safe(message), rest)),
            theme.style(Role::Dim),
        ));
    }
    Line::from(spans)
}
