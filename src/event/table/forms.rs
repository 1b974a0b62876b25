//! The forms of values: what a number, a text, a list, an address and so on are in JSON, and in a recording.

use super::{Bad, Form, Is, Kept, Shown, Sink, Source, Texts};
use crate::event::{
    ClientId, CommandId, ConnectionId, ConversationId, EventId, Masked, Secrets, Sentence,
    Timestamp,
};
use crate::msnp::message::MessageKind;
use crate::msnp::{Dialect, Direction, Family, Shape, Status, escape};
use serde::ser::{SerializeSeq as _, Serializer};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

/// Writes bytes as text: a backslash twice, a byte that is not UTF-8 as `\xHH`.
pub(crate) fn show_bytes<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) if memchr::memchr(b'\\', bytes).is_none() => to.serialize_str(text),
        _ => to.serialize_str(&escape::to_text(bytes)),
    }
}

/// The form of a text as it came from a client. JSON has it escaped.
impl Form for String {
    type Of = String;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &String, _: bool, to: S) -> Result<S::Ok, S::Error> {
        show_bytes(value.as_bytes(), to)
    }
}

impl Kept for String {
    type Of = String;
    const LEAST: usize = 4;

    fn write(value: &String, to: &mut impl Sink) {
        to.text(value);
    }

    fn read(from: &mut impl Source) -> Result<String, Bad> {
        from.text().map(str::to_owned)
    }

    fn texts(value: &mut String, each: &mut impl Texts) {
        each.text(value);
    }

    fn heap(value: &String, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        allocated(value.len())
    }
}

/// The form of a text that is a sentence of our own, or was escaped when it was read. JSON has it as it is.
pub(crate) struct Said;

impl Form for Said {
    type Of = String;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &String, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value)
    }
}

impl Kept for Said {
    type Of = String;
    const LEAST: usize = String::LEAST;

    fn write(value: &String, to: &mut impl Sink) {
        String::write(value, to);
    }

    fn read(from: &mut impl Source) -> Result<String, Bad> {
        String::read(from)
    }

    fn texts(value: &mut String, each: &mut impl Texts) {
        String::texts(value, each);
    }

    fn heap(value: &String, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        String::heap(value, allocated)
    }
}

/// JSON has a sentence as it is: what it quotes was escaped when it was read.
impl Form for Sentence {
    type Of = Self;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &Self, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.as_str())
    }
}

impl Kept for Sentence {
    type Of = Self;
    const LEAST: usize = String::LEAST;

    fn write(value: &Self, to: &mut impl Sink) {
        to.text(value.as_str());
    }

    fn read(from: &mut impl Source) -> Result<Self, Bad> {
        String::read(from).map(Self::from)
    }

    fn texts(value: &mut Self, each: &mut impl Texts) {
        each.sentence(value);
    }

    fn heap(value: &Self, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        allocated(value.len())
    }
}

/// The form of a name of the program's own.
impl Form for &'static str {
    type Of = &'static str;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &&'static str, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value)
    }
}

impl<F: Form> Form for Option<F> {
    type Of = Option<F::Of>;
    const IS: Is = Is::Maybe(&F::IS);

    fn show<S: Serializer>(value: &Self::Of, secrets: bool, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.serialize_some(&Shown::<F> { value, secrets }),
            None => to.serialize_none(),
        }
    }
}

impl<F: Kept> Kept for Option<F> {
    type Of = Option<F::Of>;
    const LEAST: usize = 1;

    fn write(value: &Self::Of, to: &mut impl Sink) {
        bool::write(&value.is_some(), to);
        if let Some(value) = value {
            F::write(value, to);
        }
    }

    fn read(from: &mut impl Source) -> Result<Self::Of, Bad> {
        bool::read(from)?.then(|| F::read(from)).transpose()
    }

    fn texts(value: &mut Self::Of, each: &mut impl Texts) {
        if let Some(value) = value {
            F::texts(value, each);
        }
    }

    fn heap(value: &Self::Of, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        value.as_ref().map_or(0, |value| F::heap(value, allocated))
    }
}

impl<F: Form> Form for Vec<F> {
    type Of = Vec<F::Of>;
    const IS: Is = Is::List(&F::IS);

    fn show<S: Serializer>(value: &Self::Of, secrets: bool, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(value.len()))?;
        for value in value {
            list.serialize_element(&Shown::<F> { value, secrets })?;
        }
        list.end()
    }
}

impl<F: Kept> Kept for Vec<F> {
    type Of = Vec<F::Of>;
    const LEAST: usize = 4;

    fn write(value: &Self::Of, to: &mut impl Sink) {
        write_list::<F>(value.iter(), to);
    }

    fn read(from: &mut impl Source) -> Result<Self::Of, Bad> {
        let count = from.u32()?;
        if count > F::MOST {
            return Err("a list of more than there can be");
        }
        if count as usize > from.left() / F::LEAST {
            return Err("a list that is longer than the record");
        }
        (0..count).map(|_| F::read(from)).collect()
    }

    fn texts(value: &mut Self::Of, each: &mut impl Texts) {
        value.iter_mut().for_each(|value| F::texts(value, each));
    }

    fn heap(value: &Self::Of, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        let items = value.iter().map(|value| F::heap(value, allocated));
        size_of_val(&value[..]) + items.sum::<usize>()
    }
}

/// Writes a list that is not a `Vec`.
pub(crate) fn write_list<'a, F: Kept<Of: 'a>>(
    items: impl ExactSizeIterator<Item = &'a F::Of>,
    to: &mut impl Sink,
) {
    to.count(items.len());
    items.for_each(|item| F::write(item, to));
}

impl Form for bool {
    type Of = bool;
    const IS: Is = Is::Flag;

    fn show<S: Serializer>(value: &bool, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*value)
    }
}

impl Kept for bool {
    type Of = bool;
    const LEAST: usize = 1;

    fn write(value: &bool, to: &mut impl Sink) {
        to.u8(u8::from(*value));
    }

    fn read(from: &mut impl Source) -> Result<bool, Bad> {
        match from.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err("neither yes nor no"),
        }
    }
}

/// Numbers, and how many bits a recording has of each.
macro_rules! numbers {
    ($($type:ident as $kept:ident),*) => {$(
        impl Form for $type {
            type Of = $type;
            const IS: Is = Is::Number;

            fn show<S: Serializer>(value: &$type, _: bool, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_u64(*value as u64)
            }
        }

        impl Kept for $type {
            type Of = $type;
            const LEAST: usize = size_of::<$kept>();

            fn write(value: &$type, to: &mut impl Sink) {
                to.$kept(*value as $kept);
            }

            fn read(from: &mut impl Source) -> Result<$type, Bad> {
                $type::try_from(from.$kept()?).map_err(|_| "a number that is too large")
            }
        }
    )*};
}
numbers!(u8 as u8, u16 as u32, u32 as u32, u64 as u64, usize as u64);

/// Types that are a number of 64 bits with a name.
macro_rules! ids {
    ($($id:ident),*) => {$(
        impl Form for $id {
            type Of = $id;
            const IS: Is = Is::Number;

            fn show<S: Serializer>(value: &$id, _: bool, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_u64(value.0)
            }
        }

        impl Kept for $id {
            type Of = $id;
            const LEAST: usize = u64::LEAST;

            fn write(value: &$id, to: &mut impl Sink) {
                to.u64(value.0);
            }

            fn read(from: &mut impl Source) -> Result<$id, Bad> {
                from.u64().map($id)
            }
        }
    )*};
}
ids!(
    ClientId,
    CommandId,
    ConnectionId,
    ConversationId,
    EventId,
    Timestamp
);

/// A type whose values have numbers in recordings: their places in this list.
pub(crate) trait Numbered: Copy + PartialEq + 'static {
    /// Its values. New ones go to the end, and none ever moves.
    const VALUES: &'static [Self];

    /// Its number. 255, which no value has, where the list lacks it.
    fn number(self) -> u8 {
        let at = Self::VALUES.iter().position(|value| *value == self);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
    }
}

/// `numbered!(Type = VALUES)`: the values of a type have numbers in recordings. `numbered!(Type name = VALUES)`: and in
/// JSON the names that the method `name` gives them.
macro_rules! numbered {
    ($type:ident = $values:expr) => {
        const _: () = {
            use $crate::event::table::*;

            impl Numbered for $type {
                const VALUES: &'static [Self] = &$values;
            }

            impl Kept for $type {
                type Of = $type;
                const LEAST: usize = 1;

                fn write(value: &$type, to: &mut impl Sink) {
                    to.u8(value.number());
                }

                fn read(from: &mut impl Source) -> Result<$type, Bad> {
                    let value = Self::VALUES.get(usize::from(from.u8()?)).copied();
                    value.ok_or("a number that stands for nothing")
                }
            }
        };
    };
    ($type:ident $name:ident = $values:expr) => {
        numbered!($type = $values);

        const _: () = {
            use $crate::event::table::*;

            impl Form for $type {
                type Of = $type;
                const IS: Is =
                    Is::OneOf(|| Self::VALUES.iter().map(|value| value.$name()).collect());

                fn show<S: Serializer>(value: &$type, _: bool, to: S) -> Result<S::Ok, S::Error> {
                    to.serialize_str(value.$name())
                }
            }
        };
    };
}

/// `named!(Type name)`: the values of a type have names, which the method `name` gives them and `Type::read` reads back,
/// in JSON and in recordings alike. `named!(Type name = VALUES)`: the reference says the names of these.
macro_rules! named {
    ($type:ident $name:ident) => {
        named!($type $name, Is::Text);
    };
    ($type:ident $name:ident = $values:expr) => {
        named!($type $name, Is::OneOf(|| $values.iter().map(|value| value.$name()).collect()));
    };
    ($type:ident $name:ident, $is:expr) => {
        const _: () = {
            use $crate::event::table::*;

            impl Form for $type {
                type Of = $type;
                const IS: Is = $is;

                fn show<S: Serializer>(value: &$type, _: bool, to: S) -> Result<S::Ok, S::Error> {
                    to.serialize_str(&value.$name())
                }
            }

            impl Kept for $type {
                type Of = $type;
                const LEAST: usize = 4;

                fn write(value: &$type, to: &mut impl Sink) {
                    to.text(&value.$name());
                }

                fn read(from: &mut impl Source) -> Result<$type, Bad> {
                    $type::read(from.text()?).ok_or("a name that can be none")
                }
            }
        };
    };
}

numbered!(Family = [Family::Mac, Family::Windows]);
numbered!(Status word = Status::ALL);
numbered!(MessageKind name = MessageKind::ALL);

impl Form for Direction {
    type Of = Direction;
    const IS: Is = Is::OneOf(|| vec!["in", "out"]);

    fn show<S: Serializer>(value: &Direction, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match value {
            Direction::In => "in",
            Direction::Out => "out",
        })
    }
}

impl Form for Shape {
    type Of = Shape;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &Shape, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }
}

impl Kept for Shape {
    type Of = Shape;
    const LEAST: usize = 2;

    fn write(value: &Shape, to: &mut impl Sink) {
        to.u8(value.dialect.number());
        Family::write(&value.family, to);
    }

    fn read(from: &mut impl Source) -> Result<Shape, Bad> {
        let dialect = Dialect::new(from.u8()?).ok_or("no dialect")?;
        Ok(Shape::new(dialect, Family::read(from)?))
    }
}

/// In JSON a duration is in microseconds.
impl Form for Duration {
    type Of = Duration;
    const IS: Is = Is::Number;

    fn show<S: Serializer>(value: &Duration, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(value.as_micros()).unwrap_or(u64::MAX))
    }
}

impl Kept for Duration {
    type Of = Duration;
    const LEAST: usize = 12;

    fn write(value: &Duration, to: &mut impl Sink) {
        to.u64(value.as_secs());
        to.u32(value.subsec_nanos());
    }

    fn read(from: &mut impl Source) -> Result<Duration, Bad> {
        let (seconds, nanoseconds) = (from.u64()?, from.u32()?);
        if nanoseconds >= 1_000_000_000 {
            return Err("a second of more than a second");
        }
        Ok(Duration::new(seconds, nanoseconds))
    }
}

impl Form for SocketAddr {
    type Of = SocketAddr;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &SocketAddr, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }
}

impl Kept for SocketAddr {
    type Of = SocketAddr;
    const LEAST: usize = 7;

    fn write(value: &SocketAddr, to: &mut impl Sink) {
        match value {
            SocketAddr::V4(address) => {
                to.u8(4);
                to.put(&address.ip().octets());
            }
            SocketAddr::V6(address) => {
                to.u8(6);
                to.put(&address.ip().octets());
                to.u32(address.flowinfo());
                to.u32(address.scope_id());
            }
        }
        to.put(&value.port().to_le_bytes());
    }

    fn read(from: &mut impl Source) -> Result<SocketAddr, Bad> {
        match from.u8()? {
            4 => {
                let ip = Ipv4Addr::from(from.array()?);
                let port = u16::from_le_bytes(from.array()?);
                Ok(SocketAddr::new(ip.into(), port))
            }
            6 => {
                let ip = Ipv6Addr::from(from.array::<16>()?);
                let (flow, scope) = (from.u32()?, from.u32()?);
                let port = u16::from_le_bytes(from.array()?);
                Ok(SocketAddrV6::new(ip, port, flow, scope).into())
            }
            _ => Err("an address that is neither IPv4 nor IPv6"),
        }
    }
}

impl Form for Masked {
    type Of = Masked;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &Masked, secrets: bool, to: S) -> Result<S::Ok, S::Error> {
        show_bytes(&value.shown(secrets), to)
    }
}

impl Kept for Masked {
    type Of = Masked;
    const LEAST: usize = 8;

    fn write(value: &Masked, to: &mut impl Sink) {
        to.bytes(&value.bytes);
        write_secrets(&value.secrets, value.bytes.len(), to);
    }

    fn read(from: &mut impl Source) -> Result<Masked, Bad> {
        let bytes = from.message()?;
        let secrets = read_secrets(bytes.len(), from)?;
        Ok(Masked { bytes, secrets })
    }

    fn texts(value: &mut Masked, each: &mut impl Texts) {
        each.bytes(&value.bytes, &mut value.secrets);
    }

    /// Several of them may share one allocation; each counts it.
    fn heap(value: &Masked, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        allocated(value.bytes.len()) + allocated(size_of_val(&value.secrets.0[..]))
    }
}

/// Writes the ranges that are secret in `length` bytes. Cuts or leaves out ranges that are empty, out of order or outside:
/// a mistake in one event must not make the rest of a file unreadable.
pub(crate) fn write_secrets(secrets: &Secrets, length: usize, to: &mut impl Sink) {
    let mut from = 0;
    let ranges: Vec<_> = secrets
        .0
        .iter()
        .filter_map(|range| {
            let start = range.start.max(from);
            let end = range.end.min(length as u32);
            (start < end).then(|| {
                from = end;
                (start, end)
            })
        })
        .collect();
    to.count(ranges.len());
    for (start, end) in ranges {
        to.u32(start);
        to.u32(end);
    }
}

/// Reads the ranges that are secret in `length` bytes.
pub(crate) fn read_secrets(length: usize, from: &mut impl Source) -> Result<Secrets, Bad> {
    let count = from.u32()? as usize;
    if count > from.left() / 8 {
        return Err("a list that is longer than the record");
    }
    let mut behind = 0;
    let ranges = (0..count).map(|_| {
        let range = from.u32()?..from.u32()?;
        if range.start < behind || range.end <= range.start || range.end as usize > length {
            return Err("secret ranges that are empty, out of order or outside");
        }
        behind = range.end;
        Ok(range)
    });
    ranges.collect::<Result<_, Bad>>().map(Secrets)
}
