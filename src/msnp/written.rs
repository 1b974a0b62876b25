//! How a line is written that is no command, though one was meant: tabs, zeros, a length in front, a line end in letters.

use super::Direction;
use super::dictionary;

/// What may stand in front of a verb and is no text: the length of a line, in a byte, in two or in four.
const LENGTHS: [usize; 3] = [1, 2, 4];
/// What is looked for the whole of a line: what it is, and what it means.
const INSIDE: &[(&[u8], &str)] = &[
    (
        b"\\r\\n",
        "the end of the line is written out, as a backslash, an r, a backslash and an n, and not as the two bytes CR LF: its language does not read \\r\\n in such a text",
    ),
    (
        b"\\n",
        "the end of the line is written out, as a backslash and an n, and not as the bytes CR LF: its language does not read \\n in such a text",
    ),
    (
        b"\\t",
        "tabs are written out in it, as a backslash and a t, where one space belongs",
    ),
    (
        b"\t",
        "tabs stand between its words, where one space belongs",
    ),
    (
        b"\0",
        "a zero byte stands in it, as C ends its texts with: a line of MSNP has none",
    ),
];

/// The verb with which these bytes begin, in any case of letters, and whether it is in capitals.
fn verb(bytes: &[u8]) -> Option<bool> {
    let verb = bytes.get(..3)?;
    if bytes.get(3).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let upper = verb.to_ascii_uppercase();
    dictionary::lookup(&upper, Direction::In)?;
    Some(upper == verb)
}

/// What is wrong with how a command is written, where these bytes are one all the same.
pub fn miswritten(bytes: &[u8]) -> Option<&'static str> {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    if zeros > 0 && (zeros == bytes.len() || zeros < 3 && verb(&bytes[zeros..]).is_some()) {
        return Some(
            "a zero byte stands before it: the client sends the zero with which C ends its texts behind the line before",
        );
    }
    let behind = |length: &usize| {
        bytes
            .get(*length..)
            .is_some_and(|rest| verb(rest).is_some())
    };
    if bytes.first().is_some_and(|b| !b.is_ascii_graphic()) && LENGTHS.iter().any(behind) {
        return Some(
            "a byte that is no text stands before its verb, such as the length that writers of Java and .NET put in front of a text: a line of MSNP begins with its verb",
        );
    }
    if matches!(bytes, [b'"' | b'\'' | b'`' | b'<', rest @ ..] if verb(rest).is_some()) {
        return Some(
            "a quotation mark stands before its verb: a line of MSNP begins with its verb",
        );
    }
    let capitals = verb(bytes)?;
    let inside = INSIDE
        .iter()
        .find(|(what, _)| memchr::memmem::find(bytes, what).is_some());
    match (inside, bytes.get(3)) {
        (Some((_, what)), _) => Some(what),
        (None, _) if !capitals => Some("its verb is in lower case: verbs of MSNP are in capitals"),
        (None, Some(b' ' | b'\r' | b'\n') | None) => None,
        _ => Some("what stands behind its verb is no space"),
    }
}

#[cfg(test)]
mod tests {
    use super::miswritten;

    #[test]
    fn a_command_in_another_writing_is_known_and_said_how() {
        for (bytes, what) in [
            (&b"VER\t1\tMSNP12\tCVR0"[..], "tabs"),
            (b"CVR 2\t0x0409", "tabs"),
            (b"VER\\t1\\tMSNP12", "tabs"),
            (b"\0CVR 2 0x0409", "zero byte"),
            (b"\0", "zero byte"),
            (b"VER 1 MSNP12\0", "zero byte"),
            (b"VER 1 MSNP15 CVR0\\r\\n", "written out"),
            (b"VER 1 MSNP15 CVR0\\n", "written out"),
            (b"\x13VER 1 MSNP15 CVR0", "length"),
            (b"\0\0\0\x13VER 1 MSNP15", "length"),
            (b"\"VER 1 MSNP15", "quotation"),
            (b"ver 1 MSNP15", "capitals"),
            (b"VER:1", "no space"),
        ] {
            let said = miswritten(bytes);
            assert!(
                said.is_some_and(|said| said.contains(what)),
                "{}: {said:?}",
                bytes.escape_ascii()
            );
        }
        for bytes in [
            &b"VER 1 MSNP15 CVR0"[..],
            b"hello there",
            b"VERB 1",
            b"",
            b"PNG",
            b"\x10\x00\xfd\x05\x09localhost",
        ] {
            assert_eq!(miswritten(bytes), None, "{}", bytes.escape_ascii());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_panic(bytes: Vec<u8>) {
            miswritten(&bytes);
        }
    }
}
