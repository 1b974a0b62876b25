//! Network ids: which service a contact's account belongs to. Source: the NINA wiki.

/// Each network id with its name.
pub const TABLE: &[(u8, &str)] = &[
    (1, "Passport"),
    (2, "Office Communicator (LCS)"),
    (4, "phone"),
    (8, "mobile network interop (MNI)"),
    (9, "circle"),
    (16, "SMTP"),
    (32, "Yahoo"),
];

/// The name of a network.
pub fn name(id: u8) -> Option<&'static str> {
    TABLE.iter().find(|row| row.0 == id).map(|row| row.1)
}

/// What a `UUN` or `UBN` carries, by its type.
/// Sources: the NINA wiki; 4 and 8 as watched on real clients (8 is the article's `ignore me`).
pub const NOTE_TYPES: &[(&str, &str)] = &[
    ("1", "shared folder (SNM) XML"),
    ("2", "SIP invitation"),
    ("3", "peer-to-peer invitation (SLP)"),
    ("4", "remote sign-out of an endpoint"),
    ("5", "conversation window closed"),
    ("6", "address book to be read again"),
    ("8", "to one's own endpoints"),
    ("10", "TURN"),
    ("12", "tunnelled SIP"),
];

/// What a `UUM` or `UBM` carries, by its type.
pub const MESSAGE_TYPES: &[(&str, &str)] = &[
    ("1", "text"),
    ("2", "typing"),
    ("3", "datacast: nudge, wink and so on"),
];
