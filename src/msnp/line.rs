//! The line of a frame: its bounds, its direction and its tokens.

/// Bytes of the longest line, without its terminator.
pub const MAX_LINE: usize = 8 * 1024;
/// Bytes of the longest payload.
pub const MAX_PAYLOAD: usize = 64 * 1024;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Client to server: "in", as the service sees it.
    In,
    /// Server to client: "out".
    Out,
}

/// The tokens of a line.
pub fn tokens(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b' ').filter(|token| !token.is_empty())
}

/// Bytes of a line that a sentence quotes at most.
pub(crate) const QUOTED: usize = 64;
