//! The loop. It waits for keys, events, the clock and the writer; what each means is [`update`]'s to say.
//!
//! A frame is drawn when something changed: at once after a key, at most thirty times a second for data, never when
//! nothing did. While the writer's slot is taken no frame is made.

mod recorded;

use super::files::{self, Files, Read};
use super::images::Images;
use super::panes::transcript;
use super::state::opened::{Opened, Pace};
use super::state::{Dirty, Effect, History, State};
use super::terminal::Guard;
use super::theme::{Depth, Theme};
use super::update::{self, Input, Tape};
use super::writer::Writer;
use super::{
    Asked, ConsoleError, Options, Outcome, Service, Settings, ascii, clipboard, history, layout,
    screen, terminal, view,
};
use crate::control::{Action, Command};
use crate::event::{Clock, Envelope, Event, EventKind, Severity};
use crate::export;
use crate::filter::Filter;
use crate::journal::Journal;
use crate::recording::Recording;
use crossterm::event::{Event as TerminalEvent, EventStream as Keys};
use futures_util::StreamExt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// The least time between two frames that show data.
const FRAME: Duration = Duration::from_millis(33);
/// The least time between two frames while a recording is read as fast as it can be.
const READING: Duration = Duration::from_millis(100);
/// How long a size must have stayed before it is drawn, and how long at most that is waited for.
const SIZE_STAYS: Duration = Duration::from_millis(30);
const SIZE_AT_MOST: Duration = Duration::from_millis(150);
/// How long the service may take to end.
const ENDING: Duration = Duration::from_secs(1);
/// How many events are taken between two looks at the keys.
const BATCH: usize = 512;
/// How long the last frame may take to be written.
const LAST_FRAME: Duration = Duration::from_millis(100);

/// How long an export that is under way may take when the program ends.
const LAST_EXPORT: Duration = Duration::from_secs(3);
/// How many events of a recording are taken between two looks at the keys.
const PLAY: usize = 2_048;
/// How many such batches are read ahead.
const BATCHES: usize = 16;
/// How long the last frame stays while a recording goes back.
const BACK: Duration = Duration::from_millis(150);
/// How soon it is looked again whether an export takes more.
const EXPORT: Duration = Duration::from_millis(2);

/// Where events come from.
pub(super) enum Source {
    /// A service that is running, and takes commands.
    Service(Service),
    /// A file.
    Recording(Recording),
}

struct Console {
    files: Files,
    options: Options,
    clock: Clock,
    commands: mpsc::UnboundedSender<Command>,
    state: State,
    screen: screen::Screen,
    writer: Writer,
    guard: Option<Guard>,
    /// Bytes that are no frame, and go out before the next one.
    extra: Vec<u8>,
    /// A recording that is being read, and what of it is not taken yet.
    reading: Option<mpsc::Receiver<Read>>,
    tape: Tape,
    /// Until when the last frame stays though the recording goes back.
    goes_back: Option<Instant>,
    drawn: Instant,
    /// When durations on the screen are next a second older.
    ticks: Instant,
    resized: Option<(Instant, Instant)>,
    /// When it ends whether the service has ended or not.
    ends: Option<Instant>,
    history_failed: bool,
    /// What was recorded, a line for each file, to be said again in the end.
    recorded: Vec<String>,
    /// The theme that a start finds: the one it began with, then the one that was chosen.
    theme: String,
    /// Whether ASCII alone is drawn.
    ascii: bool,
    /// Answers of the terminal that come too late to be any.
    late: terminal::Late,
    images: Images,
}

pub(super) async fn run(
    options: Options,
    settings: Settings,
    clock: Clock,
    source: Source,
    stop: CancellationToken,
    asked: Asked,
) -> Result<Outcome, ConsoleError> {
    // Under NO_COLOR crossterm would leave out its resets too; colour is taken off in our own palette.
    crossterm::style::force_color_output(true);
    let mut state = state(&options, settings, clock);
    state.pictures.on = asked.graphics.is_some();
    let (mut files, mut notes) = Files::new();
    let mut unsaved = None;
    let (commands, mut events, ended, reading) = match source {
        Source::Service(service) => {
            unsaved = Some(service.unsaved);
            (service.commands, service.events, service.ended, None)
        }
        Source::Recording(recording) => {
            state.open(recording.path().to_path_buf());
            if let Some(opened) = &mut state.opened {
                opened.follows = options.follow;
                if let Some(speed) = options.play {
                    opened.speed = speed;
                    opened.play();
                }
            }
            if let Some(filter) = &options.filter {
                transcript::update::set(&mut state, filter);
            }
            let reading = files::read(recording, options.follow)
                .map_err(|e| ConsoleError::Terminal(io::Error::other(e)))?;
            // Nobody takes a command, and nobody tells an event.
            (
                mpsc::unbounded_channel().0,
                mpsc::unbounded_channel().1,
                CancellationToken::new(),
                Some(reading),
            )
        }
    };
    if let Some(path) = &options.record {
        files.record_to(path, options.record_sizes)?;
        state.recording = Some(path.clone());
    }
    let guard = Guard::take(options.mouse).map_err(ConsoleError::Terminal)?;
    let freed = Arc::new(Notify::new());
    let notify = freed.clone();
    let writer = Writer::start(terminal::Output::open(), move || notify.notify_one())
        .map_err(ConsoleError::Terminal)?;
    let mut continued = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))
        .map_err(ConsoleError::Terminal)?;
    // From outside (`kill -TSTP`), as ctrl-z is from within.
    let mut stops = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))
        .map_err(ConsoleError::Terminal)?;
    let ascii = options.ascii || ascii::is_needed(|name| std::env::var(name).ok());
    let mut console = Console {
        files,
        options,
        clock,
        commands,
        state,
        screen: screen::Screen::default(),
        writer,
        guard: Some(guard),
        extra: Vec::new(),
        reading,
        tape: Tape::default(),
        goes_back: None,
        drawn: Instant::now(),
        ticks: Instant::now(),
        resized: None,
        ends: None,
        history_failed: false,
        recorded: Vec::new(),
        theme: String::new(),
        ascii,
        late: terminal::Late::awaited(asked.late),
        images: Images::new(asked.graphics),
    };
    let mut keys = Keys::new();
    // The keys alone would not tell: a terminal that is gone can be read for ever.
    let mut gone = std::pin::pin!(terminal::gone(io::stdout()));
    let mut batch: Vec<Envelope> = Vec::new();
    let mut open = console.reading.is_none();
    let mut stopped = false;
    let outcome = loop {
        console.pass();
        console.files.work(&console.state.journal);
        let mut working = update::work(&mut console.state);
        working |= console.play();
        console.draw();
        if console.writer.failed().is_some() {
            break Outcome::TerminalGone;
        }
        let wake = console.wake();
        let blocked = console.has_news() && !console.writer.is_free();
        tokio::select! {
            biased;
            key = keys.next() => match key {
                Some(Ok(event)) => {
                    console.terminal(event);
                    // A storm of keys or sizes is one frame. (Not by polling the stream once more: it keeps
                    // the first waker that it is given, and that one would wake nobody.)
                    while let Ok(true) = crossterm::event::poll(Duration::ZERO) {
                        match crossterm::event::read() {
                            Ok(event) => console.terminal(event),
                            Err(_) => break,
                        }
                    }
                }
                // A terminal that cannot be read has gone.
                _ => break Outcome::TerminalGone,
            },
            () = &mut gone => break Outcome::TerminalGone,
            () = stop.cancelled(), if !stopped => {
                stopped = true;
                console.end();
            }
            count = events.recv_many(&mut batch, BATCH), if open => {
                for Envelope { event, .. } in batch.drain(..) {
                    console.files.record(&event);
                    update::update(&mut console.state, Input::Event(Box::new(event)));
                }
                if count == 0 {
                    open = false;
                    if console.ends.is_none() {
                        console.input(Input::ServiceGone);
                    }
                }
            }
            // Behind the events: of what was told before it, it is known whether it is in a file.
            now = next_of(&mut unsaved) => console.input(Input::Unsaved(now)),
            // Behind the events: what was told before the end is taken first.
            () = ended.cancelled(), if open && console.ends.is_some() => open = false,
            read = next_read(&mut console.reading), if console.tape.is_empty() => match read {
                Some(read) => console.read(read),
                None => console.reading = None,
            },
            Some((severity, text)) = notes.recv() => console.note(severity, text),
            _ = continued.recv() => console.again(),
            _ = stops.recv() => console.suspend(),
            () = freed.notified(), if blocked => {}
            () = sleep_until(wake), if wake.is_some() => console.tick(),
            () = tokio::task::yield_now(), if working => {}
        }
        if let Some(ends) = console.ends
            && (!open || Instant::now() >= ends)
        {
            break if stopped {
                Outcome::Stopped
            } else {
                Outcome::Quit
            };
        }
    };
    console.leave();
    Ok(outcome)
}

async fn next_read(reading: &mut Option<mpsc::Receiver<Read>>) -> Option<Read> {
    match reading {
        Some(reading) => reading.recv().await,
        None => std::future::pending().await,
    }
}

/// What the service says next of what is in no file; it never says anything more where it has ended.
async fn next_of(unsaved: &mut Option<watch::Receiver<bool>>) -> bool {
    if let Some(receiver) = unsaved
        && receiver.changed().await.is_ok()
    {
        return *receiver.borrow_and_update();
    }
    *unsaved = None;
    std::future::pending().await
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

fn state(options: &Options, settings: Settings, clock: Clock) -> State {
    let themes = degraded(&settings.themes);
    let mut state = State::new(Journal::new(options.journal_bytes), settings.keymap, themes);
    state.theme = settings.theme;
    state.findings.ladders.set_patience(options.patience);
    state.now = clock.now();
    state.demo = options.demo;
    state.mouse = options.mouse;
    state.show_secrets = options.show_secrets;
    state.utc_offset = options.utc_offset;
    state.own.clone_from(&options.own);
    state.size = layout::bounded(crossterm::terminal::size().unwrap_or((80, 24)));
    if let Some(folder) = &options.history {
        state.injector.history = history::injected(folder);
        state.commands_typed = history::load(folder, History::Commands);
    }
    for warning in settings.warnings {
        state.say(Severity::Warning, warning);
    }
    state
}

/// The themes with as many colours as the terminal has.
fn degraded(themes: &[Theme]) -> Vec<Theme> {
    let depth = Depth::detect(|name| std::env::var(name).ok());
    themes.iter().map(|theme| theme.at(depth)).collect()
}

impl Console {
    /// When something is to be done though nothing happens.
    fn wake(&self) -> Option<Instant> {
        let frame = match self.state.dirty {
            Dirty::Clean => None,
            _ => Some(self.due()),
        };
        let tick = (self.state.ticks() || self.state.waits()).then_some(self.ticks);
        let export = self.files.is_exporting().then(|| Instant::now() + EXPORT);
        let played = self.tape.wait(&self.state);
        [
            frame.filter(|_| self.writer.is_free()),
            tick,
            self.ends,
            export,
            played.map(|wait| Instant::now() + wait),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// When the next frame is due.
    fn due(&self) -> Instant {
        let now = Instant::now();
        if let Some(until) = self.goes_back {
            return until;
        }
        match (self.resized, self.state.dirty) {
            (Some((first, last)), _) => (last + SIZE_STAYS).min(first + SIZE_AT_MOST),
            (None, Dirty::Key) => now,
            _ if self.is_reading() => self.drawn + READING,
            _ => self.drawn + FRAME,
        }
    }

    /// Whether there is anything to be written.
    fn has_news(&self) -> bool {
        self.state.dirty != Dirty::Clean || !self.extra.is_empty()
    }

    /// It was woken by time: for a frame that is due, or because a second has passed.
    fn tick(&mut self) {
        let now = Instant::now();
        if now >= self.ticks && (self.state.ticks() || self.state.waits()) {
            self.ticks = now + Duration::from_secs(1);
            self.input(Input::Tick);
        }
    }

    fn draw(&mut self) {
        if !self.has_news()
            || !self.writer.is_free()
            || (self.extra.is_empty() && self.due() > Instant::now())
        {
            return;
        }
        self.resized = None;
        self.keep_theme();
        update::settle(&mut self.state);
        let mut frame = screen::blank(self.state.size.0, self.state.size.1);
        let cursor = view::draw(&self.state, &mut frame);
        if self.ascii {
            ascii::only(&mut frame);
        }
        let mut bytes = std::mem::take(&mut self.extra);
        let shown = (&self.state.pictures, self.state.theme());
        let images = self.images.of(&mut frame, shown, &mut self.screen);
        bytes.extend(images.before);
        bytes.extend(self.screen.encode(frame, &images.after, cursor));
        self.state.dirty = Dirty::Clean;
        self.drawn = Instant::now();
        if self.writer.put(bytes).is_err() {
            // It was free a moment ago and nobody else puts; if it were not, all is drawn anew.
            self.screen.forget();
            self.state.touch(Dirty::Key);
        }
    }

    fn terminal(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Key(key) if self.late.takes(&key) => {}
            TerminalEvent::Key(key) => self.input(Input::Key(key)),
            TerminalEvent::Mouse(mouse) => self.input(Input::Mouse(mouse)),
            TerminalEvent::Paste(text) => self.input(Input::Paste(text)),
            TerminalEvent::Resize(width, height) => {
                let now = Instant::now();
                self.resized = Some((self.resized.map_or(now, |(first, _)| first), now));
                self.input(Input::Resize(width, height));
            }
            TerminalEvent::FocusGained | TerminalEvent::FocusLost => {}
        }
    }

    /// Time passes; in a recording it does so with its events.
    fn pass(&mut self) {
        if self.state.opened.is_none() {
            self.state.now = self.clock.now();
        }
    }

    fn input(&mut self, input: Input) {
        self.pass();
        for effect in update::update(&mut self.state, input) {
            self.effect(effect);
        }
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Command(command) => {
                if self.commands.send(command).is_err() && self.ends.is_none() {
                    self.state
                        .say(Severity::Error, "the service has ended: nothing was done");
                }
            }
            Effect::Copy(text) => {
                let in_tmux = std::env::var_os("TMUX").is_some();
                self.extra.extend(clipboard::osc52(&text, in_tmux));
            }
            Effect::Mouse(on) => self.extra.extend_from_slice(terminal::mouse(on)),
            Effect::Redraw => {
                self.screen.forget();
                self.state.touch(Dirty::Key);
            }
            Effect::StartOver => self.start_over(),
            Effect::Suspend => self.suspend(),
            Effect::Reload => self.reload(),
            Effect::Record(path) => self.record(path, false),
            Effect::Export {
                path,
                format,
                filter,
            } => self.export(path, format, filter, false),
            Effect::Over(effect) => match *effect {
                Effect::Record(path) => self.record(path, true),
                Effect::Export {
                    path,
                    format,
                    filter,
                } => self.export(path, format, filter, true),
                _ => {}
            },
            Effect::Remember(which, entry) => self.remember(which, &entry),
            Effect::Quit { now } => {
                self.ends = Some(Instant::now() + if now { Duration::ZERO } else { ENDING });
            }
        }
    }

    fn remember(&mut self, which: History, entry: &str) {
        let Some(folder) = self
            .options
            .history
            .as_deref()
            .filter(|_| !self.options.demo)
        else {
            return;
        };
        if let Err(error) = history::add(folder, which, entry)
            && !self.history_failed
        {
            self.history_failed = true;
            let text = format!("the history is not kept: {}: {error}", folder.display());
            self.state.say(Severity::Warning, text);
        }
    }

    /// Remembers the theme, where the operator chose another one.
    fn keep_theme(&mut self) {
        let name = &self.state.theme().name;
        if *name == self.theme {
            return;
        }
        let before = std::mem::replace(&mut self.theme, name.clone());
        let Some(folder) = self
            .options
            .history
            .as_deref()
            .filter(|_| !before.is_empty())
        else {
            return;
        };
        if let Err(error) = history::keep_theme(folder, &self.theme) {
            let text = format!("the theme is not remembered: {}: {error}", folder.display());
            self.state.say(Severity::Warning, text);
        }
    }

    /// Reads keys and themes again; where there is a mistake all stays as it is.
    fn reload(&mut self) {
        match super::settings(&self.options) {
            Ok(settings) => {
                let name = self.state.theme().name.clone();
                self.state.keymap = settings.keymap;
                self.state.themes = degraded(&settings.themes);
                let same = self.state.themes.iter().position(|t| t.name == name);
                self.state.theme = same.unwrap_or(settings.theme);
                for warning in settings.warnings {
                    self.state.say(Severity::Warning, warning);
                }
                self.state
                    .say(Severity::Info, "keys and themes are read again");
            }
            Err(error) => {
                let text = format!("{error}; all stays as it was");
                self.state.say(Severity::Error, text);
            }
        }
    }

    /// The service is told to end, and the console with it.
    fn end(&mut self) {
        self.state.quitting = true;
        let effect = self.state.command(Action::Quit);
        self.effect(effect);
        self.ends = Some(Instant::now() + ENDING);
    }

    /// Stops the program until it is continued; one line says for how long. By SIGSTOP: SIGTSTP is what asks for it.
    fn suspend(&mut self) {
        self.writer.drain(LAST_FRAME);
        self.guard = None;
        let from = self.clock.now();
        if let Err(error) =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)
        {
            self.state
                .say(Severity::Error, format!("cannot stop: {error}"));
        }
        let to = self.clock.now();
        // Nobody is late for what did not come meanwhile.
        self.state.findings.paused(to.since(from));
        let gap = update::gap(from, to);
        update::update(&mut self.state, Input::Event(Box::new(gap)));
        self.again();
    }

    /// The terminal is ours again, whoever had it meanwhile.
    fn again(&mut self) {
        self.guard = None;
        match Guard::take(self.state.mouse) {
            Ok(guard) => self.guard = Some(guard),
            Err(error) => self
                .state
                .say(Severity::Error, format!("the terminal: {error}")),
        }
        self.screen.forget();
        self.images.forget();
        if let Ok(size) = crossterm::terminal::size() {
            self.state.size = layout::bounded(size);
        }
        self.state.touch(Dirty::Key);
    }

    fn leave(mut self) {
        if self.writer.drain(LAST_FRAME) && self.writer.put(self.images.farewell()).is_ok() {
            self.writer.drain(LAST_FRAME);
        }
        self.writer.close();
        self.guard = None;
        self.stop();
        for text in &self.recorded {
            let _ = writeln!(io::stderr(), "nudge: {text}");
        }
        if let Some(path) = self.files.finish(&self.state.journal, LAST_EXPORT) {
            let path = path.display().to_string();
            let name = crate::msnp::escape::to_screen(path.as_bytes());
            let _ = writeln!(
                io::stderr(),
                "nudge: nothing was exported to {name}: it would have taken too long"
            );
        }
    }
}
