//! Judging a line: which form of its verb it is, and what is wrong with it.

use super::secret::shown;
use super::{Form, Need, Parameter, Transaction, Verb, index, lookup};
use crate::msnp::escape::to_screen;
use crate::msnp::line::tokens;
use crate::msnp::{Dialect, Direction, Shape, TransactionId};
use std::fmt;

/// What sort of mistake a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// The dictionary does not have the verb in this direction.
    Verb,
    /// The shape does not have the verb, or not in this form.
    Dialect,
    /// Too few parameters, or too many.
    Count,
    /// A transaction id is missing, or none belongs here.
    Transaction,
    /// A parameter that is always the same word is another.
    Word,
    /// A byte that cannot stand in a parameter, or a `%` that encodes nothing.
    Encoding,
    /// Not a number, or one that is too large.
    Number,
    /// Not one of the values that the parameter has.
    Value,
    /// The payload length is none, or not the payload's.
    Length,
    /// A payload where none belongs, or none where one does.
    Payload,
    /// The line is longer than the service takes.
    Line,
}

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of mistake.
    pub wrong: Wrong,
    /// Which token, the verb being 0; `None` where it is the whole line.
    pub token: Option<usize>,
    /// In a sentence, safe on a screen.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The most parameters of a line that are looked at.
const MOST: usize = 64;

/// The form that a line is closest to.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// The form.
    pub form: &'static Form,
    /// How much is wrong with the line as this form.
    pub faults: usize,
    /// Whether the shape has this form (yes where no shape is given).
    pub in_shape: bool,
}

/// Which form of `verb` a line is. Where a shape is given, one of its own forms is preferred, unless
/// the line is faulty as each of them and free of faults as another's.
pub fn fit(
    verb: &'static Verb,
    direction: Direction,
    shape: Option<Shape>,
    line: &[u8],
) -> Option<Fit> {
    closest(verb, direction, line, |form| {
        shape.is_none_or(|shape| form.shapes.contains(shape))
    })
}

fn closest(
    verb: &'static Verb,
    direction: Direction,
    line: &[u8],
    in_shape: impl Fn(&Form) -> bool,
) -> Option<Fit> {
    // Room for an ordinary line at once: this is asked of every line.
    let mut arguments: Vec<&[u8]> = Vec::with_capacity(16);
    arguments.extend(tokens(line).skip(1).take(MOST));
    let mut closest: Option<Fit> = None;
    for form in verb.forms.iter().filter(|form| form.from == direction) {
        let fit = Fit {
            form,
            faults: faults(form, &arguments),
            in_shape: in_shape(form),
        };
        let key = |fit: &Fit| (fit.faults > 0, !fit.in_shape, fit.faults);
        if closest.is_none_or(|held| key(&fit) < key(&held)) {
            closest = Some(fit);
        }
        if fit.faults == 0 && fit.in_shape {
            // None can be closer.
            break;
        }
    }
    closest
}

/// The place of each parameter of a form in a line: the parameter and the token, the verb being token 0.
/// Tokens that no parameter takes are left out, as are parameters that are not there.
pub fn slots<'a>(form: &Form, line: &'a [u8]) -> Vec<(&'static Parameter, usize, &'a [u8])> {
    let arguments: Vec<&[u8]> = tokens(line).skip(1).take(MOST).collect();
    let mut found = Vec::with_capacity(form.parameters.len());
    align(form, &arguments, |parameter, at| {
        found.push((parameter, at + 1, arguments[at]));
    });
    found
}

/// Whether a transaction id stands first, and how many tokens follow it.
fn body(form: &Form, arguments: &[&[u8]]) -> usize {
    match form.transaction {
        Transaction::Never => 0,
        Transaction::Always | Transaction::Zero => 1.min(arguments.len()),
        Transaction::Either => {
            let first = arguments.first().and_then(|t| TransactionId::parse(t));
            usize::from(first.is_some())
        }
    }
}

/// Gives each parameter its token. Optional ones take one while there are more tokens than the
/// required ones need, and only a token of their kind if others follow. Returns how many tokens are
/// lacking (below 0: left over).
fn align(
    form: &Form,
    arguments: &[&[u8]],
    mut each: impl FnMut(&'static Parameter, usize),
) -> isize {
    let mut at = body(form, arguments);
    let own = matches!(form.transaction, Transaction::Always | Transaction::Zero);
    let required = index::needed(form) - usize::from(own);
    let there = arguments.len() - at;
    let mut spare = there.saturating_sub(required);
    for (place, parameter) in form.parameters.iter().enumerate() {
        match parameter.need {
            Need::Once => {
                if at < arguments.len() {
                    each(parameter, at);
                    at += 1;
                }
            }
            Need::Optional => {
                let last = place + 1 == form.parameters.len();
                if spare > 0 && (last || parameter.kind.fault(arguments[at]).is_none()) {
                    each(parameter, at);
                    at += 1;
                    spare -= 1;
                }
            }
            Need::Repeated => {
                for _ in 0..std::mem::take(&mut spare) {
                    each(parameter, at);
                    at += 1;
                }
            }
        }
    }
    let missing =
        required.saturating_sub(there) as isize + isize::from(own && arguments.is_empty());
    missing - (arguments.len() - at) as isize
}

/// How much is wrong with the line as this form. A word that is another weighs most: then it is another form.
fn faults(form: &Form, arguments: &[&[u8]]) -> usize {
    let mut faults = usize::from(transaction_fault(form, arguments)) * 4;
    let lacking = align(form, arguments, |parameter, at| {
        faults += match parameter.kind.fault(arguments[at]) {
            None => 0,
            Some(Wrong::Word) => 16,
            Some(_) => 2,
        };
    });
    faults + lacking.unsigned_abs() * 3
}

fn transaction_fault(form: &Form, arguments: &[&[u8]]) -> bool {
    match (form.transaction, arguments.first()) {
        (Transaction::Always, Some(first)) => TransactionId::parse(first).is_none(),
        (Transaction::Zero, Some(first)) => *first != b"0",
        _ => false,
    }
}

/// What is wrong with the parameters of a line, payload aside. Empty for a line that is right; an unknown
/// verb is one problem. Without a dialect, every dialect's forms are right.
pub fn check_params(direction: Direction, dialect: Option<Dialect>, line: &[u8]) -> Vec<Problem> {
    let has = |form: &Form| dialect.is_none_or(|d| form.shapes.has(d.number()));
    problems(direction, line, has, dialect)
}

/// The same for a shape, so that a form of the other client family is a problem too.
pub(crate) fn check_shape(direction: Direction, shape: Option<Shape>, line: &[u8]) -> Vec<Problem> {
    let has = |form: &Form| shape.is_none_or(|shape| form.shapes.contains(shape));
    problems(direction, line, has, shape)
}

fn problems(
    direction: Direction,
    line: &[u8],
    in_shape: impl Fn(&Form) -> bool,
    shape: Option<impl fmt::Display>,
) -> Vec<Problem> {
    let name = tokens(line).next().unwrap_or_default();
    let Some(verb) = lookup(name, direction) else {
        return vec![Problem {
            wrong: Wrong::Verb,
            token: Some(0),
            text: unknown(name, &shown(direction, line, name), direction),
        }];
    };
    let Some(fit) = closest(verb, direction, line, in_shape) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if !fit.in_shape
        && let Some(shape) = shape
    {
        found.push(Problem {
            wrong: Wrong::Dialect,
            token: None,
            text: format!(
                "this form of {} is that of {}; the client's shape is {shape}",
                verb.name,
                super::reference::shapes(fit.form.shapes)
            ),
        });
    }
    if fit.faults > 0 {
        describe(
            verb,
            fit.form,
            line,
            |token| shown(direction, line, token),
            &mut found,
        );
    }
    found
}

fn unknown(name: &[u8], shown: &str, direction: Direction) -> String {
    let other = match direction {
        Direction::In => Direction::Out,
        Direction::Out => Direction::In,
    };
    if lookup(name, other).is_some() {
        let (who, other) = match direction {
            Direction::In => ("client", "service"),
            Direction::Out => ("service", "client"),
        };
        return format!("{shown} is sent by the {other}, never by the {who}");
    }
    let upper = name.to_ascii_uppercase();
    if lookup(&upper, direction).is_some() {
        return format!("unknown verb {shown}: did you mean {}?", short(&upper));
    }
    format!("unknown verb {shown}")
}

fn describe(
    verb: &Verb,
    form: &Form,
    line: &[u8],
    shown: impl Fn(&[u8]) -> String,
    found: &mut Vec<Problem>,
) {
    let arguments: Vec<&[u8]> = tokens(line).skip(1).take(MOST).collect();
    if transaction_fault(form, &arguments) {
        let what = match form.transaction {
            Transaction::Zero => "0, since the service pushes it",
            _ => "a transaction id, a number up to 4294967295",
        };
        found.push(Problem {
            wrong: Wrong::Transaction,
            token: Some(1),
            text: format!("{} is not {what}", shown(arguments[0])),
        });
    }
    let mut after_name = false;
    let lacking = align(form, &arguments, |parameter, at| {
        if let Some(wrong) = parameter.kind.fault(arguments[at]) {
            let mut text = fault_text(parameter, arguments[at], &shown(arguments[at]), wrong);
            if after_name && wrong != Wrong::Encoding {
                text.push_str(" (a space in the friendly name is written %20)");
            }
            found.push(Problem {
                wrong,
                token: Some(at + 1),
                text,
            });
        }
        after_name = parameter.kind == super::Kind::FriendlyName;
    });
    if lacking != 0 {
        let usage = super::reference::usage(verb, form);
        let count = lacking.unsigned_abs();
        let plural = if count == 1 { "" } else { "s" };
        let what = if lacking > 0 { "too few" } else { "too many" };
        found.insert(
            0,
            Problem {
                wrong: Wrong::Count,
                token: None,
                text: format!("{count} parameter{plural} {what}: {usage}"),
            },
        );
    }
}

fn fault_text(parameter: &Parameter, token: &[u8], shown: &str, wrong: Wrong) -> String {
    let name = parameter.name;
    match wrong {
        Wrong::Encoding => {
            let why = if token.iter().any(|b| !(0x21..0x7f).contains(b)) {
                "has a byte that must be written %HH"
            } else if token.contains(&b'<') {
                "has a < that must be written %3C"
            } else {
                "has a % that is not followed by two hexadecimal digits"
            };
            format!("{name}: {shown} {why}")
        }
        Wrong::Number if parameter.kind == super::Kind::CapabilityPair => {
            format!("{name}: {shown} is not two numbers with a colon between them")
        }
        Wrong::Number => format!("{name}: {shown} is not a decimal number, or too large"),
        _ => format!("{name}: {shown} is not {}", expected(parameter)),
    }
}

fn expected(parameter: &Parameter) -> String {
    let kind = match parameter.kind {
        super::Kind::Tagged(tag, kind) => return format!("{tag} and {}", kind.words()),
        super::Kind::OneOf(table) => {
            let words: Vec<_> = table.iter().map(|row| row.0).collect();
            return format!("one of {}", words.join(", "));
        }
        super::Kind::Status => {
            return "a status: NLN, BSY, IDL, AWY, BRB, LUN, PHN, HDN or FLN".into();
        }
        kind => kind,
    };
    kind.words().to_owned()
}

/// A token, safe on a screen and bounded.
pub(crate) fn short(token: &[u8]) -> String {
    const MOST: usize = 60;
    if token.len() <= MOST {
        to_screen(token)
    } else {
        format!("{}…", to_screen(&token[..MOST]))
    }
}
