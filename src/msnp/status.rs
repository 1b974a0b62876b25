//! The nine statuses of a contact, by their three letters on the wire.

use std::fmt;
use std::str::FromStr;

/// The status of a contact, or of a client's own user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// `NLN`
    Online,
    /// `BSY`
    Busy,
    /// `IDL`
    Idle,
    /// `AWY`
    Away,
    /// `BRB`
    BeRightBack,
    /// `LUN`
    OutToLunch,
    /// `PHN`
    OnThePhone,
    /// `HDN`: signed in, and shown to others as offline.
    Hidden,
    /// `FLN`: never sent by a client as its own (the service answers 201).
    Offline,
}

/// One row of [`Status::TABLE`]: status, code on the wire, name for people, word in files and commands.
type Row = (Status, &'static str, &'static str, &'static str);

impl Status {
    /// Every status, in the order in which menus list them.
    pub const ALL: [Status; 9] = [
        Status::Online,
        Status::Busy,
        Status::Idle,
        Status::Away,
        Status::BeRightBack,
        Status::OutToLunch,
        Status::OnThePhone,
        Status::Hidden,
        Status::Offline,
    ];

    const TABLE: [Row; 9] = [
        (Status::Online, "NLN", "Online", "online"),
        (Status::Busy, "BSY", "Busy", "busy"),
        (Status::Idle, "IDL", "Idle", "idle"),
        (Status::Away, "AWY", "Away", "away"),
        (Status::BeRightBack, "BRB", "Be right back", "brb"),
        (Status::OutToLunch, "LUN", "Out to lunch", "lunch"),
        (Status::OnThePhone, "PHN", "On the phone", "phone"),
        (Status::Hidden, "HDN", "Hidden", "hidden"),
        (Status::Offline, "FLN", "Offline", "offline"),
    ];

    fn row(self) -> &'static Row {
        &Self::TABLE[self as usize]
    }

    /// The three letters on the wire.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// The name shown to people.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// The word in contact files and in commands.
    pub fn word(self) -> &'static str {
        self.row().3
    }

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
    fn the_table_is_in_the_order_of_the_enum_and_reads_back() {
        for status in Status::ALL {
            assert_eq!(status.row().0, status);
            assert_eq!(Status::from_code(status.code().as_bytes()), Some(status));
            assert_eq!(status.word().parse(), Ok(status));
            assert_eq!(status.name().parse(), Ok(status));
        }
        assert!("gone".parse::<Status>().is_err());
        assert_eq!(Status::from_code(b"nln"), None);
    }
}
