//! Why a subcommand did not end as asked: what is said of it, and the exit code.

use crate::msnp::escape::safe_lines;
use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

/// See the module. Its `Display` is what is said.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Arguments that are wrong, or help that was asked for.
    #[error(transparent)]
    Arguments(#[from] clap::Error),
    /// A configuration file that is wrong.
    #[error("{0}")]
    Config(String),
    /// What was asked for did not come about. The error of the layer that knows says why.
    #[error("{0}")]
    Undone(String),
}

impl Failure {
    /// What was asked for did not come about, because of this.
    pub(super) fn of(error: impl Display) -> Self {
        Self::Undone(error.to_string())
    }

    /// Says it on standard error. The exit code: 1 for what did not come about, 2 for arguments that are wrong.
    pub(super) fn say(&self) -> ExitCode {
        // A wrong argument is quoted as it was typed.
        let text = match self {
            Self::Arguments(error) => {
                let text = error.render().to_string();
                if safe_lines(&text) == text {
                    // In colour where that is a terminal, and help on standard output.
                    error.exit();
                }
                text
            }
            other => format!("nudge: {other}\n"),
        };
        // Nobody may be there to read it.
        let _ = write!(std::io::stderr(), "{}", safe_lines(&text));
        match self {
            Self::Arguments(_) | Self::Config(_) => ExitCode::from(2),
            Self::Undone(_) => ExitCode::FAILURE,
        }
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Undone(text)
    }
}
