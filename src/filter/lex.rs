//! Cuts a filter's text into tokens, each with its place.

use super::FilterError;
use super::terms::{self, Term};
use super::text::Look;
use std::ops::Range;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Not,
    And,
    Or,
    Open,
    Close,
    /// A term and its values, each with its place.
    Term(&'static Term, Vec<(String, Range<usize>)>),
    /// A bare word.
    Word(String),
    /// `"…"` and its flags.
    Quoted(String, Look),
    /// `/…/` and its flags.
    Regex(String, Look),
}

/// Why the text could not be cut into tokens.
pub(super) enum LexError {
    /// A quote or an expression has no end yet: the operator may still be typing it.
    Unclosed(FilterError),
    /// Any other mistake.
    Wrong(FilterError),
}

impl From<LexError> for FilterError {
    fn from(error: LexError) -> Self {
        match error {
            LexError::Unclosed(error) | LexError::Wrong(error) => error,
        }
    }
}

fn wrong<T>(at: Range<usize>, text: impl Into<String>) -> Result<T, LexError> {
    Err(LexError::Wrong(FilterError {
        at,
        text: text.into(),
    }))
}

/// Cuts the text into tokens.
pub(super) fn lex(text: &str) -> Result<Vec<(Token, Range<usize>)>, LexError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip(char::is_whitespace);
        let start = lexer.at;
        let Some(c) = lexer.peek() else {
            return Ok(tokens);
        };
        let token = match c {
            '!' => lexer.one(Token::Not),
            '(' => lexer.one(Token::Open),
            ')' => lexer.one(Token::Close),
            '"' => {
                let text = lexer.enclosed('"')?;
                Token::Quoted(text, lexer.flags()?)
            }
            '/' => {
                let text = lexer.enclosed('/')?;
                Token::Regex(text, lexer.flags()?)
            }
            _ => lexer.word()?,
        };
        tokens.push((token, start..lexer.at));
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn one(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn skip(&mut self, is: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        let rest = &self.text[start..];
        self.at += rest.find(|c| !is(c)).unwrap_or(rest.len());
        start..self.at
    }

    /// The text between two of `mark`; the first one is next. A backslash before the mark is taken away. In a text, one
    /// before a backslash is taken away too; an expression keeps it.
    fn enclosed(&mut self, mark: char) -> Result<String, LexError> {
        let start = self.at;
        let mut out = String::new();
        let mut chars = self.text[start..].char_indices().skip(1).peekable();
        while let Some((offset, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if c == mark {
                self.at = start + offset + c.len_utf8();
                return Ok(out);
            }
            match (c, next) {
                ('\\', Some(next)) if next == mark => {
                    out.push(next);
                    chars.next();
                }
                ('\\', Some('\\')) => {
                    out.push_str(if mark == '/' { "\\\\" } else { "\\" });
                    chars.next();
                }
                _ => out.push(c),
            }
        }
        Err(LexError::Unclosed(FilterError {
            at: start..self.text.len(),
            text: format!("expected a closing {mark}"),
        }))
    }

    /// The letters directly after a text or an expression.
    fn flags(&mut self) -> Result<Look, LexError> {
        let span = self.skip(|c| !c.is_whitespace() && !matches!(c, '(' | ')'));
        let mut look = Look::default();
        for c in self.text[span.clone()].chars() {
            match c {
                'i' => look.caseless = true,
                'w' => look.wire_only = true,
                _ => {
                    return wrong(
                        span,
                        "expected a space, or the flags i (any case) and w (wire bytes only); to look for a path, quote it",
                    );
                }
            }
        }
        Ok(look)
    }

    fn word(&mut self) -> Result<Token, LexError> {
        let start = self.at;
        let name = self.skip(|c| c.is_ascii_alphabetic() || c == '-');
        if !name.is_empty() && self.peek() == Some(':') {
            self.at += 1;
            return self.term(name);
        }
        self.skip(|c| !c.is_whitespace() && !matches!(c, '(' | ')'));
        let word = &self.text[start..self.at];
        Ok(match word.to_ascii_lowercase().as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            lower => match terms::find(lower) {
                Some(term) if term.values == terms::Values::None => Token::Term(term, Vec::new()),
                _ => Token::Word(word.to_owned()),
            },
        })
    }

    fn term(&mut self, name: Range<usize>) -> Result<Token, LexError> {
        let word = &self.text[name.clone()];
        let Some(term) = terms::find(word) else {
            let hint = match terms::nearest(word) {
                Some(term) => format!("did you mean {}:?", term.name),
                None => format!(
                    "the terms are {}; quote it to look for the text",
                    terms::TERMS
                        .iter()
                        .filter(|t| t.values != terms::Values::None)
                        .map(|t| t.name)
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            };
            return wrong(name, format!("no term {word:?}: {hint}"));
        };
        let mut values = Vec::new();
        loop {
            let start = self.at;
            let value = if self.peek() == Some('"') {
                self.enclosed('"')?
            } else {
                let span = self.skip(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | ','));
                self.text[span].to_owned()
            };
            if value.is_empty() || term.values == terms::Values::None {
                // Where something is missing, the term that lacks it is underlined.
                let at = if value.is_empty() {
                    name.start..self.at
                } else {
                    start..self.at
                };
                return wrong(
                    at,
                    format!("{}: expected {}", term.name, term.values.expected()),
                );
            }
            values.push((value, start..self.at));
            if self.peek() != Some(',') {
                break;
            }
            self.at += 1;
        }
        match values.get(1) {
            Some((_, at)) if !term.values.is_list() => wrong(
                at.clone(),
                format!("{} takes one value: {}", term.name, term.values.expected()),
            ),
            _ => Ok(Token::Term(term, values)),
        }
    }
}
