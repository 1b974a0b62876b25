//! What the loop does with files: a recording that is gone through, one that is made, and exports.

use super::*;
use crate::console::state::{Overlay, Question};
use crate::console::widget::time;
use crate::recording::{RecordError, Written};

/// How much is in a recording, in words.
fn amount(written: Written) -> String {
    let events = match written.events {
        1 => "1 event".to_owned(),
        many => format!("{} events", time::count(many)),
    };
    let size = time::bytes(written.bytes);
    match written.files {
        1 => format!("{events}, {size}"),
        many => format!("{events}, {size} in {many} files"),
    }
}

impl Console {
    /// Goes on in a recording. Says whether there is more to do at once.
    pub(super) fn play(&mut self) -> bool {
        let mut working = self.tape.play(&mut self.state, self.clock.now(), PLAY);
        // What has been read meanwhile is taken at once, without a look at everything else.
        for _ in 0..BATCHES {
            if working || !self.tape.is_empty() {
                break;
            }
            let Some(Ok(read)) = self.reading.as_mut().map(mpsc::Receiver::try_recv) else {
                break;
            };
            self.read(read);
            working = self.tape.play(&mut self.state, self.clock.now(), PLAY);
        }
        let goes = |o: &Opened| matches!(o.pace, Pace::To(_)) && !o.is_over();
        if !self.state.opened.as_ref().is_some_and(goes) {
            self.goes_back = None;
        }
        working
    }

    /// Takes what was read of a recording.
    pub(super) fn read(&mut self, read: Read) {
        match read {
            Read::Events(events) => self.tape.put(events),
            Read::CaughtUp => self.tape.caught_up(),
            Read::Over(why) => {
                self.reading = None;
                self.tape.end(why);
            }
        }
    }

    /// Reads the recording once more. What is shown stays for a moment, since it often is nearly the same again.
    pub(super) fn start_over(&mut self) {
        let Some(opened) = &mut self.state.opened else {
            return;
        };
        let began = if self.files.is_exporting() {
            Err("an export is under way: it has to end first".to_owned())
        } else if !std::fs::metadata(&opened.path).is_ok_and(|data| data.is_file()) {
            // To open a pipe again would take from the one that is being read.
            Err("this recording is no file, so it cannot be begun once more".to_owned())
        } else {
            Recording::open(&opened.path)
                .map_err(|error| error.to_string())
                .and_then(|recording| files::read(recording, self.options.follow))
        };
        match began {
            Ok(reading) => {
                self.reading = Some(reading);
                self.tape = Tape::default();
                self.goes_back = Some(Instant::now() + BACK);
                self.state.start_over();
            }
            Err(text) => {
                opened.pace = Pace::Held;
                self.state.say(Severity::Error, text);
            }
        }
    }

    /// Whether a recording is gone through as fast as it can be.
    pub(super) fn is_reading(&self) -> bool {
        let opened = self.state.opened.as_ref();
        opened.is_some_and(|o| {
            !o.is_over() && !o.is_live() && !matches!(o.pace, Pace::Held | Pace::Playing)
        })
    }

    /// A thread that writes a file has something to say.
    pub(super) fn note(&mut self, severity: Severity, text: String) {
        if self.state.recording.is_some() && !self.files.is_recording() {
            self.state.recording = None;
            if let Some((_, written)) = self.files.stop() {
                self.recorded
                    .push(format!("{text}; {} were written", amount(written)));
            }
        }
        self.pass();
        // An export is no event of the service, and lines of our own do not go into a recording.
        if self.state.opened.is_some() || severity == Severity::Info {
            return self.state.say(severity, text);
        }
        let event = Event {
            time: self.state.now,
            connection: None,
            client: None,
            kind: EventKind::Notice {
                severity,
                text: text.into(),
            },
        };
        self.input(Input::Event(Box::new(event)));
    }

    /// Begins to record, or ends it.
    pub(super) fn record(&mut self, path: Option<PathBuf>, over: bool) {
        self.state.recording = None;
        if let Some(text) = self.stop() {
            self.state.say(Severity::Info, text);
        }
        let Some(path) = path else { return };
        if over && let Err(error) = Files::take_away(&path) {
            let text = format!("{} cannot be written over: {error}", path.display());
            return self.state.say(Severity::Error, text);
        }
        match self.files.record_to(&path, self.options.record_sizes) {
            Ok(()) => {
                for event in update::standing(&self.state) {
                    self.files.record(&event);
                }
                let text = format!("recording to {}", path.display());
                self.state.say(Severity::Info, text);
                self.state.recording = Some(path);
            }
            Err(RecordError::Exists(_)) if path.is_file() && !over => {
                self.ask_over(Effect::Record(Some(path)));
            }
            Err(error) => {
                let text = format!("nothing is recorded: {error}");
                self.state.say(Severity::Error, text);
            }
        }
    }

    /// Ends the recording, if there is one, and says what is in it: now, and once more when the program has ended.
    pub(super) fn stop(&mut self) -> Option<String> {
        let (path, written) = self.files.stop()?;
        let path = path.display().to_string();
        let name = crate::msnp::escape::to_screen(path.as_bytes());
        let text = format!("recorded to {name}: {}", amount(written));
        self.recorded.push(text.clone());
        Some(text)
    }

    /// Asks before a file is written over.
    fn ask_over(&mut self, effect: Effect) {
        self.state.overlay = Some(Overlay::Ask(Question::Over(Box::new(effect))));
        self.state.touch(Dirty::Key);
    }

    pub(super) fn export(
        &mut self,
        path: PathBuf,
        format: export::Format,
        filter: String,
        over: bool,
    ) {
        if !over && path.is_file() {
            return self.ask_over(Effect::Export {
                path,
                format,
                filter,
            });
        }
        let filter = match Filter::parse_at(&filter, self.state.utc_offset) {
            Ok(filter) => filter,
            Err(error) => return self.state.say(Severity::Error, format!("filter: {error}")),
        };
        let clients = self.state.clients.iter();
        let options = export::Options {
            filter,
            known: clients.filter_map(|(_, c)| c.info.clone()).collect(),
            show_secrets: self.state.show_secrets,
            ..export::Options::new(format)
        };
        if self.state.opened.as_ref().is_some_and(|o| !o.is_over()) {
            let text = "the export has what was played so far: `play max` goes to the end first";
            self.state.say(Severity::Info, text);
        }
        if let Err(text) = self.files.export(&self.state.journal, options, path, over) {
            self.state.say(Severity::Error, text);
        }
    }
}
