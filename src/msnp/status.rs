//! The nine statuses of a contact, by their three letters on the wire.

use std::fmt;
use std::str::FromStr;

rows! {
    /// The status of a contact, or of a client's own user. Menus list them in this order.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Status {
        /// The three letters on the wire.
        pub fn code;
        /// The name shown to people.
        pub fn name;
        /// The word in contact files and in commands.
        pub fn word;
    }
    /// `NLN`
    Online "NLN" "Online" "online";
    /// `BSY`
    Busy "BSY" "Busy" "busy";
    /// `IDL`
    Idle "IDL" "Idle" "idle";
    /// `AWY`
    Away "AWY" "Away" "away";
    /// `BRB`
    BeRightBack "BRB" "Be right back" "brb";
    /// `LUN`
    OutToLunch "LUN" "Out to lunch" "lunch";
    /// `PHN`
    OnThePhone "PHN" "On the phone" "phone";
    /// `HDN`: signed in, and shown to others as offline.
    Hidden "HDN" "Hidden" "hidden";
    /// `FLN`: never sent by a client as its own (the service answers 201).
    Offline "FLN" "Offline" "offline";
}

impl Status {
    /// From the three letters on the wire, in exactly that case.
    pub fn from_code(code: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code().as_bytes() == code)
    }

    /// Whether other people see the user: it is neither hidden nor offline.
    pub fn is_visible(self) -> bool {
        !matches!(self, Status::Hidden | Status::Offline)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    /// Takes the word (`busy`), the code (`BSY`) or the name (`Busy`), in any case.
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|s| {
                [s.word(), s.code(), s.name()]
                    .iter()
                    .any(|form| form.eq_ignore_ascii_case(text))
            })
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// The error of reading a [`Status`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown status {0:?}: one of online, busy, idle, away, brb, lunch, phone, hidden, offline"
)]
pub struct UnknownStatus(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_reads_back_from_each_of_its_names() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code().as_bytes()), Some(status));
            assert_eq!(status.word().parse(), Ok(status));
            assert_eq!(status.name().parse(), Ok(status));
        }
        assert!("gone".parse::<Status>().is_err());
        assert_eq!(Status::from_code(b"nln"), None);
    }
}
