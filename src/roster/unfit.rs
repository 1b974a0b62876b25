//! Why a part of a contact is refused.

use super::manner::MAX_DELAY;
use super::schedule::{MAX_SECONDS, StepError};

/// What is wrong with a part of a contact, and what may stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It has more bytes than this.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// It is no account.
    #[error("{0:?} is not of the form user@domain")]
    NoAccount(String),
    /// An account cannot have this character.
    #[error("{0:?} cannot stand in an account")]
    NotInAccount(char),
    /// A text that is sent cannot have this character.
    #[error("{0:?} cannot stand in it")]
    NotInText(char),
    /// It is no GUID.
    #[error("{0:?} is not a GUID")]
    NoGuid(String),
    /// A contact would say nothing.
    #[error("what is said has to be something")]
    SaysNothing,
    /// There are none of these, or more than there may be.
    #[error("there have to be 1 to {most} {what}")]
    Count {
        /// Of what.
        what: &'static str,
        /// The most of them.
        most: usize,
    },
    /// A contact would take too long for an answer.
    #[error("a delay is at most {} s", MAX_DELAY.as_secs())]
    LongDelay,
    /// A schedule would begin again too late.
    #[error("a round has at most {MAX_SECONDS} seconds")]
    LongRound,
    /// A step of a schedule would come too late.
    #[error("a step comes at most {MAX_SECONDS} seconds after the beginning")]
    LateStep,
    /// It is no regular expression, or one that takes too much memory.
    #[error("{text:?} is no regular expression: {wrong}")]
    Pattern {
        /// As it was written.
        text: String,
        /// What the reader of expressions says.
        wrong: String,
    },
    /// It is no number of seconds.
    #[error("{0:?} is no number of seconds")]
    NoSeconds(String),
    /// It is no step of a schedule.
    #[error(transparent)]
    Step(#[from] StepError),
}
