//! Finds verbs, and the payload rule. The codec asks this of every line, so nothing here allocates.

use super::kind::{BadLength, parse_length};
use super::{AREAS, Form, Known, Need, Stage, Transaction, Verb, older, session};
use crate::msnp::line::tokens;
use crate::msnp::{Dialect, Direction, errors};

/// The place of each verb in [`AREAS`], by its three letters, five bits each: 0 for none, else
/// `1 + (area << 8) + index`, and [`LENGTH_IN`] and [`LENGTH_OUT`] where a form has a payload. Made from the data when nudge is compiled.
static INDEX: [u16; 1 << 15] = index();
const LENGTH_IN: u16 = 1 << 14;
const LENGTH_OUT: u16 = 1 << 15;

const fn index() -> [u16; 1 << 15] {
    let mut table = [0u16; 1 << 15];
    let mut area = 0;
    while area < AREAS.len() {
        let verbs = AREAS[area].1;
        let mut at = 0;
        while at < verbs.len() {
            let verb = &verbs[at];
            let place = match key(verb.name.as_bytes()) {
                Some(place) => place,
                None => panic!("a verb is three capital letters"),
            };
            assert!(table[place] == 0, "a verb stands in the dictionary once");
            table[place] = 1 + ((area as u16) << 8) + at as u16;
            let mut form = 0;
            while form < verb.forms.len() {
                if verb.forms[form].has_payload() {
                    table[place] |= match verb.forms[form].from {
                        Direction::In => LENGTH_IN,
                        Direction::Out => LENGTH_OUT,
                    };
                }
                form += 1;
            }
            at += 1;
        }
        area += 1;
    }
    table
}

const fn key(verb: &[u8]) -> Option<usize> {
    let &[a, b, c] = verb else { return None };
    if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_uppercase() {
        Some((a - b'A') as usize | ((b - b'A') as usize) << 5 | ((c - b'A') as usize) << 10)
    } else {
        None
    }
}

fn at(place: u16) -> Option<&'static Verb> {
    let number = (place & !(LENGTH_IN | LENGTH_OUT)).checked_sub(1)?;
    AREAS
        .get(usize::from(number >> 8))?
        .1
        .get(usize::from(number & 255))
}

/// Every verb, in the order of the reference page.
pub fn verbs() -> impl Iterator<Item = &'static Verb> {
    AREAS.iter().flat_map(|(_, verbs)| verbs.iter())
}

/// The verb, if this side sends it. Three digits from the service are an error code. All error codes are one entry;
/// [`errors`] names them.
pub fn lookup(verb: &[u8], direction: Direction) -> Option<&'static Verb> {
    if is_code(verb) {
        return (direction == Direction::Out).then_some(&session::ERROR);
    }
    any(verb).filter(|verb| verb.forms.iter().any(|form| form.from == direction))
}

/// Whether a number after this verb is a transaction id. In `QNG 60` it is not.
pub fn has_transaction(direction: Direction, verb: &[u8]) -> bool {
    let Some(verb) = lookup(verb, direction) else {
        return true;
    };
    let mut forms = verb.forms.iter().filter(|form| form.from == direction);
    forms.any(|form| form.transaction != Transaction::Never)
}

/// The verb, whoever sends it.
pub(crate) fn any(verb: &[u8]) -> Option<&'static Verb> {
    at(INDEX[key(verb)?])
}

fn is_code(verb: &[u8]) -> bool {
    verb.len() == 3 && verb.iter().all(u8::is_ascii_digit)
}

/// Whether the verb has a meaning in this direction, at this stage, and at this dialect if one is agreed. Only the first
/// fault is told: a verb of another dialect is not also one of another stage.
pub fn known_in(
    verb: &[u8],
    direction: Direction,
    dialect: Option<Dialect>,
    stage: Stage,
) -> Known {
    let Some(verb) = lookup(verb, direction) else {
        return Known::Unknown;
    };
    let forms = || verb.forms.iter().filter(|form| form.from == direction);
    let in_dialect = |form: &&Form| dialect.is_none_or(|dialect| form.shapes.has(dialect.number()));
    if !forms().any(|form| in_dialect(&form)) {
        let ranges = || forms().map(|form| form.shapes.range());
        return Known::OtherDialect(
            ranges().map(|r| r.0).min().unwrap_or_default(),
            ranges().map(|r| r.1).max().unwrap_or_default(),
        );
    }
    if !forms()
        .filter(in_dialect)
        .any(|form| form.stages.contains(stage))
    {
        return Known::OtherStage;
    }
    Known::Yes
}

/// Whether a client's verb edits lists, but only in dialects older than this one. The real service ended the connection
/// on it.
pub fn is_of_the_past(verb: &[u8], dialect: Dialect) -> bool {
    older::VERBS.iter().any(|old| {
        let forms = old.forms.iter().filter(|form| form.from == Direction::In);
        let last = forms.map(|form| form.shapes.range().1).max();
        old.name.as_bytes() == verb && last.is_some_and(|last| last < dialect.number())
    })
}

/// The length of the payload that follows `line`, or `None` if it has none.
///
/// A verb that has a payload has one in every dialect: a client that sends it too early sends the payload as well. For an
/// unknown verb see [`perhaps_length`].
///
/// # Errors
/// [`BadLength`] when the verb has a payload and its length cannot be read.
pub fn payload_length<'a>(
    direction: Direction,
    line: &'a [u8],
) -> Result<Option<usize>, BadLength<'a>> {
    let mut rest = tokens(line);
    let verb = rest.next().unwrap_or_default();
    let (verb, code) = match key(verb) {
        Some(place) => {
            let place = INDEX[place];
            let flag = match direction {
                Direction::In => LENGTH_IN,
                Direction::Out => LENGTH_OUT,
            };
            if place & flag == 0 {
                return Ok(None);
            }
            (at(place), None)
        }
        None if direction == Direction::Out && is_code(verb) => (Some(&session::ERROR), Some(verb)),
        None => return Ok(None),
    };
    let Some(verb) = verb else { return Ok(None) };
    let first = rest.next();
    let counted = usize::from(first.is_some()) + rest.count();
    let mut least = usize::MAX;
    for form in verb.forms.iter().filter(|f| f.from == direction) {
        if let Some(needed) = applies(form, code, first, counted) {
            least = least.min(needed);
        }
    }
    if least == usize::MAX {
        return Ok(None);
    }
    let last = line
        .rsplit(|b| *b == b' ')
        .find(|token| !token.is_empty())
        .filter(|_| counted >= least)
        .unwrap_or_default();
    parse_length(last).map(Some).map_err(|bad| match direction {
        Direction::In if counted < least => BadLength {
            reason: TOO_FEW,
            ..bad
        },
        _ => bad,
    })
}

/// What is wrong with the length of a client's line that has a word less than it should.
pub(super) const TOO_FEW: &str = "is missing: the line has too few words, so that its transaction id, which comes first, was left out, or the length, which comes last";

/// The number that may be the length of a payload, in a client's line of an unknown verb: the last token, if it stands
/// behind the transaction id. The bytes that follow show whether it is one: [`begins_command`].
pub fn perhaps_length(direction: Direction, line: &[u8]) -> Option<usize> {
    let mut words = tokens(line);
    let verb = words.next()?;
    if direction == Direction::Out || key(verb).is_none() || lookup(verb, direction).is_some() {
        return None;
    }
    words.next()?;
    parse_length(words.last()?)
        .ok()
        .filter(|length| *length > 0)
}

/// Whether these bytes of a client begin with a known command; `None` where more bytes are needed.
pub fn begins_command(bytes: &[u8]) -> Option<bool> {
    let verb = bytes.iter().take_while(|byte| byte.is_ascii_uppercase());
    match (verb.take(4).count(), bytes.get(3)) {
        (count @ 0..3, _) => (count < bytes.len()).then_some(false),
        (3, None) => None,
        (3, Some(b' ' | b'\r' | b'\n')) => Some(lookup(&bytes[..3], Direction::In).is_some()),
        _ => Some(false),
    }
}

/// The number of tokens after the verb with which this form has a length; `None` if it has no payload, or is not the form
/// of this line.
fn applies(
    form: &Form,
    code: Option<&[u8]>,
    first: Option<&[u8]>,
    counted: usize,
) -> Option<usize> {
    if !form.has_payload() {
        return None;
    }
    if form.transaction == Transaction::Zero && first != Some(b"0") {
        return None;
    }
    let needed = needed(form);
    // An error has a payload only if its code can have one, and a length is there.
    if let Some(code) = code
        && (counted < needed || !errors::find(code).is_some_and(|error| error.payload))
    {
        return None;
    }
    Some(needed)
}

/// The least number of tokens after the verb.
pub(super) fn needed(form: &Form) -> usize {
    let own = matches!(form.transaction, Transaction::Always | Transaction::Zero);
    usize::from(own)
        + form
            .parameters
            .iter()
            .filter(|p| p.need == Need::Once)
            .count()
}
