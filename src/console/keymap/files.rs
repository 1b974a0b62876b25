//! The commands of the console that have to do with files.

use crate::command::{Arg, Key, Kind, Place, Press, Scope, Spec};
use crate::export::Format;

const NAMES: [&str; Format::ALL.len()] = {
    let mut names = [""; Format::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Format::ALL[at].1;
        at += 1;
    }
    names
};

/// The commands.
pub const FILES: &[Spec] = &[
    Spec {
        name: "record",
        args: &[Arg::optional("FILE", Kind::Text)],
        help: "Records every event from now on, without FILE to a name that it says; once more ends it",
        more: "It opens with the contacts and clients as they are. The file is readable by you alone and holds the true bytes, secrets too. Before a file that is there is written over it asks.",
        example: "record sign-in.nudge",
        keys: &[Key {
            place: Place::Everywhere,
            key: "R",
            label: "",
            line: "record",
            press: Press::Run,
        }],
        scope: Scope::Console,
    },
    Spec {
        name: "export",
        args: &[
            Arg::new("FILE", Kind::File),
            Arg::optional("FORMAT", Kind::Choice(&NAMES)),
        ],
        help: "Writes what the filter shows to a file",
        more: "Without FORMAT the ending of FILE says it: .txt, .jsonl, .har, .pcapng, .md. Secrets are masked unless they are shown. Before a file that is there is written over it asks.",
        example: "export sign-in.pcapng",
        keys: &[],
        scope: Scope::Console,
    },
];
