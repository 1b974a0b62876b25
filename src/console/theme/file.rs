//! Reading a theme file.

use super::{Depth, Role, Theme, colour};
use ratatui::style::{Modifier, Style};
use std::ops::Range;
use toml_edit::{Document, Item};

/// Why a theme file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {wrong}")]
pub struct ThemeError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub wrong: ThemeMistake,
}

/// What is wrong in a theme file, and what may stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeMistake {
    /// It is not TOML. This is what its reader says.
    #[error("{0}")]
    Toml(String),
    /// No shipped theme has the name of the parent.
    #[error("no theme {0:?} to start from")]
    NoParent(String),
    /// A shipped theme that others start from starts from another one.
    #[error("a parent has no parent")]
    ParentOfParent,
    /// No role has this name.
    #[error("there is no role {0:?}")]
    NoRole(String),
    /// It is not a key of a theme file.
    #[error("{0:?} is not known here: name, parent and [roles] are")]
    NoKey(String),
    /// What a role looks like is wrong.
    #[error("{role}: {wrong}")]
    Style {
        /// The role.
        role: String,
        /// What is wrong with it.
        wrong: StyleMistake,
    },
}

/// What is wrong with the look of one role, and what may stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StyleMistake {
    /// A colour is given as something else than a text or a number.
    #[error("a colour is a text or a number")]
    ColourType,
    /// It is not a colour.
    #[error("{0:?} is no colour: #rrggbb, a name such as bright-red, or 0 to 255")]
    NoColour(String),
    /// It is neither a colour's place nor a modifier.
    #[error("{0:?} is unknown: fg, bg, bold, dim, italic, underline, reverse")]
    NoModifier(String),
    /// A modifier is given as something else than true or false.
    #[error("{0} is true or false")]
    ModifierType(String),
}

const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// Reads a theme: `name = "…"`, `parent = "…"` (a shipped theme to start from), and a table
/// `[roles]` whose values are a colour, or `{ fg = …, bg = …, bold = true, … }`. What it does not name stays as it
/// is in the parent; a theme without one starts without colour.
///
/// # Errors
/// [`ThemeError`], with the file and line, for TOML that is none and for a name, colour or type that is unknown.
pub fn load(file: &str, text: &str) -> Result<Theme, ThemeError> {
    read(file, text, 0)
}

fn read(file: &str, text: &str, depth: usize) -> Result<Theme, ThemeError> {
    let fail = |span: Option<Range<usize>>, wrong: ThemeMistake| ThemeError {
        file: file.to_owned(),
        line: line_of(text, span.map_or(0, |s| s.start)),
        wrong,
    };
    let document = Document::parse(text)
        .map_err(|e| fail(e.span(), ThemeMistake::Toml(e.message().trim().to_owned())))?;
    let table = document.as_table();
    let mut theme = Theme::plain(file);
    theme.depth = Depth::True;
    if let Some((key, item)) = table.get_key_value("parent") {
        let parent = item.as_str().unwrap_or_default();
        let Some((_, shipped)) = super::SHIPPED.iter().find(|(name, _)| *name == parent) else {
            return Err(fail(key.span(), ThemeMistake::NoParent(parent.to_owned())));
        };
        if depth > 0 {
            return Err(fail(key.span(), ThemeMistake::ParentOfParent));
        }
        theme = read(parent, shipped, depth + 1)?;
    }
    for (name, item) in table.iter() {
        let span = table.key(name).and_then(|k| k.span());
        match (name, item) {
            ("parent", _) => {}
            ("name", Item::Value(value)) if value.is_str() => {
                theme.name = value.as_str().unwrap_or(file).to_owned();
            }
            ("roles", Item::Table(roles)) => {
                for (name, item) in roles.iter() {
                    let span = roles.key(name).and_then(|k| k.span());
                    let row = Role::TABLE.iter().find(|row| row.1 == name);
                    let Some((role, ..)) = row else {
                        return Err(fail(span, ThemeMistake::NoRole(name.to_owned())));
                    };
                    theme.styles[*role as usize] = style(item).map_err(|wrong| {
                        let role = name.to_owned();
                        fail(span, ThemeMistake::Style { role, wrong })
                    })?;
                }
            }
            _ => {
                return Err(fail(span, ThemeMistake::NoKey(name.to_owned())));
            }
        }
    }
    Ok(theme)
}

fn style(item: &Item) -> Result<Style, StyleMistake> {
    let colour = |item: &Item| {
        let text = match (item.as_str(), item.as_integer()) {
            (Some(text), _) => text.to_owned(),
            (_, Some(number)) => number.to_string(),
            _ => return Err(StyleMistake::ColourType),
        };
        colour::parse(&text).ok_or(StyleMistake::NoColour(text))
    };
    let Some(table) = item.as_table_like() else {
        return Ok(Style::new().fg(colour(item)?));
    };
    let mut style = Style::new();
    for (name, item) in table.iter() {
        match name {
            "fg" => style = style.fg(colour(item)?),
            "bg" => style = style.bg(colour(item)?),
            _ => {
                let Some((_, modifier)) = MODIFIERS.iter().find(|(n, _)| *n == name) else {
                    return Err(StyleMistake::NoModifier(name.to_owned()));
                };
                match item.as_bool() {
                    Some(true) => style = style.add_modifier(*modifier),
                    Some(false) => {}
                    None => return Err(StyleMistake::ModifierType(name.to_owned())),
                }
            }
        }
    }
    Ok(style)
}

/// The line, from 1, in which this byte stands.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at.min(text.len())]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    #[test]
    fn a_theme_changes_what_it_names_and_no_more() {
        let theme = load("mine.toml", "name = \"mine\"\nparent = \"dark\"\n[roles]\nverb = { fg = \"red\", bold = true }\nin = 208\n")
            .expect("a theme");
        let dark = load("dark", super::super::SHIPPED[0].1).expect("dark");
        assert_eq!(theme.name, "mine");
        assert_eq!(
            theme.style(Role::Verb),
            Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)
        );
        assert_eq!(theme.style(Role::In).fg, Some(Color::Indexed(208)));
        assert_eq!(theme.style(Role::Border), dark.style(Role::Border));
    }

    #[test]
    fn a_mistake_is_said_with_file_and_line() {
        for (text, line, word) in [
            ("[roles]\n\nvreb = \"red\"\n", 3, "vreb"),
            ("[roles]\nverb = \"reddish\"\n", 2, "reddish"),
            (
                "[roles]\nverb = { fg = \"red\", blink = true }\n",
                2,
                "blink",
            ),
            ("[roles]\nverb = { bold = 1 }\n", 2, "bold"),
            ("name = \"x\"\ncolour = 1\n", 2, "colour"),
            ("name = \"x\"\n[roles\n", 2, ""),
            ("parent = \"nobody\"\n", 1, "nobody"),
            ("roles = 1\n", 1, "roles"),
        ] {
            let error = load("my.toml", text).expect_err(text);
            assert_eq!(
                (error.line, error.file.as_str()),
                (line, "my.toml"),
                "{text}: {error}"
            );
            assert!(error.wrong.to_string().contains(word), "{error}");
            assert!(error.to_string().starts_with(&format!("my.toml:{line}: ")));
        }
    }
}
