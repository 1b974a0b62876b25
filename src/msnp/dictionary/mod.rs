//! The verb dictionary. It says once what a verb is: who sends it, its parameters, its payload rule, its dialects, its
//! meaning. The codec, the explanations, the injector's completion and checks, and the reference page read it.
//!
//! Each area of the data has a file. This file has the types. `check_shape` judges lines by it, [`reference_markdown`] prints it.

/// Forms, one a row: what it is made from (`CLIENT`, `ANSWER`, `PUSH` or `PUSH_ZERO`) and its parameters; then what it says,
/// and the fields of [`Form`] in which it differs.
macro_rules! forms {
    ($($base:ident $parameters:expr $(, $meaning:literal)? $(, $field:ident: $value:expr)*;)*) => {
        &[$(Form {
            parameters: &$parameters,
            $(meaning: $meaning,)?
            $($field: $value,)*
            ..$base
        }),*]
    };
}

/// Verbs: a name, a meaning, and where the facts come from; then the forms, the usual one of each direction first.
macro_rules! verbs {
    ($($name:literal $meaning:literal, $source:literal { $($forms:tt)* })*) => {
        &[$(Verb {
            name: $name,
            meaning: $meaning,
            source: $source,
            forms: forms! { $($forms)* },
        }),*]
    };
}

mod check;
mod fit;
mod index;
mod kind;
mod lists;
mod newest;
mod older;
mod presence;
mod reference;
mod secret;
mod session;
mod switchboard;
#[cfg(test)]
pub(crate) mod tests;

pub use check::Problem;
pub(crate) use check::check_shape;
pub use fit::{Fit, fit, slots};
pub use index::{
    begins_command, has_transaction, is_of_the_past, known_in, lookup, payload_length,
    perhaps_length, verbs,
};
pub use kind::{BadLength, Kind, Wrong, parse_length};
pub(crate) use kind::{find, pair};
pub use reference::{explain_verb, reference_markdown};
pub(crate) use reference::{label, sender};
pub use secret::secrets;
pub(crate) use secret::{quoted, short, shown};

use super::{Dialect, Direction, Family, Shape};

/// One verb, or all the three-digit error codes together (see [`lookup`]).
#[derive(Debug)]
pub struct Verb {
    /// Its letters on the wire.
    pub name: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// Where the facts come from.
    pub source: &'static str,
    /// Every form that it takes, the usual one of each direction first.
    pub forms: &'static [Form],
}

/// One way in which a verb is written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Who sends it.
    pub from: Direction,
    /// Where a transaction id follows the verb.
    pub transaction: Transaction,
    /// The parameters that follow.
    pub parameters: &'static [Parameter],
    /// Which shapes have it.
    pub shapes: Shapes,
    /// On which connections, and when.
    pub stages: Stages,
    /// What this form says, if that is more than the verb's meaning.
    pub meaning: &'static str,
}

/// Where a form has its transaction id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// It follows the verb: the client's own, or in an answer the same again.
    Always,
    /// It has none.
    Never,
    /// It may have one (Messenger for Mac sends `PNG 16`, other clients `PNG`).
    Either,
    /// It has `0`, because the service sends it unasked.
    Zero,
}

impl Form {
    /// Whether a payload follows: the last parameter is its length in bytes.
    pub const fn has_payload(&self) -> bool {
        matches!(
            self.parameters,
            [
                ..,
                Parameter {
                    kind: Kind::Length,
                    ..
                }
            ]
        )
    }
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// Whether it must be there.
    pub need: Need,
}

/// How often a parameter stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Once.
    Once,
    /// Once or not at all.
    Optional,
    /// Any number of times, or not at all.
    Repeated,
}

/// The dialects in which a form exists, by client family; `(1, 0)` where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shapes {
    /// First and last dialect number with every client but the Mac's.
    pub windows: (u8, u8),
    /// First and last dialect number with Messenger for Mac.
    pub mac: (u8, u8),
}

impl Shapes {
    /// Whether it exists in this shape.
    pub fn contains(self, shape: Shape) -> bool {
        let (first, last) = match shape.family {
            Family::Mac => self.mac,
            Family::Windows => self.windows,
        };
        (first..=last).contains(&shape.dialect.number())
    }

    /// Whether any family has it at this dialect.
    pub fn has(self, dialect: u8) -> bool {
        [self.windows, self.mac]
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&dialect))
    }

    /// The first and the last dialect of any family.
    pub fn range(self) -> (u8, u8) {
        let both = [self.windows, self.mac];
        let real = both.iter().filter(|(first, last)| first <= last);
        (
            real.clone().map(|r| r.0).min().unwrap_or(1),
            real.map(|r| r.1).max().unwrap_or(0),
        )
    }
}

/// Where a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// On a notification connection, up to `USR OK`.
    SignIn,
    /// On a notification connection, after `USR OK`.
    SignedIn,
    /// On a switchboard connection.
    Switchboard,
}

/// A set of [`Stage`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages(u8);

impl Stages {
    /// Whether this stage is among them.
    pub fn contains(self, stage: Stage) -> bool {
        let bit = match stage {
            Stage::SignIn => SIGN_IN,
            Stage::SignedIn => SIGNED_IN,
            Stage::Switchboard => SWITCHBOARD,
        };
        self.0 & bit.0 != 0
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self.0 {
            1 => "before sign-in",
            2 => "signed in",
            3 => "before and after sign-in",
            4 => "switchboard",
            6 => "signed in, and switchboard",
            _ => "everywhere",
        }
    }
}

/// Whether a verb is known at a stage; see [`known_in`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is known.
    Yes,
    /// Only other dialects have it: the first and the last of them.
    OtherDialect(u8, u8),
    /// It belongs to another stage, or to the other kind of connection.
    OtherStage,
    /// Nobody sends it in this direction.
    Unknown,
}

// What the data files are written with.

const SIGN_IN: Stages = Stages(1);
const SIGNED_IN: Stages = Stages(2);
const SWITCHBOARD: Stages = Stages(4);
const NOTIFICATION: Stages = Stages(3);
const EVERYWHERE: Stages = Stages(7);

/// The number of the newest dialect. A form that has not ended reaches up to it.
const NEWEST: u8 = Dialect::NEWEST.number();
const ALL: Shapes = since(Dialect::OLDEST.number());

const fn since(first: u8) -> Shapes {
    between(first, NEWEST)
}

const fn windows_since(first: u8) -> Shapes {
    windows(first, NEWEST)
}

const fn between(first: u8, last: u8) -> Shapes {
    Shapes {
        windows: (first, last),
        mac: (first, last),
    }
}

const fn windows(first: u8, last: u8) -> Shapes {
    Shapes {
        windows: (first, last),
        mac: (1, 0),
    }
}

const fn split(windows: (u8, u8), mac: (u8, u8)) -> Shapes {
    Shapes { windows, mac }
}

const fn mac(first: u8, last: u8) -> Shapes {
    Shapes {
        windows: (1, 0),
        mac: (first, last),
    }
}

/// A form that a signed-in client sends, with a transaction id.
const CLIENT: Form = Form {
    from: Direction::In,
    transaction: Transaction::Always,
    parameters: &[],
    shapes: ALL,
    stages: SIGNED_IN,
    meaning: "",
};
/// A form in which the service answers.
const ANSWER: Form = Form {
    from: Direction::Out,
    ..CLIENT
};
/// A form that the service sends unasked, without a transaction id.
const PUSH: Form = Form {
    transaction: Transaction::Never,
    ..ANSWER
};
/// The same, with `0` for a transaction id.
const PUSH_ZERO: Form = Form {
    transaction: Transaction::Zero,
    ..ANSWER
};

const fn one(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        kind,
        need: Need::Once,
    }
}

const fn optional(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        kind,
        need: Need::Optional,
    }
}

const fn repeated(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        kind,
        need: Need::Repeated,
    }
}

const LENGTH: Parameter = one("payload length", Kind::Length);

/// An area of the dictionary: its title and its verbs.
type Area = (&'static str, &'static [Verb]);

/// The areas, in the order of the reference page.
const AREAS: [Area; 6] = [
    ("Session", session::VERBS),
    ("Presence and personal messages", presence::VERBS),
    ("Lists", lists::VERBS),
    ("Lists before MSNP13", older::VERBS),
    ("Switchboard", switchboard::VERBS),
    ("MSNP18", newest::VERBS),
];
