//! How much something matters.

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not as meant.
    Warning,
    /// It went wrong.
    Error,
}

impl Severity {
    /// Its name in JSON and filters.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

numbered!(Severity name = [Severity::Info, Severity::Warning, Severity::Error]);
