//! The commands of the console over a recording: how it is gone through.

use crate::command::{Arg, Kind, Spec, specs};

/// The commands.
pub const PLAYBACK: &[Spec] = specs! {
    "play" [Arg::optional("SPEED", Kind::Text)]
        "Plays the recording from where it is held, or from its beginning; or holds it"
        more "SPEED 1 is as fast as it was; 0.01 to 10000, or max. Without SPEED it holds a recording that plays, and plays on one that is held. A silence takes at most 3 seconds."
        example "play 2"
        keys [Everywhere "P" "play"];
    "step" [Arg::optional("LINES", Kind::Text)]
        "Goes on in the recording by a line, or by LINES"
        more "A line is one that the filter shows."
        example "step 10"
        keys [Everywhere "." "step"];
    "step-back" [Arg::optional("LINES", Kind::Text)]
        "Goes back in the recording by a line, or by LINES"
        more "A line is one that the filter shows. Every pane then shows what it showed at that line."
        example "step-back 10"
        keys [Everywhere "," "back"];
    "here" []
        "Goes to the moment of the line under the cursor: every pane as it was then"
        keys [Transcript "H" ""];
    "rewind" []
        "Goes to the first line of the recording";
    "faster" []
        "Plays the recording twice as fast"
        keys [Everywhere ")" ""];
    "slower" []
        "Plays the recording half as fast"
        keys [Everywhere "(" ""];
};
