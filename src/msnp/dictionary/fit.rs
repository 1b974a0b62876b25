//! Finds which form of its verb a line is, and which token each parameter has.

use super::kind::{Kind, Wrong};
use super::{Form, Need, Parameter, Transaction, Verb, index};
use crate::msnp::line::tokens;
use crate::msnp::{Direction, Shape, TransactionId};

/// Parameters of a line that are looked at.
pub(super) const MOST: usize = 64;

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

/// Which form of `verb` a line is. With a shape, one of its own forms is preferred, unless the line is faulty in each of
/// them and free of faults in a form of another shape.
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

pub(super) fn closest(
    verb: &'static Verb,
    direction: Direction,
    line: &[u8],
    in_shape: impl Fn(&Form) -> bool,
) -> Option<Fit> {
    // Room for an ordinary line is made at once, because this is called for every line.
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
            // No form can be closer.
            break;
        }
    }
    closest
}

/// The place of each parameter of a form in a line: the parameter, and the number of the token; the verb is token 0. Tokens
/// without a parameter are left out, and so are parameters without a token.
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

/// Gives each parameter its token. Optional parameters take a token while there are more tokens than the required ones
/// need; if others follow, they take only a token of their kind. Returns the number of tokens that are missing; below 0,
/// of those left over.
pub(super) fn align(
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

/// How much is wrong with the line as this form. A wrong fixed word weighs most: then the line is another form.
fn faults(form: &Form, arguments: &[&[u8]]) -> usize {
    let mut faults = usize::from(transaction_fault(form, arguments)) * 4;
    let lacking = align(form, arguments, |parameter, at| {
        faults += match parameter.kind.fault(arguments[at]) {
            None => 0,
            Some(Wrong::Word) => 16,
            // Worse than that one is missing: what has no @ is no account.
            Some(_) if parameter.kind == Kind::Account => 4,
            Some(_) => 2,
        };
    });
    faults + lacking.unsigned_abs() * 3
}

pub(super) fn transaction_fault(form: &Form, arguments: &[&[u8]]) -> bool {
    match (form.transaction, arguments.first()) {
        (Transaction::Always, Some(first)) => TransactionId::parse(first).is_none(),
        (Transaction::Zero, Some(first)) => *first != b"0",
        _ => false,
    }
}
