//! Why a part of a contact is refused.

use crate::msnp::status::UnknownStatus;

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
    /// A contact would take more than these seconds for an answer.
    #[error("a delay is at most {0} s")]
    LongDelay(u64),
    /// A schedule would begin again after more than these seconds.
    #[error("a round has at most {0} seconds")]
    LongRound(u32),
    /// A step of a schedule would come more than these seconds after the beginning.
    #[error("a step comes at most {0} seconds after the beginning")]
    LateStep(u32),
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

/// Why a line is no step of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// What is to be done is none of the three.
    #[error("{line:?}: {wrong}, or say TEXT, or message TEXT")]
    Act {
        /// The line.
        line: String,
        /// Why it is not a status either.
        wrong: UnknownStatus,
    },
    /// It says no time at its beginning.
    #[error(
        "{0:?} begins with no time: 12:30 is a time of each day, +90 is 90 seconds after the beginning"
    )]
    Time(String),
}
