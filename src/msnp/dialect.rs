//! The dialects of the protocol, MSNP8 to MSNP18, and what each one changes.

use std::fmt;
use std::str::FromStr;

/// One version of the protocol, from `MSNP8` to `MSNP18`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dialect(u8);

impl Dialect {
    /// The oldest and the newest in the tables.
    pub const OLDEST: Dialect = Dialect(8);
    /// See [`Dialect::OLDEST`].
    pub const NEWEST: Dialect = Dialect(18);
    /// What Messenger for Mac 8.0.1 speaks.
    pub const MSNP16: Dialect = Dialect(16);

    /// From its number, 8 to 18.
    pub fn new(number: u8) -> Option<Self> {
        (8..=18).contains(&number).then_some(Self(number))
    }

    /// From a token of `VER`, such as `MSNP16`.
    pub fn from_token(token: &[u8]) -> Option<Self> {
        let digits = token.strip_prefix(b"MSNP")?;
        if digits.first() == Some(&b'0') || digits.len() > 2 {
            return None;
        }
        std::str::from_utf8(digits)
            .ok()?
            .parse()
            .ok()
            .and_then(Self::new)
    }

    /// Its number, 8 to 18.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Every dialect, oldest first.
    pub fn all() -> impl Iterator<Item = Dialect> {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Dialect)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MSNP{}", self.0)
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    /// `MSNP16`, `msnp16` or `16`.
    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let digits = match text.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("msnp") => &text[4..],
            _ => text,
        };
        digits
            .parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| UnknownDialect(text.to_owned()))
    }
}

/// The error of reading a [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect {0:?}: one of MSNP8 to MSNP18")]
pub struct UnknownDialect(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_strictly_and_names_loosely() {
        assert_eq!(Dialect::from_token(b"MSNP16"), Some(Dialect::MSNP16));
        for wrong in [
            &b"MSNP7"[..],
            b"MSNP19",
            b"msnp16",
            b"MSNP016",
            b"CVR0",
            b"MSNP",
            b"MSNP1\xff",
        ] {
            assert_eq!(Dialect::from_token(wrong), None);
        }
        assert_eq!("msnp16".parse(), Ok(Dialect::MSNP16));
        assert_eq!("16".parse(), Ok(Dialect::MSNP16));
        assert!("7".parse::<Dialect>().is_err());
    }
}
