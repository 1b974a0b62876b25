//! Why a connection ended, and who ended it. In JSON and in recordings an ending is its sentence, the `Display` of
//! [`Ending`]. Only the reader of recordings turns a sentence back into an ending: nobody else can. The rest of the program
//! has the ending itself.

use super::table::*;
use super::{Sentence, ours, say};
use std::borrow::Cow;
use std::fmt;

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The client closed it between two commands.
    Closed,
    /// The client closed it in the middle of a command. This is the beginning of the command.
    ClosedMidway(String),
    /// The network or the client's system broke it. This is the error.
    Broke(String),
    /// The client said OUT.
    SignedOut,
    /// The client left the switchboard by OUT.
    Left,
    /// Its account signed in at another place.
    Elsewhere,
    /// It was sent on to the notification server (XFR).
    SentOn,
    /// Another place of its account signed it out (UUN 4).
    SignedOutByOther,
    /// The service is ending.
    Stopping,
    /// The operator closed it.
    Kicked,
    /// It was a browser that fetched the picture of the check page, and no client.
    Checked,
    /// Any other, in words. On a connection of MSNP the service closed it, and this is why.
    Other(Sentence),
}

const MIDWAY: &str = "the client closed the connection in the middle of a command: ";
const BROKE: &str = "the connection broke: ";

/// The endings that quote nothing, and their sentences.
const FIXED: &[(Ending, &str)] = &[
    (Ending::Closed, "the client closed the connection"),
    (Ending::SignedOut, "the client signed out (OUT)"),
    (Ending::Left, "the client left (OUT)"),
    (Ending::Elsewhere, "the account signed in at another place"),
    (
        Ending::SentOn,
        "sent on to the notification server (XFR NS)",
    ),
    (
        Ending::SignedOutByOther,
        "another place of the account signed it out (UUN 4)",
    ),
    (Ending::Stopping, "the service is ending"),
    (Ending::Kicked, "the operator closed it"),
    (
        Ending::Checked,
        "closed by nudge after the picture of the check page",
    ),
];

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl From<&Ending> for Sentence {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::ClosedMidway(begin) => say!("{}{begin}", ours(MIDWAY)),
            Ending::Broke(error) => say!("{}{error}", ours(BROKE)),
            Ending::Other(reason) => reason.clone(),
            fixed => say!("{}", ours(fixed)),
        }
    }
}

impl Ending {
    /// Any other ending, in words.
    pub fn other(reason: impl Into<Sentence>) -> Self {
        Ending::Other(reason.into())
    }

    /// The ending that has this sentence.
    fn read(sentence: &str) -> Self {
        if let Some((ending, _)) = FIXED.iter().find(|(_, fixed)| *fixed == sentence) {
            return ending.clone();
        }
        if let Some(begin) = sentence.strip_prefix(MIDWAY) {
            return Ending::ClosedMidway(begin.to_owned());
        }
        match sentence.strip_prefix(BROKE) {
            Some(error) => Ending::Broke(error.to_owned()),
            None => Ending::other(sentence.to_owned()),
        }
    }

    /// The same, for the stories of tests.
    #[cfg(test)]
    pub(crate) fn of_story(sentence: &str) -> Self {
        Ending::read(sentence)
    }

    fn sentence(&self) -> Cow<'_, str> {
        match self {
            Ending::ClosedMidway(begin) => format!("{MIDWAY}{begin}").into(),
            Ending::Broke(error) => format!("{BROKE}{error}").into(),
            Ending::Other(reason) => reason.as_str().into(),
            fixed => {
                let found = FIXED.iter().find(|(ending, _)| ending == fixed);
                found
                    .map(|(_, sentence)| *sentence)
                    .unwrap_or_default()
                    .into()
            }
        }
    }

    /// The same ending with this made of what it quotes.
    #[must_use]
    pub fn quoting(&self, made: impl Fn(&str) -> String) -> Self {
        match self {
            Ending::ClosedMidway(text) => Ending::ClosedMidway(made(text)),
            Ending::Broke(text) => Ending::Broke(made(text)),
            Ending::Other(text) => Ending::other(made(text)),
            fixed => fixed.clone(),
        }
    }

    /// Whether nothing went wrong: one side meant to end it, and told the other.
    pub fn is_orderly(&self) -> bool {
        !self.is_by_client() && !matches!(self, Ending::Other(_))
    }

    /// Whether the other side ended it, and not by OUT.
    pub fn is_by_client(&self) -> bool {
        matches!(
            self,
            Ending::Closed | Ending::ClosedMidway(_) | Ending::Broke(_)
        )
    }
}

/// Its sentence, which was escaped when it was made.
impl Form for Ending {
    type Of = Self;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(ending: &Self, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&ending.sentence())
    }
}

impl Kept for Ending {
    type Of = Self;
    const LEAST: usize = String::LEAST;

    fn write(ending: &Self, to: &mut impl Sink) {
        to.text(&ending.sentence());
    }

    fn read(from: &mut impl Source) -> Result<Self, Bad> {
        from.text().map(Ending::read)
    }

    fn texts(ending: &mut Self, each: &mut impl Texts) {
        match ending {
            Ending::ClosedMidway(text) | Ending::Broke(text) => each.text(text),
            Ending::Other(sentence) => each.sentence(sentence),
            _ => {}
        }
    }

    fn heap(ending: &Self, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        match ending {
            Ending::ClosedMidway(text) | Ending::Broke(text) => allocated(text.len()),
            Ending::Other(text) => allocated(text.len()),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_read_back_from_its_sentence() {
        let quoting = [
            Ending::ClosedMidway("USR 4 TWN S ***".into()),
            Ending::Broke("Connection reset by peer".into()),
            Ending::other("the ticket was refused (911)"),
        ];
        for ending in FIXED.iter().map(|(ending, _)| ending).chain(&quoting) {
            assert!(!ending.to_string().is_empty());
            assert_eq!(Ending::read(&ending.to_string()), *ending);
        }
        // Sentences that stand in recordings.
        assert_eq!(
            Ending::read("the client closed the connection"),
            Ending::Closed
        );
        assert_eq!(Ending::read("the operator closed it"), Ending::Kicked);
        assert!(Ending::read("the connection broke: x").is_by_client());
        assert!(!Ending::read("USR before CVR").is_by_client());
        assert!(Ending::read("the service is ending").is_orderly());
        assert!(!Ending::read("USR before CVR").is_orderly());
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_recording_says_is_said_again_to_the_letter(
            begin in 0..=FIXED.len() + 2, rest in "[ -~]{0,40}"
        ) {
            let begin = FIXED.get(begin).map_or([MIDWAY, BROKE, ""][begin % 3], |(_, fixed)| *fixed);
            let sentence = format!("{begin}{rest}");
            let ending = Ending::read(&sentence);
            proptest::prop_assert_eq!(ending.to_string(), sentence);
            proptest::prop_assert_eq!(Ending::read(&ending.to_string()), ending);
        }
    }
}
