//! How far the selected client's sign-in is, who owes the next move, and why it stands still: its ladder, or the
//! same drawn as a sequence.

use super::step::sign;
use crate::command::Pane;
use crate::console::panes::clients::state::{Client, Who};
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::frame::{Titles, selection};
use crate::console::widget::list::first_row;
use crate::console::widget::marks;
use crate::console::widget::text::{self, fit, safe};
use crate::console::widget::time;
use crate::event::{Service, Turn};
use crate::findings::ladder::{Kind, Row, State as Rung};
use crate::findings::{Ladder, Stall};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::net::SocketAddr;

pub(in super::super) fn titles(state: &State, _: usize) -> Titles {
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

pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let dim = state.theme().style(Role::Dim);
    let sentence = match state.clients.selected() {
        None => return nobody(state, buffer, area),
        Some((Who::Connection(_), _)) => "Nothing tells yet whose connection this is.",
        Some(_) => "Nothing is known of this client's sign-in.",
    };
    let Some((ladder, (_, client))) = state.ladder().zip(state.clients.selected()) else {
        let lines = text::wrap(sentence, usize::from(area.width));
        for (y, line) in (area.y..area.bottom()).zip(lines) {
            text::put(buffer, area.x, y, &Line::styled(line, dim), area.width);
        }
        return;
    };
    if state.diagram.is_some() {
        return diagram(state, ladder, buffer, area);
    }
    let below = below(state, ladder, client, usize::from(area.width));
    let (first, count) = window(state, ladder, below.len(), usize::from(area.height));
    let cursor = state.login_row();
    let mut y = area.y;
    for (at, row) in ladder.rows().iter().enumerate().skip(first).take(count) {
        text::put(buffer, area.x, y, &step(state, row, area.width), area.width);
        if at == cursor && state.focus == Pane::Login {
            text::paint(buffer, area, y, selection(state, Pane::Login));
        }
        y += 1;
    }
    let room = usize::from(area.bottom().saturating_sub(y));
    // The last row says how many more there are, where they do not fit and have room alone.
    let is_cut = below.len() > room && room > 1 && !state.zoom;
    let shown = room - usize::from(is_cut);
    let left = below.len().saturating_sub(shown);
    for (y, line) in (y..area.bottom()).zip(below.into_iter().take(shown)) {
        text::put(buffer, area.x, y, &line, area.width);
    }
    if is_cut {
        let key = state.key_name("zoom");
        let more = Line::styled(
            format!(" {left} more: {key} shows all "),
            state.theme().style(Role::Badge),
        );
        text::put_right(buffer, area, area.bottom() - 1, &more);
    }
}

/// Shown while there is no client: how to bring one.
fn nobody(state: &State, buffer: &mut Buffer, area: Rect) {
    let theme = state.theme();
    let sentence = "When a client connects, each step of its sign-in is shown here, and who owes the next move.";
    let width = usize::from(area.width);
    let of = |role, lines: Vec<String>| lines.into_iter().map(move |line| (role, line));
    let mut lines: Vec<_> = of(Role::Text, text::wrap(sentence, width)).collect();
    if state.opened.is_none() && !state.listening.is_empty() {
        lines.clear();
        let mut add = |key: &str, what: &str| {
            lines.extend(of(Role::Text, text::wrap(key, width)));
            let what = text::wrap(what, width.saturating_sub(2)).into_iter();
            let what = what.map(|line| format!("  {line}")).collect();
            lines.extend(of(Role::Dim, what));
        };
        add(":demo", "starts a built-in client in here");
        add(&client_command(state), "is one in another terminal");
        let notification = |(door, _): &(Service, String)| *door == Service::Notification;
        if let Some((_, address)) = state.doors().find(notification) {
            let at: Option<SocketAddr> = address.parse().ok();
            // Without an option `nudge hosts` says how this machine itself gets here.
            let lan = match at.is_some_and(|at| at.ip().is_loopback()) {
                true => "",
                false => " --lan",
            };
            let what = format!(
                "must reach {address}: `nudge hosts{lan}` has the lines for its hosts file"
            );
            add("A client of your own", &what);
        }
    }
    for (y, (role, line)) in (area.y..area.bottom()).zip(lines) {
        let line = Line::styled(line, theme.style(role));
        text::put(buffer, area.x, y, &line, area.width);
    }
}

/// What starts a client beside this service.
fn client_command(state: &State) -> String {
    let port = |of: Service| {
        let door = state.listening.iter().find(|(door, _)| *door == of);
        door.map(|(_, address)| address.port())
    };
    let mut command = "nudge client".to_owned();
    for (door, option, usual) in [
        (Service::Notification, "notification", 1863),
        (Service::Https, "https", 8443),
    ] {
        if let Some(port) = port(door).filter(|port| *port != usual) {
            command += &format!(" --{option} 127.0.0.1:{port}");
        }
    }
    command
}

/// The messages as a sequence, below the names of their lanes.
fn diagram(state: &State, ladder: &Ladder, buffer: &mut Buffer, area: Rect) {
    let theme = state.theme();
    let mut lines = ladder.sequence(usize::from(area.width)).into_iter();
    let names = Line::styled(lines.next().unwrap_or_default(), theme.style(Role::Title));
    text::put(buffer, area.x, area.y, &names, area.width);
    let (cursor, first) = (state.login_row(), first_message(state, ladder, area));
    for ((at, line), y) in lines.enumerate().skip(first).zip(area.y + 1..area.bottom()) {
        let line = Line::styled(safe(&line), theme.style(Role::Text));
        text::put(buffer, area.x, y, &line, area.width);
        if at == cursor && state.focus == Pane::Login {
            text::paint(buffer, area, y, selection(state, Pane::Login));
        }
    }
}

/// The first message that is shown; what was left out has a line after the last.
fn first_message(state: &State, ladder: &Ladder, area: Rect) -> usize {
    let room = usize::from(area.height.saturating_sub(1));
    first_row(state.login_row(), ladder.messages().len() + 1, room)
}

/// Which steps are shown above this many other lines: the first, and how many. They have at least a third of the pane; one
/// alone, where causes of a stall are below it.
fn window(state: &State, ladder: &Ladder, below: usize, height: usize) -> (usize, usize) {
    let rows = ladder.rows().len();
    let least = match ladder.stall() {
        Some(_) => 1,
        None => height.div_ceil(3),
    };
    let room = height.saturating_sub(below).max(least);
    (first_row(state.login_row(), rows, room), room.min(rows))
}

/// Which step, or which message, is on that row of the pane.
pub fn row_at(state: &State, area: Rect, at: usize) -> Option<usize> {
    let (_, client) = state.clients.selected()?;
    let ladder = state.ladder()?;
    if state.diagram.is_some() {
        let row = first_message(state, ladder, area) + at.checked_sub(1)?;
        return (row < ladder.messages().len()).then_some(row);
    }
    let below = below(state, ladder, client, usize::from(area.width)).len();
    let (first, count) = window(state, ladder, below, usize::from(area.height));
    (at < count).then_some(first + at)
}

fn step(state: &State, row: &Row, width: u16) -> Line<'static> {
    let theme = state.theme();
    let (sign, role) = sign(row.state);
    let came = !matches!(row.state, Rung::Due | Rung::Skipped);
    let took = row.took.map(time::short).unwrap_or_default();
    let room = usize::from(width).saturating_sub(2 + took.len() + 1);
    let name = room.min(14);
    let often = match row.count {
        0 | 1 => String::new(),
        n => format!(" ×{n}"),
    };
    let whose = match row.open.as_slice() {
        [] => String::new(),
        _ => format!(" of {}", row.whose()),
    };
    let detail = format!(" {}{often}{whose}", safe(&row.detail));
    let of = |role| theme.style(if came { role } else { Role::Dim });
    Line::from(vec![
        Span::styled(format!("{sign} "), theme.style(role)),
        Span::styled(fit(row.name, name), of(Role::Verb)),
        Span::styled(fit(&detail, room - name), of(Role::Text)),
        Span::styled(format!(" {took}"), theme.style(Role::Dim)),
    ])
}

/// What is due, of whom, and since when; and where it stands still, why.
fn below(state: &State, ladder: &Ladder, client: &Client, width: usize) -> Vec<Line<'static>> {
    let mut lines = due(state, ladder, client, width);
    if let Some(stall) = ladder.stall() {
        lines.extend(causes(state, stall, width));
    }
    lines
}

fn due(state: &State, ladder: &Ladder, client: &Client, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let wrapped = |text: &str, role| -> Vec<Line<'static>> {
        let lines = text::wrap(text, width).into_iter();
        lines
            .map(|line| Line::styled(line, theme.style(role)))
            .collect()
    };
    if let Some(reason) = client.gone.as_ref().or(ladder.gone.as_ref()) {
        let (sign, role) = match reason.is_orderly() {
            true => (marks::SIGNED_OUT, Role::Dim),
            false => (marks::WRONG, Role::Error),
        };
        return wrapped(&format!("{sign} gone: {}", safe(&reason.to_string())), role);
    }
    // Nobody owes anything any longer where a recording is at its end.
    if state.opened.as_ref().is_some_and(|o| o.read.is_none())
        && ladder.owes() != Turn::Nobody
        && let Some(row) = ladder.current()
    {
        return wrapped(
            &format!("▸ it ends at {}: {}", row.name, row.expects),
            Role::Warning,
        );
    }
    let who = match ladder.owes() {
        Turn::Client => "the client's move",
        Turn::Server => "nudge's move",
        Turn::Nobody => {
            let since = time::clock(client.since(), state.utc_offset);
            return wrapped(&format!("● online since {}", &since[..8]), Role::Good);
        }
    };
    let since = time::coarse(state.now.since(ladder.since()));
    let expects = match (ladder.current(), ladder.owes()) {
        (Some(row), Turn::Server) => format!("its answer to {}", row.name),
        (Some(row), _) => row.expects.to_owned(),
        (None, _) => "another try".to_owned(),
    };
    let mut lines = vec![Line::from(vec![
        Span::styled("▸ ", theme.style(Role::Warning)),
        Span::styled(who, theme.style(Role::Warning)),
        Span::styled(format!(", for {since}"), theme.style(Role::Text)),
    ])];
    lines.extend(
        text::wrap(&expects, width.saturating_sub(2))
            .into_iter()
            .map(|line| Line::styled(format!("  {line}"), theme.style(Role::Text))),
    );
    lines
}

/// The likely causes of a stall, the likeliest first, each with what to check.
fn causes(state: &State, stall: &Stall, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let mut lines = Vec::new();
    let mut put = |sign: &str, text: &str, role| {
        let indent = sign.chars().count();
        let room = width.saturating_sub(indent).max(1);
        for (at, line) in text::wrap(&safe(text), room).into_iter().enumerate() {
            let before = if at == 0 {
                sign.to_owned()
            } else {
                " ".repeat(indent)
            };
            lines.push(Line::styled(format!("{before}{line}"), theme.style(role)));
        }
    };
    if matches!(stall.kind, Kind::Failed) {
        put("✗ ", &format!("went wrong at {}", stall.name), Role::Error);
    }
    for (at, cause) in stall.causes.iter().enumerate() {
        let role = if at == 0 { Role::Warning } else { Role::Text };
        put(&format!("{}. ", at + 1), &cause.text, role);
        put("   → ", cause.check, Role::Dim);
    }
    lines
}
