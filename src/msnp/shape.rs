//! A shape is a dialect and a client family: how answers and presence are written for one client.
//!
//! The dialect alone does not say it: Messenger for Mac 8.0.1 speaks MSNP16 and takes the presence
//! of MSNP14, and acknowledges with `ACK` where every other client expects its line echoed.

use super::Dialect;
use std::fmt;
use std::str::FromStr;

/// The two families that one dialect can come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Microsoft Messenger for Mac: MSNP13–16 signed in by TWN, and nothing else is (the article).
    Mac,
    /// Every other client: the Windows ones and the open ones.
    Windows,
}

/// How a contact is named in presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `busy@local` alone (MSNP8–13).
    Account,
    /// `busy@local 1`: the network id is a token of its own (MSNP14–17).
    SeparateNetwork,
    /// `1:busy@local` (MSNP18).
    JoinedNetwork,
}

/// How capabilities are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capabilities {
    /// One number (up to MSNP15, and the Mac).
    One,
    /// `capabilities:extended` (MSNP16 and above).
    Two,
}

/// What a shape changes, one row of [`Shape::rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How a contact is named.
    pub naming: Naming,
    /// How capabilities are written in ILN and NLN.
    pub capabilities: Capabilities,
    /// Whether ILN and NLN end in an msnobj. The Mac silently drops an ILN without one (the article).
    pub msnobj: bool,
    /// What follows the account in FLN: nothing, `caps`, `0:0`, `caps:extended`.
    pub offline: OfflineTail,
    /// Whether personal messages exist (UBX, UUX: MSNP11 and above).
    pub personal_message: bool,
    /// Whether the initial list is NLN instead of ILN (MSNP18: two clients misread ILN there).
    pub initial_as_nln: bool,
    /// Whether PRP, BLP, UUX and UUN are answered with `ACK n VERB` (the Mac); else the line is
    /// echoed, `UUX n 0`, `UUN n OK`.
    pub ack: bool,
    /// Whether PNG is answered with a number (MSNP9 and above).
    pub ping_interval: bool,
}

/// What follows the contact in FLN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineTail {
    /// Nothing (MSNP8–13).
    Nothing,
    /// The capabilities, as this shape writes them (MSNP14–15, 18).
    Capabilities,
    /// `0:0` (MSNP16–17).
    Zeros,
}

/// A dialect as one client family speaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    /// The dialect agreed in VER.
    pub dialect: Dialect,
    /// Who speaks it.
    pub family: Family,
}

impl Shape {
    /// A shape.
    pub fn new(dialect: Dialect, family: Family) -> Self {
        Self { dialect, family }
    }

    /// What this shape changes. The source of each row is the presence table of the NINA wiki and
    /// of open servers; the Mac's rows are the article's, which watched a real client.
    pub fn rules(self) -> Rules {
        let number = self.dialect.number();
        let mac = self.family == Family::Mac;
        Rules {
            naming: match number {
                8..=13 if !mac => Naming::Account,
                18 => Naming::JoinedNetwork,
                // The article shows MSNP16 alone; a Mac at 13 takes the same lines by inference.
                _ => Naming::SeparateNetwork,
            },
            capabilities: if number >= 16 && !mac {
                Capabilities::Two
            } else {
                Capabilities::One
            },
            msnobj: number >= 9,
            offline: match number {
                8..=13 if !mac => OfflineTail::Nothing,
                16 | 17 if !mac => OfflineTail::Zeros,
                _ => OfflineTail::Capabilities,
            },
            personal_message: number >= 11,
            initial_as_nln: number >= 18,
            ack: mac,
            ping_interval: number >= 9,
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
}
