//! Names that only a newer nudge knows. A recording holds the names of findings, of causes of failed handshakes and of
//! changes of contacts as text. A name that this nudge does not know is kept as it is, up to a bound, and means nothing
//! to it.

use std::fmt;
use std::sync::Arc;

/// A name that this nudge does not know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Newer(Arc<str>);

impl Newer {
    /// Bytes of the longest name.
    pub const LONGEST: usize = 64;

    /// This name; `None` where the text can be no name. Names are visible ASCII without spaces.
    pub fn read(name: &str) -> Option<Self> {
        let fine = name.len() <= Self::LONGEST && name.bytes().all(|b| b.is_ascii_graphic());
        fine.then(|| Self(name.into()))
    }

    /// As it was written.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Newer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_and_what_is_no_name_not_at_all() {
        let newer = Newer::read("of-next-year").expect("a name");
        assert_eq!(newer.name(), "of-next-year");
        assert!(Newer::read(&"x".repeat(Newer::LONGEST)).is_some());
        assert_eq!(Newer::read(&"x".repeat(Newer::LONGEST + 1)), None);
        assert_eq!(Newer::read("a b"), None);
        assert_eq!(Newer::read("\x1b"), None);
    }
}
