//! A friendly name beyond the real limits.

use super::{Context, Hit};
use crate::findings::ladder::shown;
use crate::msnp::dictionary::{self, Kind};
use crate::msnp::{Direction, percent};

/// The most characters that clients let their users write; encoded, three bytes each.
const CHARACTERS: usize = 129;
/// The most bytes, encoded, that the real service took.
const ENCODED: usize = 387;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    let line = frame.frame.line();
    let verb = frame.frame.verb();
    let shown_verb = match (frame.direction, verb) {
        (Direction::Out, b"ILN" | b"NLN") => true,
        // The service itself refuses a longer one.
        (Direction::In, b"PRP") => line.len() <= ENCODED + 64,
        _ => false,
    };
    if !shown_verb || line.len() <= CHARACTERS {
        return None;
    }
    let entry = dictionary::lookup(verb, frame.direction)?;
    let fit = dictionary::fit(entry, frame.direction, context.shape(), line)?;
    let name = dictionary::slots(fit.form, line)
        .into_iter()
        .find(|(parameter, ..)| parameter.kind == Kind::FriendlyName)
        .map(|(.., token)| token)?;
    let characters = percent::decode_text(name).chars().count();
    if characters <= CHARACTERS && name.len() <= ENCODED {
        return None;
    }
    Hit::new(
        format!("{} friendly name", shown(verb)),
        format!(
            "a friendly name of {characters} characters, {} bytes encoded",
            name.len()
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids_of, story};

    #[test]
    fn a_name_beyond_129_characters_is_found_either_way() {
        let mut story = story();
        let nln =
            |name: &str| format!("NLN BSY busy@local 1 {name} 1085276192 %3Cmsnobj%2F%3E\r\n");
        story.s(&nln(&"a".repeat(129)));
        story.s(&nln(&"%20".repeat(129)));
        assert_eq!(ids_of(&story, "long-name"), 0);
        story.s(&nln(&"a".repeat(130)));
        story.c(&format!("PRP 9 MFN {}\r\n", "a".repeat(130)));
        assert_eq!(ids_of(&story, "long-name"), 2);
    }
}
