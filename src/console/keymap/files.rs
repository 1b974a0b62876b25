//! The commands of the console that have to do with files.

use crate::command::{Arg, Kind, Spec, specs};
use crate::export::Format;

const NAMES: [&str; Format::ALL.len()] = {
    let mut names = [""; Format::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Format::ALL[at].name();
        at += 1;
    }
    names
};

/// The commands.
pub const FILES: &[Spec] = specs! {
    "record" [Arg::optional("FILE", Kind::Text)]
        "Records every event from now on, to FILE or to a name that it chooses; once more ends it"
        more "It opens with the contacts and clients as they are. The file is readable by you alone and holds the true bytes, secrets too. It asks before it overwrites a file."
        example "record sign-in.nudge"
        keys [Everywhere "R" ""];
    "export" [Arg::new("FILE", Kind::File), Arg::optional("FORMAT", Kind::Choice(&NAMES))]
        "Writes what the filter shows to a file"
        more "Without FORMAT the ending of FILE says it: .txt, .jsonl, .har, .pcapng, .md. Secrets are masked unless they are shown. It asks before it overwrites a file."
        example "export sign-in.pcapng";
};
