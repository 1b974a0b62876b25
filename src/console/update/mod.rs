//! What the console does with what happens: `(state, input) -> effects`, without IO.

mod act;
mod enter;
mod events;
mod files;
mod find;
mod mouse;
mod overlay;
mod playback;
mod prompt;

pub use super::panes::transcript::update::{tokens, work};
pub use events::gap;
pub use files::standing;
pub use playback::{Recorded, Tape};

use super::keymap::{Key, Press, needs_service};
use super::layout;
use super::panes::{self, Typed};
use super::state::{Dirty, Effect, Overlay, Question, State};
use crate::command::Pane;
use crate::control::Action;
use crate::event::{Event, Severity};
use crate::findings::Prepared;
use crossterm::event::{KeyEvent, KeyEventKind, MouseEvent};

/// How many new lines the filter looks at before a frame.
const ARRIVALS: usize = 8_192;

/// What is said over a recording of what only a service can do.
const NO_SERVICE: &str = "this is a recording: there is no service that could do it";

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
    /// Whether the roster has changes that are in no file: of every change that was told before.
    Unsaved(bool),
    /// The service takes no more commands.
    ServiceGone,
}

/// Takes it into account, and says what is to be done about it.
pub fn update(state: &mut State, input: Input) -> Vec<Effect> {
    let effects = match input {
        // A frame settles what many events changed; each would be too often.
        Input::Event(event) => {
            events::event(state, *event, Prepared::default());
            return Vec::new();
        }
        Input::Key(event) if event.kind != KeyEventKind::Release => {
            state.touch(Dirty::Key);
            state.loud = false;
            state.typed = None;
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
            state.size = layout::bounded((width, height));
            state.touch(Dirty::Data);
            Vec::new()
        }
        Input::Tick => {
            // In a recording time passes by its own clock.
            if state.opened.is_none() {
                events::tick(state);
            }
            if state.ticks() || state.messages.waits(state.now) {
                state.touch(Dirty::Data);
            }
            Vec::new()
        }
        Input::Unsaved(unsaved) => {
            state.unsaved = unsaved;
            state.touch(Dirty::Data);
            Vec::new()
        }
        Input::ServiceGone => {
            state.say(Severity::Error, "the service has ended");
            Vec::new()
        }
    };
    let effects = if state.opened.is_some() {
        refuse(state, effects)
    } else {
        effects
    };
    settle(state);
    effects
}

/// Over a recording there is no service: what it would be asked is refused, with a sentence.
fn refuse(state: &mut State, effects: Vec<Effect>) -> Vec<Effect> {
    state.pending.clear();
    let (commands, others): (Vec<_>, Vec<_>) = effects
        .into_iter()
        .partition(|effect| matches!(effect, Effect::Command(_)));
    let ends = |effect: &Effect| matches!(effect, Effect::Command(c) if c.action == Action::Quit);
    if !commands.is_empty() && !commands.iter().all(ends) {
        state.say(Severity::Warning, NO_SERVICE);
    }
    others
}

/// Keeps cursors on what is there. Called before a frame is drawn; keys settle for themselves.
pub fn settle(state: &mut State) {
    // What arrived since the last frame; more than that is caught up on between frames.
    state.transcript.matched.advance(&state.journal, ARRIVALS);
    if let Some(find) = &mut state.transcript.find {
        find.all.advance(&state.journal, ARRIVALS);
    }
    let areas = state.areas();
    if areas.of(Pane::Conversation).is_some() {
        state.conversations.seen();
    }
    let height = usize::from(areas.inner(Pane::Transcript).height);
    let secrets = state.show_secrets;
    state
        .transcript
        .settle(&state.journal, height.max(1), secrets);
    panes::detail::seek(state);
}

fn key(state: &mut State, key: Key) -> Vec<Effect> {
    // These work wherever the keys go.
    match state.keymap.get(None, key).map(|b| b.line) {
        Some("quit") => return act::quit(state),
        Some("cancel") => return act::cancel(state),
        _ => {}
    }
    let stops = state
        .keymap
        .get(state.focus, key)
        .is_some_and(|b| b.line == "suspend");
    if stops && state.overlay.is_none() {
        return act::act(state, super::keymap::Act::Suspend);
    }
    if state.overlay.is_some() {
        return overlay::key(state, key);
    }
    if state.prompt.is_some() {
        return enter::key(state, key);
    }
    if find::again(state, key) {
        return Vec::new();
    }
    if state.types()
        && let Typed::Done(effects) = panes::of(state.focus).key(state, key)
    {
        return effects;
    }
    let Some(binding) = state.keymap.get(state.focus, key) else {
        nothing_here(state, key);
        return Vec::new();
    };
    let (line, press, name) = (binding.line, binding.press, binding.spec.name);
    press_key(state, line, press, name)
}

/// A key that does nothing here: where it does something, or that it does nothing anywhere.
fn nothing_here(state: &mut State, key: Key) {
    let mut places = Vec::new();
    let mut wants_service = false;
    for pane in Pane::all() {
        let bound = state.keymap.get(pane, key);
        let bound = bound.filter(|bound| bound.context == Some(pane));
        if bound.is_some_and(|bound| state.opened.is_some() && needs_service(bound.spec)) {
            wants_service = true;
        } else if bound.is_some() {
            let row = pane.row();
            let goes = state.key_name(row.focus);
            places.push(format!("in the {} ({goes} goes there)", row.name));
        }
    }
    let text = match places.as_slice() {
        [] if wants_service => format!("{key} does nothing here: {NO_SERVICE}"),
        [] => format!(
            "{key} does nothing; {} shows every key",
            state.key_name("help")
        ),
        places => format!(
            "{key} does nothing here; it works {}",
            places.join(", and ")
        ),
    };
    state.say(Severity::Info, text);
}

/// Runs the line of a key, or has it completed, or asks first.
fn press_key(state: &mut State, line: &str, press: Press, name: &str) -> Vec<Effect> {
    let contacts = if line.contains("{contact}") {
        state
            .contacts
            .selected()
            .map(|c| c.account.clone())
            .into_iter()
            .collect()
    } else {
        state.contacts.chosen()
    };
    if line.contains("{contact") && contacts.is_empty() {
        let key = state.key_name("add ");
        state.say(
            Severity::Warning,
            format!("there is no contact: {key} adds one"),
        );
        return Vec::new();
    }
    let client = state.clients.selected_id();
    if line.contains("{client}") && client.is_none() {
        state.say(Severity::Warning, "no connected client is selected");
        return Vec::new();
    }
    let spoken = state.conversations.line();
    if line.contains("{as}") && spoken.is_none() {
        let text = "no contact of yours is in a conversation here";
        state.say(Severity::Warning, text);
        return Vec::new();
    }
    let (speaker, listener) = match spoken {
        Some(line) => (line.contact, line.client.to_string()),
        None => Default::default(),
    };
    let list = contacts.join(",");
    let mut text = line
        .replace("{contacts}", &list)
        .replace("{contact}", &list)
        .replace(
            "{client}",
            &client.map(|id| id.to_string()).unwrap_or_default(),
        )
        .replace("{as}", &speaker)
        .replace("{to}", &listener);
    match press {
        Press::Run => return enter::run(state, &text),
        Press::Confirm => state.overlay = Some(Overlay::Ask(Question::Run(text))),
        Press::Prompt => {
            let given = text.len();
            // What is there already is edited, not typed again.
            if let [one] = contacts.as_slice()
                && let Some(contact) = state.contacts.get(one)
            {
                text.push_str(&match name {
                    "psm" => contact.personal.message.replace('\n', " "),
                    "media" => contact.personal.media.replace('\n', " "),
                    "name" => contact.name.clone(),
                    _ => String::new(),
                });
            }
            prompt::open_command(state, &text);
            if let Some(prompt) = &mut state.prompt {
                prompt.given = given;
                prompt.marked = prompt.edit.text().len() > given;
            }
        }
    }
    Vec::new()
}

fn paste(state: &mut State, text: &str) {
    if let Some(Overlay::Form(form)) = &mut state.overlay {
        let at = form.at;
        form.fields[at].insert(text);
    } else if let Some(Overlay::Help(help)) = &mut state.overlay {
        if let Some(edit) = help.find.as_mut().filter(|_| help.typing) {
            edit.insert(text);
        }
    } else if let Some(prompt) = &mut state.prompt {
        prompt.edit.insert(text);
        prompt::typed(state);
    } else if panes::of(state.focus).paste(state, text) {
    } else if !text.is_empty() && state.overlay.is_none() {
        let key = state.key_name("inject");
        let text =
            format!("nothing is being typed: {key} opens the injector, which takes what is pasted");
        state.say(Severity::Info, text);
    }
}
