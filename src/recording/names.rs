//! Events name findings, causes and changes by `&'static str`. What is read from a file becomes such a
//! name once, and stays; how many, and how long, is bounded, since the file may be hostile.

use parking_lot::Mutex;
use std::collections::BTreeSet;

/// The most names that are ever kept.
const MOST: usize = 1_024;
/// The longest name, in bytes.
const LONGEST: usize = 64;

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// This name for as long as the program runs; `None` where it is no name, or there are too many.
pub fn keep(name: &str) -> Option<&'static str> {
    let mut names = NAMES.lock();
    if let Some(kept) = names.get(name) {
        return Some(kept);
    }
    let fine = name.len() <= LONGEST && name.bytes().all(|b| b.is_ascii_graphic());
    if !fine || names.len() >= MOST {
        return None;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_what_is_no_name_not_at_all() {
        let first = keep("bare-lf").expect("a name");
        let again = keep(&String::from("bare-lf")).expect("a name");
        assert!(std::ptr::eq(first, again));
        assert_eq!(keep(&"x".repeat(LONGEST + 1)), None);
        assert_eq!(keep("a b"), None);
        assert_eq!(keep("\x1b"), None);
    }
}
