//! Reading a theme file.

use super::{Depth, Role, Theme, colour};
use ratatui::style::{Modifier, Style};
use std::ops::Range;
use toml_edit::{Document, Item};

/// Why a theme file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct ThemeError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
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
    let fail = |span: Option<Range<usize>>, reason: String| ThemeError {
        file: file.to_owned(),
        line: line_of(text, span.map_or(0, |s| s.start)),
        reason,
    };
    let document =
        Document::parse(text).map_err(|e| fail(e.span(), e.message().trim().to_owned()))?;
    let table = document.as_table();
    let mut theme = Theme::plain(file);
    theme.depth = Depth::True;
    if let Some((key, item)) = table.get_key_value("parent") {
        let parent = item.as_str().unwrap_or_default();
        let Some((_, shipped)) = super::SHIPPED.iter().find(|(name, _)| *name == parent) else {
            return Err(fail(
                key.span(),
                format!("no theme {parent:?} to start from"),
            ));
        };
        if depth > 0 {
            return Err(fail(key.span(), "a parent has no parent".into()));
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
                        return Err(fail(span, format!("there is no role {name:?}")));
                    };
                    theme.styles[*role as usize] =
                        style(item).map_err(|reason| fail(span, format!("{name}: {reason}")))?;
                }
            }
            _ => {
                return Err(fail(
                    span,
                    format!("{name:?} is not known here: name, parent and [roles] are"),
                ));
            }
        }
    }
    Ok(theme)
}

fn style(item: &Item) -> Result<Style, String> {
    let colour = |item: &Item| {
        let text = match (item.as_str(), item.as_integer()) {
            (Some(text), _) => text.to_owned(),
            (_, Some(number)) => number.to_string(),
            _ => return Err("a colour is a text or a number".to_owned()),
        };
        colour::parse(&text).ok_or_else(|| {
            format!("{text:?} is no colour: #rrggbb, a name such as bright-red, or 0 to 255")
        })
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
                    return Err(format!(
                        "{name:?} is unknown: fg, bg, bold, dim, italic, underline, reverse"
                    ));
                };
                match item.as_bool() {
                    Some(true) => style = style.add_modifier(*modifier),
                    Some(false) => {}
                    None => return Err(format!("{name} is true or false")),
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
            assert!(error.reason.contains(word), "{error}");
            assert!(error.to_string().starts_with(&format!("my.toml:{line}: ")));
        }
    }
}
