//! A personal message beyond the real limits.

use super::{Context, Hit};
use crate::findings::ladder::shown;
use crate::msnp::personal::{UuxPayload, read_uux};

/// The most characters that clients let their users write.
const CHARACTERS: usize = 129;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    let verb = frame.frame.verb();
    if !matches!(verb, b"UUX" | b"UBX") {
        return None;
    }
    let payload = frame.frame.payload().filter(|p| p.len() > CHARACTERS)?;
    let Ok(UuxPayload::Data(personal)) = read_uux(payload) else {
        return None;
    };
    let characters = personal.message.chars().count();
    if characters <= CHARACTERS {
        return None;
    }
    Hit::new(
        format!("{} PSM", shown(verb)),
        format!("a personal message of {characters} characters"),
    )
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn a_message_beyond_129_characters_is_found() {
        let mut story = story();
        let uux = |n: u32, length: usize| {
            let payload = format!(
                "<Data><PSM>{}</PSM><CurrentMedia></CurrentMedia></Data>",
                "a".repeat(length)
            );
            format!("UUX {n} {}\r\n{payload}", payload.len())
        };
        story.c(&uux(9, 129));
        assert_eq!(ids_of(&story, "long-message"), 0);
        story.c(&uux(10, 130));
        assert_eq!(ids_of(&story, "long-message"), 1);
    }
}
