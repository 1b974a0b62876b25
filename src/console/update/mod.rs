//! What the console does with what happens: `(state, input) -> effects`, without IO.

mod act;
mod events;
mod inject;
mod mouse;
mod overlay;
mod prompt;

pub use events::gap;

use super::keymap::{Act, Context, Key};
use super::layout::Pane;
use super::state::{Dirty, Effect, State};
use crate::event::Event;
use crossterm::event::{KeyEvent, KeyEventKind, MouseEvent};

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// The service tells something.
    Event(Box<Event>),
    /// A key.
    Key(KeyEvent),
    /// The mouse.
    Mouse(MouseEvent),
    /// A text was pasted.
    Paste(String),
    /// The terminal has this many columns and lines now.
    Resize(u16, u16),
    /// Time has passed.
    Tick,
    /// The service takes no more commands.
    ServiceGone,
}

/// Takes it into account, and says what is to be done about it.
pub fn update(state: &mut State, input: Input) -> Vec<Effect> {
    let effects = match input {
        Input::Event(event) => {
            events::event(state, *event);
            Vec::new()
        }
        Input::Key(event) if event.kind != KeyEventKind::Release => {
            state.touch(Dirty::Key);
            key(state, Key::of(event))
        }
        Input::Key(_) => return Vec::new(),
        Input::Mouse(event) => mouse::mouse(state, event),
        Input::Paste(text) => {
            state.touch(Dirty::Key);
            paste(state, &text);
            Vec::new()
        }
        Input::Resize(width, height) => {
            state.size = (width, height);
            state.touch(Dirty::Data);
            Vec::new()
        }
        Input::Tick => {
            if state.ticks() {
                state.touch(Dirty::Data);
            }
            Vec::new()
        }
        Input::ServiceGone => {
            state.say(crate::event::Severity::Error, "the service has ended");
            Vec::new()
        }
    };
    settle(state);
    effects
}

/// Keeps cursors on what is there.
fn settle(state: &mut State) {
    let height = usize::from(state.areas().inner(Pane::Transcript).height);
    let secrets = state.show_secrets;
    state.transcript.settle(&state.journal, height.max(1), secrets);
}

fn key(state: &mut State, key: Key) -> Vec<Effect> {
    // These two work wherever the keys go.
    match state.keymap.act(Context::Everywhere, key) {
        Some(Act::QuitNow) => return act::quit_now(state),
        Some(Act::Suspend) if state.overlay.is_none() => return act::act(state, Act::Suspend),
        _ => {}
    }
    if state.overlay.is_some() {
        return overlay::key(state, key);
    }
    if state.prompt.is_some() {
        return prompt::key(state, key);
    }
    let context = state.context();
    if context == Context::Injector {
        return inject::key(state, key);
    }
    match state.keymap.act(context, key) {
        Some(what) => act::act(state, what),
        None => Vec::new(),
    }
}

fn paste(state: &mut State, text: &str) {
    if let Some(super::state::Overlay::Form(form)) = &mut state.overlay {
        let at = form.at;
        form.fields[at].insert(text);
    } else if let Some(prompt) = &mut state.prompt {
        prompt.edit.insert(text);
        prompt::typed(state);
    } else if state.focus == Pane::Injector {
        // Line breaks as editors have them; other control bytes are typed as \xHH.
        let clean: String = text
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .collect();
        state.injector.area.insert_str(clean);
    }
}
