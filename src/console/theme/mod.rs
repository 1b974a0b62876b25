//! Themes: what each thing on the screen is, and how a theme shows it.
//!
//! A view never names a colour, only a [`Role`]. The roles are said once, in the table below; a theme is a
//! TOML file that gives some of them a style, over the built-in dark theme. Every role also says how it looks
//! without any colour, so nothing is said by colour alone.

mod colour;
mod file;

pub use colour::{Depth, parts};
pub(crate) use file::line_of;
pub use file::{StyleMistake, ThemeError, ThemeMistake, load};

use crate::msnp::Status;
use ratatui::style::{Color, Modifier, Style};

macro_rules! roles {
    ($($role:ident $name:literal $mono:expr, $help:literal;)*) => {
        /// What a piece of the screen is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Role {
            $(#[doc = $help] $role,)*
        }

        impl Role {
            /// Every role: itself, its name in theme files, its look without colour, what it is.
            pub const TABLE: &[(Role, &'static str, Modifier, &'static str)] =
                &[$((Role::$role, $name, $mono, $help),)*];
        }
    };
}

const PLAIN: Modifier = Modifier::empty();

roles! {
    Text "text" PLAIN, "plain text";
    Dim "dim" Modifier::DIM, "what matters less: times, payloads, hints";
    Border "border" PLAIN, "the frame of a pane";
    Focus "focus" Modifier::BOLD, "the frame of the pane that has the keys";
    Title "title" PLAIN, "the title of a pane";
    Selection "selection" Modifier::REVERSED, "the line under the cursor";
    SelectionIdle "selection-idle" Modifier::UNDERLINED, "the same in a pane without the keys";
    Mark "mark" Modifier::BOLD, "marked contacts and lines";
    Key "key" Modifier::BOLD, "a key in a hint";
    In "in" PLAIN, "from a client";
    Out "out" Modifier::BOLD, "to a client";
    Injected "injected" Modifier::ITALIC, "to a client, put in by the operator";
    Verb "verb" Modifier::BOLD, "the verb of a command";
    Transaction "transaction" PLAIN, "a transaction id";
    Account "account" PLAIN, "an account";
    Name "name" PLAIN, "a friendly name";
    Payload "payload" Modifier::DIM, "a payload";
    Service "service" PLAIN, "TLS, HTTP and what the service says of itself";
    Good "good" PLAIN, "done, well";
    Warning "warning" Modifier::BOLD, "probably not as meant";
    Error "error" Modifier::BOLD, "it went wrong";
    Match "match" Modifier::REVERSED, "what a search found";
    Badge "badge" Modifier::REVERSED, "counts and states that ask for attention";
    Danger "danger" Modifier::REVERSED, "unchecked bytes, and questions before something is lost";
    Online "status-online" PLAIN, "a contact that is there";
    Busy "status-busy" PLAIN, "a contact that is busy or on the phone";
    Away "status-away" PLAIN, "a contact that is idle, away, at lunch or right back";
    Offline "status-offline" Modifier::DIM, "a contact that nobody sees";
}

/// How each role is shown, on a terminal of some depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its name, for the message that says which one is on.
    pub name: String,
    styles: Vec<Style>,
    depth: Depth,
}

impl Theme {
    /// How this role is shown.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// A colour that is no role's, such as that of a picture; `None` where there are no colours.
    pub fn colour(&self, colour: Color) -> Option<Color> {
        (self.depth != Depth::None).then(|| colour::degrade(colour, self.depth))
    }

    /// How a contact of this status is shown.
    pub fn status(&self, status: Status) -> Style {
        self.style(match status {
            Status::Online => Role::Online,
            Status::Busy | Status::OnThePhone => Role::Busy,
            Status::Hidden | Status::Offline => Role::Offline,
            _ => Role::Away,
        })
    }

    /// The theme without any colour.
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            styles: Role::TABLE
                .iter()
                .map(|(_, _, mono, _)| Style::new().add_modifier(*mono))
                .collect(),
            depth: Depth::None,
        }
    }

    /// The same on a terminal of that depth.
    pub fn at(&self, depth: Depth) -> Self {
        if depth == Depth::None {
            return Self::plain(&self.name);
        }
        let styles = Role::TABLE
            .iter()
            .zip(&self.styles)
            .map(|((_, _, mono, _), style)| degrade(*style, *mono, depth))
            .collect();
        Self {
            name: self.name.clone(),
            styles,
            depth,
        }
    }
}

fn degrade(style: Style, mono: Modifier, depth: Depth) -> Style {
    let mut out = style;
    out.fg = style.fg.map(|c| colour::degrade(c, depth));
    out.bg = style.bg.map(|c| colour::degrade(c, depth));
    // A subtle background has no neighbour among 16 colours: there the look without colour carries it.
    if depth == Depth::Ansi && matches!(style.bg, Some(Color::Rgb(..) | Color::Indexed(_))) {
        out.bg = None;
        if mono.intersects(Modifier::REVERSED | Modifier::UNDERLINED) {
            out.fg = None;
        }
        out = out.add_modifier(mono);
    }
    out
}

/// The themes that are in the binary, as `(name, file)`; the first is the default.
pub const SHIPPED: [(&str, &str); 6] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("contrast", include_str!("../../../themes/contrast.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
    ("messenger", include_str!("../../../themes/messenger.toml")),
    ("phosphor", include_str!("../../../themes/phosphor.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_own_name_and_place() {
        for (i, (role, name, _, help)) in Role::TABLE.iter().enumerate() {
            assert_eq!(*role as usize, i);
            assert!(!help.is_empty());
            assert_eq!(Role::TABLE.iter().filter(|r| r.1 == *name).count(), 1);
        }
    }

    #[test]
    fn every_shipped_theme_is_read_and_gives_every_role_its_style() {
        for (name, text) in SHIPPED {
            let theme = load(name, text).unwrap_or_else(|e| panic!("{e}"));
            for (role, role_name, ..) in Role::TABLE {
                let style = theme.style(*role);
                assert!(
                    name == "mono" || style.fg.is_some() || style.bg.is_some(),
                    "{name}: {role_name} has no colour"
                );
            }
        }
    }

    #[test]
    fn without_colour_no_theme_has_any_and_what_must_stand_out_does() {
        for (name, text) in SHIPPED {
            let theme = load(name, text)
                .unwrap_or_else(|e| panic!("{e}"))
                .at(Depth::None);
            for (role, ..) in Role::TABLE {
                let style = theme.style(*role);
                assert!(style.fg.is_none() && style.bg.is_none());
            }
            for role in [
                Role::Selection,
                Role::Error,
                Role::Danger,
                Role::Match,
                Role::Focus,
            ] {
                assert!(!theme.style(role).add_modifier.is_empty(), "{role:?}");
            }
        }
    }

    fn luminance((r, g, b): (u8, u8, u8)) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    /// Of WCAG: from 1 to 21.
    fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_of_every_theme_has_a_contrast_of_4_5_on_what_it_is_drawn_on() {
        for (name, text) in SHIPPED {
            let theme = load(name, text).unwrap_or_else(|e| panic!("{e}"));
            // The terminal's own background, where the theme names none: black or nearly, white or nearly.
            let own = theme.style(Role::Text).bg.and_then(parts);
            let plain = match (own, name) {
                (Some(own), _) => vec![own],
                (None, "light") => vec![(0xff, 0xff, 0xff), (0xf4, 0xf4, 0xf4)],
                (None, _) => vec![(0, 0, 0), (0x1e, 0x1e, 0x1e)],
            };
            let idle = theme.style(Role::SelectionIdle);
            for (role, role_name, ..) in Role::TABLE {
                let style = theme.style(*role);
                // A frame is no text, and without a colour the terminal's own is on its own.
                let Some(front) = style.fg.and_then(parts).filter(|_| *role != Role::Border) else {
                    continue;
                };
                let mut backs = match style.bg.and_then(parts) {
                    Some(back) => vec![back],
                    None => plain.clone(),
                };
                // Under the cursor of a pane without the keys colours stay as they are.
                if style.bg.is_none() && idle.fg.is_none() {
                    backs.extend(idle.bg.and_then(parts));
                }
                for back in backs {
                    let ratio = contrast(front, back);
                    assert!(
                        ratio >= 4.5,
                        "{name}: {role_name} on {back:?} has {ratio:.2}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_selection_is_seen_at_every_depth() {
        for (name, text) in SHIPPED {
            let theme = load(name, text).unwrap_or_else(|e| panic!("{e}"));
            for depth in [Depth::None, Depth::Ansi, Depth::Indexed, Depth::True] {
                let style = theme.at(depth).style(Role::Selection);
                assert!(
                    style.bg.is_some_and(|c| c != Color::Reset)
                        || style.add_modifier.contains(Modifier::REVERSED),
                    "{name} at {depth:?}"
                );
            }
        }
    }
}
