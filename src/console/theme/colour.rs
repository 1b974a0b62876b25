//! Colours: how a theme file writes them, and how they become fewer on a terminal that has fewer.

use ratatui::style::Color;

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: `NO_COLOR`, or a terminal that calls itself dumb.
    None,
    /// The 16 that the terminal's own palette names.
    Ansi,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

impl Depth {
    /// From the environment: `NO_COLOR` (if not empty), `COLORTERM` and `TERM`.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name| variable(name).unwrap_or_default();
        let term = get("TERM");
        if !get("NO_COLOR").is_empty() || term == "dumb" {
            Depth::None
        } else if matches!(get("COLORTERM").as_str(), "truecolor" | "24bit")
            || term.ends_with("-direct")
        {
            Depth::True
        } else if term.contains("256") {
            Depth::Indexed
        } else {
            Depth::Ansi
        }
    }
}

const NAMES: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// xterm's own values of the 16, in the order of their numbers: good enough to find the nearest.
const ANSI: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// Reads `#rrggbb`, one of the 16 names, or a number of 0 to 255.
pub fn parse(text: &str) -> Option<Color> {
    if let Some(digits) = text.strip_prefix('#') {
        if digits.len() != 6 || !digits.is_ascii() {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        return Some(Color::Rgb(part(0)?, part(2)?, part(4)?));
    }
    NAMES
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, colour)| *colour)
        .or_else(|| text.parse().ok().map(Color::Indexed))
}

/// The nearest colour of those that the terminal has.
pub fn degrade(colour: Color, depth: Depth) -> Color {
    match (colour, depth) {
        (_, Depth::None) => Color::Reset,
        (Color::Rgb(r, g, b), Depth::Indexed) => Color::Indexed(to_256(r, g, b)),
        (Color::Rgb(r, g, b), Depth::Ansi) => to_16(r, g, b),
        (Color::Indexed(index), Depth::Ansi) => {
            let (r, g, b) = from_256(index);
            to_16(r, g, b)
        }
        _ => colour,
    }
}

/// Its parts, for a picture; `None` for the terminal's own default.
pub fn parts(colour: Color) -> Option<(u8, u8, u8)> {
    match colour {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(index) => Some(from_256(index)),
        named => NAMES
            .iter()
            .skip(1)
            .position(|(_, held)| *held == named)
            .map(|at| ANSI[at]),
    }
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    // Weights of the eye, roughly: green counts most, blue least.
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    3 * square(a.0, b.0) + 4 * square(a.1, b.1) + 2 * square(a.2, b.2)
}

fn to_256(r: u8, g: u8, b: u8) -> u8 {
    (16..=255)
        .min_by_key(|index| distance((r, g, b), from_256(*index)))
        .unwrap_or(15)
}

fn to_16(r: u8, g: u8, b: u8) -> Color {
    let most = r.max(g).max(b);
    let least = r.min(g).min(b);
    // A pale colour is nearer to a grey than to its hue, and would lose the hue: compare it at full strength.
    let vivid = |part: u8| {
        if most - least < 24 {
            part
        } else {
            ((u32::from(part - least) * 255) / u32::from(most - least)) as u8
        }
    };
    let colour = (vivid(r), vivid(g), vivid(b));
    let nearest = (0..16)
        .min_by_key(|i: &usize| distance(colour, ANSI[*i]))
        .unwrap_or(7);
    // Bright ones stay for bright colours only.
    let nearest = if (9..15).contains(&nearest) && most < 200 {
        nearest - 8
    } else {
        nearest
    };
    NAMES[nearest + 1].1
}

fn from_256(index: u8) -> (u8, u8, u8) {
    match index {
        0..=15 => ANSI[usize::from(index)],
        16..=231 => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let at = index - 16;
            (level(at / 36), level(at / 6 % 6), level(at % 6))
        }
        _ => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_three_forms_and_nothing_else() {
        assert_eq!(parse("#0a0B0c"), Some(Color::Rgb(10, 11, 12)));
        assert_eq!(parse("bright-red"), Some(Color::LightRed));
        assert_eq!(parse("208"), Some(Color::Indexed(208)));
        for wrong in ["#fff", "#gg0000", "reddish", "256", "", "#ééé"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn colours_become_fewer_and_keep_their_hue() {
        let orange = Color::Rgb(255, 135, 0);
        assert_eq!(degrade(orange, Depth::True), orange);
        assert_eq!(degrade(orange, Depth::Indexed), Color::Indexed(208));
        assert_eq!(
            degrade(Color::Rgb(120, 220, 120), Depth::Ansi),
            Color::LightGreen
        );
        assert_eq!(degrade(Color::Rgb(150, 40, 40), Depth::Ansi), Color::Red);
        assert_eq!(degrade(Color::Indexed(196), Depth::Ansi), Color::LightRed);
        assert_eq!(degrade(orange, Depth::None), Color::Reset);
        assert_eq!(degrade(Color::LightRed, Depth::None), Color::Reset);
    }

    #[test]
    fn the_environment_says_how_many_there_are() {
        let of = |set: &'static [(&str, &str)]| {
            Depth::detect(|name| {
                set.iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, v)| (*v).to_owned())
            })
        };
        assert_eq!(
            of(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]),
            Depth::None
        );
        assert_eq!(
            of(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")]),
            Depth::True
        );
        assert_eq!(of(&[("TERM", "screen-256color")]), Depth::Indexed);
        assert_eq!(of(&[("TERM", "vt220")]), Depth::Ansi);
        assert_eq!(of(&[("TERM", "dumb")]), Depth::None);
    }
}
