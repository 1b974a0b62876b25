//! What clients send beside words: custom emoticons, winks, ink; and messages that are longer than one carries.
//!
//! Sources: the NINA wiki; a wink that was watched, in the comments of an open client, in pieces of 1,202 bytes
//! (`Message-ID`, `Chunks`, `Chunk`); ink of Windows Live Messenger that was watched, in the notes of another.

use super::escape;
use super::message::MAX_MESSAGE;
use super::mime::Mime;
use super::object::Written;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The most bytes of a long message in one of its pieces.
pub const PIECE: usize = 1_202;
/// Within so many bytes of a payload the headers of a long message say that it is one.
const NEAR: usize = 512;
/// Bytes of the longest shortcut of an emoticon that is kept.
pub const MAX_SHORTCUT: usize = 64;
/// By what a wink is named among what a client has shown.
pub const WINK: &str = "wink";
/// By what a voice clip is named there.
pub const VOICE: &str = "voice";

/// Says which object stands for a shortcut in the words that follow. `animated` is how clients send a GIF.
pub fn emoticon(shortcut: &str, object: &str, animated: bool) -> String {
    let kind = if animated { "animemoticon" } else { "emoticon" };
    format!("MIME-Version: 1.0\r\nContent-Type: text/x-mms-{kind}\r\n\r\n{shortcut}\t{object}\t")
}

/// A wink: datacast 2 with its object.
pub fn wink(object: &str) -> String {
    format!(
        "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 2\r\nData: {object}\r\n\r\n"
    )
}

/// Whether a payload may show something that is to be fetched of whoever sent it: the first piece of a long one says so.
pub fn may_show(payload: &[u8]) -> bool {
    let near = &payload[..payload.len().min(NEAR)];
    let names = |word: &str| memchr::memmem::find(near, word.as_bytes()).is_some();
    names("emoticon") || names("datacast")
}

/// What a whole payload shows that is to be fetched of whoever sent it: custom emoticons by their shortcuts, a wink, a voice
/// clip. What is no object, or has no bytes, is left out.
pub fn shown(payload: &[u8]) -> Vec<(String, Written)> {
    let mime = Mime::read(payload);
    let content = mime.media_type().unwrap_or_default().to_ascii_lowercase();
    let object = |xml: &[u8]| Written::read(std::str::from_utf8(xml).ok()?);
    match content.as_str() {
        "text/x-mms-emoticon" | "text/x-mms-animemoticon" => {
            let fields: Vec<&[u8]> = mime.body.split(|b| *b == b'\t').collect();
            let pairs = fields.chunks_exact(2).filter_map(|pair| {
                let shortcut = escape::to_text(pair[0].trim_ascii());
                let fits = (1..=MAX_SHORTCUT).contains(&shortcut.len());
                Some((shortcut, object(pair[1]).filter(|_| fits)?))
            });
            pairs.collect()
        }
        "text/x-msnmsgr-datacast" => {
            let inner = Mime::read(mime.body);
            let name = match inner.get("ID") {
                Some(b"2") => WINK,
                Some(b"3") => VOICE,
                _ => return Vec::new(),
            };
            let data = inner.get("Data").and_then(object);
            data.map(|data| (name.to_owned(), data))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Handwriting: a GIF, or Ink Serialized Format.
pub fn ink(data: &[u8], is_gif: bool) -> String {
    let kind = if is_gif {
        "image/gif"
    } else {
        "application/x-ms-ink"
    };
    let data = BASE64.encode(data);
    format!("MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\nbase64:{data}")
}

/// A payload as the messages that carry it: itself, or its pieces where it is longer than one carries. `id` is a GUID that
/// no other message has.
pub fn pieces(payload: &str, id: &str) -> Vec<String> {
    let Some((head, body)) = payload
        .split_once("\r\n\r\n")
        .filter(|_| payload.len() > MAX_MESSAGE)
    else {
        return vec![payload.to_owned()];
    };
    let mut cuts = vec![0];
    while let Some(rest) = cuts
        .last()
        .map(|at| &body[*at..])
        .filter(|rest| rest.len() > PIECE)
    {
        cuts.push(body.len() - rest.len() + rest.floor_char_boundary(PIECE));
    }
    let count = cuts.len();
    cuts.push(body.len());
    let parts = cuts.windows(2).enumerate();
    parts
        .map(|(number, cut)| {
            let part = &body[cut[0]..cut[1]];
            match number {
                0 => format!("{head}\r\nMessage-ID: {id}\r\nChunks: {count}\r\n\r\n{part}"),
                _ => format!("Message-ID: {id}\r\nChunk: {number}\r\n\r\n{part}"),
            }
        })
        .collect()
}

/// Which long message a payload is a piece of, and whether it is a later one than the first.
pub fn piece_of(payload: &[u8]) -> Option<(String, bool)> {
    // Few messages are long: the headers are read only where they say so.
    let near = &payload[..payload.len().min(NEAR)];
    memchr::memmem::find(near, b"Chunk")?;
    let mime = Mime::read(payload);
    let id = mime.text("Message-ID")?.to_owned();
    let later = mime.get("Chunk").is_some();
    (later || mime.get("Chunks").is_some()).then_some((id, later))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_payload_is_one_message_and_a_long_one_is_cut_as_it_was_watched() {
        let short = wink("<msnobj/>");
        assert_eq!(pieces(&short, "{1}"), std::slice::from_ref(&short));
        let id = "{879ED7A5-DF1C-BEAA-6D8B-65F6137734C5}";
        let long = pieces(&wink(&"x".repeat(2_500)), id);
        let lengths: Vec<usize> = long.iter().map(String::len).collect();
        // The second piece that was watched had 1,266 bytes.
        assert_eq!(lengths[1], 1_266);
        assert!(long[0].starts_with("MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\nMessage-ID: {879ED7A5-DF1C-BEAA-6D8B-65F6137734C5}\r\nChunks: 3\r\n\r\nID: 2\r\nData: xxx"));
        assert!(
            long[2].starts_with(
                "Message-ID: {879ED7A5-DF1C-BEAA-6D8B-65F6137734C5}\r\nChunk: 2\r\n\r\n"
            )
        );
        assert_eq!(piece_of(long[0].as_bytes()), Some((id.to_owned(), false)));
        assert_eq!(piece_of(long[2].as_bytes()), Some((id.to_owned(), true)));
        assert_eq!(piece_of(b"Content-Type: text/plain\r\n\r\nChunks: 3"), None);
    }

    proptest! {
        #[test]
        fn pieces_together_are_the_payload_and_none_is_too_long(words in "\\PC{0,3000}") {
            let payload = format!("A: b\r\n\r\n{words}");
            let all = pieces(&payload, "{879ED7A5-DF1C-BEAA-6D8B-65F6137734C5}");
            prop_assert!(all.iter().all(|piece| piece.len() <= MAX_MESSAGE));
            let bodies = all.iter().filter_map(|piece| piece.split_once("\r\n\r\n"));
            let whole: String = bodies.map(|(_, body)| body).collect();
            prop_assert_eq!(whole, words);
        }

        #[test]
        fn any_payload_is_a_piece_or_not(bytes: Vec<u8>) {
            let _ = piece_of(&bytes);
            let _ = piece_of(&[b"Chunk: 1\r\nMessage-ID: ", &bytes[..]].concat());
        }
    }
}
