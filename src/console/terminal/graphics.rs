//! Pictures by the terminal's own graphics: kitty's protocol with Unicode placeholders. A picture is sent once, under a
//! number; then it stands wherever cells have the placeholder, in the colour of that number. What the screen shows so stays
//! text, which is drawn, moved and written over like any other.
//!
//! Source: kitty's page "Terminal graphics protocol", sections "Querying support" and "Unicode placeholders".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::Write as _;

/// Asks whether the terminal takes a picture (of one pixel, which is not kept), and what it is (XTVERSION).
pub const QUESTION: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q";
/// The most characters of base64 in one piece.
const PIECE: usize = 4_096;
/// How terminals name themselves that have placeholders. Others have the protocol, and show a placeholder as a letter that
/// they do not know; no question tells the two apart.
const KNOWN: [&str; 2] = ["kitty", "ghostty"];

/// Whether pictures are drawn so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Graphics {
    /// Where the terminal answers that it has them.
    #[default]
    Auto,
    /// In any case: the operator knows that the terminal has them. In tmux they are handed on, with `allow-passthrough on`.
    Kitty,
    /// Never.
    Off,
}

/// What may be asked for.
pub const GRAPHICS: [&str; 3] = ["auto", "kitty", "off"];

impl Graphics {
    /// What this word of [`GRAPHICS`] asks for.
    pub fn named(word: &str) -> Self {
        match word {
            "kitty" => Graphics::Kitty,
            "off" => Graphics::Off,
            _ => Graphics::Auto,
        }
    }

    /// Whether the terminal is to be asked: not where it is known to have none, nor through tmux or screen.
    pub fn asks(self, variable: impl Fn(&str) -> Option<String>) -> bool {
        let term = variable("TERM").unwrap_or_default();
        let within = variable("TMUX").is_some() || variable("STY").is_some();
        let within = within || term.starts_with("tmux") || term.starts_with("screen");
        self == Graphics::Auto && !within && term != "linux"
    }
}

/// Whether this is the answer of a terminal with placeholders.
pub fn of_answer(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let named = text.split("\x1bP>|").nth(1).unwrap_or_default();
    text.contains("\x1b_Gi=31;OK\x1b\\") && KNOWN.iter().any(|name| named.starts_with(name))
}

/// The bytes that give the terminal a PNG under this number, to be shown in so many columns and rows. It answers nothing.
pub fn transmit(id: u32, (columns, rows): (u16, u16), png: &[u8]) -> String {
    let data = BASE64.encode(png);
    let mut out = String::with_capacity(data.len() + data.len() / 64 + 128);
    let mut rest = data.as_str();
    let mut first = true;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        let more = u8::from(!after.is_empty());
        let head = match std::mem::take(&mut first) {
            true => format!("a=T,U=1,q=2,f=100,t=d,i={id},c={columns},r={rows},m={more}"),
            false => format!("q=2,m={more}"),
        };
        // A String takes all.
        let _ = write!(out, "\x1b_G{head};{piece}\x1b\\");
        rest = after;
        if rest.is_empty() {
            return out;
        }
    }
}

/// The bytes that take a picture and its data away again.
pub fn delete(id: u32) -> String {
    format!("\x1b_Ga=d,d=I,q=2,i={id}\x1b\\")
}

/// The same bytes through tmux: each string by itself, every escape doubled.
pub fn through_tmux(strings: &str) -> String {
    let mut out = String::with_capacity(strings.len() * 2);
    for string in strings.split_inclusive("\x1b\\") {
        let doubled = string.replace('\x1b', "\x1b\x1b");
        let _ = write!(out, "\x1bPtmux;{doubled}\x1b\\");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_with_placeholders_are_known_by_both_answers() {
        let yes = "\x1b_Gi=31;OK\x1b\\";
        for (answer, has) in [
            (format!("{yes}\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;c"), true),
            (
                format!("\x1b]11;rgb:0/0/0\x07{yes}\x1bP>|ghostty 1.2.0\x1b\\\x1b[?62;22c"),
                true,
            ),
            (
                format!("{yes}\x1bP>|WezTerm 20240203\x1b\\\x1b[?65;c"),
                false,
            ),
            (format!("{yes}\x1b[?62;c"), false),
            (
                "\x1b_Gi=31;EINVAL:no\x1b\\\x1bP>|kitty(0.20)\x1b\\\x1b[?62;c".into(),
                false,
            ),
            ("\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;c".into(), false),
            (String::new(), false),
        ] {
            assert_eq!(of_answer(answer.as_bytes()), has, "{answer:?}");
        }
    }

    #[test]
    fn it_is_asked_only_where_an_answer_can_come() {
        let of = |named: &'static str, value: &'static str| {
            move |name: &str| (name == named).then(|| value.to_owned())
        };
        assert!(Graphics::Auto.asks(of("TERM", "xterm-kitty")));
        for (name, value) in [
            ("TERM", "linux"),
            ("TERM", "tmux-256color"),
            ("TERM", "screen"),
            ("TMUX", "/tmp/tmux"),
            ("STY", "1.pts"),
        ] {
            assert!(!Graphics::Auto.asks(of(name, value)), "{name}={value}");
        }
        assert!(!Graphics::Off.asks(of("TERM", "xterm-kitty")));
        assert!(!Graphics::Kitty.asks(of("TERM", "xterm-kitty")));
    }

    #[test]
    fn a_picture_goes_in_pieces_and_through_tmux_each_by_itself() {
        let png = vec![0; 4_000];
        let sent = transmit(7, (24, 12), &png);
        let pieces: Vec<&str> = sent.split_inclusive("\x1b\\").collect();
        assert_eq!(pieces.len(), 2);
        assert!(pieces[0].starts_with("\x1b_Ga=T,U=1,q=2,f=100,t=d,i=7,c=24,r=12,m=1;AAAA"));
        assert!(pieces[1].starts_with("\x1b_Gq=2,m=0;AAAA"));
        let data: String = pieces
            .iter()
            .filter_map(|piece| piece.strip_suffix("\x1b\\")?.split_once(';'))
            .map(|(_, data)| data)
            .collect();
        assert_eq!(BASE64.decode(data).expect("base64"), png);
        assert_eq!(
            through_tmux(&(delete(7) + &delete(8))),
            "\x1bPtmux;\x1b\x1b_Ga=d,d=I,q=2,i=7\x1b\x1b\\\x1b\\\x1bPtmux;\x1b\x1b_Ga=d,d=I,q=2,i=8\x1b\x1b\\\x1b\\"
        );
    }
}
