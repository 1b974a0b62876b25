//! What is wrong with presence as a client of a shape reads it: shared by the ladder and the rules.

use crate::msnp::dialect::{Capabilities, Naming, Objects};
use crate::msnp::line::tokens;
use crate::msnp::{Family, Shape};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

rows! {
    /// Why a client may drop a line of presence without a word. The worst stands first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Fault {
        /// In a few words.
        pub fn name;
    }
    /// No msnobj.
    Msnobj "no msnobj";
    /// No network id, or none where this shape has it.
    Network "the network id is not where this dialect has it";
    /// Capabilities of one number where two are due, or the reverse.
    Capabilities "the capabilities are in the form of another dialect";
    /// Too few fields.
    Short "too few fields";
}

/// The faults of an ILN or NLN line for this shape, the worst first; none for another verb.
pub fn faults(shape: Shape, line: &[u8]) -> Vec<Fault> {
    let mut rest = tokens(line);
    let skip = match rest.next() {
        Some(b"ILN") => 2,
        Some(b"NLN") => 1,
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    let rules = shape.rules();
    let has_object = rules.objects != Objects::Nowhere;
    // After the status.
    let mut rest = rest.skip(skip).peekable();
    let contact = rest.next().unwrap_or_default();
    match rules.naming {
        Naming::Account if contact.contains(&b':') => found.push(Fault::Network),
        Naming::JoinedNetwork => {
            let network = contact.split(|b| *b == b':').next().unwrap_or_default();
            if network.len() == contact.len() || !is_number(network) {
                found.push(Fault::Network);
            }
        }
        Naming::SeparateNetwork => {
            if rest.peek().is_some_and(|token| is_number(token)) {
                rest.next();
            } else {
                found.push(Fault::Network);
            }
        }
        Naming::Account => {}
    }
    let name = rest.next();
    let Some(capabilities) = rest.next() else {
        found.push(Fault::Short);
        // Without a name there is no telling what is missing.
        if name.is_some() && has_object {
            found.push(Fault::Msnobj);
        }
        found.sort_unstable();
        return found;
    };
    let pair = capabilities.contains(&b':');
    let is_object = capabilities.starts_with(b"%3C");
    if is_object || pair != (rules.capabilities == Capabilities::Two) {
        found.push(Fault::Capabilities);
    }
    let object = if is_object {
        Some(capabilities)
    } else {
        rest.next()
    };
    let lacks = match object {
        None => true,
        // Other clients take `0` for none; the Mac is not seen to.
        Some(b"0") => shape.family == Family::Mac,
        Some(_) => false,
    };
    if has_object && lacks {
        found.push(Fault::Msnobj);
    }
    found.sort_unstable();
    found
}

/// An account, whatever its case, in eight bytes.
pub fn hash(account: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    // Every contact of every sign-in is asked for, nearly all of them in small letters.
    match account.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => account.to_ascii_lowercase().hash(&mut hasher),
        false => account.hash(&mut hasher),
    }
    hasher.finish()
}

/// The account of an ILN or NLN line, whatever the dialect: without its network, and without `;via=`.
pub fn account(line: &[u8]) -> Option<&str> {
    let mut rest = tokens(line);
    let skip = usize::from(rest.next()? == b"ILN") + 1;
    let contact = std::str::from_utf8(rest.nth(skip)?).ok()?;
    let contact = contact.split(';').next().unwrap_or(contact);
    Some(
        contact
            .split_once(':')
            .map_or(contact, |(_, account)| account),
    )
}

fn is_number(token: &[u8]) -> bool {
    !token.is_empty() && token.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(shape: &str, line: &str) -> Vec<Fault> {
        faults(shape.parse().expect("a shape"), line.as_bytes())
    }

    #[test]
    fn the_articles_line_is_right_for_the_mac_and_for_no_other_client_of_its_dialect() {
        let line = "ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E";
        assert_eq!(faults_of("16/mac", line), []);
        assert_eq!(faults_of("16", line), [Fault::Capabilities]);
        assert_eq!(faults_of("18", line), [Fault::Network, Fault::Capabilities]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let mac = |line| faults_of("16/mac", line);
        assert_eq!(
            mac("ILN 8 BSY busy@local 1 Busy 1085276192"),
            [Fault::Msnobj]
        );
        assert_eq!(
            mac("NLN BSY busy@local 1 Busy 1085276192 0"),
            [Fault::Msnobj]
        );
        assert_eq!(
            mac("NLN BSY busy@local Busy 1085276192 %3Cmsnobj%2F%3E"),
            [Fault::Network]
        );
        assert_eq!(
            mac("NLN BSY busy@local 1 Busy 1085276192:0 %3Cmsnobj%2F%3E"),
            [Fault::Capabilities]
        );
        assert_eq!(
            mac("NLN BSY busy@local 1 Busy %3Cmsnobj%2F%3E"),
            [Fault::Capabilities]
        );
        assert_eq!(mac("NLN BSY busy@local 1"), [Fault::Short]);
        assert_eq!(mac("NLN"), [Fault::Network, Fault::Short]);
        assert_eq!(faults_of("15", "NLN BSY busy@local 1 Busy 1 0"), []);
        assert_eq!(faults_of("18", "NLN BSY 1:busy@local Busy 1:2 0"), []);
        assert_eq!(faults_of("8", "NLN BSY busy@local Busy 1"), []);
    }

    #[test]
    fn what_is_written_here_has_no_fault_in_any_shape() {
        let contact = crate::roster::Contact {
            status: crate::msnp::Status::Busy,
            ..crate::roster::Contact::new("busy@local", Some("Busy User".into()))
        };
        for dialect in crate::msnp::Dialect::all() {
            for family in [Family::Mac, Family::Windows] {
                let shape = Shape::new(dialect, family);
                let line = contact.presence().changed(shape);
                assert_eq!(
                    faults(shape, line.trim_end().as_bytes()),
                    [],
                    "{shape}: {line}"
                );
            }
        }
    }
}
