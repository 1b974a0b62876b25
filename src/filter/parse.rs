//! Makes a tree of tokens.

use super::lex::{Token, lex};
use super::node::{DAY, Node, StatusValue, verb_code};
use super::terms::{Term, TermId};
use super::text::{Look, Text, TextError};
use super::{FilterError, MAX_FILTER};
use crate::event::{Kind, Severity};
use crate::msnp::{Status, TransactionId};
use std::ops::Range;

/// Parentheses and nots that may stand within each other, so that no text overflows the stack.
const MAX_DEPTH: usize = 32;

fn wrong<T>(at: Range<usize>, text: impl Into<String>) -> Result<T, FilterError> {
    Err(FilterError {
        at,
        text: text.into(),
    })
}

/// The tree of a text; `None` where it is empty.
pub(super) fn parse(text: &str, utc_offset: i32) -> Result<Option<Node>, FilterError> {
    if text.len() > MAX_FILTER {
        let at = text.floor_char_boundary(MAX_FILTER)..text.len();
        return wrong(at, format!("a filter has at most {MAX_FILTER} bytes"));
    }
    let tokens = lex(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        end: text.len(),
        utc_offset,
    };
    let node = parser.any(0)?;
    match parser.tokens.get(parser.at) {
        // Only a parenthesis ends `any` before the text ends.
        Some((_, at)) => wrong(at.clone(), "this ) closes nothing"),
        None => Ok(Some(node)),
    }
}

struct Parser<'a> {
    tokens: &'a [(Token, Range<usize>)],
    at: usize,
    end: usize,
    utc_offset: i32,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all(depth)?];
        while self.peek() == Some(&Token::Or) {
            self.at += 1;
            nodes.push(self.all(depth)?);
        }
        Ok(Node::any(nodes))
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.one(depth)?];
        loop {
            match self.peek() {
                None | Some(Token::Or | Token::Close) => return Ok(Node::all(nodes)),
                Some(Token::And) => self.at += 1,
                Some(_) => {}
            }
            nodes.push(self.one(depth)?);
        }
    }

    fn one(&mut self, depth: usize) -> Result<Node, FilterError> {
        let Some((token, at)) = self.tokens.get(self.at) else {
            return wrong(self.end..self.end, "expected a term here");
        };
        if depth > MAX_DEPTH {
            return wrong(at.clone(), format!("nested deeper than {MAX_DEPTH}"));
        }
        self.at += 1;
        let text_error = |error: TextError| FilterError {
            at: at.clone(),
            text: error.to_string(),
        };
        match token {
            Token::Not => Ok(Node::Not(Box::new(self.one(depth + 1)?))),
            Token::Open => {
                let node = self.any(depth + 1)?;
                if self.peek() != Some(&Token::Close) {
                    return wrong(at.clone(), "expected a ) for this (");
                }
                self.at += 1;
                Ok(node)
            }
            Token::Close => wrong(at.clone(), "expected a term before this )"),
            Token::And | Token::Or => wrong(at.clone(), "expected a term before this"),
            Token::Term(term, values) => self.term(term, values),
            Token::Word(word) => Ok(match Bare::of(word) {
                Bare::Verb => Node::Verb(vec![verb_code(word.as_bytes())]),
                Bare::Status(status) => Node::Status(vec![StatusValue::Presence(status)]),
                Bare::Text => Node::text(Text::literal(word, Look::default()).map_err(text_error)?),
            }),
            Token::Quoted(text, _) | Token::Regex(text, _) if text.is_empty() => {
                wrong(at.clone(), "expected some text between the marks")
            }
            Token::Quoted(text, look) => Text::literal(text, *look)
                .map(Node::text)
                .map_err(text_error),
            Token::Regex(text, look) => {
                Text::regex(text, *look).map(Node::text).map_err(text_error)
            }
        }
    }

    fn term(&self, term: &Term, values: &[(String, Range<usize>)]) -> Result<Node, FilterError> {
        let refused = |at: &Range<usize>| FilterError {
            at: at.clone(),
            text: format!("{}: expected {}", term.name, term.values.expected()),
        };
        fn each<T>(
            values: &[(String, Range<usize>)],
            refused: impl Fn(&Range<usize>) -> FilterError,
            read: impl Fn(&str) -> Option<T>,
        ) -> Result<Vec<T>, FilterError> {
            let one = |(value, at): &(String, Range<usize>)| read(value).ok_or_else(|| refused(at));
            values.iter().map(one).collect()
        }
        let first = || values.first().map_or("", |(value, _)| value.as_str());
        let one_time = || {
            let micros = time_of_day(first());
            micros.ok_or_else(|| refused(&values.first().map_or(0..0, |(_, at)| at.clone())))
        };
        let time = |from, to| Node::Time {
            from,
            to,
            offset: (i64::from(self.utc_offset) * 1_000_000).rem_euclid(DAY as i64) as u64,
        };
        Ok(match term.id {
            TermId::Verb => {
                let forms = each(values, refused, |value| {
                    let ok = value.len() <= 4 && value.bytes().all(|b| b.is_ascii_graphic());
                    let upper = value.to_ascii_uppercase();
                    // `verb:iln` means ILN. It also finds a verb that a client wrote in small letters.
                    ok.then(|| [verb_code(value.as_bytes()), verb_code(upper.as_bytes())])
                })?;
                let mut codes: Vec<u32> = forms.into_iter().flatten().collect();
                codes.sort_unstable();
                codes.dedup();
                Node::Verb(codes)
            }
            TermId::Direction => Node::any(each(values, refused, |value| {
                match value.to_ascii_lowercase().as_str() {
                    "in" => Some(Node::Direction(false)),
                    "out" => Some(Node::Direction(true)),
                    _ => None,
                }
            })?),
            TermId::Client => Node::Client(each(values, refused, number)?),
            TermId::Connection => Node::Connection(each(values, refused, number)?),
            TermId::Transaction => Node::Transaction(each(values, refused, |value| {
                TransactionId::parse(value.as_bytes()).map(|t| t.0)
            })?),
            TermId::Kind => {
                let mut set = 0;
                for (value, at) in values {
                    let Some(kind) = Kind::from_name(value) else {
                        let names: Vec<_> = Kind::ALL.iter().map(|k| k.name()).collect();
                        let text = format!("{}: expected one of {}", term.name, names.join(", "));
                        return wrong(at.clone(), text);
                    };
                    set |= 1 << kind as u16;
                }
                Node::Kind(set)
            }
            TermId::Severity => {
                let mut read = each(values, refused, |value| {
                    [Severity::Info, Severity::Warning, Severity::Error]
                        .into_iter()
                        .find(|s| s.name().eq_ignore_ascii_case(value))
                })?;
                Node::Severity(read.pop().unwrap_or(Severity::Info))
            }
            TermId::Status => Node::Status(each(values, refused, |value| {
                match (value.parse::<Status>(), value.parse::<u16>()) {
                    (Ok(status), _) => Some(StatusValue::Presence(status)),
                    (_, Ok(code)) if (100..600).contains(&code) => Some(StatusValue::Http(code)),
                    _ => None,
                }
            })?),
            TermId::Finding => Node::Finding(each(values, refused, |v| Some(v.to_owned()))?),
            TermId::Contact => Node::any(each(values, refused, contact)?),
            TermId::After => time(one_time()?, DAY),
            TermId::Before => time(0, one_time()?),
            TermId::Injected => Node::Injected,
            TermId::Error => Node::Error,
        })
    }
}

/// The test that a bare word stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    Verb,
    Status(Status),
    Text,
}

impl Bare {
    pub fn of(word: &str) -> Self {
        let bytes = word.as_bytes();
        let letters = (2..=3).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_uppercase);
        let digits = bytes.len() == 3 && bytes.iter().all(u8::is_ascii_digit);
        match Status::from_code(bytes) {
            // NLN and FLN are statuses and verbs. Here the verbs are meant.
            Some(status) if !matches!(status, Status::Online | Status::Offline) => {
                Bare::Status(status)
            }
            _ if letters || digits => Bare::Verb,
            _ => Bare::Text,
        }
    }
}

fn number(value: &str) -> Option<u32> {
    if value.eq_ignore_ascii_case("none") {
        return Some(0);
    }
    value.parse().ok().filter(|n| *n > 0)
}

/// `12:04`, `12:04:31`, `12:04:31.25` in microseconds since midnight.
fn time_of_day(value: &str) -> Option<u64> {
    let mut parts = value.split(':');
    let mut two = |most: u64| -> Option<u64> {
        let part = parts.next()?;
        let ok = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|n| ok && *n <= most)
    };
    let (hours, minutes) = (two(23)?, two(59)?);
    let (mut seconds, mut micros) = (0, 0);
    if let Some(rest) = value.splitn(3, ':').nth(2) {
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || whole.len() > 2 || !digits(fraction) || fraction.len() > 6 {
            return None;
        }
        seconds = whole.parse().ok().filter(|s| *s <= 59)?;
        micros = format!("{fraction:0<6}").parse().ok()?;
    }
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros)
}

/// An account as a whole word; in the payload of ADL and its like, its domain and its name apart.
fn contact(value: &str) -> Option<Node> {
    let (user, domain) = match value.split_once('@') {
        Some((user, domain)) => (user, Some(domain)),
        None => (value, None),
    };
    let is_account = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    if !is_account(user) || !domain.is_none_or(is_account) {
        return None;
    }
    let look = Look {
        caseless: true,
        wire_only: false,
    };
    // The plain words are looked for first: few lines have them, and the expression is slow.
    let literal = |text: String| Text::literal(&text, look).ok().map(Node::text);
    let words = match domain {
        None if value.starts_with("tel:") => vec![literal(value.to_owned())?],
        None => vec![
            literal(format!("{user}@"))?,
            literal(format!("n=\"{user}\""))?,
        ],
        Some(_) => vec![
            literal(value.to_owned())?,
            literal(format!("n=\"{user}\""))?,
        ],
    };
    let (user, domain) = (regex::escape(user), domain.map(regex::escape));
    let before = r"(?:^|[^a-z0-9@._%+-])";
    let pattern = match domain {
        Some(domain) => format!(
            r#"(?-u){before}{user}@{domain}(?:$|[^a-z0-9@._-]|\.(?:$|[^a-z0-9]))|<d n="{domain}">(?:[^<]|<[^/]|</[^d])*?<c n="{user}""#
        ),
        None if value.starts_with("tel:") => format!(r"(?-u){before}{user}(?:$|[^0-9])"),
        None => format!(r#"(?-u){before}{user}@|<c n="{user}""#),
    };
    let whole = Node::text(Text::regex(&pattern, look).ok()?);
    Some(Node::All(vec![Node::Any(words), whole]))
}
