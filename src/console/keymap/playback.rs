//! The commands of the console over a recording: how it is gone through.

use crate::command::{Arg, Key, Kind, Pane, Place, Press, Scope, Spec};

pub(super) const fn spec(
    name: &'static str,
    args: &'static [Arg],
    help: &'static str,
    keys: &'static [Key],
) -> Spec {
    Spec {
        name,
        args,
        help,
        more: "",
        example: name,
        keys,
        scope: Scope::Console,
    }
}

pub(super) const fn key(
    place: Place,
    key: &'static str,
    label: &'static str,
    line: &'static str,
) -> Key {
    Key {
        place,
        key,
        label,
        line,
        press: Press::Run,
    }
}

/// The commands.
pub const PLAYBACK: &[Spec] = &[
    Spec {
        more: "SPEED 1 is as fast as it was; 0.01 to 10000, or max. Without it a recording that plays is held, and one that is held is played on. A silence takes 3 seconds at the most.",
        example: "play 2",
        ..spec(
            "play",
            &[Arg::optional("SPEED", Kind::Text)],
            "Plays the recording from where it is held, or from its beginning; or holds it",
            &[key(Place::Everywhere, "P", "play", "play")],
        )
    },
    Spec {
        more: "A line is one that the filter shows.",
        example: "step 10",
        ..spec(
            "step",
            &[Arg::optional("LINES", Kind::Text)],
            "Goes on in the recording by a line, or by LINES",
            &[key(Place::Everywhere, ".", "step", "step")],
        )
    },
    Spec {
        more: "A line is one that the filter shows. Every pane is then as it was at that line.",
        example: "step-back 10",
        ..spec(
            "step-back",
            &[Arg::optional("LINES", Kind::Text)],
            "Goes back in the recording by a line, or by LINES",
            &[key(Place::Everywhere, ",", "back", "step-back")],
        )
    },
    spec(
        "here",
        &[],
        "Goes to the moment of the line under the cursor: every pane as it was then",
        &[key(Place::In(Pane::Transcript), "H", "", "here")],
    ),
    spec(
        "rewind",
        &[],
        "Goes to the first line of the recording",
        &[],
    ),
    spec(
        "faster",
        &[],
        "Plays the recording twice as fast",
        &[key(Place::Everywhere, ")", "", "faster")],
    ),
    spec(
        "slower",
        &[],
        "Plays the recording half as fast",
        &[key(Place::Everywhere, "(", "", "slower")],
    ),
];
