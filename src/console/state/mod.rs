//! Everything the console knows. A value: it does no IO, and reads no clock but the time it is given.

pub mod help;
pub mod opened;
pub mod pictures;
pub mod prompt;
pub mod real;
pub mod unclaimed;

pub use super::panes::clients::state::{Client, Clients};
pub use super::panes::contacts::form::Form;
pub use super::panes::contacts::state::Contacts;
pub use super::panes::conversation::state::Conversations;
pub use super::panes::injector::state::Injector;
pub use super::panes::log::state::Messages;
pub use super::panes::transcript::state::Transcript;
pub use help::Help;
pub use opened::Opened;
pub use prompt::Prompt;
pub use unclaimed::Unclaimed;

use super::keymap::Keymap;
use super::layout::{self, Areas, Mode, Split};
use super::panes::clients::state as clients;
use super::theme::Theme;
use crate::command::Pane;
use crate::control::{Action, Command, Target};
use crate::event::EventId;
use crate::event::{ClientId, CommandId};
use crate::event::{Service, Severity, Timestamp};
use crate::export::Format;
use crate::findings::ladder::{State as Rung, StepId};
use crate::findings::{Findings, Ladder};
use crate::journal::Journal;
use crate::msnp::Shape;
use pictures::Pictures;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// What the world outside is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// To the service.
    Command(Command),
    /// Into the clipboard.
    Copy(String),
    /// The mouse is taken, or given back.
    Mouse(bool),
    /// Everything is drawn anew.
    Redraw,
    /// The recording is read once more, from its beginning.
    StartOver,
    /// The program stops until it is continued.
    Suspend,
    /// Keys and themes are read again.
    Reload,
    /// An entry for the history of the injector, or of the prompt.
    Remember(History, String),
    /// Every event is recorded to this file from now on, or no longer.
    Record(Option<PathBuf>),
    /// What the journal holds is written to a file.
    Export {
        /// Which.
        path: PathBuf,
        /// As what.
        format: Format,
        /// Only what this lets through.
        filter: String,
    },
    /// One of the two, over a file that is there: the operator was asked.
    Over(Box<Effect>),
    /// The console ends, at once or when the service has ended.
    Quit {
        /// Without waiting.
        now: bool,
    },
}

/// Which history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum History {
    /// What was injected.
    Injected,
    /// The same, unchecked.
    Unchecked,
    /// What was commanded.
    Commands,
}

/// What lies over the panes and takes the keys.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// All keys, marks, commands and filter terms.
    Help(Box<Help>),
    /// A question.
    Ask(Question),
    /// A contact, whole.
    Form(Box<Form>),
}

/// Something that is asked before it is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Run this command.
    Run(String),
    /// Quit while clients are connected, or something is unsaved.
    Quit,
    /// Stop the program and the service.
    Suspend,
    /// Write over a file that is there.
    Over(Box<Effect>),
    /// Let go of what was typed into the form of a contact.
    Drop(Box<Form>),
}

/// What was asked of the service and has had no answer yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// The roster is being written.
    Save,
    /// A contact rings a client whose conversation is to be shown.
    Call,
    /// Something that is seen where it was done: only a refusal is said.
    Seen,
    /// One of several frames: its length in bytes, and for the last one to whom they go. One sentence is about all of
    /// them.
    Frame(usize, Option<String>),
    /// Anything else.
    Other,
}

/// What must be drawn, and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Dirty {
    /// Nothing changed.
    #[default]
    Clean,
    /// Something arrived.
    Data,
    /// The operator did something.
    Key,
}

/// Everything.
#[derive(Debug, Default)]
pub struct State {
    /// The time, as it was last told.
    pub now: Timestamp,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// Which doors are open.
    pub listening: Vec<(Service, SocketAddr)>,
    /// This machine's addresses, the one to name first before the others.
    pub own: Vec<IpAddr>,
    /// What happened.
    pub journal: Journal,
    /// What is found in it: each client's ladder, and the rules.
    pub findings: Findings,
    /// Which step of the ladder has the cursor; the one at hand where none was chosen.
    pub login: Option<StepId>,
    /// Whether its messages are drawn as a sequence in place of its steps, and which of them has the cursor.
    pub diagram: Option<Newest>,
    /// Lines of which it is not known yet whose they are.
    pub unclaimed: Unclaimed,
    /// Who is connected.
    pub clients: Clients,
    /// The contacts.
    pub contacts: Contacts,
    /// Which part of the journal is shown.
    pub transcript: Transcript,
    /// What contacts and clients say to each other.
    pub conversations: Conversations,
    /// What the terminal shows by its own graphics.
    pub pictures: Pictures,
    /// What is to be sent.
    pub injector: Injector,
    /// What was said to the operator.
    pub messages: Messages,
    /// How far the detail is scrolled, and whether it is in hexadecimal.
    pub detail: Detail,
    /// Which pane has the keys.
    pub focus: Pane,
    /// Which had them before.
    pub before: Pane,
    /// Which pane has the place that several share.
    pub lower: Pane,
    /// Whether the pane is alone on the screen.
    pub zoom: bool,
    /// Where the operator moved the lines between the panes.
    pub split: Split,
    /// Which line between panes is being dragged.
    pub dragging: Option<Edge>,
    /// What lies over the panes.
    pub overlay: Option<Overlay>,
    /// What is typed into the last line.
    pub prompt: Option<Prompt>,
    /// What was found in a list by the last keys: the keys of the next match then go on from row to row.
    pub found: Option<(Pane, String)>,
    /// Commands that were typed there before, oldest first.
    pub commands_typed: Vec<String>,
    /// Filters and searches that were typed there before, oldest first.
    pub looked_for: Vec<String>,
    /// Seconds east of UTC, for times of day.
    pub utc_offset: i32,
    /// The keys.
    pub keymap: Keymap,
    /// The themes, as many colours as the terminal has.
    pub themes: Vec<Theme>,
    /// Which is on.
    pub theme: usize,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// Whether passwords and tickets are shown.
    pub show_secrets: bool,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// What is being recorded to.
    pub recording: Option<PathBuf>,
    /// The names that were found for recordings, so that none is taken twice.
    pub recorded: Vec<String>,
    /// Whether what was said last has had no time to be read: where it is an answer to the operator, or matters, it is
    /// shown whole until the next key.
    pub loud: bool,
    /// The recording that is looked at, where there is no service.
    pub opened: Option<Opened>,
    /// Whether the roster has changes that are in no file.
    pub unsaved: bool,
    /// What must be drawn.
    pub dirty: Dirty,
    /// Whether the end is on its way.
    pub quitting: bool,
    /// How many of several frames have gone out so far, and how many bytes.
    pub frames: (usize, usize),
    /// The line that was typed last, until the next key: where the service refuses it, it is there again to be mended.
    pub typed: Option<(CommandId, String)>,
    /// What was asked of the service.
    pub pending: HashMap<CommandId, Pending>,
    next_command: u64,
}

/// See [`State::detail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detail {
    /// Lines that are above the pane.
    pub scroll: usize,
    /// Bytes instead of the explanation.
    pub hex: bool,
    /// The line that a search found, in whose detail the place is still to be scrolled to.
    pub seek: Option<EventId>,
}

/// A row that was chosen, or the newest, whichever that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Newest(pub Option<usize>);

/// A line between panes that the mouse can drag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Between the left column and the right one.
    Column,
    /// Below the transcript.
    Row,
}

impl State {
    /// The console before anything has happened: the contacts have the keys.
    pub fn new(journal: Journal, keymap: Keymap, themes: Vec<Theme>) -> Self {
        Self {
            size: (80, 24),
            journal,
            transcript: Transcript::following(),
            focus: Pane::Contacts,
            before: Pane::Contacts,
            lower: Pane::Detail,
            keymap,
            themes: if themes.is_empty() {
                vec![Theme::plain("mono")]
            } else {
                themes
            },
            mouse: true,
            dirty: Dirty::Key,
            next_command: 1,
            ..Self::default()
        }
    }

    /// The theme that is on.
    pub fn theme(&self) -> &Theme {
        &self.themes[self.theme % self.themes.len()]
    }

    /// The doors, each as a client must name it: where one is open on every interface by this machine's own address.
    pub fn doors(&self) -> impl Iterator<Item = (Service, String)> {
        self.listening.iter().map(|(service, address)| {
            let own = self
                .own
                .iter()
                .find(|own| own.is_ipv4() == address.is_ipv4());
            let shown = match own.filter(|_| address.ip().is_unspecified()) {
                Some(own) => SocketAddr::new(*own, address.port()),
                None => *address,
            };
            (*service, shown.to_string())
        })
    }

    /// Where everything is.
    pub fn areas(&self) -> Areas {
        layout::areas(self.size, self.split, self.focus, self.lower, self.zoom)
    }

    /// Gives the keys to a pane.
    pub fn focus_on(&mut self, pane: Pane) {
        if self.focus != pane {
            self.before = self.focus;
            if pane != Pane::Detail {
                self.detail.scroll = 0;
            }
        }
        // The log has the detail's place for as long as it is read.
        if self.lower == Pane::Log {
            self.lower = Pane::Detail;
        }
        self.focus = pane;
        match pane {
            Pane::Injector => self.clients.stay(),
            Pane::Conversation => self.conversations.opened(),
            // What the cursor is on there is explained again.
            Pane::Transcript if self.lower == Pane::Conversation => self.lower = Pane::Detail,
            _ => {}
        }
        if layout::shares(Mode::of(self.size.0, self.size.1), pane) {
            self.lower = pane;
        }
    }

    /// Whether what is pressed is text. Over a recording nothing is said in a conversation, and where there is none
    /// nothing is either.
    pub fn types(&self) -> bool {
        let here = self.focus == Pane::Conversation;
        let is_read = here && (self.opened.is_some() || self.conversations.is_nowhere());
        self.focus.row().types && !is_read
    }

    /// The name of the key that runs this line here; `?` where it has none.
    pub fn key_name(&self, line: &str) -> String {
        self.keymap
            .key(self.focus, line)
            .map_or_else(|| "?".into(), |key| key.to_string())
    }

    /// A command with a number of its own.
    pub fn command(&mut self, action: Action) -> Effect {
        let pending = match action {
            Action::Save { .. } => Pending::Save,
            _ => Pending::Other,
        };
        self.command_for(action, pending)
    }

    /// The same, with what is to be made of its answer.
    pub fn command_for(&mut self, action: Action, pending: Pending) -> Effect {
        let id = CommandId(self.next_command);
        self.next_command += 1;
        self.pending.insert(id, pending);
        Effect::Command(Command { id, action })
    }

    /// From now on this recording is looked at, and every client in it is remembered.
    pub fn open(&mut self, path: PathBuf) {
        self.opened = Some(Opened::new(path));
        self.findings.ladders.keep(clients::GONE_OF_RECORDING);
        self.clients.keep_all();
        self.now = Timestamp::default();
        self.focus_on(Pane::Transcript);
    }

    /// The recording is gone through once more: what came of its events is as before the first. What the operator
    /// chose stays: cursors, marks, the filter, and what was said in answer.
    pub fn start_over(&mut self) {
        if let Some(opened) = &mut self.opened {
            opened.start_over();
        }
        self.journal = Journal::new(self.journal.max_bytes());
        self.findings.start_over();
        self.clients.forget();
        self.unclaimed = Unclaimed::default();
        self.contacts.forget();
        self.conversations.forget();
        self.listening.clear();
        self.messages.forget_told();
        self.transcript.start_over(&self.journal);
        self.now = Timestamp::default();
        self.touch(Dirty::Data);
    }

    /// To whom what is typed would go, and in words.
    ///
    /// # Errors
    /// A sentence, where nobody is there; over a recording nobody is.
    pub fn injected_to(&self) -> Result<(Target, String), String> {
        match self.opened {
            Some(_) => Err("this is a recording, in which a line is only checked".into()),
            None => self.injector.target(&self.clients),
        }
    }

    /// The shape of the client that the injector sends to.
    pub fn injected_shape(&self) -> Option<Shape> {
        let (target, _) = self.injector.target(&self.clients).ok()?;
        let id = match target {
            Target::Clients(ids) => ids.first().copied(),
            Target::Account(_) => None,
            Target::All => self.clients.connected().next().map(|(id, _)| id),
        };
        self.clients.get(id?)?.info.as_ref()?.shape
    }

    /// The shapes of all the clients that the injector sends to, each with the first client that has it.
    pub fn injected_shapes(&self) -> Vec<(ClientId, Shape)> {
        let ids: Vec<ClientId> = match self.injector.target(&self.clients) {
            Ok((Target::Clients(ids), _)) => ids,
            Ok((Target::All, _)) => self.clients.connected().map(|(id, _)| id).collect(),
            _ => Vec::new(),
        };
        let mut shapes: Vec<(ClientId, Shape)> = Vec::new();
        for id in ids {
            let info = self.clients.get(id).and_then(|held| held.info.as_ref());
            if let Some(shape) = info.and_then(|info| info.shape)
                && !shapes.iter().any(|(_, known)| *known == shape)
            {
                shapes.push((id, shape));
            }
        }
        shapes
    }

    /// Tells the operator something; it stays in the log.
    pub fn say(&mut self, severity: Severity, text: impl Into<String>) {
        self.messages.answer(self.now, severity, text.into());
        self.loud = true;
        self.touch(Dirty::Data);
    }

    /// Something must be drawn.
    pub fn touch(&mut self, how: Dirty) {
        self.dirty = self.dirty.max(how);
    }

    /// Whether something on the screen says how long ago, so that it changes with time alone.
    pub fn ticks(&self) -> bool {
        let passes = |opened: &Opened| opened.is_playing() || opened.is_live();
        let passes = self.opened.as_ref().is_none_or(passes);
        passes && (self.clients.owing().is_some() || self.conversations.ticks(self.now))
    }

    /// Whether time alone may show that something is wrong: an answer that does not come.
    pub fn waits(&self) -> bool {
        self.opened.as_ref().is_none_or(Opened::is_live)
            && self.clients.connected().next().is_some()
    }

    /// The ladder of the selected client.
    pub fn ladder(&self) -> Option<&Ladder> {
        match self.clients.selected()? {
            (clients::Who::Client(id), _) => self.findings.ladders.ladder(id),
            _ => None,
        }
    }

    /// The row of the login under the cursor: of the ladder the step that was chosen, else the one at hand, else the
    /// last done; of the diagram the message that was chosen, else the newest.
    pub fn login_row(&self) -> usize {
        if let Some(Newest(chosen)) = self.diagram {
            let last = self.messages_drawn().saturating_sub(1);
            return chosen.map_or(last, |row| row.min(last));
        }
        let rows = self.ladder().map(Ladder::rows).unwrap_or_default();
        let chosen = self
            .login
            .and_then(|step| rows.iter().position(|row| row.step == step));
        let at = |state| rows.iter().rposition(|row| row.state == state);
        chosen
            .or_else(|| at(Rung::Now))
            .or_else(|| {
                let step = self.ladder()?.failed_at()?.step;
                rows.iter().position(|row| row.step == step)
            })
            .or_else(|| at(Rung::Done))
            .unwrap_or(0)
    }

    /// How many messages the diagram of the selected client has.
    fn messages_drawn(&self) -> usize {
        self.ladder().map_or(0, |ladder| ladder.messages().len())
    }

    /// The event that the row under the cursor of the login came from.
    pub fn login_event(&self) -> Option<EventId> {
        let (ladder, row) = (self.ladder()?, self.login_row());
        match self.diagram {
            Some(_) => ladder.messages().get(row).map(|message| message.event),
            None => ladder.rows().get(row)?.event,
        }
    }

    /// Moves the cursor of the login to this row, or to the last.
    pub fn login_go(&mut self, row: usize) {
        if self.diagram.is_some() {
            let is_last = row + 1 >= self.messages_drawn();
            self.diagram = Some(Newest((!is_last).then_some(row)));
            return;
        }
        let rows = self.ladder().map(Ladder::rows).unwrap_or_default();
        self.login = rows.get(row).or(rows.last()).map(|row| row.step);
    }
}
