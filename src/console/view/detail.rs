//! The detail: of the contact or client under the cursor where its list has the keys, else of the line.

use crate::console::layout::Pane;
use crate::console::state::State;
use crate::console::state::clients::{Client, Who};
use crate::console::state::transcript::unfolded;
use crate::console::theme::Role;
use crate::console::widget::field::field;
use crate::console::widget::frame::{Titles, glyph};
use crate::console::widget::text::{self, fit, safe};
use crate::console::widget::{hex, time};
use crate::event::Event;
use crate::event::EventKind;
use crate::event::Kind;
use crate::journal::Line as Entry;
use crate::msnp::explain::{Explanation, explain};
use crate::msnp::{Direction, Frame, capability, escape, inject};
use crate::roster::Contact;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

fn entry(state: &State) -> Option<Entry<'_>> {
    state.transcript.cursor.and_then(|id| state.journal.get(id))
}

pub(super) fn titles(state: &State) -> Titles {
    let theme = state.theme();
    let dim = |text: String| vec![Span::styled(text, theme.style(Role::Dim))];
    match state.focus {
        Pane::Contacts => Titles {
            top_right: dim("contact".into()),
            ..Titles::default()
        },
        Pane::Clients => Titles {
            top_right: dim("client".into()),
            ..Titles::default()
        },
        Pane::Login => Titles {
            top_right: dim("step".into()),
            ..Titles::default()
        },
        Pane::Injector if !state.injector.is_empty() => Titles {
            top_right: dim("what is being written".into()),
            ..Titles::default()
        },
        _ => Titles {
            top_right: entry(state)
                .map(|line| match line.direction() {
                    Some(Direction::In) => dim("client ▸ server".into()),
                    Some(Direction::Out) if line.injected() => dim("injected ▸ client".into()),
                    Some(Direction::Out) => dim("server ▸ client".into()),
                    None => dim(line.kind().name().into()),
                })
                .unwrap_or_default(),
            ..Titles::default()
        },
    }
}

pub(super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let width = usize::from(area.width);
    let lines = match state.focus {
        Pane::Contacts => match state.contacts.selected() {
            Some(contact) => of_contact(state, contact, width),
            None => Vec::new(),
        },
        Pane::Clients => match state.clients.selected() {
            Some((who, client)) => of_client(state, who, client, width),
            None => Vec::new(),
        },
        Pane::Injector if !state.injector.is_empty() => of_draft(state, width),
        Pane::Login => match state.ladder().and_then(|l| l.rows().get(state.login_row())) {
            Some(row) => super::step::lines(state, row, width),
            None => Vec::new(),
        },
        _ => entry(state).map_or_else(Vec::new, |line| of_line(state, &line, width)),
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

fn of_contact(state: &State, contact: &Contact, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let mut lines = vec![Line::from(vec![
        Span::styled(
            format!("{} {}", glyph(contact.status), contact.status.name()),
            theme.status(contact.status),
        ),
        Span::raw("  "),
        Span::styled(safe(&contact.account), theme.style(Role::Account)),
        Span::raw("  "),
        Span::styled(safe(&contact.name), theme.style(Role::Name)),
    ])];
    let mut add = |name: &str, value: String, role| {
        if !value.is_empty() {
            lines.extend(field(state, name, &value, role, width));
        }
    };
    add(
        "personal message",
        contact.personal.message.clone(),
        Role::Text,
    );
    add("media", contact.personal.media.clone(), Role::Text);
    if let Some((told, when)) = state.contacts.told(&contact.account) {
        let word = if told == 1 { "client" } else { "clients" };
        let at = time::clock(when, state.utc_offset);
        add("told", format!("{told} {word} at {}", &at[..8]), Role::Good);
    }
    add(
        "lists",
        contact.lists.words().collect::<Vec<_>>().join(", "),
        Role::Text,
    );
    let groups: Vec<_> = contact
        .groups
        .iter()
        .map(|id| state.contacts.group_name(id).unwrap_or(id))
        .collect();
    add("groups", groups.join(", "), Role::Text);
    add("MSN object", contact.msnobj.clone(), Role::Text);
    add(
        "capabilities",
        format!(
            "{}  {}",
            contact.capabilities,
            capability::names(contact.capabilities).join(", ")
        ),
        Role::Text,
    );
    add("id", contact.id.clone(), Role::Dim);
    lines
}

fn of_client(state: &State, who: Who, client: &Client, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let mut lines = Vec::new();
    let number = match who {
        Who::Client(id) => format!("client {id}"),
        Who::Connection(id) => format!("connection {id}, of no client yet"),
    };
    lines.push(Line::from(vec![
        Span::styled(number, theme.style(Role::Key)),
        Span::raw("  "),
        Span::styled(safe(&client.name()), theme.style(Role::Account)),
        Span::raw("  "),
        Span::styled(
            client.gone.as_ref().map_or_else(
                || client.step().name().to_owned(),
                |reason| format!("gone: {}", safe(reason)),
            ),
            theme.style(if client.gone.is_some() {
                Role::Error
            } else {
                Role::Good
            }),
        ),
    ]));
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            lines.extend(field(state, name, &value, Role::Text, width));
        }
    };
    let info = client.info.as_ref();
    add(
        "software",
        info.and_then(|i| i.software.as_ref())
            .map(|s| format!("{} {} on {}", s.name, s.version, s.system)),
    );
    add("shape", info.and_then(|i| i.shape).map(|s| s.to_string()));
    add(
        "status",
        info.and_then(|i| i.status)
            .map(|s| format!("{} {}", glyph(s), s.name())),
    );
    add("friendly name", info.and_then(|i| i.name.clone()));
    add(
        "personal message",
        info.and_then(|i| i.personal_message.clone()),
    );
    add("media", info.and_then(|i| i.media.clone()));
    add("capabilities", info.and_then(|i| i.capabilities.clone()));
    add("endpoint", info.and_then(|i| i.endpoint.clone()));
    add("machine", info.and_then(|i| i.machine.clone()));
    add("address", client.peer.map(|p| p.to_string()));
    add(
        "TLS",
        client.tls.clone().map(|tls| match tls {
            Ok(version) => version,
            Err(cause) => format!("failed: {cause}"),
        }),
    );
    let heard = time::clock(client.heard, state.utc_offset);
    let traffic = format!(
        "{} in, {} out, last heard {}",
        time::bytes(client.bytes_in),
        time::bytes(client.bytes_out),
        &heard[..8]
    );
    add("traffic", Some(traffic));
    add(
        "findings",
        (client.findings > 0).then(|| format!("⚠ {} (see the log)", client.findings)),
    );
    lines
}

fn of_line(state: &State, line: &Entry<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    if state.detail.hex {
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

/// What is being written, explained as if it had been sent; and everything that is wrong with it.
fn of_draft(state: &State, width: usize) -> Vec<Line<'static>> {
    let text = state.injector.text();
    let shape = state.injected_shape();
    let frames = inject::frames(&text);
    if state.injector.checked && frames.len() > 1 {
        return frames
            .iter()
            .enumerate()
            .flat_map(|(at, frame)| of_frame_of_several(state, at, frame, width))
            .collect();
    }
    let checked = inject::checked(&text, shape);
    let (wire, problems) = match checked {
        Ok(checked) => (checked.wire, checked.warnings),
        Err(problems) => (inject::unchecked(&text), problems),
    };
    let frame = Frame::from_wire(wire);
    let mut told = explain(frame.line(), frame.payload(), Direction::Out, shape);
    // The injector's own list is the whole of it.
    told.notes = problems.into_iter().map(|p| p.text).collect();
    explained(state, &told, width, None)
}

/// One of several frames that are sent one by one: its line, and what is wrong with it.
fn of_frame_of_several(state: &State, at: usize, text: &str, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let (wire, problems, role) = match inject::checked(text, state.injected_shape()) {
        Ok(checked) => (checked.wire, checked.warnings, Role::Warning),
        Err(problems) => (inject::filled(text), problems, Role::Error),
    };
    let number = format!("{:>2} ", at + 1);
    let shown = inject::load_wire(wire.strip_suffix(b"\r\n").unwrap_or(&wire));
    let room = width.saturating_sub(number.len());
    let mut lines = vec![Line::from(vec![
        Span::styled(number, theme.style(Role::Dim)),
        Span::styled(text::fit(&shown, room), theme.style(Role::Text)),
    ])];
    for problem in problems {
        let pieces = text::wrap(&problem.text, width.saturating_sub(5)).into_iter();
        lines.extend(pieces.map(|piece| Line::styled(format!("     {piece}"), theme.style(role))));
    }
    lines
}

fn explained(
    state: &State,
    told: &Explanation,
    width: usize,
    token: Option<usize>,
) -> Vec<Line<'static>> {
    let theme = state.theme();
    let (verb, rest) = told
        .title
        .split_at(told.title.find(' ').unwrap_or(told.title.len()));
    let mut lines = vec![Line::from(vec![
        Span::styled(verb.to_owned(), theme.style(Role::Verb)),
        Span::styled(rest.to_owned(), theme.style(Role::Text)),
    ])];
    let column = told
        .rows
        .iter()
        .map(|r| r.raw.width())
        .max()
        .unwrap_or(0)
        .clamp(8, 26);
    for (at, row) in told.rows.iter().enumerate() {
        let pointed = token == Some(at + 1);
        let raw = if pointed { Role::Key } else { Role::Account };
        // What it says goes on below itself where there is not room for it.
        let text = if row.meaning.is_empty() {
            row.name.clone()
        } else {
            format!("{}: {}", row.name, row.meaning)
        };
        let room = width.saturating_sub(column + 2).max(12);
        for (line, piece) in text::wrap(&text, room).into_iter().enumerate() {
            let (sign, raw_text) = match (line, pointed) {
                (0, true) => ("▸", row.raw.as_str()),
                (0, false) => (" ", row.raw.as_str()),
                _ => (" ", ""),
            };
            let mut spans = vec![
                Span::styled(sign, theme.style(Role::Key)),
                Span::styled(format!("{} ", fit(raw_text, column)), theme.style(raw)),
            ];
            match piece.strip_prefix(row.name.as_str()).filter(|_| line == 0) {
                Some(rest) => {
                    spans.push(Span::styled(row.name.clone(), theme.style(Role::Dim)));
                    spans.push(Span::styled(rest.to_owned(), theme.style(Role::Text)));
                }
                None => spans.push(Span::styled(piece, theme.style(Role::Text))),
            }
            lines.push(Line::from(spans));
        }
    }
    for note in &told.notes {
        for piece in text::wrap(&format!("⚠ {note}"), width) {
            lines.push(Line::styled(piece, theme.style(Role::Warning)));
        }
    }
    for row in &told.payload {
        lines.push(Line::styled(format!(" {row}"), theme.style(Role::Payload)));
    }
    lines
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
        EventKind::Contact(change) => lines.extend(of_contact(state, &change.contact, width)),
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
