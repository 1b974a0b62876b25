//! The help overlay: every key, mark, command and filter term, read from the tables that the program runs on. The pane in
//! focus stands first; what is rare is folded, unless there is room for all of it.

use super::marks::{self, COLUMN};
use super::text::{self, fit};
use crate::command::Pane;
use crate::console::keymap::{
    Binding, ELSEWHERE, OUTSIDE, REGISTRY, context_name, needs_service, words,
};
use crate::console::state::State;
use crate::console::state::help::Help;
use crate::console::theme::Role;
use crate::filter::{SYNTAX, TERMS};
use ratatui::text::{Line, Span};
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

/// The widest that it is.
const WIDEST: u16 = 132;
/// From this many rows on everything is unfolded at first.
const ALL: usize = 50;

/// How wide it is on this screen.
pub fn width(state: &State) -> u16 {
    state.size.0.saturating_sub(4).min(WIDEST)
}

/// Its rows and its border, on a screen of so many rows: what is beside it, the footer's two and one above, stays.
pub fn outside(screen: u16) -> u16 {
    screen.saturating_sub(3).max(3)
}

/// How many rows of it are shown at once.
pub fn height(state: &State) -> usize {
    usize::from(outside(state.size.1).saturating_sub(2))
}

/// One row of it.
pub struct Row {
    /// What is drawn.
    pub line: Line<'static>,
    /// The part that it is the title of, which can be folded.
    pub part: Option<&'static str>,
}

/// A row before it is drawn: what is explained, how wide that column is, a name, the explanation; and more words under
/// which it is found.
struct Entry {
    left: String,
    width: usize,
    name: String,
    help: String,
    also: &'static str,
}

impl Entry {
    /// Whether it names a pane whose keys follow.
    fn is_heading(&self) -> bool {
        self.help.is_empty()
    }

    fn also(self, also: &'static str) -> Self {
        Self { also, ..self }
    }

    /// Whether it has this text, or each of its words wherever they stand.
    fn has(&self, wanted: &str, apart: bool) -> bool {
        let all = format!("{} {} {} {}", self.left, self.name, self.help, self.also);
        let all = all.to_lowercase();
        match apart {
            true => wanted.split_whitespace().all(|word| all.contains(word)),
            false => all.contains(wanted),
        }
    }
}

struct Part {
    title: &'static str,
    unfolds: Unfolds,
    entries: Vec<Entry>,
}

/// When a part is unfolded at first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unfolds {
    Always,
    /// Where it fits below those before it, with the titles of all.
    Fitting,
    /// On a large screen.
    Large,
}

fn entry(left: impl Into<String>, width: usize, name: &str, help: impl Into<String>) -> Entry {
    Entry {
        left: left.into(),
        width,
        name: name.to_owned(),
        help: help.into(),
        also: "",
    }
}

/// The keys of a context: a command that has several with a word for each is one row.
fn keys<'a>(bindings: impl Iterator<Item = &'a Binding>) -> Vec<Entry> {
    let mut groups: Vec<Vec<&Binding>> = Vec::new();
    for binding in bindings {
        let same = |group: &&mut Vec<&Binding>| group[0].spec.name == binding.spec.name;
        match groups.iter_mut().find(same) {
            Some(group) => group.push(binding),
            None => groups.push(vec![binding]),
        }
    }
    let row = |group: Vec<&Binding>| {
        let keys: Vec<_> = group
            .iter()
            .flat_map(|b| &b.keys)
            .map(ToString::to_string)
            .collect();
        let (keys, spec) = (keys.join(" "), group[0].spec);
        let row = match group.as_slice() {
            [one] => entry(keys, 14, &one.name, spec.help),
            many => {
                let names: Vec<_> = many.iter().map(|b| b.name.as_str()).collect();
                let help = format!("{}: {}", spec.help, names.join(", "));
                entry(keys, 18, spec.name, help)
            }
        };
        row.also(words(spec.name))
    };
    groups.into_iter().map(row).collect()
}

fn parts(state: &State) -> Vec<Part> {
    let here = state.focus;
    // What only a recording can do is rare where there is none, and the other way round.
    let is_often = |b: &Binding| {
        let is_playback = crate::console::keymap::PLAYBACK
            .iter()
            .any(|spec| spec.name == b.spec.name);
        let works = match state.opened {
            Some(_) => !needs_service(b.spec),
            None => !is_playback,
        };
        works && !b.label.is_empty()
    };
    let of = |context: Option<Pane>, often: bool| {
        let bindings = state.keymap.of_context(context);
        keys(bindings.filter(|b| is_often(b) == often && !b.keys.is_empty()))
    };
    // What one needs first: how to get from pane to pane, for which each has its number in its title.
    let key = |line| state.keymap.key(Pane::Contacts, line);
    let goes = [
        "next-pane",
        Pane::Clients.row().focus,
        Pane::Conversation.row().focus,
    ];
    let goes: Vec<String> = goes
        .into_iter()
        .filter_map(key)
        .map(|key| key.to_string())
        .collect();
    let mut own = of(Some(here), true);
    own.push(entry(
        goes.join(" "),
        14,
        "",
        "to the next pane; to a pane by its number",
    ));
    let mut parts = vec![Part {
        title: here.row().keys_of,
        unfolds: Unfolds::Always,
        entries: own,
    }];
    let mut add = |title, unfolds, entries| {
        parts.push(Part {
            title,
            unfolds,
            entries,
        })
    };
    if state.demo {
        let drifts = "every 20 s a contact goes away, or comes back, by itself: its line says so, and undo leaves it alone";
        let writes = "writes nothing to disk but what you ask for: `record` and `export` work here";
        add(
            "The demonstration",
            Unfolds::Always,
            vec![
                entry("--demo", 14, "", writes),
                entry("(the demo)", 14, "", drifts),
            ],
        );
    }
    add("To copy", Unfolds::Fitting, copying(state));
    add("Marks", Unfolds::Fitting, marks(state));
    add("Keys: Everywhere", Unfolds::Fitting, of(None, true));
    let mut more = of(Some(here), false);
    more.extend(of(None, false));
    add("More keys", Unfolds::Large, more);
    let mut others = Vec::new();
    // What this pane has too stands among its own keys.
    let here_too = |b: &&Binding| {
        let mut own = state.keymap.of_context(Some(here));
        !own.any(|held| held.line == b.line && held.keys == b.keys)
    };
    for other in Pane::all().filter(|other| *other != here) {
        let bound = || state.keymap.of_context(Some(other)).filter(here_too);
        let bound = || bound().filter(|b| !b.keys.is_empty());
        others.push(entry(context_name(Some(other)), 14, "", ""));
        others.extend(keys(bound().filter(|b| is_often(b))));
        others.extend(keys(bound().filter(|b| !is_often(b))));
    }
    others.push(entry("of another meaning", 14, "", ""));
    others.extend(ELSEWHERE.iter().map(|(key, why)| entry(*key, 14, "", *why)));
    add("Keys of the other panes", Unfolds::Large, others);
    let commands = REGISTRY
        .specs()
        .map(|spec| entry(spec.usage(), 26, "", spec.help).also(words(spec.name)));
    add(
        "Commands, at the prompt and on standard input",
        Unfolds::Large,
        commands.collect(),
    );
    let terms = TERMS.iter().map(|term| (term.example, term.help));
    let filters = terms.chain(SYNTAX.iter().copied());
    let filters = filters.map(|(example, help)| entry(example, 26, "", help));
    add("Filters", Unfolds::Large, filters.collect());
    let outside = OUTSIDE
        .iter()
        .map(|(left, help, also)| entry(*left, 20, "", *help).also(also));
    add("Outside the console", Unfolds::Large, outside.collect());
    parts
}

/// The marks, as many beside each other as there is room for.
fn marks(state: &State) -> Vec<Entry> {
    let columns = (usize::from(width(state)).saturating_sub(4) / COLUMN).max(1);
    let all: Vec<String> = marks::legend()
        .map(|(mark, meaning)| fit(&format!("{mark} {meaning}"), COLUMN - 1))
        .collect();
    let rows = all.chunks(columns);
    rows.map(|row| entry("", 0, "", row.join(" ").trim_end()))
        .collect()
}

/// What a newcomer looks for and would not guess, with the keys that there are.
fn copying(state: &State) -> Vec<Entry> {
    let key = |line: &str| {
        let here = state.keymap.key(state.focus, line);
        let key = here.or_else(|| state.keymap.key(Pane::Transcript, line));
        key.map_or_else(|| format!(":{line}"), |key| key.to_string())
    };
    vec![
        entry(
            key("copy"),
            14,
            "",
            "copies the line under the cursor into the clipboard, over ssh and in tmux too (OSC 52)",
        ),
        entry(
            key("mouse"),
            14,
            "",
            "gives the mouse to the terminal, to select with it as anywhere; the same key takes it again",
        ),
    ]
}

/// An entry in lines: a text that does not fit goes on below itself; a column that is empty takes no room.
fn drawn(state: &State, entry: &Entry) -> Vec<Line<'static>> {
    let style = |role| state.theme().style(role);
    let inside = usize::from(width(state)).saturating_sub(2);
    if entry.is_heading() {
        return vec![Line::styled(
            format!("  {}", entry.left),
            style(Role::Title),
        )];
    }
    let name = match entry.name.as_str() {
        "" => String::new(),
        // The names of key files, where there is room for them.
        _ if inside < 124 => String::new(),
        name => format!("{} ", fit(name, 24)),
    };
    let left = match entry.width {
        0 => String::new(),
        width => format!("{} ", fit(&entry.left, width.max(entry.left.width()))),
    };
    let lead = 2 + left.width() + name.width();
    let pieces = text::wrap(&entry.help, inside.saturating_sub(lead).max(16));
    let lines = pieces.into_iter().enumerate().map(|(at, piece)| {
        if at > 0 {
            return Line::styled(format!("{}{piece}", " ".repeat(lead)), style(Role::Text));
        }
        Line::from(vec![
            Span::styled(format!("  {left}"), style(Role::Key)),
            Span::styled(name.clone(), style(Role::Verb)),
            Span::styled(piece, style(Role::Text)),
        ])
    });
    lines.collect()
}

/// The rows that are shown: of what is looked for those that have it, else those of the parts that are unfolded.
pub fn rows(state: &State, help: &Help) -> Vec<Row> {
    let style = state.theme().style(Role::Focus);
    let (height, wanted) = (height(state), help.wanted());
    let parts = parts(state);
    // Words that stand nowhere side by side may be those of one row all the same.
    let apart = wanted.as_ref().is_some_and(|wanted| {
        let mut entries = parts.iter().flat_map(|part| &part.entries);
        !entries.any(|entry| entry.has(wanted, false))
    });
    let mut room = height.saturating_sub(parts.len());
    let mut said = BTreeSet::new();
    let mut rows = Vec::new();
    for part in parts {
        let is_wanted = |entry: &&Entry| {
            let wanted = wanted.as_ref();
            wanted.is_none_or(|wanted| {
                let title = part.title.to_lowercase();
                title.contains(wanted) || entry.has(wanted, apart)
            })
        };
        let mut entries: Vec<&Entry> = Vec::new();
        for (at, entry) in part.entries.iter().enumerate() {
            let mut below = part.entries[at + 1..].iter();
            let found = match entry.is_heading() {
                // A pane is named where something of it is found.
                true => below
                    .by_ref()
                    .take_while(|entry| !entry.is_heading())
                    .any(|entry| is_wanted(&entry)),
                // What a key does, the command that it stands for does too: one row is enough.
                false => is_wanted(&entry) && (wanted.is_none() || said.insert(entry.help.clone())),
            };
            if found {
                entries.push(entry);
            }
        }
        let lines: Vec<_> = entries.iter().flat_map(|e| drawn(state, e)).collect();
        let at_first = match part.unfolds {
            Unfolds::Always => true,
            Unfolds::Fitting => lines.len() <= room,
            Unfolds::Large => height >= ALL,
        };
        if at_first {
            room = room.saturating_sub(lines.len());
        }
        let is_open = wanted.is_some() || at_first != help.toggled.contains(part.title);
        if wanted.is_some() && lines.is_empty() {
            continue;
        }
        let sign = match is_open {
            true => marks::UNFOLDED,
            false => marks::FOLDED,
        };
        let count = match is_open {
            true => String::new(),
            false => format!("  ({})", part.entries.len()),
        };
        rows.push(Row {
            line: Line::styled(format!("{sign} {}{count}", part.title), style),
            part: Some(part.title),
        });
        if is_open {
            rows.extend(lines.into_iter().map(|line| Row { line, part: None }));
        }
    }
    if let Some(wanted) = wanted.filter(|_| rows.is_empty()) {
        rows = nothing(state, &wanted);
    }
    rows
}

/// What is said where nothing is found, and what to do then.
fn nothing(state: &State, wanted: &str) -> Vec<Row> {
    let inside = usize::from(width(state)).saturating_sub(4);
    let text = format!("nothing here has {:?}", text::safe(wanted));
    let advice = "Try another word for it, or a part of one: `conn` finds connect and connection. \
                  esc shows everything again; `nudge --help` lists what is done outside the console.";
    let said = [(text, Role::Warning), (advice.to_owned(), Role::Text)];
    let rows = said.into_iter().flat_map(|(text, role)| {
        let pieces = text::wrap(&text, inside).into_iter();
        let style = state.theme().style(role);
        pieces.map(move |piece| Line::styled(format!("  {piece}"), style))
    });
    rows.map(|line| Row { line, part: None }).collect()
}
