//! Percent-decoding for the search: it is fast, and takes the bytes of many lines at once. `msnp::percent` defines what the
//! encoding means; tests compare the two.

use crate::msnp::percent::hex;

/// Whether the percent-decoded bytes contain a text, found without decoding them. It tries each place where the
/// first byte could stand, plain or encoded. With `fold`, case is ignored, and the needle must be lower case.
pub(crate) fn is_decoded_in(needle: &[u8], bytes: &[u8], fold: bool) -> bool {
    let Some((first, rest)) = needle.split_first() else {
        return true;
    };
    let same =
        |byte: u8, wanted: u8| byte == wanted || (fold && byte.to_ascii_lowercase() == wanted);
    let follows = |mut at: usize| {
        rest.iter().all(|wanted| match decoded_at(bytes, at) {
            Some((byte, size)) => {
                at += size;
                same(byte, *wanted)
            }
            None => false,
        })
    };
    let begins = |at: usize| match decoded_at(bytes, at) {
        Some((byte, size)) => {
            // A plain byte may be a digit of an encoded one, and then nothing begins there.
            let within = |back: usize| {
                at.checked_sub(back)
                    .and_then(|start| decoded_at(bytes, start))
                    .is_some_and(|(_, size)| size > back)
            };
            // The rare byte is asked first.
            same(byte, *first) && follows(at + size) && (size == 3 || !(within(1) || within(2)))
        }
        None => false,
    };
    if fold {
        let upper = first.to_ascii_uppercase();
        memchr::memchr3_iter(*first, upper, b'%', bytes).any(begins)
    } else {
        memchr::memchr2_iter(*first, b'%', bytes).any(begins)
    }
}

/// The decoded byte that begins here, and how many bytes it takes: three if it is encoded, else one.
fn decoded_at(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let byte = *bytes.get(at)?;
    if byte == b'%'
        && let Some([high, low]) = bytes.get(at + 1..at + 3)
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        return Some((high << 4 | low, 3));
    }
    Some((byte, 1))
}

/// Decodes as `msnp::percent::decode` does, onto the end of a buffer that is reused, and whole runs at a time: this
/// is the inner loop of every text filter. Returns whether anything was encoded.
pub(crate) fn decode_into(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(bytes.len());
    let (mut copied, mut any) = (0, false);
    for at in memchr::memchr_iter(b'%', bytes) {
        // The digits of an encoded byte are never a `%`, so `at` is never within one.
        if let Some([high, low]) = bytes.get(at + 1..at + 3)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.extend_from_slice(&bytes[copied..at]);
            out.push(high << 4 | low);
            copied = at + 3;
            any = true;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::percent;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn decoding_is_that_of_the_language(bytes in proptest::collection::vec(
            prop_oneof![Just(b'%'), Just(b'2'), Just(b'f'), any::<u8>()], 0..40)
        ) {
            let mut out = b"kept".to_vec();
            let any = decode_into(&bytes, &mut out);
            let decoded = percent::decode(&bytes).0;
            prop_assert_eq!(&out[4..], &decoded);
            prop_assert_eq!(any, decoded != bytes);
        }

        #[test]
        fn looking_through_the_encoding_is_as_undoing_it(
            bytes in proptest::collection::vec(
                prop_oneof![Just(b'%'), Just(b'2'), Just(b'4'), Just(b'1'), Just(b'A'), Just(b'a')], 0..24),
            needle in "[%24 aA$!1]{1,3}",
            fold: bool,
        ) {
            let mut decoded = percent::decode(&bytes).0;
            let mut needle = needle.into_bytes();
            if fold {
                decoded.make_ascii_lowercase();
                needle.make_ascii_lowercase();
            }
            let expected = decoded.windows(needle.len()).any(|w| w == needle);
            prop_assert_eq!(is_decoded_in(&needle, &bytes, fold), expected);
        }
    }
}
