//! What each key does.

use super::prompt as prompts;
use crate::command::Pane;
use crate::console::keymap::Act;
use crate::console::panes;
use crate::console::panes::injector::update as inject;
use crate::console::panes::transcript::state::Times;
use crate::console::panes::transcript::update as filter;
use crate::console::state::{Effect, Form, Newest, Overlay, Question, State};
use crate::control::Action;
use crate::event::{Severity, zone};

/// Does it.
pub(super) fn act(state: &mut State, act: Act) -> Vec<Effect> {
    match act {
        Act::Focus(pane) => {
            state.focus_on(pane);
            if pane == Pane::Conversation
                && let Some((before, shown)) = state.transcript.aside.take()
                && state.transcript.filter == shown
            {
                filter::set(state, &before);
            }
        }
        Act::Inject => state.focus_on(Pane::Injector),
        Act::NextPane => state.focus_on(state.focus.next(false)),
        Act::PreviousPane => state.focus_on(state.focus.next(true)),
        Act::Leave => state.focus_on(match state.before {
            before if before.row().types => Pane::Contacts,
            before => before,
        }),
        Act::Prompt => prompts::open_command(state, ""),
        Act::Filter => prompts::open_filter(state),
        Act::SearchForward => {
            if !super::find::open(state) {
                prompts::open_search(state, false);
            }
        }
        Act::ClearTranscript => clear(state),
        Act::SearchBack => prompts::open_search(state, true),
        Act::Theme => next_theme(state),
        Act::Mouse => return mouse(state),
        Act::Wider | Act::Narrower | Act::Taller | Act::Shorter => resize(state, act),
        Act::Zoom => state.zoom = !state.zoom,
        Act::Redraw => return vec![Effect::Redraw],
        Act::Reload => return vec![Effect::Reload],
        Act::Back => back(state),
        Act::Close => return close(state),
        Act::Cancel => return cancel(state),
        Act::Suspend => state.overlay = Some(Overlay::Ask(Question::Suspend)),
        Act::EditContact => edit_contact(state),
        Act::Mark => panes::of(state.focus).mark(state, false),
        Act::MarkAll => panes::of(state.focus).mark(state, true),
        Act::Copy => return copy(state),
        Act::Up => panes::of(state.focus).step(state, -1),
        Act::Down => panes::of(state.focus).step(state, 1),
        Act::PageUp => page(state, -1),
        Act::PageDown => page(state, 1),
        Act::First => panes::of(state.focus).end(state, false),
        Act::Last => panes::of(state.focus).end(state, true),
        Act::Unfold => {
            if let Some(id) = state.transcript.cursor {
                state.transcript.toggle(id);
            }
        }
        Act::UnfoldAll => state.transcript.toggle_all(),
        Act::Origin => filter::origin(state),
        Act::Diagram => diagram(state),
        Act::Times => {
            state.transcript.times = state.transcript.times.next();
            let mut text = state.transcript.times.name().to_owned();
            if state.transcript.times == Times::Clock {
                text = format!("{text} ({})", zone(state.utc_offset));
            }
            state.say(Severity::Info, text);
        }
        Act::Hex => state.detail.hex = !state.detail.hex,
        Act::Load => inject::load(state),
        Act::TokenLeft => state.transcript.token = state.transcript.token.saturating_sub(1),
        Act::TokenRight => filter::token_right(state),
        Act::FilterClient => {
            if !(state.focus == Pane::Clients && state.clients.fold()) {
                filter::client(state);
            }
        }
        Act::Forget => forget(state),
        Act::Include => filter::value(state, true),
        Act::Exclude => filter::value(state, false),
        Act::ClearFilter => {
            filter::set(state, "");
            state.say(Severity::Info, "no filter: every line is shown");
        }
        Act::NextMatch => filter::search_again(state, false),
        Act::PreviousMatch => filter::search_again(state, true),
        Act::NextMark => filter::next_mark(state),
        Act::NextSameTransaction
        | Act::PreviousSameTransaction
        | Act::NextSameClient
        | Act::PreviousSameClient
        | Act::NextError
        | Act::PreviousError => filter::jump(state, act),
        // These are the injector's, which has the keys before they come here.
        Act::SendNow
        | Act::NewLine
        | Act::Complete
        | Act::Checked
        | Act::Target
        | Act::ClearDraft
        | Act::UndoTyping
        | Act::Older
        | Act::Newer => return inject::act(state, act),
    }
    Vec::new()
}

/// Forgets what the transcript has up to now.
fn clear(state: &mut State) {
    let lines = state.journal.len();
    state.journal.clear();
    state.transcript.start_over(&state.journal);
    let kept = match &state.recording {
        Some(path) => format!("; the recording {} keeps them", path.display()),
        None => String::new(),
    };
    state.say(Severity::Info, format!("{lines} lines are forgotten{kept}"));
}

/// Takes clients that have gone off the list.
fn forget(state: &mut State) {
    let text = match state.clients.forget_gone() {
        0 => "nobody has gone: only those that have gone can be forgotten".to_owned(),
        1 => "one client that has gone is forgotten; its lines stay".to_owned(),
        n => format!("{n} clients that have gone are forgotten; their lines stay"),
    };
    state.say(Severity::Info, text);
}

fn edit_contact(state: &mut State) {
    if state.opened.is_some() {
        return state.say(Severity::Warning, super::NO_SERVICE);
    }
    let form = state
        .contacts
        .selected()
        .map(|contact| Form::new(contact, &state.contacts));
    match form {
        Some(form) => state.overlay = Some(Overlay::Form(Box::new(form))),
        None => state.say(Severity::Warning, "there is no contact"),
    }
}

/// Closes the form; asks where something was typed into it.
pub(super) fn close_form(state: &mut State, form: Box<Form>) {
    if form.is_edited(&state.contacts) {
        state.overlay = Some(Overlay::Ask(Question::Drop(form)));
    }
}

fn next_theme(state: &mut State) {
    state.theme = (state.theme + 1) % state.themes.len();
    let text = format!("theme {}", state.theme().name);
    state.say(Severity::Info, text);
}

/// The theme of that name, as it is listed or as its file is called.
pub(super) fn theme(state: &mut State, name: &str) {
    match state.themes.iter().position(|theme| theme.name == name) {
        Some(at) => {
            state.theme = at;
            state.say(Severity::Info, format!("theme {name}"));
        }
        None => {
            let names: Vec<_> = state.themes.iter().map(|t| t.name.clone()).collect();
            let text = format!("there is no theme {name:?}: {}", names.join(", "));
            state.say(Severity::Error, text);
        }
    }
}

fn mouse(state: &mut State) -> Vec<Effect> {
    state.mouse = !state.mouse;
    let text = if state.mouse {
        "the mouse is nudge's".to_owned()
    } else {
        let key = state.key_name("mouse");
        format!("the mouse is the terminal's, for its own selection; {key} takes it again")
    };
    state.say(Severity::Info, text);
    vec![Effect::Mouse(state.mouse)]
}

fn resize(state: &mut State, act: Act) {
    let split = &mut state.split;
    match act {
        Act::Wider => split.left = (split.left + 2).min(200),
        Act::Narrower => split.left = (split.left - 2).max(-200),
        Act::Taller => split.transcript = (split.transcript + 1).min(200),
        _ => split.transcript = (split.transcript - 1).max(-200),
    }
}

/// Lanes need room: the diagram takes the whole screen.
fn diagram(state: &mut State) {
    state.diagram = match state.diagram {
        None => Some(Newest::default()),
        Some(_) => None,
    };
    state.zoom = state.diagram.is_some();
}

fn back(state: &mut State) {
    let gone = if state.focus == Pane::Login && state.diagram.is_some() {
        diagram(state);
        true
    } else if state.zoom {
        state.zoom = false;
        true
    } else {
        panes::of(state.focus).back(state)
    };
    if !gone {
        filter::end_search(state);
    }
}

fn close(state: &mut State) -> Vec<Effect> {
    if state.zoom {
        state.zoom = false;
        // The sequence has no room beside other panes.
        state.diagram = None;
        return Vec::new();
    }
    ask_to_quit(state)
}

/// Asks where clients are connected or changes are in no file; else there is nothing to ask about.
fn ask_to_quit(state: &mut State) -> Vec<Effect> {
    let connected = state.clients.connected().count();
    if state.opened.is_some() || (connected == 0 && (!state.unsaved || state.demo)) {
        return leave(state);
    }
    state.overlay = Some(Overlay::Ask(Question::Quit));
    Vec::new()
}

/// Ends the service, and the console with it. Says what is waited for meanwhile.
pub(super) fn leave(state: &mut State) -> Vec<Effect> {
    if state.opened.is_none() {
        let told = match state.clients.connected().count() {
            0 => String::new(),
            1 => " One client is told OUT SSD.".to_owned(),
            n => format!(" {n} clients are told OUT SSD."),
        };
        let key = state.key_name("cancel");
        state.say(
            Severity::Info,
            format!("the service ends.{told} {key} does not wait for it"),
        );
    }
    state.quitting = true;
    vec![state.command(Action::Quit), Effect::Quit { now: false }]
}

/// Ctrl-C cancels what is being typed or asked. At the top it asks to quit; while it asks, and while the service
/// ends, it ends at once: a reflex costs nobody a session, and two of them get out.
pub(super) fn cancel(state: &mut State) -> Vec<Effect> {
    if state.quitting {
        return quit(state);
    }
    if let Some(overlay) = state.overlay.take() {
        return match overlay {
            Overlay::Ask(Question::Quit) => leave(state),
            Overlay::Form(form) => {
                close_form(state, form);
                Vec::new()
            }
            _ => Vec::new(),
        };
    }
    if state.prompt.is_some() {
        super::prompt::cancel(state);
        return Vec::new();
    }
    if panes::of(state.focus).cancel(state) {
        return Vec::new();
    }
    ask_to_quit(state)
}

/// The command `quit`: it asks as `close` does; a second time, while it asks, it ends, and a third time at once.
pub(super) fn quit(state: &mut State) -> Vec<Effect> {
    if state.quitting {
        return vec![Effect::Quit { now: true }];
    }
    match state.overlay.take() {
        Some(Overlay::Ask(Question::Quit)) => leave(state),
        _ => ask_to_quit(state),
    }
}

fn page(state: &mut State, by: isize) {
    let height = state.areas().inner(state.focus).height;
    let rows = by * (isize::try_from(height).unwrap_or(1) - 1).max(1);
    panes::of(state.focus).scroll(state, rows);
}

fn copy(state: &mut State) -> Vec<Effect> {
    let text = panes::of(state.focus).copied(state);
    match text {
        Some(text) if !text.is_empty() => {
            // Whether it takes them, a terminal does not say.
            let text_said = format!("{} bytes sent to the terminal's clipboard", text.len());
            state.say(Severity::Info, text_said);
            vec![Effect::Copy(text)]
        }
        _ => {
            state.say(Severity::Warning, "there is nothing here to copy");
            Vec::new()
        }
    }
}
