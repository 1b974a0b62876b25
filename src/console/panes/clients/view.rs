//! Who is connected: one row each.

use crate::command::Pane;
use crate::console::panes::clients::state::{Client, Row, Who};
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::frame::{Titles, selection};
use crate::console::widget::list::first_row;
use crate::console::widget::marks;
use crate::console::widget::text::{self, fit, safe};
use crate::event::{Step, Turn};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub(in super::super) fn titles(state: &State, _: usize) -> Titles {
    let count = state.clients.connected().count();
    let style = state.theme().style(Role::Dim);
    let all = state.clients.rows().len();
    let room = usize::from(state.areas().inner(Pane::Clients).height);
    // The place in the list matters where not all are in view. The footer says how many are connected, too. Not at the
    // bottom: there the next pane has its title.
    let text = if all > room && room > 0 {
        Some(format!("{} of {all}", state.clients.row() + 1))
    } else {
        (count > 0).then(|| format!("{count} connected"))
    };
    Titles {
        top_right: text
            .into_iter()
            .map(|text| Span::styled(text, style))
            .collect(),
        ..Titles::default()
    }
}

pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    if state.clients.is_empty() {
        return waiting(state, buffer, area);
    }
    let height = usize::from(area.height);
    let rows = state.clients.rows();
    let first = first_row(state.clients.row(), rows.len(), height);
    for (at, row) in rows.into_iter().enumerate().skip(first).take(height) {
        let y = area.y + (at - first) as u16;
        let selected = state.clients.is_selected(row);
        let line = match row {
            Row::One(who) => match state.clients.of(who) {
                Some(client) => line(state, who, client, selected, area.width),
                None => continue,
            },
            Row::Gone => gone(state, selected, area.width),
        };
        text::put(buffer, area.x, y, &line, area.width);
        if selected {
            text::paint(buffer, area, y, selection(state, Pane::Clients));
        }
    }
}

/// The row that those who have gone are folded into.
fn gone(state: &State, selected: bool, width: u16) -> Line<'static> {
    let (folded, all) = (state.clients.folded(), state.clients.gone());
    let (sign, text) = match folded {
        0 => ("▾", format!("{all} gone")),
        folded if folded < all => ("▸", format!("{folded} more gone")),
        folded => ("▸", format!("{folded} gone")),
    };
    let folds = if folded == 0 { "folds" } else { "unfolds" };
    let key = state.keymap.key(Pane::Clients, "forget");
    let hints = key.filter(|_| selected).into_iter().flat_map(|key| {
        [
            format!(": space {folds}, {key} forgets"),
            format!(": space {folds}"),
        ]
    });
    let room = usize::from(width).saturating_sub(4 + text.width());
    let hint = hints.into_iter().find(|hint| hint.width() <= room);
    let hint = hint.unwrap_or_default();
    let theme = state.theme();
    Line::from(vec![
        Span::raw(if selected { "▸ " } else { "  " }),
        Span::styled(format!("{sign} {text}"), theme.style(Role::Dim)),
        Span::styled(hint, theme.style(Role::Dim)),
    ])
}

/// Shown while nobody is connected: where clients are awaited.
fn waiting(state: &State, buffer: &mut Buffer, area: Rect) {
    let dim = state.theme().style(Role::Dim);
    let doors: Vec<_> = state.doors().collect();
    let mut lines = match doors.as_slice() {
        [] => vec!["no client is connected".to_owned()],
        [(_, first), ..] if usize::from(area.height) <= doors.len() => {
            vec![format!("waiting at {first}")]
        }
        _ => vec!["waiting for a client at".to_owned()],
    };
    let first = if usize::from(area.height) <= doors.len() {
        1
    } else {
        0
    };
    let more = doors.iter().skip(first);
    lines.extend(more.map(|(service, address)| format!("  {address}  {}", service.name())));
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        text::put(buffer, area.x, y, &Line::styled(line, dim), area.width);
    }
}

/// The row of one: sign and number, name, dialect, state, findings.
fn line(state: &State, who: Who, client: &Client, selected: bool, width: u16) -> Line<'static> {
    let theme = state.theme();
    let style = |role| theme.style(role);
    let gone = client.gone.is_some();
    let mut spans = vec![
        Span::raw(if selected { "▸" } else { " " }),
        Span::styled(
            if state.clients.is_marked(who) {
                "*"
            } else {
                " "
            },
            style(Role::Mark),
        ),
    ];
    let number = match who {
        Who::Client(id) => format!("{id} "),
        Who::Connection(_) => "– ".into(),
    };
    spans.push(Span::styled(number, style(Role::Key)));

    let mut tail: Vec<Span<'static>> = Vec::new();
    match (&client.tls, who) {
        (Some(Err(cause)), Who::Connection(_)) => {
            tail.push(Span::styled(format!(" TLS ✗ {cause}"), style(Role::Error)));
        }
        (Some(Ok(version)), Who::Connection(_)) => {
            tail.push(Span::styled(format!(" {version}"), style(Role::Service)));
        }
        (None, Who::Connection(_)) => {
            let service = client.service.map_or("", |s| s.name());
            tail.push(Span::styled(format!(" {service}"), style(Role::Service)));
        }
        _ => {}
    }
    let info = client.info.as_ref();
    if let Some(shape) = info.and_then(|i| i.shape) {
        // Where there is little room, the detail alone says the family.
        let shape = if width < 44 {
            shape.dialect.to_string()
        } else {
            shape.to_string()
        };
        tail.push(Span::styled(format!(" {shape}"), style(Role::Service)));
    }
    if let Who::Client(_) = who {
        tail.push(Span::raw(" "));
        let step = client.step();
        tail.push(match (step, info.and_then(|i| i.status)) {
            (Step::Online, Some(status)) => Span::styled(
                format!("{} {}", marks::of_status(status), status.name()),
                theme.status(status),
            ),
            _ if gone => Span::styled(format!("{} gone", marks::SIGNED_OUT), style(Role::Dim)),
            _ => {
                let sign = if step.turn() == Turn::Nobody {
                    ""
                } else {
                    "… "
                };
                Span::styled(format!("{sign}{}", step.name()), style(Role::Warning))
            }
        });
    }
    if client.findings > 0 {
        tail.push(Span::styled(
            format!(" ⚠{}", client.findings),
            style(Role::Warning),
        ));
    }
    let taken: usize = spans.iter().chain(&tail).map(|s| s.content.width()).sum();
    let room = usize::from(width).saturating_sub(taken).max(6);
    let role = if gone { Role::Dim } else { Role::Account };
    spans.push(Span::styled(fit(&safe(&client.name()), room), style(role)));
    spans.extend(tail);
    Line::from(spans)
}
