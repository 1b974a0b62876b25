//! What the console itself can do, as commands beside those of the service: name, help and default keys, said once.
//!
//! The prompt, the keys, the footer and the help overlay read this table through the [`Registry`].

use crate::command::{Arg, Kind, Pane, Registry, SERVER, Scope, Spec, specs};

macro_rules! commands {
    ($($name:literal $act:ident $help:literal $(takes $arg:literal $kind:ident: $example:literal)?,
        [$($place:ident $key:literal $label:literal),*];)*) => {
        /// What a command of the console does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Act {
            /// Gives this pane the keys.
            Focus(Pane),
            $(#[doc = $help] $act,)*
        }

        /// The commands of the console.
        pub const CONSOLE: &[Spec] = specs! {$(
            $name [$(Arg::optional($arg, Kind::$kind))?] $help $(example $example)? keys [$($place $key $label),*];
        )*};

        const ACTS: &[(&str, Act)] = &[$(($name, Act::$act)),*];
    };
}

/// What the command of that name does.
pub fn act(name: &str) -> Option<Act> {
    let focus = Pane::TABLE.iter().find(|row| row.focus == name);
    let act = ACTS.iter().find(|(held, _)| *held == name);
    act.map(|(_, act)| *act)
        .or(focus.map(|row| Act::Focus(row.pane)))
}

/// Whether the command can do nothing over a recording, where there is no service.
pub fn needs_service(spec: &Spec) -> bool {
    let is_served = matches!(spec.scope, Scope::Server(_)) && spec.name != "quit";
    is_served || matches!(act(spec.name), Some(Act::EditContact | Act::SendNow))
}

/// The commands that give a pane the keys, one for each row of the table of panes.
const FOCUS: &[Spec] = &{
    let mut specs = [CONSOLE[0]; Pane::TABLE.len()];
    let mut at = 0;
    while at < specs.len() {
        let row = &Pane::TABLE[at];
        specs[at] = Spec {
            name: row.focus,
            args: &[],
            help: row.help,
            more: "",
            example: row.focus,
            keys: &row.keys,
            scope: Scope::Console,
        };
        at += 1;
    }
    specs
};

/// Everything that can be commanded from the console.
pub const REGISTRY: Registry = Registry::new(&[
    SERVER,
    CONSOLE,
    FOCUS,
    super::files::FILES,
    super::playback::PLAYBACK,
    super::talk::TALK,
]);

commands! {
    "edit" EditContact "Edits the contact under the cursor in all its fields", [Contacts "E" "edit"];
    "mark" Mark "Marks it, or not: keys then work on every marked one",
        [Contacts "space" "mark", Clients "space" "mark", Transcript "m" "mark"];
    "mark-all" MarkAll "Marks all, or none where all are marked", [Contacts "*" "", Clients "*" ""];
    "forget" Forget "Takes the client under the cursor off the list if it has gone, else all that have gone",
        [Clients "D" "forget gone"];
    "unfold" Unfold "Unfolds or folds the payload", [Transcript "enter" "unfold", Transcript "space" ""];
    "unfold-all" UnfoldAll "Unfolds or folds all payloads", [Transcript "z" ""];
    "only-client" FilterClient "Shows this client alone in the transcript, with its requests and handshakes, or all again",
        [Transcript "c" "client", Clients "enter" "only this one"];
    "include" Include "Shows only lines with the value under the cursor",
        [Transcript "+" "include", Transcript "=" "", Detail "+" "include"];
    "exclude" Exclude "Hides lines with the value under the cursor", [Transcript "-" "exclude", Detail "-" "exclude"];
    "value-left" TokenLeft "To the value on the left", [Transcript "left" "", Transcript "h" "", Detail "left" ""];
    "value-right" TokenRight "To the value on the right", [Transcript "right" "", Transcript "l" "", Detail "right" ""];
    "next-error" NextError "To the next warning or error", [Transcript "w" "next error"];
    "previous-error" PreviousError "To the one before", [Transcript "W" ""];
    "load" Load "Loads the line into the injector, to be changed and sent again", [Transcript "L" "load", Detail "L" "load"];
    "origin" Origin "To the line that a step of the login, or a finding, came from",
        [Login "enter" "its line", Transcript "v" "evidence"];
    "diagram" Diagram "Shows the login as a sequence of its messages, a lane for each side; or its steps again",
        [Login "d" "diagram"];
    "times" Times "Shows times of the clock, since the line before, or since the connection began", [Transcript "t" "times"];
    "hex" Hex "Shows the bytes in hexadecimal, or the explanation again", [Transcript "x" "hex", Detail "x" "hex"];
    "next-match" NextMatch "To the next line that the search finds", [Transcript "n" ""];
    "previous-match" PreviousMatch "To the one before", [Transcript "N" ""];
    "next-mark" NextMark "To the next marked line, round and round", [Transcript "'" ""];
    "next-of-transaction" NextSameTransaction "To the next line of the same transaction", [Transcript "]" ""];
    "previous-of-transaction" PreviousSameTransaction "To the one before", [Transcript "[" ""];
    "next-of-client" NextSameClient "To the next line of the same client", [Transcript "}" ""];
    "previous-of-client" PreviousSameClient "To the one before", [Transcript "{" ""];
    "inject-now" SendNow "Sends what is in the injector", [Injector "enter" "send"];
    "line-break" NewLine "Breaks the line: what follows the first break is the payload",
        [Injector "alt-enter" "line break", Injector "ctrl-j" ""];
    "complete" Complete "Completes the verb or value; a verb alone is filled in from the selected contact", [Injector "tab" "complete"];
    "unchecked" Checked "Sends exactly the bytes that would have gone out, unchecked; or checks and completes again", [Injector "ctrl-t" "unchecked"];
    "clear-draft" ClearDraft "Clears what is typed", [Injector "ctrl-u" "clear"];
    "undo-typing" UndoTyping "Takes the last of what was typed back", [Injector "ctrl-z" ""];
    "target" Target "Sends to the selected client, to the marked ones, or to all", [Injector "ctrl-g" "target"];
    "older" Older "An older entry of the injector's history", [Injector "ctrl-p" "history", Injector "alt-up" ""];
    "newer" Newer "A newer entry", [Injector "ctrl-n" "", Injector "alt-down" ""];
    "return" Leave "Back to the pane before", [Injector "esc" "back", Injector "shift-tab" "", Conversation "esc" "back", Conversation "shift-tab" ""];
    "up" Up "Up", [Moving "up" "", Moving "k" "", Conversation "up" ""];
    "down" Down "Down", [Moving "down" "", Moving "j" "", Conversation "down" ""];
    "page-up" PageUp "A page up", [Moving "pgup" "", Moving "ctrl-b" "", Moving "ctrl-u" "", Conversation "pgup" ""];
    "page-down" PageDown "A page down", [Moving "pgdn" "", Moving "ctrl-f" "", Moving "ctrl-d" "", Conversation "pgdn" ""];
    "first" First "To the first line", [Moving "home" "", Moving "g" ""];
    "last" Last "To the last line; the transcript follows again", [Moving "end" "", Moving "G" ""];
    "copy" Copy "Copies the line, over ssh and in tmux too",
        [Transcript "y" "copy", Detail "y" "copy", Log "y" "copy", Contacts "y" "", Clients "y" "copy"];
    "next-pane" NextPane "To the next pane", [Moving "tab" "", Conversation "tab" ""];
    "previous-pane" PreviousPane "To the pane before", [Moving "shift-tab" ""];
    "back" Back "Back: out of a zoom, of marks, of a search", [Moving "esc" ""];
    "inject" Inject "Writes to a client", [Everywhere "I" "inject"];
    "search" SearchForward "Searches the transcript: a text, or /an expression/i; in a list finds a row as you type", [Everywhere "/" "search"];
    "search-back" SearchBack "Searches the transcript towards older lines", [Everywhere "\\" ""];
    "filter" Filter "Filters the transcript" takes "TEXT" Text: "filter verb:NLN,UBX dir:out",
        [Everywhere "f" "filter"];
    "no-filter" ClearFilter "Shows every line again", [Everywhere "F" ""];
    "clear" ClearTranscript "Forgets the lines of the transcript up to now, after asking; a recording keeps them", [];
    "prompt" Prompt "Asks for a command", [Everywhere ":" "command"];
    "zoom" Zoom "Shows this pane alone on the screen, or all panes again", [Everywhere "Z" ""];
    "wider" Wider "Widens the left column", [Everywhere ">" "", Everywhere "ctrl-right" ""];
    "narrower" Narrower "Narrows the left column", [Everywhere "<" "", Everywhere "ctrl-left" ""];
    "taller" Taller "Makes the transcript higher", [Everywhere "ctrl-down" ""];
    "shorter" Shorter "Makes the transcript lower", [Everywhere "ctrl-up" ""];
    "theme" Theme "Takes the next theme, or the one of that name" takes "NAME" Text: "theme light",
        [Everywhere "T" ""];
    "mouse" Mouse "Gives the mouse to the terminal for its own selection, or takes it again", [Everywhere "M" ""];
    "redraw" Redraw "Draws everything anew", [Everywhere "ctrl-l" ""];
    "reload" Reload "Reads key file and themes again; with a mistake in them all stays as it is", [];
    "suspend" Suspend "Stops the program, and with it the service, after asking", [Moving "ctrl-z" ""];
    "cancel" Cancel "Cancels what is being typed; from the top asks to quit, and a second time ends at once", [Everywhere "ctrl-c" ""];
    "close" Close "Back, and from the top quits; asks while clients are connected", [Everywhere "q" "quit"];
}

/// Keys that mean one thing in one pane and another in another, on purpose: a test holds the tables to it.
pub const ELSEWHERE: &[(&str, &str)] = &[
    ("space", "marks in lists, unfolds in the transcript"),
    (
        "enter",
        "unfolds in the transcript, filters in the clients, sends in the injector, says in a conversation, goes to its line in the login",
    ),
    (
        "h",
        "hides a contact; in the transcript goes to the value on the left",
    ),
    (
        "D",
        "removes contacts; in the clients forgets those that have gone",
    ),
    ("x", "takes a contact offline; elsewhere shows hexadecimal"),
    (
        "m",
        "edits a contact's media; marks a line of the transcript",
    ),
    (
        "n",
        "edits a contact's name; in the transcript, and in a list right after a search, goes to the next match",
    ),
    (
        "ctrl-z",
        "takes back what was typed in the injector; elsewhere stops the program, after asking",
    ),
    (
        "ctrl-u",
        "a page up in lists; clears what is typed in the injector",
    ),
    ("tab", "goes round the panes; completes in the injector"),
    (
        "shift-tab",
        "goes round the panes the other way; out of the injector and the conversation to the pane before",
    ),
    ("esc", "goes back; leaves the injector or the conversation"),
    (
        "c",
        "opens the conversation of a contact; in the transcript shows its client alone",
    ),
    (
        "ctrl-g",
        "fetches what a client has shown in a conversation; chooses to whom the injector sends",
    ),
    (
        "ctrl-n",
        "nudges in a conversation; a newer entry of the injector's history",
    ),
    (
        "ctrl-t",
        "speaks as another contact in a conversation; checked or unchecked in the injector",
    ),
    (
        "alt-down",
        "the next conversation; a newer entry of the injector's history",
    ),
    (
        "alt-up",
        "the conversation before; an older entry of the injector's history",
    ),
];
