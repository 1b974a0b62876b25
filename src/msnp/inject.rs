//! Provisional.
use super::{Shape, escape};
use bytes::Bytes;

/// x
pub struct Checked {
    /// x
    pub wire: Bytes,
    /// x
    pub warnings: Vec<String>,
}

/// x
///
/// # Errors
/// x
pub fn checked(text: &str, _: Option<Shape>) -> Result<Checked, Vec<String>> {
    let mut wire = escape::unescape(text);
    wire.extend_from_slice(b"\r\n");
    Ok(Checked {
        wire: wire.into(),
        warnings: vec![],
    })
}

/// x
pub fn unchecked(text: &str) -> Bytes {
    escape::unescape(text).into()
}
