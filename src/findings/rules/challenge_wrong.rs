//! A wrong answer to a challenge.

use super::{Context, Hit};
use crate::findings::ladder::shown;
use crate::msnp::challenge;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.of_verb(b"QRY")?;
    // It answers the oldest; one that it has passed over is not this one's fault.
    let waiting = &context.client?.challenges;
    let sent = waiting.front()?;
    let id = shown(frame.frame.tokens().nth(2)?);
    let Some(key) = challenge::key(&id) else {
        return Hit::new(
            "QRY product id",
            format!("{id} is no product id that is known, so its answer cannot be judged"),
        );
    };
    let dialect = context.shape()?.dialect;
    let right = |text: &str| challenge::answer(dialect, text, &id, key);
    let is_right = |text: &str| frame.frame.payload() == Some(right(text).as_bytes());
    if waiting.iter().any(|one| is_right(&one.text)) {
        return None;
    }
    let right = right(&sent.text);
    let given = frame.frame.payload().unwrap_or_default();
    let is_digits = given.len() == right.len() && given.iter().all(u8::is_ascii_hexdigit);
    let form = match is_digits {
        true => String::new(),
        false => format!(
            ": {} hexadecimal digits are due, and {} bytes came",
            right.len(),
            given.len()
        ),
    };
    Hit::new(
        "QRY",
        format!(
            "the answer to the challenge {} should be {right}{form}",
            sent.text
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn only_the_right_answer_is_right() {
        let mut story = story();
        story.inject("CHL 0 22210219642164014968\r\n");
        story.c("QRY 9 PROD0090YUAUV{2B 32\r\n85ecb0db8f32113df79ce0892b9a102c");
        assert_eq!(ids_of(&story, "challenge-wrong"), 0);
        story.inject("CHL 0 22210219642164014968\r\n");
        story.c("QRY 10 PROD0090YUAUV{2B 32\r\n85ecb0db8f32113df79ce0892b9a102d");
        assert_eq!(ids_of(&story, "challenge-wrong"), 1);
        story.inject("CHL 0 1\r\n").c("QRY 11 NOBODY 2\r\nab");
        assert_eq!(ids_of(&story, "challenge-wrong"), 2);
        // Another one was sent meanwhile.
        story.inject("CHL 0 22210219642164014968\r\n");
        story.inject("CHL 0 12345678901234567890\r\n");
        story.c("QRY 12 PROD0090YUAUV{2B 32\r\n85ecb0db8f32113df79ce0892b9a102c");
        assert_eq!(ids_of(&story, "challenge-wrong"), 2);
    }
}
