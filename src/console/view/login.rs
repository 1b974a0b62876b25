//! How far the selected client's sign-in is, since when, and who owes the next move.

use super::{Titles, time};
use crate::console::state::State;
use crate::console::state::clients::Client;
use crate::console::theme::Role;
use crate::console::widget::text::{self, fit, safe};
use crate::event::{Step, Turn};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn titles(state: &State) -> Titles {
    let Some((_, client)) = state.clients.selected() else {
        return Titles::default();
    };
    Titles {
        top: vec![Span::styled(
            format!("  {}", safe(&client.name())),
            state.theme().style(Role::Account),
        )],
        ..Titles::default()
    }
}

pub(super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let theme = state.theme();
    let Some((_, client)) = state.clients.selected() else {
        let lines = text::wrap(
            "When a client connects, each step of its sign-in is shown here, and who owes the next move.",
            usize::from(area.width),
        );
        for (y, line) in (area.y..area.bottom()).zip(lines) {
            text::put(
                buffer,
                area.x,
                y,
                &Line::styled(line, theme.style(Role::Dim)),
                area.width,
            );
        }
        return;
    };
    let due = due(state, client, usize::from(area.width));
    let room = usize::from(area.height).saturating_sub(due.len());
    let stages = client.login.stages();
    let skip = stages.len().saturating_sub(room);
    let mut y = area.y;
    for stage in &stages[skip..] {
        let (sign, role) = match (stage.ok, stage.took) {
            (false, _) => ("✗", Role::Error),
            (true, Some(_)) => ("✓", Role::Good),
            (true, None) => ("…", Role::Warning),
        };
        let took = stage.took.map(time::short).unwrap_or_default();
        let room = usize::from(area.width).saturating_sub(2 + took.len() + 1);
        let name = room.min(14);
        let often = match stage.times {
            0 | 1 => String::new(),
            n => format!(" ×{n}"),
        };
        let detail = format!(" {}{often}", safe(&stage.detail));
        let line = Line::from(vec![
            Span::styled(format!("{sign} "), theme.style(role)),
            Span::styled(fit(&stage.name, name), theme.style(Role::Verb)),
            Span::styled(fit(&detail, room - name), theme.style(Role::Text)),
            Span::styled(format!(" {took}"), theme.style(Role::Dim)),
        ]);
        text::put(buffer, area.x, y, &line, area.width);
        y += 1;
    }
    for line in due {
        if y < area.bottom() {
            text::put(buffer, area.x, y, &line, area.width);
            y += 1;
        }
    }
}

/// What is due, of whom, and since when.
fn due(state: &State, client: &Client, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    if let Some(reason) = &client.gone {
        return text::wrap(&format!("✗ gone: {}", safe(reason)), width)
            .into_iter()
            .map(|line| Line::styled(line, theme.style(Role::Error)))
            .collect();
    }
    let step = client.step();
    let who = match step.turn() {
        Turn::Client => "the client's move",
        Turn::Server => "nudge's move",
        Turn::Nobody => {
            let since = time::clock(client.since(), state.utc_offset);
            let text = format!("● online since {}", &since[..8]);
            return vec![Line::styled(text, theme.style(Role::Good))];
        }
    };
    let since = time::coarse(state.now.since(client.since()));
    let expects = if client.info.is_some() || step != Step::Connected {
        step.expects()
    } else {
        "a first word"
    };
    let mut lines = vec![Line::from(vec![
        Span::styled("▸ ", theme.style(Role::Warning)),
        Span::styled(who, theme.style(Role::Warning)),
        Span::styled(format!(", for {since}"), theme.style(Role::Text)),
    ])];
    lines.extend(
        text::wrap(expects, width.saturating_sub(2))
            .into_iter()
            .map(|line| Line::styled(format!("  {line}"), theme.style(Role::Text))),
    );
    lines
}
