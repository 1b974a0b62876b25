//! The kinds of parameters: how each is written, and whether a token is written in that way.

use crate::msnp::line::MAX_PAYLOAD;
use crate::msnp::{Dialect, Status, TransactionId, percent};

/// The kind of mistake that a [`Problem`](super::Problem) is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// The dictionary does not have the verb in this direction.
    Verb,
    /// The shape does not have the verb, or not in this form.
    Dialect,
    /// Too few parameters.
    Few,
    /// Too many parameters.
    Many,
    /// A transaction id is missing, or none belongs here.
    Transaction,
    /// A parameter that is always the same word is another word.
    Word,
    /// A byte that cannot stand in a parameter, or a `%` that encodes nothing.
    Encoding,
    /// Not a number, or one that is too large.
    Number,
    /// Not one of the values that the parameter has.
    Value,
    /// The payload length is no number, or not the length of the payload.
    Length,
    /// A payload where none belongs, or none where one belongs.
    Payload,
    /// The line is longer than the service takes.
    Line,
}

/// How a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Exactly this.
    Word(&'static str),
    /// One of these, each with its meaning.
    OneOf(&'static [(&'static str, &'static str)]),
    /// One of these, or a value that nobody has written down.
    Known(&'static [(&'static str, &'static str)]),
    /// This prefix, then the kind: `N=busy@local`.
    Tagged(&'static str, &'static Kind),
    /// An account, such as `busy@local`; at MSNP16 and above `;{guid}` may name one endpoint of it.
    Account,
    /// `1:busy@local`: network id and account, and perhaps `;via=9:guid@live.com` (MSNP18).
    NetworkAccount,
    /// The three letters of a status.
    Status,
    /// A name, percent-encoded.
    FriendlyName,
    /// Another text, percent-encoded.
    Encoded,
    /// The capability bits, one decimal number.
    Capabilities,
    /// `capabilities:extended`.
    CapabilityPair,
    /// One number or two, as the dialect has it.
    AnyCapabilities,
    /// An MSN object, XML and percent-encoded, or `0`.
    Msnobj,
    /// A network id.
    Network,
    /// List bits, a decimal number.
    Lists,
    /// A decimal number.
    Number,
    /// A GUID, with or without braces and hyphens.
    Guid,
    /// An address of the web, or a path.
    Url,
    /// `host:port`.
    HostPort,
    /// A language, such as `0x0409`.
    Language,
    /// `MSNP16`, or `CVR0`.
    Dialect,
    /// A ticket or another secret.
    Secret,
    /// The length of the payload.
    Length,
    /// Anything.
    Text,
}

impl Kind {
    /// What is wrong with a token of this kind, if anything.
    pub fn fault(&self, token: &[u8]) -> Option<Wrong> {
        let unless = |good: bool, wrong| if good { None } else { Some(wrong) };
        if token.iter().any(|b| !(0x21..0x7f).contains(b)) {
            return Some(Wrong::Encoding);
        }
        match self {
            Kind::Word(word) => unless(token == word.as_bytes(), Wrong::Word),
            Kind::OneOf(table) => unless(find(table, token).is_some(), Wrong::Value),
            Kind::Tagged(tag, kind) => match token.strip_prefix(tag.as_bytes()) {
                Some(rest) => kind.fault(rest),
                None => Some(Wrong::Word),
            },
            Kind::Account => unless(is_account(token), Wrong::Value),
            Kind::NetworkAccount => {
                let mut halves = token.splitn(2, |b| *b == b':');
                let network = halves.next().is_some_and(is_small);
                unless(
                    network && halves.next().is_some_and(|t| !t.is_empty()),
                    Wrong::Value,
                )
            }
            Kind::Status => unless(Status::from_code(token).is_some(), Wrong::Value),
            Kind::FriendlyName | Kind::Encoded | Kind::Msnobj => unless(
                percent::decode(token).1 && !token.contains(&b'<'),
                Wrong::Encoding,
            ),
            Kind::Capabilities => unless(is_u32(token), Wrong::Number),
            Kind::CapabilityPair => unless(pair(token).is_some(), Wrong::Number),
            Kind::AnyCapabilities => unless(is_u32(token) || pair(token).is_some(), Wrong::Number),
            Kind::Network | Kind::Lists => unless(is_small(token), Wrong::Number),
            Kind::Number => unless(
                !token.is_empty() && token.len() <= 20 && token.iter().all(u8::is_ascii_digit),
                Wrong::Number,
            ),
            Kind::Length => unless(parse_length(token).is_ok(), Wrong::Length),
            Kind::Guid => unless(is_guid(token), Wrong::Value),
            Kind::HostPort => unless(
                token
                    .rsplit(|b| *b == b':')
                    .next()
                    .is_some_and(|port| port.len() < token.len() && is_u32(port)),
                Wrong::Value,
            ),
            Kind::Language => unless(
                token
                    .strip_prefix(b"0x")
                    .is_some_and(|hex| !hex.is_empty() && hex.iter().all(u8::is_ascii_hexdigit))
                    || is_u32(token),
                Wrong::Value,
            ),
            Kind::Dialect => unless(
                token == b"CVR0"
                    || token.strip_prefix(b"MSNP").is_some_and(is_small)
                    || Dialect::from_token(token).is_some(),
                Wrong::Value,
            ),
            Kind::Url => unless(token.contains(&b'/'), Wrong::Value),
            Kind::Known(_) | Kind::Secret | Kind::Text => None,
        }
    }

    /// Whether few words are of this kind, so that one that is tells of what it is a part.
    pub(crate) fn is_telling(&self) -> bool {
        !matches!(
            self,
            Kind::Known(_)
                | Kind::FriendlyName
                | Kind::Encoded
                | Kind::Msnobj
                | Kind::Secret
                | Kind::Text
        )
    }

    /// In words, for the reference page.
    pub fn words(&self) -> &'static str {
        match self {
            Kind::Word(word) => word,
            Kind::OneOf(_) => "one of a few words",
            Kind::Known(_) => "word",
            Kind::Tagged(_, kind) => kind.words(),
            Kind::Account => "account",
            Kind::NetworkAccount => "network:account",
            Kind::Status => "status",
            Kind::FriendlyName | Kind::Encoded => "percent-encoded text",
            Kind::Capabilities => "capability bits",
            Kind::CapabilityPair => "capabilities:extended",
            Kind::AnyCapabilities => "capability bits, from MSNP16 with :extended",
            Kind::Msnobj => "percent-encoded msnobj, or 0",
            Kind::Network => "network id",
            Kind::Lists => "list bits",
            Kind::Number => "number",
            Kind::Guid => "GUID",
            Kind::Url => "URL",
            Kind::HostPort => "host:port",
            Kind::Language => "language id",
            Kind::Dialect => "dialect",
            Kind::Secret => "secret",
            Kind::Length => "length in bytes",
            Kind::Text => "text",
        }
    }
}

/// The row of a table that is named by this token.
pub(crate) fn find(
    table: &'static [(&'static str, &'static str)],
    token: &[u8],
) -> Option<&'static (&'static str, &'static str)> {
    table.iter().find(|row| row.0.as_bytes() == token)
}

/// The two numbers of `capabilities:extended`.
pub(crate) fn pair(token: &[u8]) -> Option<(u32, u32)> {
    let mut halves = token.split(|b| *b == b':').map(TransactionId::parse);
    match (halves.next(), halves.next(), halves.next()) {
        (Some(Some(first)), Some(Some(second)), None) => Some((first.0, second.0)),
        _ => None,
    }
}

fn is_u32(token: &[u8]) -> bool {
    TransactionId::parse(token).is_some()
}

fn is_small(token: &[u8]) -> bool {
    TransactionId::parse(token).is_some_and(|number| number.0 <= 255)
}

fn is_account(token: &[u8]) -> bool {
    token.starts_with(b"tel:")
        || token
            .iter()
            .position(|b| *b == b'@')
            .is_some_and(|at| at > 0 && at + 1 < token.len() && !token[..at].contains(&b':'))
}

fn is_guid(token: &[u8]) -> bool {
    token.iter().filter(|b| b.is_ascii_hexdigit()).count() == 32
        && token
            .iter()
            .all(|b| b.is_ascii_hexdigit() || matches!(b, b'{' | b'}' | b'-'))
}

/// A length token that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLength<'a> {
    /// The token, empty if it is missing.
    pub token: &'a [u8],
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Reads a length: plain decimal digits, at most [`MAX_PAYLOAD`].
///
/// # Errors
/// [`BadLength`] otherwise.
pub fn parse_length(token: &[u8]) -> Result<usize, BadLength<'_>> {
    let bad = |reason| Err(BadLength { token, reason });
    if token.is_empty() {
        return bad("is missing");
    }
    if !token.iter().all(u8::is_ascii_digit) {
        return bad("is not a plain decimal number");
    }
    match std::str::from_utf8(token)
        .ok()
        .and_then(|t| t.parse::<usize>().ok())
    {
        Some(length) if length <= MAX_PAYLOAD => Ok(length),
        _ => bad("is more than 65536 bytes"),
    }
}
