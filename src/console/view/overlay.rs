//! What lies over the panes: help, a question, the form of a contact.

use crate::command::Parsed;
use crate::console::keymap::{self, Act, REGISTRY};
use crate::console::panes::contacts::form::Field;
use crate::console::state::help::Help;
use crate::console::state::{Effect, Form, Overlay, Question, State};
use crate::console::theme::Role;
use crate::console::widget::help;
use crate::console::widget::list::first_row;
use crate::console::widget::text::{self, fit, safe};
use crate::console::widget::time;
use crate::control::{Action, EVERY_CONTACT, Target};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Widget};

/// Draws it, and says where its cursor is.
pub(super) fn draw(state: &State, buffer: &mut Buffer) -> Option<Position> {
    match state.overlay.as_ref()? {
        Overlay::Help(help) => draw_help(state, buffer, help),
        Overlay::Ask(question) => {
            ask(state, buffer, question);
            None
        }
        Overlay::Form(form) => draw_form(state, buffer, form),
    }
}

/// A box in the middle; gives its inside.
fn boxed(
    state: &State,
    buffer: &mut Buffer,
    size: (u16, u16),
    title: Line<'static>,
    bottom: Line<'static>,
    role: Role,
) -> Rect {
    let screen = buffer.area;
    let width = size.0.min(screen.width);
    let height = size.1.min(screen.height);
    let area = Rect::new(
        screen.x + (screen.width - width) / 2,
        screen.y + (screen.height - height) / 2,
        width,
        height,
    );
    Clear.render(area, buffer);
    buffer.set_style(area, state.theme().style(Role::Text));
    let block = Block::bordered()
        .border_type(BorderType::Thick)
        .border_style(state.theme().style(role))
        .title(title)
        .title_bottom(bottom.right_aligned());
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

fn draw_help(state: &State, buffer: &mut Buffer, open: &Help) -> Option<Position> {
    let theme = state.theme();
    let rows = help::rows(state, open);
    let title = Line::styled(" Help ", theme.style(Role::Focus));
    let height = help::outside(buffer.area.height);
    let shown = usize::from(height.saturating_sub(2));
    let at = open.at.min(rows.len().saturating_sub(1));
    let first = first_row(at, rows.len(), shown);
    let last = (first + shown).min(rows.len());
    let place = match last < rows.len() || first > 0 {
        true => format!("{}–{last} of {} · ", first + 1, rows.len()),
        false => String::new(),
    };
    let bottom = match (open.typing, open.wanted()) {
        (true, _) => " enter stays · esc shows all ".to_owned(),
        (false, Some(_)) => format!(" {place}esc shows all "),
        (false, None) => format!(" {place}↑ ↓ · enter unfolds · / finds · esc closes "),
    };
    let bottom = Line::styled(bottom, theme.style(Role::Dim));
    let size = (help::width(state), height);
    let inner = boxed(state, buffer, size, title, bottom, Role::Focus);
    for (y, (at_row, row)) in (inner.y..inner.bottom()).zip(rows.iter().enumerate().skip(first)) {
        text::put(buffer, inner.x, y, &row.line, inner.width);
        if at_row == at {
            text::paint(buffer, inner, y, theme.style(Role::SelectionIdle));
        }
    }
    let edit = open.find.as_ref()?;
    let found = match rows.is_empty() {
        true => " not found".to_owned(),
        false => String::new(),
    };
    let line = Line::from(vec![
        Span::styled(" /", theme.style(Role::Key)),
        Span::styled(safe(edit.text()), theme.style(Role::Text)),
        Span::styled(format!("{found} "), theme.style(Role::Error)),
    ]);
    let y = inner.y.saturating_sub(1);
    text::put(buffer, inner.x + 7, y, &line, inner.width.saturating_sub(9));
    let x = inner.x
        + 9
        + edit
            .column()
            .min(usize::from(inner.width.saturating_sub(12))) as u16;
    open.typing.then(|| Position::new(x, y))
}

fn sentence(state: &State, question: &Question) -> (String, String) {
    match question {
        Question::Run(line) => asked(state, line),
        Question::Drop(form) => (
            format!(
                "Let go of what you typed about {}?",
                safe(&form.contact.account)
            ),
            "With no it is there again, to be gone on with.".to_owned(),
        ),
        Question::Quit => {
            let count = state.clients.connected().count();
            let is_unsaved = state.unsaved && !state.demo;
            let mut text = match count {
                0 if is_unsaved => "Quit?".to_owned(),
                // They have left while it was asked.
                0 => "Quit? Nobody is connected any more.".to_owned(),
                1 => "Quit? One client is connected; it is told OUT SSD.".to_owned(),
                n => format!("Quit? {n} clients are connected; they are told OUT SSD."),
            };
            if !is_unsaved {
                return (text, String::new());
            }
            text.push_str(" Changes of the roster are in no file yet.");
            let key = state.key_name("save");
            (text, format!("No, and then {key}, writes them."))
        }
        Question::Over(effect) => {
            let path = match &**effect {
                Effect::Record(Some(path)) | Effect::Export { path, .. } => {
                    safe(&path.display().to_string())
                }
                _ => String::new(),
            };
            let text = format!("{path} is there already. Write over it?");
            (text, "What is in it is lost then.".to_owned())
        }
        Question::Suspend => (
            "Stop nudge, and the service with it?".into(),
            "Clients wait until it goes on (fg).".into(),
        ),
    }
}

/// What a line would do, whom it is about, and what is to be known before.
fn asked(state: &State, line: &str) -> (String, String) {
    let contacts = state.contacts.len();
    let lines = time::count(state.journal.len() as u64);
    match REGISTRY.parse(line) {
        Ok(Parsed::Action(Action::Remove { contacts: named })) => {
            let (who, count) = match named.as_slice() {
                [all] if all == EVERY_CONTACT => (format!("all {contacts} contacts"), contacts),
                named => (safe(&named.join(", ")), named.len()),
            };
            let them = if count == 1 { "it" } else { "them" };
            (
                format!("Remove {who}?"),
                format!("`undo` brings {them} back."),
            )
        }
        Ok(Parsed::Action(Action::Kick { clients })) => {
            let who = match clients {
                Target::All => {
                    let count = state.clients.connected().count();
                    format!("of all {count} clients")
                }
                Target::Account(account) => format!("of {}", safe(&account)),
                Target::Clients(ids) if ids.len() == 1 => {
                    let known = state.clients.get(ids[0]).map(|held| held.name());
                    let name = known.map_or(String::new(), |name| format!(", {}", safe(&name)));
                    format!("of client {}{name}", ids[0])
                }
                Target::Clients(ids) => {
                    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                    format!("of clients {}", ids.join(", "))
                }
            };
            (format!("Close the connection {who}?"), String::new())
        }
        Ok(Parsed::Console { name, .. }) if keymap::act(name) == Some(Act::ClearTranscript) => {
            let kept = match &state.recording {
                Some(path) => format!("The recording {} keeps them.", path.display()),
                None => "Nothing brings them back.".to_owned(),
            };
            (
                format!("Forget the {lines} lines of the transcript?"),
                safe(&kept),
            )
        }
        _ => (format!("{}?", safe(line.trim())), String::new()),
    }
}

fn ask(state: &State, buffer: &mut Buffer, question: &Question) {
    let theme = state.theme();
    let (text, more) = sentence(state, question);
    let width = usize::from(buffer.area.width.saturating_sub(8)).clamp(20, 64);
    let mut lines = text::wrap(&text, width - 4);
    if !more.is_empty() {
        lines.extend(text::wrap(&more, width - 4));
    }
    let answers = answers(state, question, width - 4);
    let title = Line::styled(" Sure? ", theme.style(Role::Danger));
    let size = (width as u16, (lines.len() + answers.len()) as u16 + 4);
    let inner = boxed(state, buffer, size, title, Line::default(), Role::Error);
    let room = inner.width.saturating_sub(2);
    // On a low screen the answers stay, not the last of the sentence.
    let first = inner
        .bottom()
        .saturating_sub(answers.len() as u16)
        .max(inner.y);
    for (y, line) in (inner.y + 1..first).zip(lines) {
        let line = Line::styled(line, theme.style(Role::Text));
        text::put(buffer, inner.x + 1, y, &line, room);
    }
    for (y, line) in (first..inner.bottom()).zip(&answers) {
        text::put(buffer, inner.x + 1, y, line, room);
    }
}

/// The keys that answer, on as many lines as they need.
fn answers(state: &State, question: &Question, width: usize) -> Vec<Line<'static>> {
    let style = |role| state.theme().style(role);
    let cancels = match question {
        Question::Quit => "quits at once",
        Question::Drop(_) => "lets go",
        _ => "cancels",
    };
    let cancel = state.key_name("cancel");
    let pairs: [(&[&str], &str); 3] = [
        (&["y", "enter"], "yes"),
        (&["n", "esc"], "no"),
        (&[&cancel], cancels),
    ];
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (keys, what) in pairs {
        let mut spans = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            if at > 0 {
                spans.push(Span::styled(" or ", style(Role::Dim)));
            }
            spans.push(Span::styled((*key).to_owned(), style(Role::Key)));
        }
        spans.push(Span::styled(format!(" {what}"), style(Role::Text)));
        let piece = Line::from(spans);
        match lines.last_mut() {
            Some(last) if last.width() + 4 + piece.width() <= width => {
                last.spans.push(Span::styled("    ", style(Role::Text)));
                last.spans.extend(piece.spans);
            }
            _ => lines.push(piece),
        }
    }
    lines
}

fn draw_form(state: &State, buffer: &mut Buffer, form: &Form) -> Option<Position> {
    let theme = state.theme();
    let width = buffer.area.width.saturating_sub(4).min(96);
    let alone = match state.contacts.marked() {
        0 => String::new(),
        n => format!("alone, not the {n} marked "),
    };
    let title = Line::from(vec![
        Span::styled(" Edit ", theme.style(Role::Focus)),
        Span::styled(
            format!("{} ", safe(&form.contact.account)),
            theme.style(Role::Account),
        ),
        Span::styled(alone, theme.style(Role::Dim)),
    ]);
    let bottom = Line::styled(
        " enter applies · tab next field · esc cancels ",
        theme.style(Role::Dim),
    );
    let room = usize::from(width.saturating_sub(4));
    let below = match &form.error {
        Some(error) => text::wrap(&format!("✗ {}", safe(error)), room),
        None => text::wrap(Field::ALL[form.at].hint(), room),
    };
    let height = (Field::ALL.len() + 4 + below.len().max(2)) as u16;
    let inner = boxed(state, buffer, (width, height), title, bottom, Role::Focus);
    let label = 18u16;
    let room = inner.width.saturating_sub(label + 2);
    let mut cursor = None;
    for (at, field) in Field::ALL.into_iter().enumerate() {
        let y = inner.y + 1 + at as u16;
        if y >= inner.bottom() || room < 4 {
            break;
        }
        let here = form.at == at;
        let edit = &form.fields[at];
        let sign = if here { "▸" } else { " " };
        let line = Line::from(vec![
            Span::styled(sign, theme.style(Role::Key)),
            Span::styled(
                fit(field.label(), usize::from(label) - 1),
                theme.style(if here { Role::Focus } else { Role::Dim }),
            ),
        ]);
        text::put(buffer, inner.x, y, &line, inner.width);
        let shift = if here {
            (edit.column() + 1).saturating_sub(usize::from(room))
        } else {
            0
        };
        let value = safe(edit.text());
        let value = &value[text::clip(&value, shift).len()..];
        text::put(
            buffer,
            inner.x + label,
            y,
            &Line::styled(value.to_owned(), theme.style(Role::Text)),
            room,
        );
        if here {
            let column = (edit.column() - shift.min(edit.column())) as u16;
            cursor = Some(Position::new(inner.x + label + column.min(room - 1), y));
        }
    }
    let y = inner.y + Field::ALL.len() as u16 + 2;
    let role = match form.error {
        Some(_) => Role::Error,
        None => Role::Dim,
    };
    for (y, line) in (y..inner.bottom()).zip(below) {
        let line = Line::styled(line, theme.style(role));
        text::put(buffer, inner.x + 1, y, &line, inner.width.saturating_sub(2));
    }
    cursor
}
