//! Why a connection ended, and who ended it. Events and recordings have its sentence, the `Display` of [`Ending`]. Whoever
//! decides on an ending reads the sentence back here, and nowhere else.

use std::fmt;

/// How a connection of the notification service ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The client closed it between two commands.
    Closed,
    /// The client closed it in the middle of a command. This is the beginning of the command.
    ClosedMidway(String),
    /// The network or the client's system broke it.
    Broke(String),
    /// The client said OUT.
    SignedOut,
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
    /// The service closed it for a reason of its own.
    ByService(String),
}

const CLOSED: &str = "the client closed the connection";
/// The same in a recording that another program made.
const CLOSED_IT: &str = "the client closed it";
const MIDWAY: &str = "the client closed the connection in the middle of a command";
const BROKE: &str = "the connection broke";
const SIGNED_OUT: &str = "the client signed out (OUT)";
const ELSEWHERE: &str = "the account signed in at another place";
const SENT_ON: &str = "sent on to the notification server (XFR NS)";
const BY_OTHER: &str = "another place of the account signed it out (UUN 4)";
const STOPPING: &str = "the service is ending";
const KICKED: &str = "the operator closed it";
const CHECKED: &str = "closed by nudge after the picture of the check page";

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Closed => f.write_str(CLOSED),
            Ending::ClosedMidway(begin) => write!(f, "{MIDWAY}: {begin}"),
            Ending::Broke(error) => write!(f, "{BROKE}: {error}"),
            Ending::SignedOut => f.write_str(SIGNED_OUT),
            Ending::Elsewhere => f.write_str(ELSEWHERE),
            Ending::SentOn => f.write_str(SENT_ON),
            Ending::SignedOutByOther => f.write_str(BY_OTHER),
            Ending::Stopping => f.write_str(STOPPING),
            Ending::Kicked => f.write_str(KICKED),
            Ending::Checked => f.write_str(CHECKED),
            Ending::ByService(reason) => f.write_str(reason),
        }
    }
}

impl Ending {
    /// Reads the sentence of an ending, as events and recordings hold it.
    pub fn read(sentence: &str) -> Self {
        let after = |begin: &str| {
            let rest = sentence.strip_prefix(begin)?;
            let rest = rest.strip_prefix(": ").or(rest.is_empty().then_some(""))?;
            Some(rest.to_owned())
        };
        match sentence {
            CLOSED | CLOSED_IT => Ending::Closed,
            SIGNED_OUT => Ending::SignedOut,
            ELSEWHERE => Ending::Elsewhere,
            SENT_ON => Ending::SentOn,
            BY_OTHER => Ending::SignedOutByOther,
            STOPPING => Ending::Stopping,
            KICKED => Ending::Kicked,
            CHECKED => Ending::Checked,
            _ => after(MIDWAY)
                .map(Ending::ClosedMidway)
                .or_else(|| after(BROKE).map(Ending::Broke))
                .unwrap_or_else(|| Ending::ByService(sentence.to_owned())),
        }
    }

    /// Whether nothing went wrong: one side meant to end it, and told the other.
    pub fn is_orderly(&self) -> bool {
        !self.is_by_client() && !matches!(self, Ending::ByService(_))
    }

    /// Whether the other side ended it, and not by OUT.
    pub fn is_by_client(&self) -> bool {
        matches!(
            self,
            Ending::Closed | Ending::ClosedMidway(_) | Ending::Broke(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_read_back_from_its_sentence_and_those_of_before_are_known() {
        for ending in [
            Ending::Closed,
            Ending::ClosedMidway("USR 4 TWN S ***".into()),
            Ending::Broke("Connection reset by peer (os error 104)".into()),
            Ending::SignedOut,
            Ending::Elsewhere,
            Ending::SentOn,
            Ending::SignedOutByOther,
            Ending::Stopping,
            Ending::Kicked,
            Ending::Checked,
            Ending::ByService("the ticket was refused (911)".into()),
        ] {
            assert_eq!(Ending::read(&ending.to_string()), ending);
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
        fn any_sentence_is_an_ending_and_stays_what_it_is(sentence in "[ -~]{0,40}") {
            proptest::prop_assume!(sentence != CLOSED_IT);
            let ending = Ending::read(&sentence);
            proptest::prop_assert_eq!(Ending::read(&ending.to_string()), ending);
        }
    }
}
