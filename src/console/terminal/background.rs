//! Whether the terminal has a light background: the environment says so, or the terminal is asked.

/// Asks for the background (OSC 11).
pub const QUESTION: &[u8] = b"\x1b]11;?\x1b\\";

/// By `COLORFGBG`, as rxvt and konsole set it: the last part is the number of the background's colour.
pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Option<bool> {
    let value = variable("COLORFGBG")?;
    let back: u8 = value.rsplit(';').next()?.parse().ok()?;
    Some(matches!(back, 7 | 9..=15))
}

/// By what the terminal answers: `…]11;rgb:ffff/ffff/ffff…`, of which 1, 2, 3 or 4 digits a part may come.
pub fn of_answer(answer: &[u8]) -> Option<bool> {
    let text = String::from_utf8_lossy(answer);
    let (_, colour) = text.split_once("]11;rgb")?;
    let colour = colour.trim_start_matches('a').strip_prefix(':')?;
    let mut parts = colour.split('/').map(|part| {
        let digits: String = part
            .chars()
            .take_while(char::is_ascii_hexdigit)
            .take(4)
            .collect();
        let most = 16_u32
            .checked_pow(digits.len().try_into().ok()?)?
            .checked_sub(1)?;
        let value = u32::from_str_radix(&digits, 16).ok()?;
        (most > 0).then(|| f64::from(value) / f64::from(most))
    });
    let (r, g, b) = (parts.next()??, parts.next()??, parts.next()??);
    Some(0.2126 * r + 0.7152 * g + 0.0722 * b > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_may_say_it() {
        let of =
            |value: &str| of_environment(|name| (name == "COLORFGBG").then(|| value.to_owned()));
        assert_eq!(of("0;15"), Some(true));
        assert_eq!(of("0;default;7"), Some(true));
        assert_eq!(of("15;0"), Some(false));
        assert_eq!(of("15;default"), None);
        assert_eq!(of_environment(|_| None), None);
    }

    #[test]
    fn the_answer_of_a_terminal_is_read_in_every_form() {
        for (answer, light) in [
            (
                &b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;c"[..],
                Some(true),
            ),
            (b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07\x1b[?6c", Some(false)),
            (b"\x1b]11;rgb:fd/f6/e3\x07", Some(true)),
            (b"\x1b]11;rgba:0000/0000/0000/ffff\x07", Some(false)),
            (b"\x1b]11;rgb:f/f/f\x07", Some(true)),
            (b"\x1b[?62;c", None),
            (b"\x1b]11;rgb:zz/0/0", None),
            (b"\x1b]11;rgb:", None),
            (b"", None),
        ] {
            assert_eq!(
                of_answer(answer),
                light,
                "{:?}",
                String::from_utf8_lossy(answer)
            );
        }
    }
}
