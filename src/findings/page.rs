//! Lines for people, each with how it is meant, so that whoever prints them in colour need not read them.

use std::fmt;

/// How a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What follows is about this.
    Title,
    /// It went well.
    Good,
    /// It is not known how it goes, or somebody should look.
    Doubt,
    /// It went wrong.
    Wrong,
    /// A name, and behind two spaces what is said of it; or words alone.
    Plain,
}

/// See the module. Its `Display` is the lines alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    lines: Vec<(Tone, String)>,
}

impl Page {
    /// One more line.
    pub fn put(&mut self, tone: Tone, line: impl Into<String>) {
        self.lines.push((tone, line.into()));
    }

    /// A line with nothing in it.
    pub fn gap(&mut self) {
        self.put(Tone::Plain, "");
    }

    /// A title, and the lines below it.
    pub fn titled(&mut self, text: &str) {
        for (at, line) in text.lines().enumerate() {
            let tone = if at == 0 { Tone::Title } else { Tone::Plain };
            self.put(tone, line);
        }
    }

    /// What another has, below this.
    pub fn join(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines.
    pub fn lines(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.lines.iter().map(|(tone, line)| (*tone, line.as_str()))
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines
            .iter()
            .try_for_each(|(_, line)| writeln!(f, "{line}"))
    }
}
