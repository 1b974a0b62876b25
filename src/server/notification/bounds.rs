//! How long the fields are that a client says of itself: as long as a contact's. What is longer is cut and told of, and the
//! session goes on.

use super::session::{Output, finding};
use crate::event::{ServiceFinding, say};
use crate::roster::{MAX_NAME, MAX_TEXT};

/// Personal message and current media.
pub(super) const TEXT: usize = MAX_TEXT;
/// The name of an endpoint.
pub(super) const NAME: usize = MAX_NAME;
/// Two numbers of 64 bits with a colon between.
pub(super) const CAPABILITIES: usize = 41;
/// A GUID in braces has 38 bytes.
pub(super) const MACHINE: usize = 64;
/// Most bytes of each field of CVR.
pub(super) const SOFTWARE: usize = 256;

/// The text, cut to this many bytes.
pub(super) fn bounded(
    mut text: String,
    field: &'static str,
    most: usize,
    out: &mut Vec<Output>,
) -> String {
    let length = text.len();
    if length > most {
        text.truncate(text.floor_char_boundary(most));
        text.shrink_to_fit();
        out.push(finding(
            ServiceFinding::LongField,
            field,
            say!(
                "it has {length} bytes, and {most} are kept; the rest was cut off, and the session goes on"
            ),
        ));
    }
    text
}
