//! Copying by OSC 52: the terminal that the operator sits at takes the text, however many hops away it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What terminals are known to take: xterm's limit on the whole sequence, in bytes before base64.
pub const MOST: usize = 74_994;

/// The bytes that put a text into the clipboard. Inside tmux they are written twice: as they are, which tmux takes with
/// `set-clipboard on`, and wrapped, which it hands on with `allow-passthrough on`.
pub fn osc52(text: &str, in_tmux: bool) -> Vec<u8> {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(&text[..end]));
    if in_tmux {
        // tmux takes a string that starts with `tmux;`, in which every escape is doubled.
        let wrapped = plain.replace('\x1b', "\x1b\x1b");
        format!("{plain}\x1bPtmux;{wrapped}\x1b\\").into_bytes()
    } else {
        plain.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_bytes_with_and_without_tmux() {
        assert_eq!(osc52("NLN BSY", false), b"\x1b]52;c;TkxOIEJTWQ==\x07");
        assert_eq!(
            osc52("NLN BSY", true),
            b"\x1b]52;c;TkxOIEJTWQ==\x07\x1bPtmux;\x1b\x1b]52;c;TkxOIEJTWQ==\x07\x1b\\"
        );
    }

    #[test]
    fn more_than_a_terminal_takes_is_cut_at_a_character() {
        let long = "é".repeat(MOST);
        let bytes = osc52(&long, false);
        assert!(bytes.len() <= 100_000);
        let body = STANDARD.decode(&bytes[7..bytes.len() - 1]).expect("base64");
        assert!(String::from_utf8(body).is_ok());
    }
}
