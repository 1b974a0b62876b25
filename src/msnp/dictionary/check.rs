//! Judges a line: which form of its verb it is, and what is wrong with it.

use super::fit::{MOST, align, closest, transaction_fault};
use super::kind::Wrong;
use super::secret::{short, shown};
use super::{Form, Parameter, Transaction, Verb, lookup};
use crate::msnp::line::tokens;
use crate::msnp::{Direction, Shape};
use std::fmt;

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind of mistake.
    pub wrong: Wrong,
    /// The number of the token; the verb is 0. `None` where the whole line is meant.
    pub token: Option<usize>,
    /// The mistake in a sentence, safe on a screen.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What is wrong with the parameters of a line; its payload is not looked at. Empty for a line that is right. An unknown
/// verb is one problem. Without a shape, the forms of every shape are right.
pub(crate) fn check_shape(direction: Direction, shape: Option<Shape>, line: &[u8]) -> Vec<Problem> {
    let in_shape = |form: &Form| shape.is_none_or(|shape| form.shapes.contains(shape));
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
        let forms = super::reference::shapes(fit.form.shapes);
        let name = verb.name;
        let mut text =
            format!("this form of {name} is that of {forms}; the client's shape is {shape}");
        let of_shape = |form: &&Form| form.from == direction && in_shape(form);
        if let Some(due) = verb.forms.iter().find(of_shape) {
            let usage = super::reference::usage(verb, due);
            text.push_str(&format!(", whose form is {usage}"));
        }
        found.push(Problem {
            wrong: Wrong::Dialect,
            token: None,
            text,
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
        let (wrong, what) = match lacking > 0 {
            true => (Wrong::Few, "too few"),
            false => (Wrong::Many, "too many"),
        };
        let mut text = format!("{count} parameter{plural} {what}: {usage}");
        let kinds = form.parameters.iter().rev().map(|parameter| parameter.kind);
        let mut kinds = kinds.filter(|kind| *kind != super::Kind::Length);
        if lacking < 0
            && matches!(
                kinds.next(),
                Some(super::Kind::FriendlyName | super::Kind::Encoded)
            )
        {
            text.push_str(" (a space in it is not percent-encoded: %20)");
        }
        found.insert(
            0,
            Problem {
                wrong,
                token: None,
                text,
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
        super::Kind::Length => return "the length of the payload in bytes".into(),
        super::Kind::Account => return "an account, such as busy@local".into(),
        kind => kind,
    };
    kind.words().to_owned()
}
