//! The form of a message's payload, as other clients read it: header lines that end in CR LF, among them Content-Type, a
//! blank line, and the text in UTF-8. One that is not so is carried all the same, and shown by nobody.

use super::TransactionId;
use super::line::tokens;
use memchr::memmem;

/// The longest line behind a payload that is looked at, in bytes.
const LONGEST: usize = 160;
/// The longest payload that a switchboard of the real service carried, in bytes.
const MOST: usize = 1664;

/// Where something is due.
enum Due {
    /// One of these headers.
    Header(&'static [&'static str]),
    /// These bytes in the body.
    Body(&'static str),
}

/// What a message of each kind is shown by nobody without.
const DUE: &[(&str, Due, &str)] = &[
    (
        "text/x-msmsgscontrol",
        Due::Header(&["TypingUser", "RecordingUser"]),
        "it has no TypingUser among its headers, which names who is typing: other clients show nothing of it",
    ),
    (
        "application/x-msnmsgrp2p",
        Due::Header(&["P2P-Dest"]),
        "it is peer-to-peer and has no P2P-Dest among its headers, which names who it is for: nobody takes it",
    ),
    (
        "text/x-msnmsgr-datacast",
        Due::Body("ID:"),
        "it is a datacast without the line ID, which says what it is (1 a nudge, 2 a wink): other clients show nothing of it",
    ),
    (
        "text/x-mms-emoticon",
        Due::Body("\t"),
        "it is a custom emoticon without a tab between the shortcut and its msnobj: other clients read neither",
    ),
    (
        "text/x-msmsgsinvite",
        Due::Body("Invitation-Command:"),
        "it is an invitation without Invitation-Command: other clients do not know what it wants",
    ),
];

/// What is not as it should be about a payload: the first thing, in a sentence without its end.
pub fn fault(payload: &[u8]) -> Option<String> {
    if payload.is_empty() {
        return Some("it is empty: headers, a blank line and the text are due".into());
    }
    let end = memmem::find(payload, b"\r\n\r\n");
    let head = &payload[..end.unwrap_or(payload.len())];
    let alone = memchr::memchr_iter(b'\n', head).any(|at| at == 0 || head[at - 1] != b'\r');
    if alone {
        return Some(
            "its header lines end in LF alone, where CR LF is due: other clients read no header of it"
                .into(),
        );
    }
    if memchr::memchr_iter(b'\r', head).any(|at| head.get(at + 1).is_some_and(|b| *b != b'\n')) {
        return Some(
            "its header lines end in CR alone, where CR LF is due: other clients read no header of it"
                .into(),
        );
    }
    let mut kind = None;
    for line in head.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || matches!(line[0], b' ' | b'\t') {
            continue;
        }
        let Some(colon) = memchr::memchr(b':', line).filter(|at| is_name(&line[..*at])) else {
            return Some("a line that is no header stands among its headers: the blank line (CR LF CR LF) between headers and text is missing or comes too late, so the text counts as a header and nobody shows it".into());
        };
        if line[..colon]
            .trim_ascii()
            .eq_ignore_ascii_case(b"Content-Type")
        {
            kind = Some(line[colon + 1..].trim_ascii());
        }
    }
    let Some(kind) = kind else {
        return Some("it has no Content-Type among its headers, by which other clients know what it is: they show nothing of it".into());
    };
    let media = kind.split(|byte| *byte == b';').next().unwrap_or_default();
    let media = media.trim_ascii();
    let plain = media.eq_ignore_ascii_case(b"text/plain");
    if let Some(lacks) = lacks(media, head, end.map_or(&b""[..], |end| &payload[end + 4..])) {
        return Some(lacks.into());
    }
    let Some(end) = end else {
        // What is typing has no text.
        return (!media.eq_ignore_ascii_case(b"text/x-msmsgscontrol")).then(|| {
            "no blank line (CR LF CR LF) ends its headers, so it has no text, and nobody shows any"
                .into()
        });
    };
    let body = &payload[end + 4..];
    if let Some(command) = command_in_text(body) {
        return Some(format!(
            "its length is too long: the {command} that was sent behind it is taken for its text"
        ));
    }
    if payload.len() > MOST {
        return Some(format!(
            "it is of {} bytes, and a switchboard of the real service carried {MOST} at the most: a longer text goes in several messages",
            payload.len()
        ));
    }
    plain.then(|| charset(kind, body)).flatten()
}

/// What is due in a message of this kind, and lacks.
fn lacks(media: &[u8], head: &[u8], body: &[u8]) -> Option<&'static str> {
    let (_, due, text) = DUE
        .iter()
        .find(|(of, ..)| media.eq_ignore_ascii_case(of.as_bytes()))?;
    let has = match due {
        Due::Body(bytes) => memmem::find(body, bytes.as_bytes()).is_some(),
        Due::Header(names) => head.split(|byte| *byte == b'\n').any(|line| {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            let is = |of: &&str| name.eq_ignore_ascii_case(of.as_bytes());
            names.iter().any(is)
        }),
    };
    (!has).then_some(text)
}

/// Whether this may be the name of a header.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name.iter().all(|b| b.is_ascii_graphic())
        && name != b"http"
        && name != b"https"
}

/// The text of a plain message is to be in UTF-8.
fn charset(kind: &[u8], body: &[u8]) -> Option<String> {
    let said = kind
        .split(|byte| *byte == b';')
        .filter_map(|part| {
            let part = part.trim_ascii();
            part.get(..8)?
                .eq_ignore_ascii_case(b"charset=")
                .then(|| part[8..].trim_ascii())
        })
        .next()
        .unwrap_or_default();
    let said: String = String::from_utf8_lossy(said).chars().take(24).collect();
    let names_utf8 = ["", "utf-8", "utf8", "\"utf-8\""]
        .iter()
        .any(|name| said.eq_ignore_ascii_case(name));
    match std::str::from_utf8(body) {
        Ok(_) if names_utf8 || body.is_ascii() && !body.contains(&0) => None,
        Ok(_) if body.contains(&0) => Some(
            "its text has bytes that are zero, as UTF-16 has: other clients read UTF-8".into(),
        ),
        Ok(_) => Some(format!(
            "its Content-Type says charset={said}, and its text is UTF-8: say charset=UTF-8, in which other clients read it"
        )),
        Err(error) if error.error_len().is_none() && names_utf8 => Some(
            "its text ends in the middle of a character: its length counts characters, and that of the bytes is due"
                .into(),
        ),
        Err(_) if names_utf8 => Some(format!(
            "its text is not UTF-8{}: other clients read it as UTF-8, and show it spoilt or not at all",
            match said.as_str() {
                "" => String::new(),
                said => format!(", though its Content-Type says charset={said}"),
            }
        )),
        Err(_) => Some(format!(
            "its text is written in {said} and not in UTF-8, which other clients read: they show it spoilt or not at all"
        )),
    }
}

/// The command at the end of a text, or in it, that was sent behind it.
fn command_in_text(body: &[u8]) -> Option<String> {
    for end in [&b"OUT\r\n"[..], b"PNG\r\n"] {
        if body.ends_with(end) {
            return Some(String::from_utf8_lossy(&end[..3]).into_owned());
        }
    }
    for verb in [&b"MSG "[..], b"CAL "] {
        for at in memmem::find_iter(body, verb).take(16) {
            let rest = &body[at..body.len().min(at + LONGEST)];
            let Some(end) = memmem::find(rest, b"\r\n") else {
                continue;
            };
            let words: Vec<&[u8]> = tokens(&rest[..end]).collect();
            let is_command = match words.as_slice() {
                [_, number, flag, length] => {
                    TransactionId::parse(number).is_some()
                        && matches!(*flag, b"N" | b"U" | b"A" | b"D")
                        && TransactionId::parse(length).is_some()
                }
                [b"CAL", number, account] => {
                    TransactionId::parse(number).is_some() && account.contains(&b'@')
                }
                _ => false,
            };
            if is_command {
                return Some(format!(
                    "{} {}",
                    String::from_utf8_lossy(words[0]),
                    String::from_utf8_lossy(words[1])
                ));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::fault;

    const PLAIN: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Arial; EF=; CO=0; CS=0; PF=0\r\n";

    #[test]
    fn what_clients_send_is_as_it_should_be() {
        for fine in [
            format!("{PLAIN}\r\nhello"),
            format!("{PLAIN}\r\nhéhé\r\n\r\nnote: MSG 4 is mine\nOUT"),
            format!("{PLAIN}\r\n"),
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: me@local\r\n\r\n\r\n".into(),
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: me@local\r\n".into(),
            "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n".into(),
            "Content-Type: text/plain\r\n\r\nold".into(),
            "content-type: text/plain; charset=us-ascii\r\n folded\r\n\r\nold".into(),
        ] {
            assert_eq!(fault(fine.as_bytes()), None, "{fine}");
        }
        let p2p = b"MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: a@local\r\n\r\n\xff\0\0MSG\xc3";
        assert_eq!(fault(p2p), None);
    }

    #[test]
    fn what_is_not_as_it_should_be_is_said() {
        for (payload, words) in [
            (String::new(), "empty"),
            (format!("{PLAIN}hello"), "blank line"),
            (format!("{PLAIN}hello\r\n\r\nthere"), "blank line"),
            (format!("{PLAIN}see http://x"), "blank line"),
            (
                format!("{PLAIN}\r\nhello").replace("\r\n", "\n"),
                "LF alone",
            ),
            (
                format!("{PLAIN}\r\nhello").replace("\r\n", "\r"),
                "CR alone",
            ),
            ("MIME-Version: 1.0\r\n\r\nhello".into(), "no Content-Type"),
            (format!("{PLAIN}\r\nhelloMSG 4 N 120\r\n{PLAIN}"), "MSG 4"),
            (format!("{PLAIN}\r\nhelloOUT\r\n"), "the OUT"),
            (
                format!("{PLAIN}\r\n{}", "x".repeat(1700)),
                "1664 at the most",
            ),
            (
                "Content-Type: text/x-msmsgscontrol\r\n\r\n\r\n".into(),
                "TypingUser",
            ),
            (
                "Content-Type: text/x-msmsgscontrol\r\n".into(),
                "TypingUser",
            ),
            (
                "Content-Type: application/x-msnmsgrp2p\r\n\r\n\0".into(),
                "P2P-Dest",
            ),
            (
                "Content-Type: text/x-msnmsgr-datacast\r\n\r\n1\r\n".into(),
                "line ID",
            ),
            (
                "Content-Type: text/x-mms-emoticon\r\n\r\n:) <msnobj/>".into(),
                "tab",
            ),
            (
                "Content-Type: text/x-msmsgsinvite\r\n\r\nApplication-Name: x\r\n".into(),
                "Invitation-Command",
            ),
            (format!("{PLAIN}\r\nhelloCAL 5 a@local\r\n"), "CAL 5"),
            (
                format!("{PLAIN}\r\nhé").replace("UTF-8", "iso-8859-1"),
                "charset=iso-8859-1",
            ),
        ] {
            let said = fault(payload.as_bytes()).expect("a fault");
            assert!(said.contains(words), "{payload}: {said}");
        }
        let mut latin = format!("{PLAIN}\r\nhe").into_bytes();
        latin.extend(b"\xe9 there");
        assert!(fault(&latin).is_some_and(|said| said.contains("not UTF-8")));
        latin.truncate(latin.len() - 6);
        assert!(fault(&latin).is_some_and(|said| said.contains("middle of a character")));
    }

    proptest::proptest! {
        #[test]
        fn any_payload_is_judged_without_panic(payload: Vec<u8>, text in "[A-Za-z:; \r\n]{0,60}") {
            let _ = fault(&payload);
            let _ = fault(text.as_bytes());
            let _ = fault(format!("{PLAIN}\r\n{text}").as_bytes());
        }
    }
}
