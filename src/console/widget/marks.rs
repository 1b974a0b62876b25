//! The signs of the transcript and the lists: marks and statuses, with the letter of each for ASCII screens. Each is drawn
//! from here, and the marks are explained in the help.

use crate::console::theme::Role;
use crate::event::{Kind, Severity};
use crate::journal::Line as Entry;
use crate::msnp::{Direction, Status};

macro_rules! marks {
    ($($mark:ident $sign:literal $letter:literal $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $mark: &str = $sign;)*

        /// Every mark: its sign, its letter and its meaning, in the order of the help.
        const MARKS: &[(&str, &str, &str)] = &[$(($sign, $letter, $meaning)),*];
    };
}

// The sign; its letter on ASCII screens; what it means, for the help.
marks! {
    IN "▶" ">" "from a client";
    OUT "◀" "<" "to a client";
    INJECTED "«" "I" "injected by you";
    CONTACT "~" "~" "a contact has changed";
    REAL "≡" "#" "a contact that signed in";
    REPLY "=" "=" "what came of a command";
    TLS "◇" "T" "a TLS handshake";
    HTTP "⇄" "H" "a request and its answer";
    NOTICE "·" ":" "a message; a step to come";
    DONE "✓" "v" "signed in; a step is done";
    FINDING "⚠" "!" "something is wrong";
    WRONG "✗" "x" "it went wrong";
    NOW "…" "." "a step is waited for";
    SKIPPED "–" "_" "a step was left out";
    CONNECTED "+" "+" "a connection has come";
    DISCONNECTED "−" "-" "a connection has ended";
    CONVERSATION "&" "&" "a conversation changed";
    MESSAGE "\"" "\"" "something was said";
    SIGNED_OUT "×" "X" "signed out";
    FOLDED "▸" ")" "unfolds; the cursor";
    UNFOLDED "▾" "(" "is unfolded";
}

/// The sign and the letter of each status, in the order of [`Status::ALL`]. The letters are those of their keys.
const STATUSES: [(&str, &str); Status::ALL.len()] = [
    ("●", "o"),
    ("■", "b"),
    ("◐", "i"),
    ("◑", "a"),
    ("◔", "r"),
    ("◕", "u"),
    ("◆", "p"),
    ("◌", "h"),
    ("○", "x"),
];

/// The columns of a mark with its meaning, of which several stand beside each other.
pub const COLUMN: usize = 28;

/// Every mark with its meaning.
pub fn legend() -> impl Iterator<Item = (&'static str, &'static str)> {
    MARKS.iter().map(|(sign, _, meaning)| (*sign, *meaning))
}

/// The sign of a status: each its own, so that colour is not needed to tell them apart.
pub fn of_status(status: Status) -> &'static str {
    STATUSES[status as usize].0
}

/// What stands for this sign on an ASCII screen.
pub fn letter(sign: &str) -> Option<&'static str> {
    let marks = MARKS.iter().map(|(sign, letter, _)| (*sign, *letter));
    let mut all = marks.chain(STATUSES);
    all.find(|(known, _)| *known == sign)
        .map(|(_, letter)| letter)
}

/// The sign of a line and its colour. Each kind of event has its own sign, so that colour is not needed to tell them apart.
pub fn of_line(entry: &Entry<'_>) -> (&'static str, Role) {
    let bad = match entry.severity() {
        Some(Severity::Error) => Some(Role::Error),
        Some(Severity::Warning) => Some(Role::Warning),
        _ => None,
    };
    match entry.kind() {
        Kind::Frame => match entry.direction() {
            Some(Direction::In) => (IN, Role::In),
            _ if entry.injected() => (INJECTED, Role::Injected),
            _ => (
                OUT,
                if entry.is_error() {
                    Role::Error
                } else {
                    Role::Out
                },
            ),
        },
        Kind::Http => (HTTP, bad.unwrap_or(Role::Service)),
        Kind::Tls => (TLS, bad.unwrap_or(Role::Service)),
        Kind::Connected => (CONNECTED, Role::Service),
        Kind::Disconnected => (DISCONNECTED, Role::Service),
        Kind::SignedIn => (DONE, Role::Good),
        Kind::SignedOut => (SIGNED_OUT, Role::Warning),
        Kind::Contact => (CONTACT, Role::Name),
        Kind::Conversation => (CONVERSATION, Role::Name),
        Kind::Message => (MESSAGE, Role::Text),
        // A finding that is nothing wrong is a remark.
        Kind::Finding => match bad {
            Some(role) => (FINDING, role),
            None => (NOTICE, Role::Dim),
        },
        Kind::Reply => (REPLY, bad.unwrap_or(Role::Dim)),
        Kind::Notice => (NOTICE, bad.unwrap_or(Role::Dim)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn every_meaning_has_room_beside_the_others() {
        for (mark, meaning) in legend() {
            assert!(mark.width() + 1 + meaning.width() < COLUMN, "{meaning}");
        }
    }
}
