//! The table of events and fields. It says once what an event is, and which fields it has. From it are made the JSON
//! (`event/json.rs`), the page docs/events.md (`event/reference.rs`), both halves of a recording's codec
//! (`recording/encode.rs`, `recording/decode.rs`), the list of texts in which secrets are looked for (`event/known.rs`),
//! and the memory that an event takes (`journal/cut.rs`).
//!
//! - `events!` is the list of events, in `event.rs`: the name of each, its number in recordings, and what it holds.
//! - `fields!` is the list of fields of one event or object, in the file of the type that holds them. The doc comment of
//!   a field is what the page says of it.
//! - A *form* is what a value is, in JSON ([`Form`]) and in a recording ([`Kept`]). The forms of numbers, texts, lists
//!   and the like are in `forms.rs`. A type like no other has its form in its own file.
//!
//! A form knows the order of its bytes, and the bounds of what it reads. The recording knows where bytes go and come from,
//! and how long a text may be; a form sees it as [`Sink`] and [`Source`].

#[macro_use]
mod declare;
#[macro_use]
mod forms;

pub(crate) use forms::{Numbered, Said, read_secrets, show_bytes, write_list, write_secrets};
pub(crate) use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Secrets, Sentence};
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

/// What is wrong with the bytes of an event, in a few words.
pub type Bad = &'static str;

/// What the value of a field is, as the reference says it.
#[derive(Debug, Clone, Copy)]
pub enum Is {
    /// A text.
    Text,
    /// A text that is one of these names.
    OneOf(fn() -> Vec<&'static str>),
    /// A whole number that is not negative.
    Number,
    /// True or false.
    Flag,
    /// The object of this name.
    Object(&'static str),
    /// This, or null.
    Maybe(&'static Is),
    /// A list of these.
    List(&'static Is),
}

impl fmt::Display for Is {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Is::Text | Is::OneOf(_) => f.write_str("text"),
            Is::Number => f.write_str("number"),
            Is::Flag => f.write_str("true or false"),
            Is::Object(name) => f.write_str(name),
            Is::Maybe(is) => write!(f, "{is} or null"),
            Is::List(is) => write!(f, "list of {is}"),
        }
    }
}

/// A field of an event, or of an object in one.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub is: Is,
    /// Whether it is always there.
    pub always: bool,
    /// Its doc comment.
    pub help: &'static str,
}

/// An event, or an object that stands in a field.
#[derive(Debug, Clone, Copy)]
pub struct EventDoc {
    /// Its name.
    pub name: &'static str,
    /// Its doc comment.
    pub help: &'static str,
    /// Its fields, in the order in which they are written.
    pub fields: &'static [Field],
}

/// How a value is shown: in JSON, and as what.
pub trait Form {
    /// The type of the value.
    type Of;
    /// What the reference calls it.
    const IS: Is;

    /// Writes it. Secrets are masked unless `secrets` is set.
    ///
    /// # Errors
    /// Those of the writer.
    fn show<S: Serializer>(value: &Self::Of, secrets: bool, to: S) -> Result<S::Ok, S::Error>;
}

/// How a value is kept in a recording. The bytes of a form never change: every later nudge reads a file of today.
pub trait Kept {
    /// The type of the value.
    type Of;
    /// Bytes that a value takes at least. A list that claims more items than the record has room for is refused before room
    /// is made for them.
    const LEAST: usize;
    /// Items of the longest list. A service tells fewer. A record has room for more, but an item may take much more memory
    /// than it takes in the file.
    const MOST: u32 = 100_000;

    /// Writes it.
    fn write(value: &Self::Of, to: &mut impl Sink);

    /// Reads it. The bytes may come from a hostile hand.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    fn read(from: &mut impl Source) -> Result<Self::Of, Bad>;

    /// Gives each text in it that came from a client to `each`. A text of the operator is none of them.
    fn texts(_value: &mut Self::Of, _each: &mut impl Texts) {}

    /// Bytes of memory that it holds beside itself. `allocated` says how many an allocation takes.
    fn heap(_value: &Self::Of, _allocated: impl Fn(usize) -> usize + Copy) -> usize {
        0
    }
}

/// Takes the texts of an event.
pub trait Texts {
    /// A text.
    fn text(&mut self, text: &mut String);
    /// A sentence of ours. Nobody asks again which letters of it are.
    fn sentence(&mut self, sentence: &mut Sentence) {
        self.text(sentence.take().0);
    }
    /// Bytes from the wire, and which of them are secret.
    fn bytes(&mut self, bytes: &[u8], secrets: &mut Secrets);
}

/// What an event says in one line of text. Secrets are masked; bytes that are no text are not escaped.
pub trait Told {
    /// Appends it.
    ///
    /// # Errors
    /// None: `out` is memory.
    fn tell(&self, out: &mut String) -> fmt::Result;
}

/// What has fields in JSON: an event, or an object in one.
pub trait Fields {
    /// Its fields, in the order in which they are written.
    const FIELDS: &'static [Field];

    /// Writes them. Secrets are masked unless `secrets` is set.
    ///
    /// # Errors
    /// Those of the writer.
    fn show<M: SerializeMap>(&self, secrets: bool, map: &mut M) -> Result<(), M::Error>;
}

/// An object that stands in a field.
pub trait Object: Fields {
    /// What the reference says of it.
    const DOC: EventDoc;
}

/// Where the bytes of an event go.
pub trait Sink {
    /// These bytes, as they are.
    fn put(&mut self, bytes: &[u8]);
    /// A text with its length; of one that is too long its beginning.
    fn text(&mut self, text: &str);
    /// Bytes with their length.
    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.put(bytes);
    }
    /// A length or a count. One beyond 32 bits makes the record too long anyway, so that it is refused.
    fn count(&mut self, value: usize) {
        self.u32(u32::try_from(value).unwrap_or(u32::MAX));
    }
    /// A number.
    fn u8(&mut self, value: u8) {
        self.put(&[value]);
    }
    /// A number, the lowest byte first.
    fn u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }
    /// A number, the lowest byte first.
    fn u64(&mut self, value: u64) {
        self.put(&value.to_le_bytes());
    }
}

/// Where the bytes of an event come from. Each method fails where fewer bytes are left than it takes.
#[allow(clippy::missing_errors_doc)]
pub trait Source {
    /// How many bytes are left.
    fn left(&self) -> usize;
    /// This many bytes, as they are.
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Bad>;
    /// A text with its length; of one that is too long its beginning.
    fn text(&mut self) -> Result<&str, Bad>;
    /// Bytes with their length, of a frame.
    fn wire(&mut self) -> Result<Bytes, Bad>;
    /// Bytes with their length, of a request or an answer.
    fn message(&mut self) -> Result<Bytes, Bad>;
    /// A number.
    fn u8(&mut self) -> Result<u8, Bad> {
        self.array().map(u8::from_le_bytes)
    }
    /// A number, the lowest byte first.
    fn u32(&mut self) -> Result<u32, Bad> {
        self.array().map(u32::from_le_bytes)
    }
    /// A number, the lowest byte first.
    fn u64(&mut self) -> Result<u64, Bad> {
        self.array().map(u64::from_le_bytes)
    }
}

/// The value of a field on its way into JSON.
pub(crate) struct Shown<'a, F: Form> {
    /// The value.
    pub value: &'a F::Of,
    /// Whether its secrets are shown.
    pub secrets: bool,
}

impl<F: Form> Serialize for Shown<'_, F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        F::show(self.value, self.secrets, to)
    }
}

/// The fields of an object on their way into JSON.
pub(crate) struct Whole<'a, T: Fields> {
    /// The object.
    pub object: &'a T,
    /// Whether its secrets are shown.
    pub secrets: bool,
}

impl<T: Fields> Serialize for Whole<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.object.show(self.secrets, &mut map)?;
        map.end()
    }
}

/// A value on the heap has the fields and the form of the value itself.
macro_rules! held {
    ($($holder:ident { $($texts:tt)* })*) => {$(
        impl<T: Fields> Fields for $holder<T> {
            const FIELDS: &'static [Field] = T::FIELDS;

            fn show<M: SerializeMap>(&self, secrets: bool, map: &mut M) -> Result<(), M::Error> {
                T::show(self, secrets, map)
            }
        }

        impl<F: Form> Form for $holder<F> {
            type Of = $holder<F::Of>;
            const IS: Is = F::IS;

            fn show<S: Serializer>(value: &Self::Of, secrets: bool, to: S) -> Result<S::Ok, S::Error> {
                F::show(value, secrets, to)
            }
        }

        impl<F: Kept> Kept for $holder<F> {
            type Of = $holder<F::Of>;
            const LEAST: usize = F::LEAST;
            const MOST: u32 = F::MOST;

            fn write(value: &Self::Of, to: &mut impl Sink) {
                F::write(value, to);
            }

            fn read(from: &mut impl Source) -> Result<Self::Of, Bad> {
                F::read(from).map($holder::new)
            }

            fn heap(value: &Self::Of, allocated: impl Fn(usize) -> usize + Copy) -> usize {
                allocated(size_of::<F::Of>()) + F::heap(value, allocated)
            }

            $($texts)*
        }

        impl<T: Told> Told for $holder<T> {
            fn tell(&self, out: &mut String) -> fmt::Result {
                T::tell(self, out)
            }
        }
    )*};
}
held! {
    // Only texts of the operator are shared.
    Arc {}
    Box {
        fn texts(value: &mut Self::Of, each: &mut impl Texts) {
            F::texts(value, each);
        }
    }
}
