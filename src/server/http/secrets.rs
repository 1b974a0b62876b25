//! Which bytes of a request or an answer are secret: passwords, tickets and cookies.
//!
//! It errs on the side of hiding: what follows a password up to the next field that is known not to be one
//! is hidden with it, and so is a ticket in a document that is cut.

use crate::event::Secrets;
use crate::server::passport::login::OPEN_FIELDS;
use memchr::memmem;
use std::ops::Range;

/// Keys in a query or a form whose value is secret.
const SECRET_KEYS: &[&str] = &[
    "pwd", "passwd", "password", "pass", "t", "p", "ticket", "token", "from-pp",
];
/// XML elements, whatever their prefix, whose content is secret.
const SECRET_ELEMENTS: &[&str] = &[
    "TicketToken",
    "Password",
    "BinarySecurityToken",
    "BinarySecret",
    "CipherValue",
];

/// The secret ranges of a head and its body; `known` are texts that are secret wherever they stand.
pub(crate) fn find(bytes: &[u8], known: &[String]) -> Secrets {
    let head = memmem::find(bytes, b"\r\n\r\n")
        .or_else(|| memmem::find(bytes, b"\n\n"))
        .unwrap_or(bytes.len());
    let mut found = Vec::new();
    let mut at = 0;
    for line in bytes[..head].split_inclusive(|b| *b == b'\n') {
        header(line, at, &mut found);
        at += line.len();
    }
    body(&bytes[head..], head, &mut found);
    for text in known.iter().filter(|text| !text.is_empty()) {
        found.extend(memmem::find_iter(bytes, text.as_bytes()).map(|at| at..at + text.len()));
    }
    joined(found)
}

/// In order, and not overlapping.
fn joined(mut found: Vec<Range<usize>>) -> Secrets {
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| range.start);
    let mut ranges: Vec<Range<u32>> = Vec::with_capacity(found.len());
    for range in found {
        let (start, end) = (range.start as u32, range.end as u32);
        match ranges.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => ranges.push(start..end),
        }
    }
    Secrets(ranges)
}

fn header(line: &[u8], at: usize, found: &mut Vec<Range<usize>>) {
    let end = line.len()
        - line
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_whitespace())
            .count();
    let line = &line[..end];
    let colon = memchr::memchr(b':', line).unwrap_or(line.len());
    let value = (colon + 1).min(line.len());
    match line[..colon].to_ascii_lowercase().as_slice() {
        b"authorization" | b"proxy-authorization" => authorization(line, value, at, found),
        b"cookie" | b"set-cookie" => found.extend(
            pieces(line, value, b';')
                .filter_map(|piece| {
                    Some(piece.start + memchr::memchr(b'=', &line[piece.clone()])? + 1..piece.end)
                })
                .map(|secret| at + secret.start..at + secret.end),
        ),
        b"authentication-info" => {
            if let Some(from) = memmem::find(line, b"from-PP='") {
                let from = from + b"from-PP='".len();
                let end = memchr::memrchr(b'\'', line).filter(|end| *end >= from);
                found.push(at + from..at + end.unwrap_or(line.len()));
            }
        }
        _ => keys(line, at, false, found),
    }
}

/// The parts of a line between separators, from here on.
fn pieces(line: &[u8], from: usize, separator: u8) -> impl Iterator<Item = Range<usize>> {
    let mut start = from;
    line[from..]
        .split(move |b| *b == separator)
        .map(move |piece| {
            let range = start..start + piece.len();
            start = range.end + 1;
            range
        })
}

fn authorization(line: &[u8], value: usize, at: usize, found: &mut Vec<Range<usize>>) {
    let trimmed = value + line[value..].iter().take_while(|b| **b == b' ').count();
    let scheme = line[trimmed..]
        .split(|b| *b == b' ')
        .next()
        .unwrap_or_default();
    let fields = (trimmed + scheme.len() + 1).min(line.len());
    if !scheme.to_ascii_lowercase().starts_with(b"passport") {
        // With no blank in it, the whole may be the secret.
        let from = if fields >= line.len() {
            trimmed
        } else {
            fields
        };
        found.push(at + from..at + line.len());
        return;
    }
    let mut secret = false;
    let mut from = fields;
    for piece in pieces(line, fields, b',') {
        let text = &line[piece.clone()];
        let equals = memchr::memchr(b'=', text);
        let name = text[..equals.unwrap_or(text.len())].trim_ascii();
        let is = |list: &[&str]| {
            list.iter()
                .any(|key| name.eq_ignore_ascii_case(key.as_bytes()))
        };
        if secret && !is(OPEN_FIELDS) {
            // What looks like a field may be a part of the password.
        } else if is(SECRET_KEYS) {
            secret = true;
            // `t=…&p=…` is hidden from its first byte, a password from after its `=`.
            from = piece.start + equals.map_or(0, |equals| equals + 1);
        } else {
            secret = false;
        }
        if secret {
            found.push(at + from..at + piece.end);
        }
    }
}

/// `key=value` where a query or a form has it. One pass, since a body may be all `=`.
fn keys(text: &[u8], at: usize, from_start: bool, found: &mut Vec<Range<usize>>) {
    let mut name = from_start.then_some(0);
    let mut value = None;
    for (i, byte) in text.iter().enumerate() {
        match (byte, value) {
            (b'&' | b' ' | b'\r' | b'\n', Some(from)) => {
                found.push(at + from..at + i);
                value = None;
                name = (*byte == b'&').then_some(i + 1);
            }
            (_, Some(_)) => {}
            (b'?' | b'&' | b';', None) => name = Some(i + 1),
            (b'=', None) => {
                let name = name.take().map_or(&b""[..], |name| &text[name..i]);
                let name = name.trim_ascii();
                if SECRET_KEYS
                    .iter()
                    .any(|key| name.eq_ignore_ascii_case(key.as_bytes()))
                {
                    value = Some(i + 1);
                }
            }
            _ => {}
        }
    }
    found.extend(value.map(|from| at + from..at + text.len()));
}

fn body(body: &[u8], at: usize, found: &mut Vec<Range<usize>>) {
    let text = body.trim_ascii();
    if memchr::memchr(0, text).is_some() {
        // Perhaps UTF-16, in which nothing would be found.
        found.push(at..at + body.len());
        return;
    }
    if !text.starts_with(b"<") && !text.starts_with(b"\xef\xbb\xbf") {
        let skipped = body.iter().take_while(|b| b.is_ascii_whitespace()).count();
        keys(&body[skipped..], at + skipped, true, found);
    }
    for name in SECRET_ELEMENTS {
        elements(body, name.as_bytes(), at, found);
    }
}

/// The content of every element of this name. Each goes on to where the name comes next, or to the end. One
/// pass: no part is looked at again for the next place.
fn elements(body: &[u8], name: &[u8], at: usize, found: &mut Vec<Range<usize>>) {
    let mut places = memmem::find_iter(body, name).peekable();
    let (mut tag, mut seen) = (0, 0);
    while let Some(place) = places.next() {
        tag = memchr::memrchr(b'<', &body[seen..place]).map_or(tag, |tag| seen + tag);
        seen = place;
        let next = places.peek().copied().unwrap_or(body.len());
        let closes = body[tag..].starts_with(b"</");
        let Some(end) = memchr::memchr(b'>', &body[place..next]).map(|end| place + end) else {
            continue;
        };
        if closes || body[..end].ends_with(b"/") {
            continue;
        }
        // Where the name comes next as a tag, the content ends before it; in a text it does not end there.
        let is_tag = |from: usize| {
            let prefix = &body[from + 1..next];
            prefix
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"/:_-.".contains(b))
        };
        let until = memchr::memrchr(b'<', &body[end..next])
            .map(|until| end + until)
            .filter(|until| next < body.len() && is_tag(*until))
            .unwrap_or(next);
        if end + 1 < until {
            found.push(at + end + 1..at + until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Masked;

    fn shown(text: &str) -> String {
        let masked = Masked {
            bytes: text.as_bytes().to_vec().into(),
            secrets: find(text.as_bytes(), &["KNOWN".to_owned()]),
        };
        String::from_utf8(masked.shown(false).into_owned()).expect("text")
    }

    #[test]
    fn passwords_and_tickets_are_hidden_wherever_they_stand() {
        for (text, wanted) in [
            (
                "GET / HTTP/1.1\r\nAuthorization: Passport1.4 fake=1,OrgVerb=GET,sign-in=a%40b,pwd=hush\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nAuthorization: Passport1.4 fake=1,OrgVerb=GET,sign-in=a%40b,pwd=***\r\nHost: x\r\n\r\n",
            ),
            (
                "GET / HTTP/1.1\r\nauthorization:Passport1.4 pwd=hu,s=h,sign-in=a,lc=1\r\n\r\n",
                "GET / HTTP/1.1\r\nauthorization:Passport1.4 pwd=***,sign-in=a,lc=1\r\n\r\n",
            ),
            (
                "GET /?a=1&pwd=hush&b=2 HTTP/1.1\r\nAuthorization: Basic aHVzaA==\r\nCookie: MSPAuth=hush; x=hush\r\n\r\n",
                "GET /?a=1&pwd=***&b=2 HTTP/1.1\r\nAuthorization: Basic ***\r\nCookie: MSPAuth=***; x=***\r\n\r\n",
            ),
            (
                "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 da-status=success,from-PP='t=hush&p='\r\n\r\n",
                "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 da-status=success,from-PP='***'\r\n\r\n",
            ),
            (
                "POST / HTTP/1.1\r\n\r\n<a><TicketToken>t=hush&amp;p=</TicketToken><b/></a>",
                "POST / HTTP/1.1\r\n\r\n<a><TicketToken>***</TicketToken><b/></a>",
            ),
            (
                "POST / HTTP/1.1\r\n\r\n<a><x:TicketToken y='1'><![CDATA[hush]]></x:TicketToken><TicketToken/>KNOWN",
                "POST / HTTP/1.1\r\n\r\n<a><x:TicketToken y='1'>***</x:TicketToken><TicketToken/>***",
            ),
            (
                "POST / HTTP/1.1\r\n\r\n<a><!-- <TicketToken> --><TicketToken>hush",
                "POST / HTTP/1.1\r\n\r\n<a><!-- <TicketToken>***<TicketToken>***",
            ),
            (
                "POST / HTTP/1.1\r\n\r\n<TicketToken>a<b>hush TicketToken</TicketToken>",
                "POST / HTTP/1.1\r\n\r\n<TicketToken>***TicketToken</TicketToken>",
            ),
            (
                "POST / HTTP/1.1\r\n\r\nlogin=a&passwd=hush&x=1",
                "POST / HTTP/1.1\r\n\r\nlogin=a&passwd=***&x=1",
            ),
            (
                "GET / HTTP/1.1\r\nAuthorization: hush\r\n\r\n",
                "GET / HTTP/1.1\r\nAuthorization: ***\r\n\r\n",
            ),
        ] {
            assert_eq!(shown(text), wanted);
            assert!(!shown(text).contains("hush"));
        }
    }

    proptest::proptest! {
        #[test]
        fn ranges_are_in_order_and_within(bytes: Vec<u8>, known: Vec<String>) {
            let mut at = 0;
            for range in find(&bytes, &known).0 {
                proptest::prop_assert!(range.start >= at && range.start < range.end);
                proptest::prop_assert!(range.end as usize <= bytes.len());
                at = range.end;
            }
        }

        #[test]
        fn a_password_stays_hidden_as_long_as_it_names_no_field(password in "[!-~]{6,20}", post: bool) {
            let names_one = password
                .split(',')
                .skip(1)
                .any(|piece| OPEN_FIELDS.iter().any(|f| piece.to_ascii_lowercase().starts_with(&f.to_ascii_lowercase())));
            proptest::prop_assume!(!names_one);
            let field = if post { ",sign-in=a%40b" } else { "" };
            let text = format!("GET /x HTTP/1.1\r\nAuthorization: Passport1.4 lc=1,pwd={password}{field}\r\nHost: x\r\n\r\n");
            let wanted = format!("GET /x HTTP/1.1\r\nAuthorization: Passport1.4 lc=1,pwd=***{field}\r\nHost: x\r\n\r\n");
            // Neighbouring ranges are one, so a password with commas is hidden in one piece too.
            proptest::prop_assert_eq!(shown(&text), wanted);
        }

        #[test]
        fn a_secret_of_a_form_ends_where_the_next_field_begins(value in "[!-%'-~]{6,20}") {
            let text = format!("POST /x HTTP/1.1\r\n\r\nlogin=a&pwd={value}&b=c");
            proptest::prop_assert_eq!(shown(&text), "POST /x HTTP/1.1\r\n\r\nlogin=a&pwd=***&b=c");
        }

        #[test]
        fn a_ticket_in_a_cut_document_stays_hidden(cut in 0usize..90) {
            let text = "POST / HTTP/1.1\r\n\r\n<s:Envelope><s:Header><TicketToken>QQQQQQQQQQQQ</TicketToken></s:Header>";
            let text = &text[..cut.min(text.len())];
            proptest::prop_assert!(!shown(text).contains('Q'));
        }
    }
}
