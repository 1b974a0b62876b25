//! Which part of the journal is shown, and where the cursor is in it.
//!
//! The cursor is the identity of a line together with the row of the screen that it is on. Appending, filtering,
//! evicting and resizing leave both alone, so the line under the cursor never moves; what is above and below is
//! found from it when a frame is drawn.

use crate::event::EventId;
use crate::event::EventKind;
use crate::filter::Text;
use crate::journal::{Journal, Line, Matched, Search};
use crate::msnp::pretty;
use std::collections::{BTreeSet, HashSet};

/// How times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Times {
    /// Of the clock.
    #[default]
    Clock,
    /// Since the line before.
    Before,
    /// Since the connection began.
    Connection,
}

impl Times {
    /// The next way.
    pub fn next(self) -> Self {
        match self {
            Times::Clock => Times::Before,
            Times::Before => Times::Connection,
            Times::Connection => Times::Clock,
        }
    }

    /// What it is, for the message.
    pub fn name(self) -> &'static str {
        match self {
            Times::Clock => "times of the clock",
            Times::Before => "times since the line before",
            Times::Connection => "times since the connection began",
        }
    }
}

/// A row of the screen: a line of the journal, or one of the lines that its payload unfolds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Which line.
    pub id: EventId,
    /// 0 for the line itself, then those of its payload.
    pub part: usize,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// The filter that a conversation's frames took the place of, and theirs: it comes back with the conversation.
    pub aside: Option<(String, String)>,
    /// The line under the cursor; `None` while there is none.
    pub cursor: Option<EventId>,
    /// The row of the pane on which it is.
    pub row: usize,
    /// Whether the newest line is kept in view.
    pub following: bool,
    /// The newest line that was shown when it last was: what is newer has not been seen.
    seen: EventId,
    /// Lines that are unfolded though others are not, or the other way round.
    toggled: HashSet<EventId>,
    all: bool,
    /// Marked lines.
    pub marks: BTreeSet<EventId>,
    /// Which value of the line is pointed at; 0 is the first.
    pub token: usize,
    /// How times are shown.
    pub times: Times,
    /// The filter as typed.
    pub filter: String,
    /// Which lines it lets through.
    pub matched: Matched,
    /// Where the cursor was before a filter, for when there are lines above it again.
    pub kept: Option<(EventId, usize)>,
    /// What was last searched for.
    pub find: Option<Find>,
}

/// A search, which is highlighted as long as it is there.
#[derive(Debug, Clone)]
pub struct Find {
    /// As typed.
    pub typed: String,
    /// Compiled.
    pub text: Text,
    /// To older lines.
    pub back: bool,
    /// Still on its way.
    pub running: Option<Search>,
    /// Every line of the view that has it, as far as it is known.
    pub all: Matched,
}

impl Find {
    /// Which of how many the line under the cursor is: `3 of 17`, with a `+` while they are being counted.
    pub fn place(&self, cursor: Option<EventId>) -> String {
        let more = if self.all.is_done() { "" } else { "+" };
        let count = self.all.count();
        match cursor.filter(|cursor| self.all.contains(*cursor)) {
            Some(cursor) => format!("{} of {count}{more}", self.all.count_before(cursor) + 1),
            None => format!("{count}{more} found"),
        }
    }
}

impl Transcript {
    /// A transcript that follows.
    pub fn following() -> Self {
        Self {
            following: true,
            ..Self::default()
        }
    }

    /// The journal is empty again, and its lines will come once more: marks, foldings and the filter stay.
    pub fn start_over(&mut self, journal: &Journal) {
        self.cursor = None;
        self.following = true;
        self.seen = EventId::default();
        self.kept = None;
        self.matched = Matched::new(self.matched.filter().clone(), journal);
        if let Some(find) = &mut self.find {
            find.running = None;
            find.all = Matched::new(find.all.filter().clone(), journal);
        }
    }

    /// Whether the payload of this line is unfolded.
    pub fn is_unfolded(&self, id: EventId) -> bool {
        self.all != self.toggled.contains(&id)
    }

    /// Unfolds or folds one payload.
    pub fn toggle(&mut self, id: EventId) {
        if !self.toggled.remove(&id) {
            self.toggled.insert(id);
        }
    }

    /// Unfolds or folds all payloads.
    pub fn toggle_all(&mut self) {
        self.all = !self.all;
        self.toggled.clear();
    }

    /// How many rows a line takes.
    pub fn rows_of(&self, journal: &Journal, id: EventId, secrets: bool) -> usize {
        if !self.is_unfolded(id) {
            return 1;
        }
        journal
            .get(id)
            .map_or(1, |line| 1 + unfolded(&line, secrets).len())
    }

    /// The rows that a pane of this height shows.
    pub fn visible(&self, journal: &Journal, height: usize, secrets: bool) -> Vec<Row> {
        let Some(cursor) = self.cursor.filter(|_| height > 0) else {
            return Vec::new();
        };
        let rows_of = |id| self.rows_of(journal, id, secrets);
        let own = rows_of(cursor).min(height);
        let row = if self.following { height } else { self.row }.min(height - own);
        let mut above: Vec<Row> = Vec::with_capacity(height);
        let mut at = cursor;
        while above.len() < row {
            let Some(older) = self.matched.prev_from(at) else {
                break;
            };
            at = older;
            above.extend((0..rows_of(at)).rev().map(|part| Row { id: at, part }));
        }
        above.truncate(row);
        above.reverse();
        let mut rows = above;
        let mut next = Some(cursor);
        while let Some(id) = next.filter(|_| rows.len() < height) {
            rows.extend((0..rows_of(id)).map(|part| Row { id, part }));
            next = self.matched.next_from(id);
        }
        rows.truncate(height);
        rows
    }

    /// Puts the cursor where it can be: on a line that is there and shown, on a row of the pane.
    pub fn settle(&mut self, journal: &Journal, height: usize, secrets: bool) {
        if self.following || self.cursor.is_none() {
            self.following = true;
            self.cursor = self.matched.last();
            self.seen = journal.last().unwrap_or_default();
        } else if let Some(cursor) = self.cursor {
            let is_shown = journal
                .get(cursor)
                .is_some_and(|line| self.matched.filter().matches(&line));
            if !is_shown {
                self.cursor = self.matched.nearest(cursor);
            }
        }
        let floor = journal.first();
        self.toggled.retain(|id| *id >= floor);
        if self.marks.first().is_some_and(|id| *id < floor) {
            self.marks = self.marks.split_off(&floor);
        }
        let rows = self.visible(journal, height, secrets);
        // What is in view is not new any more, wherever the cursor is.
        if rows.last().map(|r| r.id) == self.matched.last() {
            self.seen = journal.last().unwrap_or_default();
        }
        if let Some(row) = rows
            .iter()
            .position(|r| Some(r.id) == self.cursor && r.part == 0)
        {
            // Where there are fewer lines above than room for them, the cursor is higher than it was meant to be.
            self.row = row;
        }
    }

    /// How many shown lines have arrived since the newest was last in view.
    pub fn unseen(&self) -> usize {
        if self.following {
            0
        } else {
            self.matched.count_after(self.seen)
        }
    }

    /// Moves the cursor by so many shown lines; `scroll` keeps it on its row, so the lines move instead.
    pub fn step(&mut self, journal: &Journal, by: isize, scroll: bool, secrets: bool) {
        let Some(mut at) = self.cursor else { return };
        for _ in 0..by.unsigned_abs() {
            let next = if by < 0 {
                self.matched.prev_from(at)
            } else {
                self.matched.next_from(at)
            };
            let Some(next) = next else { break };
            if !scroll {
                let passed = self.rows_of(journal, if by < 0 { next } else { at }, secrets);
                self.row = if by < 0 {
                    self.row.saturating_sub(passed)
                } else {
                    self.row + passed
                };
            }
            at = next;
        }
        self.put(journal, at);
    }

    /// Moves the cursor to a line; where it is the newest, following resumes.
    pub fn put(&mut self, journal: &Journal, id: EventId) {
        if self.cursor != Some(id) {
            self.kept = None;
            self.token = 0;
        }
        self.cursor = Some(id);
        self.following = self.matched.last() == Some(id);
        if self.following {
            self.seen = journal.last().unwrap_or_default();
        }
    }

    /// Moves the cursor to a line that may be far away; it comes to stand in the middle.
    pub fn jump(&mut self, journal: &Journal, id: EventId, height: usize) {
        let near = self
            .visible(journal, height, false)
            .iter()
            .position(|r| r.id == id && r.part == 0);
        self.row = near.unwrap_or(height / 2);
        self.put(journal, id);
    }
}

/// The lines that a line unfolds to: its payload, or the request and its answer.
pub fn unfolded(line: &Line<'_>, secrets: bool) -> Vec<String> {
    if line.is_frame() {
        return line
            .shown_payload(secrets)
            .map(|bytes| pretty::payload(&bytes))
            .unwrap_or_default();
    }
    match line.event().map(|e| &e.kind) {
        Some(EventKind::Http(http)) => {
            let mut out = message(&http.request.shown(secrets), "> ");
            out.extend(message(&http.response.shown(secrets), "< "));
            out
        }
        _ => Vec::new(),
    }
}

/// The head of an HTTP message by line, and its body as a payload.
fn message(bytes: &[u8], sign: &str) -> Vec<String> {
    let end = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .map_or(bytes.len(), |at| at + 4);
    let (head, body) = bytes.split_at(end);
    let mut lines: Vec<_> = pretty::payload(head)
        .into_iter()
        .filter(|l| !l.is_empty())
        .collect();
    if !body.is_empty() {
        lines.extend(pretty::payload(body));
    }
    lines.iter().map(|line| format!("{sign}{line}")).collect()
}
