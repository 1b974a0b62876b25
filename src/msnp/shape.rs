//! A shape is a dialect and a client family: how answers and presence are written for one client.
//!
//! The dialect alone does not say it. Messenger for Mac 8.0.1 speaks MSNP16, but takes the presence of MSNP14, and expects
//! `ACK` where every other client expects its own line back.

use super::Dialect;
use super::dialect::{Capabilities, Mailbox, Naming, Objects, OfflineTail, Rules};
use std::fmt;
use std::str::FromStr;

/// The two families that one dialect can come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Microsoft Messenger for Mac: it signs in by TWN at MSNP13 to 16, and its CVR says what it is ([`Family::of`]).
    Mac,
    /// Every other client: the Windows ones and the open ones.
    Windows,
}

impl Family {
    /// The family of a client that signs in by TWN, by its CVR: system, name and version. Other clients call themselves
    /// `macmsgs` too, but with an older version and other dialects.
    pub fn of(dialect: Dialect, system: &str, client: &str, version: &str) -> Family {
        let major: u32 = version
            .split('.')
            .next()
            .map_or(0, |major| major.parse().unwrap_or(0));
        let mac = dialect.rules().mac
            && system.eq_ignore_ascii_case("mac")
            && (client.eq_ignore_ascii_case("macmsgs")
                || client.eq_ignore_ascii_case("macmsgsbeta"))
            && major >= 6;
        if mac { Family::Mac } else { Family::Windows }
    }
}

/// A dialect as one client family speaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    /// The dialect agreed in VER.
    pub dialect: Dialect,
    /// The family that speaks it.
    pub family: Family,
}

impl Shape {
    /// A shape.
    pub fn new(dialect: Dialect, family: Family) -> Self {
        Self { dialect, family }
    }

    /// Why a client is answered so; `system`, `client` and `version` are what its CVR says.
    pub fn reason(self, system: &str, client: &str, version: &str) -> &'static str {
        let system = system.split(' ').next().unwrap_or_default();
        match (
            self.family,
            Family::of(self.dialect, system, client, version),
        ) {
            (Family::Mac, Family::Mac) => {
                "its CVR says Messenger for Mac 6 or later, and it signs in by TWN"
            }
            (Family::Mac, Family::Windows) => "the operator chose it (`shape`)",
            (Family::Windows, Family::Mac) => {
                "its CVR says Messenger for Mac, and it signs in by SSO, or the operator chose it (`shape`)"
            }
            (Family::Windows, Family::Windows) if self.dialect.rules().mac => {
                "its CVR does not say Messenger for Mac 6 or later"
            }
            (Family::Windows, Family::Windows) => "Messenger for Mac does not speak this dialect",
        }
    }

    /// How a contact is named in presence, personal messages and notes.
    pub fn contact(self, account: &str, network: u8) -> String {
        match self.rules().naming {
            Naming::Account => account.to_owned(),
            Naming::SeparateNetwork => format!("{account} {network}"),
            Naming::JoinedNetwork => format!("{network}:{account}"),
        }
    }

    /// The rules of this shape: the row of its dialect, with the exceptions of the Mac. The exceptions are the article's,
    /// which watched a real client.
    pub fn rules(self) -> Rules {
        let row = *self.dialect.rules();
        match self.family {
            Family::Windows => row,
            Family::Mac => Rules {
                sso: false,
                policies: false,
                sbs: false,
                profile: false,
                mailbox: Mailbox::Untold,
                challenged: false,
                places: false,
                reverse: false,
                objects: Objects::EvenEmpty,
                capabilities: Capabilities::One,
                offline: OfflineTail::Capabilities,
                ack: true,
                full_echo: false,
                ..row
            },
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            Family::Mac => write!(f, "{}/mac", self.dialect),
            Family::Windows => write!(f, "{}", self.dialect),
        }
    }
}

impl FromStr for Shape {
    type Err = UnknownShape;

    /// `MSNP16/mac`, `16/mac`, `MSNP15` or `15`.
    fn from_str(text: &str) -> Result<Self, UnknownShape> {
        let (dialect, family) = match text.split_once('/') {
            Some((dialect, family)) if family.eq_ignore_ascii_case("mac") => (dialect, Family::Mac),
            Some((dialect, family)) if family.eq_ignore_ascii_case("windows") => {
                (dialect, Family::Windows)
            }
            None => (text, Family::Windows),
            Some(_) => return Err(UnknownShape(text.to_owned())),
        };
        dialect
            .parse()
            .map(|dialect| Shape::new(dialect, family))
            .map_err(|_| UnknownShape(text.to_owned()))
    }
}

/// The error of reading a [`Shape`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown shape {0:?}: a dialect, such as MSNP15, or a dialect of the Mac's, such as MSNP16/mac"
)]
pub struct UnknownShape(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_reads_back_what_it_prints() {
        for dialect in Dialect::all() {
            for family in [Family::Mac, Family::Windows] {
                let shape = Shape::new(dialect, family);
                assert_eq!(shape.to_string().parse(), Ok(shape));
            }
        }
        assert!("16/amiga".parse::<Shape>().is_err());
    }

    #[test]
    fn why_a_client_has_its_shape_is_said() {
        for (shape, system, client, version, reason) in [
            (
                "16/mac",
                "mac 10.14.6 i386",
                "macmsgs",
                "8.0.1",
                "Messenger for Mac 6 or later, and",
            ),
            (
                "16/mac",
                "winnt 5.1 i386",
                "MSNMSGR",
                "14.0",
                "the operator chose it",
            ),
            (
                "15",
                "mac 10.2.0 ppc",
                "macmsgs",
                "8.0.1",
                "signs in by SSO, or the operator",
            ),
            (
                "15",
                "mac 10.2.0 ppc",
                "macmsgs",
                "3.5.1",
                "does not say Messenger for Mac",
            ),
            (
                "18",
                "mac 10.14.6 i386",
                "macmsgs",
                "8.0.1",
                "does not speak this dialect",
            ),
        ] {
            let shape: Shape = shape.parse().expect("a shape");
            let said = shape.reason(system, client, version);
            assert!(said.contains(reason), "{shape} {client} {version}: {said}");
        }
    }
}
