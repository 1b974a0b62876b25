//! Mistakes in contact files, with their places.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A range of bytes of a file.
pub(super) type Span = Option<Range<usize>>;

/// A mistake in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, or the folder.
    pub file: PathBuf,
    /// Line and column, both from 1; the column counts characters. `None` where the whole file is meant.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what to write instead.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Every mistake that was found: one at least. Its `Display` has a line for each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct LoadErrors(pub Vec<Mistake>);

/// A file as it was read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub path: PathBuf,
    pub text: String,
}

/// The line and column of a byte of a text, both from 1.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    (
        line,
        String::from_utf8_lossy(&before[line_start..])
            .chars()
            // A byte order mark does not count as a column.
            .filter(|c| *c != '\u{feff}')
            .count()
            + 1,
    )
}

/// A mistake about a whole file or folder.
pub(super) fn about(file: &Path, text: impl Into<String>) -> Mistake {
    Mistake {
        file: file.to_path_buf(),
        at: None,
        text: text.into(),
    }
}
