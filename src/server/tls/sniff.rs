//! What the first bytes of a connection are, and which TLS stack can serve them. Pure: bytes in, a
//! decision out, as soon as there are enough of them.
//!
//! | first bytes | decision |
//! |---|---|
//! | a hello of SSL 3.0, in either format | OpenSSL, where SSL 3.0 is served |
//! | a TLS hello of TLS 1.0 or 1.1 | OpenSSL |
//! | a TLS hello of TLS 1.2, with a suite, a group and a signature that rustls has | rustls |
//! | a TLS hello of TLS 1.2, without one of them (such as CBC or RSA key exchange only) | OpenSSL |
//! | an SSLv2-format hello that asks for TLS | OpenSSL |
//! | an SSLv2-format hello that asks for SSL 2.0 | refused |
//! | a word that begins with `A` to `Z` | HTTP in the clear |
//! | anything else | refused |
//!
//! The SSLv2 format is in RFC 5246, appendix E.2.

use crate::event::Hello;
use crate::msnp::escape;

/// The most bytes that are looked at. A hello may be longer: what matters is at its start.
pub const WINDOW: usize = 1024;

/// What the first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A hello for OpenSSL.
    Legacy,
    /// A hello for rustls.
    Modern,
    /// HTTP in the clear.
    Plain,
    /// SSL 2.0 and nothing better.
    Sslv2Only,
    /// SSL 3.0 and nothing better: for OpenSSL, where that is wanted.
    Sslv3Only,
    /// No hello.
    NotTls,
}

/// Suites of which one is enough for rustls: those of TLS 1.3, and ECDHE with RSA and an AEAD.
const MODERN: [u16; 6] = [0x1301, 0x1302, 0x1303, 0xc02f, 0xc030, 0xcca8];

const HANDSHAKE: u8 = 0x16;
const CLIENT_HELLO: u8 = 1;

/// The extensions without which rustls refuses a hello: supported_groups and signature_algorithms.
const GROUPS: u16 = 10;
const SIGNATURES: u16 = 13;
/// Signatures by an RSA key that rustls can make, one of which is enough: PKCS 1 and PSS with SHA-256, 384 and 512.
const MODERN_SIGNATURES: [u16; 6] = [0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806];

/// Decides, or says `None` while it takes more bytes. With [`WINDOW`] bytes it always decides: a hello
/// whose suites are still not at their end has none for rustls among more than 400, and OpenSSL serves
/// TLS 1.2 as well. One with a suite for rustls whose extensions go on beyond the window is of today.
pub fn decide(bytes: &[u8]) -> Option<Decision> {
    let decision = match bytes {
        [] | [HANDSHAKE] => None,
        [HANDSHAKE, 3, ..] => decide_tls(bytes),
        // Once its first word is whole: it may be the verb of a client that was given the wrong port.
        [b'A'..=b'Z', ..] => {
            let word = bytes.iter().any(|byte| matches!(byte, b' ' | b'\n'));
            (word || bytes.len() >= WINDOW).then_some(Decision::Plain)
        }
        [0x80..=0xff, rest @ ..] => decide_sslv2(rest),
        _ => Some(Decision::NotTls),
    };
    decision.or_else(|| (bytes.len() >= WINDOW).then_some(Decision::Legacy))
}

/// After the first byte: the rest of the length, the type, the version.
fn decide_sslv2(rest: &[u8]) -> Option<Decision> {
    Some(match rest {
        [] | [_] | [_, CLIENT_HELLO] | [_, CLIENT_HELLO, 3] => return None,
        [_, CLIENT_HELLO, 0, ..] => Decision::Sslv2Only,
        [_, CLIENT_HELLO, 3, 0, ..] => Decision::Sslv3Only,
        [_, CLIENT_HELLO, 3, _, ..] => Decision::Legacy,
        _ => Decision::NotTls,
    })
}

fn decide_tls(bytes: &[u8]) -> Option<Decision> {
    let (message, whole) = handshake_message(bytes);
    // Where no more can come, whatever is missing is for OpenSSL to complain of.
    let short = whole.then_some(Decision::Legacy);
    match message.get(..6) {
        Some([CLIENT_HELLO, _, _, _, 3, minor]) => match minor {
            0 => return Some(Decision::Sslv3Only),
            1 | 2 => return Some(Decision::Legacy),
            _ => {}
        },
        Some(_) => return Some(Decision::NotTls),
        None => match message.first() {
            Some(&CLIENT_HELLO) | None => return short,
            Some(_) => return Some(Decision::NotTls),
        },
    }
    let Some(suites) = suites(&message) else {
        return short;
    };
    if suites.of_tls().any(|suite| MODERN.contains(&suite)) {
        let today = is_of_today(suites.after, whole);
        let cut = (bytes.len() >= WINDOW).then_some(true);
        return today.or(cut).map(|today| match today {
            true => Decision::Modern,
            false => Decision::Legacy,
        });
    }
    if suites.complete {
        return Some(Decision::Legacy);
    }
    short
}

/// Whether the extensions of a hello are such as rustls asks for; `None` while they are not all there. What follows the
/// suites is the compression methods and the extensions.
fn is_of_today(after: &[u8], whole: bool) -> Option<bool> {
    let (mut groups, mut signatures) = (false, false);
    let extensions = after
        .split_first()
        .and_then(|(length, rest)| rest.get(usize::from(*length)..))
        .and_then(vector16);
    let Some((mut extensions, _, complete)) = extensions else {
        return whole.then_some(false);
    };
    while let Some((kind, rest)) = extensions.split_first_chunk::<2>() {
        let Some((content, next, true)) = vector16(rest) else {
            break;
        };
        match u16::from_be_bytes(*kind) {
            GROUPS => groups = true,
            SIGNATURES => {
                let list = vector16(content).map_or(&[][..], |(list, ..)| list);
                signatures = list.chunks_exact(2).any(|pair| {
                    MODERN_SIGNATURES.contains(&u16::from_be_bytes([pair[0], pair[1]]))
                });
                // Whatever else it may have, rustls can do nothing with it.
                if !signatures {
                    return Some(false);
                }
            }
            _ => {}
        }
        extensions = next;
    }
    match groups && signatures {
        true => Some(true),
        false => (complete || whole).then_some(false),
    }
}

/// The first handshake message as far as it is there, taken out of its records (a hello may be cut
/// into several), and whether no more of it can come.
fn handshake_message(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut message = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let wanted = match message.get(..4) {
            Some(&[_, a, b, c]) => {
                4 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
            }
            _ => usize::MAX,
        };
        if message.len() >= wanted {
            message.truncate(wanted);
            return (message, true);
        }
        match rest {
            [HANDSHAKE, 3, _, high, low, content @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if length == 0 {
                    return (message, true);
                }
                message.extend_from_slice(&content[..length.min(content.len())]);
                rest = content.get(length..).unwrap_or_default();
            }
            [] | [HANDSHAKE] | [HANDSHAKE, 3] | [HANDSHAKE, 3, _] | [HANDSHAKE, 3, _, _] => {
                return (message, false);
            }
            _ => return (message, true),
        }
    }
}

/// The list of suites in a hello, as far as it is there.
struct Suites<'a> {
    list: &'a [u8],
    complete: bool,
    /// What follows a complete list.
    after: &'a [u8],
}

impl Suites<'_> {
    fn of_tls(&self) -> impl Iterator<Item = u16> {
        self.list
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }
}

/// Where version (2), random (32) and session id end, the suites begin.
fn suites(message: &[u8]) -> Option<Suites<'_>> {
    let (id_length, rest) = message.get(38..)?.split_first()?;
    let rest = rest.get(usize::from(*id_length)..)?;
    let (list, after, complete) = vector16(rest)?;
    Some(Suites {
        list,
        complete,
        after,
    })
}

/// A vector with a length of two bytes: as much of it as is there, what follows, and whether it is
/// complete.
fn vector16(bytes: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    let [high, low, rest @ ..] = bytes else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    Some(match rest.split_at_checked(length) {
        Some((content, after)) => (content, after, true),
        None => (rest, &[], false),
    })
}

/// What a hello says, as far as it is there: for the event of a handshake that fails.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HelloFacts {
    /// How it was written.
    pub hello: Option<Hello>,
    /// The highest version that it asks for.
    pub version: Option<&'static str>,
    /// The host that it asks for, escaped.
    pub sni: Option<String>,
    /// The suites that it offers, by number. Of SSL 2.0's own there are none here.
    pub suites: Vec<u16>,
    /// The client's clock, in Unix seconds: clients up to TLS 1.1 were to write it into the first four
    /// bytes of their random. Today's write chance there, which looks the same: they are known by extensions that
    /// came later (RFC 7366 and 7627, 2014 and 2015), and have none here.
    pub clock: Option<u32>,
    /// The hello before it of its address had the same clock: that is no chance.
    pub again: bool,
}

impl HelloFacts {
    /// Reads what is there. Never fails: what is not understood is left out.
    pub fn read(bytes: &[u8]) -> Self {
        match bytes {
            [HANDSHAKE, 3, ..] => Self::of_tls(&handshake_message(bytes).0),
            [0x80..=0xff, _, CLIENT_HELLO, rest @ ..] => Self::of_sslv2(rest),
            _ => Self::default(),
        }
    }

    fn of_tls(message: &[u8]) -> Self {
        let Some(&[CLIENT_HELLO, _, _, _, 3, minor]) = message.get(..6) else {
            return Self::default();
        };
        let mut facts = Self {
            hello: Some(Hello::Tls),
            version: Some(version(minor)),
            clock: clock(message.get(6..38)),
            ..Self::default()
        };
        let Some(suites) = suites(message) else {
            return facts;
        };
        facts.suites = suites.of_tls().collect();
        let after_compression = suites
            .after
            .split_first()
            .and_then(|(length, rest)| rest.get(usize::from(*length)..));
        let Some((mut extensions, ..)) = after_compression.and_then(vector16) else {
            return facts;
        };
        while let Some((kind, rest)) = extensions.split_first_chunk::<2>() {
            let Some((content, after, true)) = vector16(rest) else {
                break;
            };
            match kind {
                [0, 0] => facts.sni = server_name(content),
                // supported_versions: how a hello of TLS 1.3 says so.
                [0, 43] if content.get(1..).is_some_and(has_tls13) => {
                    facts.version = Some(version(4));
                    facts.clock = None;
                }
                // encrypt_then_mac, extended_master_secret.
                [0, 22 | 23] => facts.clock = None,
                _ => {}
            }
            extensions = after;
        }
        facts
    }

    /// After length and type: version, three lengths of two bytes, suites of three bytes, a session id,
    /// and the challenge that stands for the random.
    fn of_sslv2(rest: &[u8]) -> Self {
        let Some((&[major, minor, a, b, c, d, e, f], rest)) = rest.split_first_chunk::<8>() else {
            return Self::default();
        };
        let [suites, id, challenge] =
            [[a, b], [c, d], [e, f]].map(|pair| usize::from(u16::from_be_bytes(pair)));
        let list = &rest[..suites.min(rest.len())];
        Self {
            hello: Some(Hello::Sslv2),
            version: Some(if major == 3 { version(minor) } else { "SSLv2" }),
            sni: None,
            suites: list
                .chunks_exact(3)
                .filter(|suite| suite[0] == 0)
                .map(|suite| u16::from_be_bytes([suite[1], suite[2]]))
                .collect(),
            clock: clock(rest.get(suites + id..suites + id + challenge)),
            again: false,
        }
    }
}

fn version(minor: u8) -> &'static str {
    match minor {
        0 => "SSLv3",
        1 => "TLSv1",
        2 => "TLSv1.1",
        3 => "TLSv1.2",
        _ => "TLSv1.3",
    }
}

/// Only a random of full length starts with a clock.
fn clock(random: Option<&[u8]>) -> Option<u32> {
    let random = random.filter(|random| random.len() == 32)?;
    random.first_chunk().map(|four| u32::from_be_bytes(*four))
}

fn has_tls13(versions: &[u8]) -> bool {
    versions.chunks_exact(2).any(|version| version == [3, 4])
}

/// The first host name (type 0) of a server_name extension, RFC 6066.
fn server_name(content: &[u8]) -> Option<String> {
    let (list, _, true) = vector16(content)? else {
        return None;
    };
    let (0, rest) = list.split_first()? else {
        return None;
    };
    let (name, _, true) = vector16(rest)? else {
        return None;
    };
    Some(escape::to_text(name))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A hello in TLS format, in one record.
    pub fn tls_hello(minor: u8, suites: &[u16], extensions: &[u8]) -> Vec<u8> {
        let mut body = vec![3, minor];
        body.extend([0x49, 0x96, 0x02, 0xd2]);
        body.extend([7; 28]);
        body.push(0);
        body.extend((suites.len() as u16 * 2).to_be_bytes());
        body.extend(suites.iter().flat_map(|suite| suite.to_be_bytes()));
        body.extend([1, 0]);
        body.extend((extensions.len() as u16).to_be_bytes());
        body.extend(extensions);
        let mut message = vec![CLIENT_HELLO, 0];
        message.extend((body.len() as u16).to_be_bytes());
        message.extend(body);
        record(&message)
    }

    fn record(content: &[u8]) -> Vec<u8> {
        let mut out = vec![HANDSHAKE, 3, 1];
        out.extend((content.len() as u16).to_be_bytes());
        out.extend(content);
        out
    }

    /// An SSLv2-format hello as Messenger for Mac and Java write it: no extensions, suites of three
    /// bytes, a challenge.
    pub fn sslv2_hello(major: u8, minor: u8) -> Vec<u8> {
        let mut out = vec![0x80, 0x2e, 1, major, minor, 0, 9, 0, 0, 0, 32];
        out.extend([0, 0, 0x2f, 0, 0, 0x05, 0, 0, 0x0a]);
        out.extend([0x49, 0x96, 0x02, 0xd2]);
        out.extend([9; 28]);
        out[1] = (out.len() - 2) as u8;
        out
    }

    const OLD: [u16; 4] = [0x002f, 0x0035, 0x0005, 0xc013];
    /// supported_groups with secp256r1.
    const P256: [u8; 8] = [0, 10, 0, 4, 0, 2, 0, 23];
    /// signature_algorithms with RSA and SHA-256, and with SHA-1.
    const SHA256: [u8; 10] = [0, 13, 0, 6, 0, 4, 4, 1, 2, 1];
    /// The same with SHA-1 alone.
    const SHA1: [u8; 8] = [0, 13, 0, 4, 0, 2, 2, 1];

    /// What every hello of today has.
    fn today() -> Vec<u8> {
        [&P256[..], &SHA256].concat()
    }

    #[test]
    fn every_row_of_the_table_is_decided() {
        let with = |suite| [&OLD[..], &[suite]].concat();
        for (bytes, decision) in [
            (tls_hello(0, &OLD, &[]), Decision::Sslv3Only),
            (tls_hello(1, &with(0xc02f), &[]), Decision::Legacy),
            (tls_hello(2, &OLD, &[]), Decision::Legacy),
            (tls_hello(3, &OLD, &[]), Decision::Legacy),
            (tls_hello(3, &with(0x1301), &today()), Decision::Modern),
            (tls_hello(3, &with(0xc02f), &today()), Decision::Modern),
            (tls_hello(3, &with(0xcca8), &today()), Decision::Modern),
            // What rustls refuses for want of an extension, OpenSSL serves.
            (tls_hello(3, &with(0xc02f), &[]), Decision::Legacy),
            (tls_hello(3, &with(0xc02f), &P256), Decision::Legacy),
            (tls_hello(3, &with(0xc02f), &SHA256), Decision::Legacy),
            (
                tls_hello(3, &with(0xc02f), &[&P256[..], &SHA1].concat()),
                Decision::Legacy,
            ),
            (sslv2_hello(3, 1), Decision::Legacy),
            (sslv2_hello(3, 3), Decision::Legacy),
            (sslv2_hello(3, 0), Decision::Sslv3Only),
            (sslv2_hello(0, 2), Decision::Sslv2Only),
            (b"GET / HTTP/1.0\r\n\r\n".to_vec(), Decision::Plain),
            (b"get".to_vec(), Decision::NotTls),
            (vec![0], Decision::NotTls),
            (vec![0xff; 8], Decision::NotTls),
            (vec![HANDSHAKE, 2], Decision::NotTls),
            (record(&[2, 0, 0, 0]), Decision::NotTls),
            (vec![0x15, 3, 1, 0, 2, 2, 40], Decision::NotTls),
        ] {
            assert_eq!(decide(&bytes), Some(decision), "{bytes:02x?}");
        }
    }

    #[test]
    fn it_decides_as_soon_as_there_are_enough_bytes_and_not_before() {
        let enough = |bytes: &[u8]| {
            (0..=bytes.len())
                .find(|end| decide(&bytes[..*end]).is_some())
                .expect("a decision")
        };
        // The version of a TLS hello is in bytes 9 and 10.
        assert_eq!(enough(&tls_hello(1, &OLD, &[])), 11);
        assert_eq!(enough(&tls_hello(0, &OLD, &[])), 11);
        // Its suites begin at 46; with one of rustls it takes the extensions too, which begin 4 bytes behind them.
        assert_eq!(
            enough(&tls_hello(3, &[0x1301, 0x1302], &today())),
            50 + 4 + 18
        );
        let more = [&today()[..], &[0xff, 1, 0, 1, 0]].concat();
        assert_eq!(
            enough(&tls_hello(3, &[0x2f, 0x1302, 5], &more)),
            52 + 4 + 18
        );
        assert_eq!(enough(&tls_hello(3, &[0x1301], &SHA1)), 48 + 4 + 8);
        assert_eq!(enough(&tls_hello(3, &OLD, &[])), 46 + 8);
        assert_eq!(enough(&sslv2_hello(3, 1)), 5);
        assert_eq!(enough(&sslv2_hello(0, 2)), 4);
        assert_eq!(enough(b"POST /login2.srf"), 5);
        assert_eq!(enough(b"PNG\r\n"), 5);
    }

    #[test]
    fn a_hello_in_many_records_is_decided_like_one() {
        let whole = tls_hello(3, &[0x2f, 0x1301], &today());
        let cut: Vec<u8> = whole[5..].chunks(3).flat_map(record).collect();
        assert_eq!(decide(&cut), Some(Decision::Modern));
        assert_eq!(HelloFacts::read(&cut), HelloFacts::read(&whole));
    }

    #[test]
    fn a_hello_larger_than_the_window_is_decided_by_what_is_in_it() {
        let many = vec![0x2f; 2000];
        let hello = tls_hello(3, &many, &[]);
        assert_eq!(decide(&hello[..WINDOW - 1]), None);
        assert_eq!(decide(&hello[..WINDOW]), Some(Decision::Legacy));
        let early = [&[0x1301][..], &many].concat();
        let hello = tls_hello(3, &early, &[]);
        assert_eq!(decide(&hello[..100]), None);
        assert_eq!(decide(&hello[..WINDOW]), Some(Decision::Modern));
        let large = tls_hello(3, &[0x1301], &[0; 4000]);
        assert_eq!(decide(&large[..WINDOW]), Some(Decision::Modern));
    }

    #[test]
    fn the_facts_of_a_hello_are_read() {
        let mut extensions = vec![0, 43, 0, 5, 4, 3, 4, 3, 3];
        extensions.extend([0, 0, 0, 10, 0, 8, 0, 0, 5, b'a', b'.', b'b', 0xff, b'c']);
        let facts = HelloFacts::read(&tls_hello(3, &[0x1301, 0x2f], &extensions));
        assert_eq!(facts.hello, Some(Hello::Tls));
        assert_eq!(facts.version, Some("TLSv1.3"));
        assert_eq!(facts.sni.as_deref(), Some(r"a.b\xFFc"));
        assert_eq!(facts.suites, [0x1301, 0x2f]);
        assert_eq!(facts.clock, None, "that is chance");
        let old = HelloFacts::read(&tls_hello(1, &[0x2f], &[0, 35, 0, 0]));
        assert_eq!(old.clock, Some(1_234_567_890));
        let today = HelloFacts::read(&tls_hello(1, &[0x2f], &[0, 23, 0, 0]));
        assert_eq!(today.clock, None);
        let facts = HelloFacts::read(&sslv2_hello(3, 1));
        assert_eq!(facts.hello, Some(Hello::Sslv2));
        assert_eq!(facts.version, Some("TLSv1"));
        assert_eq!(facts.sni, None);
        assert_eq!(facts.suites, [0x2f, 0x05, 0x0a]);
        assert_eq!(facts.clock, Some(1_234_567_890));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_a_full_window_is_always_decided(
            bytes in proptest::collection::vec(any::<u8>(), 0..WINDOW * 2),
            start in 0usize..4,
        ) {
            let starts = [&[][..], &[0x16, 3, 1], &[0x16, 3, 3, 1, 0, 1], &[0x80, 0x7a, 1, 3]];
            let bytes = [starts[start], &bytes].concat();
            let decision = decide(&bytes);
            prop_assert!(decision.is_some() || bytes.len() < WINDOW);
            let _ = HelloFacts::read(&bytes);
        }

        #[test]
        fn a_hello_cut_at_any_byte_waits_or_is_decided_as_the_whole(
            minor in 0u8..4,
            suites in proptest::collection::vec(prop_oneof![any::<u16>(), Just(0xc02f)], 1..40),
            sslv2: bool,
            cut: prop::sample::Index,
        ) {
            let hello = if sslv2 { sslv2_hello(3, minor) } else { tls_hello(minor, &suites, &today()) };
            let part = &hello[..cut.index(hello.len())];
            let whole = decide(&hello);
            prop_assert!(whole.is_some());
            prop_assert!(decide(part).is_none() || decide(part) == whole);
            let _ = HelloFacts::read(part);
        }
    }
}
