//! The console: the terminal from which an operator watches and plays the service.
//!
//! It owns the journal. Events come in, keys come in, commands go out, frames go out; [`update`] says what each of
//! them changes, [`view`] how it looks, and [`run`] alone does IO. Nothing here waits for a client or for the
//! terminal: commands go into a queue without a bound, frames to a writer thread with a slot of one.
//!
//! | file | what it is |
//! |---|---|
//! | `files` | recording, exports, and a recording that is looked at |
//! | `run` | the loop: what is waited for, when a frame is drawn |
//! | [`terminal`], [`writer`], [`screen`], [`clipboard`] | the terminal taken and given back, and what is written to it |
//! | [`state`], [`update`] | everything that is known, and what changes it; no IO |
//! | [`panes`] | a folder a pane: what it remembers, what keys change, how it looks |
//! | [`layout`], [`view`], [`widget`] | where everything is, and how it looks; pure functions |
//! | [`keymap`], [`theme`] | tables and the files over them |
//! | `images` | pictures by the terminal's own graphics: given once, and taken away |
//! | [`picture`] | a frame as SVG, for the README |

pub mod ascii;
pub mod clipboard;
mod files;
mod history;
mod images;
pub mod keymap;
pub mod layout;
pub mod panes;
pub mod picture;
mod run;
pub mod screen;
pub mod state;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;
pub mod writer;

use crate::control::Command;
use crate::event::{Clock, EventStream};
use std::path::{Path, PathBuf};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// How the console is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The theme to begin with: the name of one, or a file that ends in `.toml`. The default is the one that was chosen
    /// last, and the first shipped where none was.
    pub theme: Option<String>,
    /// A folder of more themes; one of the name of a shipped theme takes its place.
    pub themes_dir: Option<PathBuf>,
    /// A key file over the defaults.
    pub keys: Option<PathBuf>,
    /// The folder where histories and the chosen theme are kept; nothing is without it.
    pub history: Option<PathBuf>,
    /// The most that the journal takes, in bytes.
    pub journal_bytes: usize,
    /// Whether this is the demonstration, which writes nothing but what `record` and `export` ask for.
    pub demo: bool,
    /// Whether passwords and tickets are shown.
    pub show_secrets: bool,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Whether ASCII alone is drawn, whatever the environment says.
    pub ascii: bool,
    /// Whether pictures are drawn by the terminal's own graphics.
    pub graphics: terminal::graphics::Graphics,
    /// Seconds east of UTC, for times of day.
    pub utc_offset: i32,
    /// This machine's addresses, for those who bring a client.
    pub own: Vec<std::net::IpAddr>,
    /// Record every event to this file.
    pub record: Option<PathBuf>,
    /// The size at which the next file of a recording begins, in bytes.
    pub record_sizes: crate::recording::Sizes,
    /// A step of a sign-in counts as stalled after so many times the usual wait.
    pub patience: f64,
    /// The filter that a recording is opened with, as if it had been typed.
    pub filter: Option<String>,
    /// Of a recording that is opened, what is added to it is taken too.
    pub follow: bool,
    /// A recording that is opened is played from its beginning at this speed, and not read through first.
    pub play: Option<state::opened::Speed>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            theme: None,
            themes_dir: None,
            keys: None,
            history: None,
            journal_bytes: crate::journal::DEFAULT_BYTES,
            demo: false,
            show_secrets: false,
            mouse: true,
            ascii: false,
            graphics: terminal::graphics::Graphics::Auto,
            utc_offset: 0,
            own: Vec::new(),
            record: None,
            record_sizes: crate::recording::Sizes::default(),
            patience: 1.0,
            filter: None,
            follow: false,
            play: None,
        }
    }
}

/// How the console ended. The terminal is given back in each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The operator quit.
    Quit,
    /// It was told to stop: SIGTERM or SIGHUP.
    Stopped,
    /// The terminal has gone.
    TerminalGone,
}

/// Why the console could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Standard output is no terminal.
    #[error(
        "standard output is no terminal, and the console needs one: `nudge --headless` runs the service without, `nudge explain` and `nudge export` read a recording"
    )]
    NoTerminal,
    /// It is one that shows no screen.
    #[error(
        "TERM=dumb: this terminal cannot show the console. Set TERM to what it is (such as xterm-256color), or run `nudge --headless`"
    )]
    DumbTerminal,
    /// The terminal could not be taken.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[source] std::io::Error),
    /// A theme or key file cannot be read.
    #[error("{what} {}: {error}", path.display())]
    File {
        /// What it is.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// A theme with a mistake.
    #[error(transparent)]
    Theme(#[from] theme::ThemeError),
    /// A key file with a mistake.
    #[error(transparent)]
    Keys(#[from] keymap::KeymapError),
    /// What was to be recorded cannot be.
    #[error(transparent)]
    Record(#[from] crate::recording::RecordError),
    /// What was to be looked at is no recording.
    #[error(transparent)]
    Open(#[from] crate::recording::OpenError),
    /// No theme of that name.
    #[error("there is no theme {name:?}: {}", known.join(", "))]
    NoTheme {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

/// What the files say: keys, themes, and which theme is on; and what is wrong with themes that are not.
#[derive(Debug)]
pub struct Settings {
    /// The keys.
    pub keymap: keymap::Keymap,
    /// The themes, not yet degraded.
    pub themes: Vec<theme::Theme>,
    /// Which one is on.
    pub theme: usize,
    /// Whether the operator chose it, now or before.
    pub is_chosen: bool,
    /// What the operator should know: themes that could not be read.
    pub warnings: Vec<String>,
}

/// Reads the files that the options name. Call it before the service starts: a mistake is best said early.
///
/// # Errors
/// [`ConsoleError`] with file and line, where a key file or the theme that was asked for has a mistake.
pub fn settings(options: &Options) -> Result<Settings, ConsoleError> {
    let read = |what, path: &Path| {
        std::fs::read_to_string(path).map_err(|error| ConsoleError::File {
            what,
            path: path.to_path_buf(),
            error,
        })
    };
    let keymap = match &options.keys {
        Some(path) => keymap::load(&path.display().to_string(), &read("key file", path)?)?,
        None => keymap::Keymap::default(),
    };
    let mut named: Vec<(String, theme::Theme)> = Vec::new();
    let mut warnings = Vec::new();
    for (name, text) in theme::SHIPPED {
        named.push((name.to_owned(), theme::load(name, text)?));
    }
    let mut put = |name: String, theme| match named.iter_mut().find(|(n, _)| *n == name) {
        Some(held) => held.1 = theme,
        None => named.push((name, theme)),
    };
    for path in options
        .themes_dir
        .as_deref()
        .map(toml_files)
        .unwrap_or_default()
    {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let asked = options.theme.as_deref() == Some(name.as_str());
        let loaded = read("theme", &path)
            .and_then(|text| Ok(theme::load(&path.display().to_string(), &text)?));
        match loaded {
            Ok(theme) => put(name, theme),
            Err(error) if asked => return Err(error),
            Err(error) => warnings.push(error.to_string()),
        }
    }
    if let Some(path) = options.theme.as_deref().filter(|t| t.ends_with(".toml")) {
        let text = read("theme", Path::new(path))?;
        put(path.to_owned(), theme::load(path, &text)?);
    }
    let theme = match &options.theme {
        // A theme that is not there was chosen in another folder, so it is no mistake.
        None => options
            .history
            .as_deref()
            .and_then(history::theme)
            .and_then(|chosen| named.iter().position(|(_, theme)| theme.name == chosen)),
        Some(name) => Some({
            named
                .iter()
                .position(|(n, _)| n == name)
                .ok_or_else(|| ConsoleError::NoTheme {
                    name: name.clone(),
                    known: named.iter().map(|(n, _)| n.clone()).collect(),
                })?
        }),
    };
    Ok(Settings {
        keymap,
        themes: named.into_iter().map(|(_, theme)| theme).collect(),
        theme: theme.unwrap_or(0),
        is_chosen: theme.is_some(),
        warnings,
    })
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    paths
}

/// A service that is running, as the console knows it.
#[derive(Debug)]
pub struct Service {
    /// What it tells.
    pub events: EventStream,
    /// What it is asked.
    pub commands: mpsc::UnboundedSender<Command>,
    /// Whether its roster has changes that are in no file, said again after each change.
    pub unsaved: watch::Receiver<bool>,
    /// Cancelled when it has ended: its farewells are written or given up. What holds `events` open after that
    /// tells nothing more.
    pub ended: CancellationToken,
}

/// Runs the console on the calling thread until the operator quits or `stop` is cancelled (SIGTERM, SIGHUP, SIGQUIT).
/// Then the service is told to end, its end is awaited for a second at most, and the terminal is as
/// it was. Must not be called within an asynchronous task.
///
/// # Errors
/// [`ConsoleError`] where it cannot begin.
pub fn run(
    options: Options,
    clock: Clock,
    service: Service,
    stop: CancellationToken,
) -> Result<Outcome, ConsoleError> {
    begin(options, clock, run::Source::Service(service), stop)
}

/// The console over a recording, on the calling thread: no service, and no command to one. A file that is cut or
/// damaged is shown up to the damage, with the place of the damage.
///
/// # Errors
/// [`ConsoleError`] where it cannot begin, or the file is no recording.
pub fn open(
    options: Options,
    path: &Path,
    stop: CancellationToken,
) -> Result<Outcome, ConsoleError> {
    let recording = crate::recording::Recording::open(path)?;
    begin(
        options,
        Clock::start(),
        run::Source::Recording(recording),
        stop,
    )
}

/// Whether there is a terminal that can show the console.
///
/// # Errors
/// [`ConsoleError`]: there is none, or one that shows no screen.
pub fn able() -> Result<(), ConsoleError> {
    use std::io::IsTerminal as _;
    if !std::io::stdout().is_terminal() {
        return Err(ConsoleError::NoTerminal);
    }
    match std::env::var("TERM") {
        Ok(term) if term == "dumb" => Err(ConsoleError::DumbTerminal),
        _ => Ok(()),
    }
}

/// What is known of the terminal before it is taken.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    /// Whether its background is light, where it was asked.
    light: bool,
    /// How it shows pictures by its own graphics, where it does.
    graphics: Option<terminal::graphics::How>,
    /// How many of its answers may still come.
    late: usize,
}

/// Asks the environment and the terminal: for the background where `background` says so, and for graphics where the options
/// do. One that has no colours or is the console of Linux, which is black, is not asked.
fn ask(options: &Options, background: bool) -> Asked {
    use std::io::IsTerminal as _;
    use terminal::{background, graphics, query};
    let variable = |name: &str| std::env::var(name).ok();
    let is_bare = variable("TERM").as_deref() == Some("linux");
    if theme::Depth::detect(variable) == theme::Depth::None || is_bare {
        return Asked::default();
    }
    let ascii = options.ascii || ascii::is_needed(variable);
    let cell = cell();
    let mut asked = Asked {
        light: background::of_environment(variable).unwrap_or(false),
        graphics: options.graphics.forced(cell).filter(|_| !ascii),
        late: 0,
    };
    let mut question = Vec::new();
    if background && background::of_environment(variable).is_none() {
        question.extend(background::QUESTION);
        asked.late += 1;
    }
    if options.graphics.asks(variable) && !ascii {
        question.extend(graphics::QUESTION);
        asked.late += 2;
    }
    if question.is_empty() || !std::io::stdin().is_terminal() {
        asked.late = 0;
        return asked;
    }
    let (answer, is_whole) = query::ask(&question).unwrap_or_default();
    asked.light |= background::of_answer(&answer).unwrap_or(false);
    if options.graphics.asks(variable) && !ascii {
        asked.graphics = graphics::of_answer(&answer, cell);
    }
    if is_whole {
        asked.late = 0;
    }
    asked
}

/// Pixels of the width and height of a cell, where the system knows them.
fn cell() -> Option<(u16, u16)> {
    let size = crossterm::terminal::window_size().ok()?;
    let width = size.width.checked_div(size.columns)?;
    let height = size.height.checked_div(size.rows)?;
    (width > 0 && height > 0).then_some((width, height))
}

fn begin(
    options: Options,
    clock: Clock,
    source: run::Source,
    stop: CancellationToken,
) -> Result<Outcome, ConsoleError> {
    able()?;
    let mut settings = settings(&options)?;
    let asked = ask(&options, !settings.is_chosen);
    if asked.light && !settings.is_chosen {
        let mut themes = settings.themes.iter();
        if let Some(at) = themes.position(|theme| theme.name == "light") {
            settings.theme = at;
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ConsoleError::Terminal)?;
    let outcome = runtime.block_on(run::run(options, settings, clock, source, stop, asked));
    // A reader of keys that still waits must not keep the program.
    runtime.shutdown_background();
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_of_the_folder_takes_the_place_of_a_shipped_one_and_a_broken_one_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        write("dark.toml", "name = \"my dark\"\nparent = \"dark\"\n");
        write("mine.toml", "parent = \"light\"\n[roles]\nverb = \"red\"\n");
        write("broken.toml", "[roles]\nverb = \"reddish\"\n");
        let with = |theme: Option<&str>| Options {
            theme: theme.map(str::to_owned),
            themes_dir: Some(folder.path().to_path_buf()),
            ..Options::default()
        };
        let read = settings(&with(Some("mine"))).expect("settings");
        assert_eq!(read.themes[0].name, "my dark");
        assert_eq!(read.theme, theme::SHIPPED.len());
        assert!(
            read.warnings[0].contains("broken.toml:2:"),
            "{:?}",
            read.warnings
        );
        let error = settings(&with(Some("broken"))).expect_err("broken");
        assert!(error.to_string().contains("broken.toml:2:"), "{error}");
        let error = settings(&with(Some("nope"))).expect_err("none");
        assert!(error.to_string().contains("dark, light"), "{error}");
    }

    #[test]
    fn a_key_file_that_is_not_there_is_named() {
        let options = Options {
            keys: Some("/nowhere/keys.toml".into()),
            ..Options::default()
        };
        let error = settings(&options).expect_err("no file");
        assert!(
            error
                .to_string()
                .starts_with("key file /nowhere/keys.toml: ")
        );
    }
}
