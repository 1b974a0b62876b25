//! Every key of the console, said once: what it does, its name in key files, its default keys, where it works, what the
//! help overlay says, and the word in the footer.

use crate::msnp::Status;

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// In every pane.
    Everywhere,
    /// The list of clients.
    Clients,
    /// The transcript.
    Transcript,
    /// The contacts.
    Contacts,
    /// The detail of a line.
    Detail,
    /// The injector.
    Injector,
    /// The message log.
    Log,
}

impl Context {
    /// Each with its name in key files and its heading in the help overlay.
    pub const TABLE: [(Context, &'static str, &'static str); 7] = [
        (Context::Everywhere, "everywhere", "Everywhere"),
        (Context::Contacts, "contacts", "Contacts"),
        (Context::Transcript, "transcript", "Transcript"),
        (Context::Injector, "injector", "Injector"),
        (Context::Clients, "clients", "Clients"),
        (Context::Detail, "detail", "Detail"),
        (Context::Log, "log", "Log"),
    ];

    /// Its name in key files.
    pub fn name(self) -> &'static str {
        Self::TABLE
            .iter()
            .find(|(held, ..)| *held == self)
            .map_or("", |(_, name, _)| name)
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The table below says what each is, once.
pub enum Act {
    Focus(super::super::layout::Pane),
    NextPane,
    PreviousPane,
    Help,
    Prompt,
    Filter,
    SearchForward,
    SearchBack,
    Inject,
    Save,
    Undo,
    Theme,
    Mouse,
    Wider,
    Narrower,
    Taller,
    Shorter,
    Zoom,
    Redraw,
    Back,
    Quit,
    QuitNow,
    Suspend,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Flip(Status),
    EditMessage,
    EditContact,
    Mark,
    MarkAll,
    Add,
    Remove,
    FilterClient,
    Kick,
    Unfold,
    UnfoldAll,
    TokenLeft,
    TokenRight,
    Include,
    Exclude,
    NextMatch,
    PreviousMatch,
    NextMark,
    NextSameTransaction,
    PreviousSameTransaction,
    NextSameClient,
    PreviousSameClient,
    NextError,
    PreviousError,
    Times,
    ClearFilter,
    Load,
    Copy,
    Hex,
    SendNow,
    NewLine,
    Complete,
    Checked,
    Target,
    Older,
    Newer,
    Leave,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it does.
    pub act: Act,
    /// Its name in key files.
    pub name: &'static str,
    /// Its default keys.
    pub keys: &'static [&'static str],
    /// Where it works.
    pub contexts: &'static [Context],
    /// What it does, for the help overlay.
    pub help: &'static str,
    /// The word in the footer; empty where it is not shown there.
    pub hint: &'static str,
}

const fn row(
    act: Act,
    name: &'static str,
    keys: &'static [&'static str],
    contexts: &'static [Context],
    help: &'static str,
    hint: &'static str,
) -> Row {
    Row { act, name, keys, contexts, help, hint }
}

use super::super::layout::Pane;
use Context::{Clients, Contacts, Detail, Everywhere, Injector, Log, Transcript};

const ALL: &[Context] = &[Everywhere];
const LISTS: &[Context] = &[Clients, Transcript, Contacts, Detail, Log];

/// The table, in the order in which footer and help show it.
pub const TABLE: &[Row] = &[
    // Contacts: what a newcomer tries first.
    row(Act::Flip(Status::Busy), "busy", &["b"], &[Contacts], "show the contact, or every marked one, as busy", "busy"),
    row(Act::Flip(Status::Online), "online", &["o"], &[Contacts], "as online", "online"),
    row(Act::Flip(Status::Away), "away", &["a"], &[Contacts], "as away", "away"),
    row(Act::Flip(Status::Idle), "idle", &["i"], &[Contacts], "as idle", "idle"),
    row(Act::Flip(Status::BeRightBack), "be-right-back", &["r"], &[Contacts], "as being right back", "brb"),
    row(Act::Flip(Status::OutToLunch), "lunch", &["u"], &[Contacts], "as out to lunch", "lunch"),
    row(Act::Flip(Status::OnThePhone), "phone", &["p"], &[Contacts], "as on the phone", "phone"),
    row(Act::Flip(Status::Hidden), "hidden", &["h"], &[Contacts], "as hidden: clients see it leave", "hidden"),
    row(Act::Flip(Status::Offline), "offline", &["x"], &[Contacts], "as offline", "offline"),
    row(Act::EditMessage, "edit-message", &["e"], &[Contacts], "edit the personal message", "message"),
    row(Act::EditContact, "edit-contact", &["E"], &[Contacts], "edit the whole contact: name, message, media, lists, groups", "edit"),
    row(Act::Mark, "mark", &["space"], &[Contacts, Clients], "mark; a key then works on every marked one", "mark"),
    row(Act::MarkAll, "mark-all", &["*"], &[Contacts, Clients], "mark all, or none where all are marked", ""),
    row(Act::Add, "add", &["A"], &[Contacts], "add a contact", "add"),
    row(Act::Remove, "remove", &["D"], &[Contacts], "remove contacts, after asking", "remove"),
    // Transcript.
    row(Act::Unfold, "unfold", &["enter", "space"], &[Transcript], "unfold or fold the payload", "unfold"),
    row(Act::UnfoldAll, "unfold-all", &["z"], &[Transcript], "unfold or fold all payloads", ""),
    row(Act::FilterClient, "filter-client", &["c"], &[Transcript], "show this line's client alone, or all again", "client"),
    row(Act::FilterClient, "filter-client", &["enter"], &[Clients], "show this client alone in the transcript, or all again", "only this one"),
    row(Act::TokenLeft, "token-left", &["left", "h"], &[Transcript], "to the value on the left", ""),
    row(Act::TokenRight, "token-right", &["right", "l"], &[Transcript], "to the value on the right", ""),
    row(Act::Include, "include", &["+", "="], &[Transcript, Detail], "show lines with the value under the cursor alone", "include"),
    row(Act::Exclude, "exclude", &["-"], &[Transcript, Detail], "hide lines with the value under the cursor", "exclude"),
    row(Act::ClearFilter, "clear-filter", &["F"], ALL, "show every line again", ""),
    row(Act::NextMatch, "next-match", &["n"], &[Transcript], "to the next line that the search finds", ""),
    row(Act::PreviousMatch, "previous-match", &["N"], &[Transcript], "to the one before", ""),
    row(Act::Mark, "mark", &["m"], &[Transcript], "mark the line", "mark"),
    row(Act::NextMark, "next-mark", &["'"], &[Transcript], "to the next marked line, round and round", ""),
    row(Act::NextSameTransaction, "next-same-transaction", &["]"], &[Transcript], "to the next line of the same transaction", ""),
    row(Act::PreviousSameTransaction, "previous-same-transaction", &["["], &[Transcript], "to the one before", ""),
    row(Act::NextSameClient, "next-same-client", &["}"], &[Transcript], "to the next line of the same client", ""),
    row(Act::PreviousSameClient, "previous-same-client", &["{"], &[Transcript], "to the one before", ""),
    row(Act::NextError, "next-error", &["w"], &[Transcript], "to the next warning or error", "next error"),
    row(Act::PreviousError, "previous-error", &["W"], &[Transcript], "to the one before", ""),
    row(Act::Times, "times", &["t"], &[Transcript], "times as of the clock, since the line before, since the connection began", "times"),
    row(Act::Load, "load", &["L"], &[Transcript, Detail], "load the line into the injector", "load"),
    row(Act::Copy, "copy", &["y"], &[Transcript, Detail, Log, Contacts, Clients], "copy the line, over ssh and tmux too", "copy"),
    // Clients.
    row(Act::Kick, "kick", &["K"], &[Clients], "close the client's connection, after asking", "kick"),
    // Detail.
    row(Act::Hex, "hex", &["x"], &[Transcript, Detail], "the bytes in hexadecimal, or the explanation again", "hex"),
    // Injector.
    row(Act::SendNow, "send", &["enter"], &[Injector], "send", "send"),
    row(Act::NewLine, "new-line", &["alt-enter", "ctrl-j"], &[Injector], "a line break: what follows is the payload", "line break"),
    row(Act::Complete, "complete", &["tab"], &[Injector], "complete the verb or value; a verb alone is filled from the selected contact", "complete"),
    row(Act::Checked, "checked", &["ctrl-t"], &[Injector], "checked and completed, or exactly these bytes", "unchecked"),
    row(Act::Target, "target", &["ctrl-g"], &[Injector], "to the selected client, to marked ones, to all", "target"),
    row(Act::Older, "older", &["ctrl-p", "alt-up"], &[Injector], "an older entry of the history", "history"),
    row(Act::Newer, "newer", &["ctrl-n", "alt-down"], &[Injector], "a newer one", ""),
    row(Act::Leave, "leave", &["esc"], &[Injector], "back to the pane before", "back"),
    // Lists.
    row(Act::Up, "up", &["up", "k"], LISTS, "up", ""),
    row(Act::Down, "down", &["down", "j"], LISTS, "down", ""),
    row(Act::PageUp, "page-up", &["pgup", "ctrl-b"], LISTS, "a page up", ""),
    row(Act::PageDown, "page-down", &["pgdn", "ctrl-f"], LISTS, "a page down", ""),
    row(Act::First, "first", &["home", "g"], LISTS, "to the first line", ""),
    row(Act::Last, "last", &["end", "G"], LISTS, "to the last line; the transcript follows again", ""),
    // Everywhere.
    row(Act::Inject, "inject", &["I"], ALL, "write to a client", "inject"),
    row(Act::SearchForward, "search", &["/"], ALL, "search the transcript", "search"),
    row(Act::SearchBack, "search-back", &["\\"], ALL, "search it backward", ""),
    row(Act::Filter, "filter", &["f"], ALL, "filter the transcript", "filter"),
    row(Act::Prompt, "prompt", &[":"], ALL, "a command", "command"),
    row(Act::Undo, "undo", &["U"], ALL, "take the last change of the roster back", "undo"),
    row(Act::Save, "save", &["ctrl-s", "S"], ALL, "write the roster to its files", ""),
    row(Act::Help, "help", &["?", "f1"], ALL, "this help", "help"),
    row(Act::Focus(Pane::Clients), "clients", &["1"], ALL, "to the clients", ""),
    row(Act::Focus(Pane::Transcript), "transcript", &["2"], ALL, "to the transcript", ""),
    row(Act::Focus(Pane::Contacts), "contacts", &["3"], ALL, "to the contacts", ""),
    row(Act::Focus(Pane::Detail), "detail", &["4"], ALL, "to the detail", ""),
    row(Act::Focus(Pane::Injector), "injector", &["5"], ALL, "to the injector", ""),
    row(Act::Focus(Pane::Log), "log", &["6"], ALL, "to the message log", ""),
    row(Act::NextPane, "next-pane", &["tab"], ALL, "to the next pane", ""),
    row(Act::PreviousPane, "previous-pane", &["shift-tab"], ALL, "to the pane before", ""),
    row(Act::Zoom, "zoom", &["Z"], ALL, "the pane alone on the screen, or all panes again", ""),
    row(Act::Wider, "wider", &[">", "ctrl-right"], ALL, "widen the left column", ""),
    row(Act::Narrower, "narrower", &["<", "ctrl-left"], ALL, "narrow the left column", ""),
    row(Act::Taller, "taller", &["ctrl-down"], ALL, "a taller transcript", ""),
    row(Act::Shorter, "shorter", &["ctrl-up"], ALL, "a shorter transcript", ""),
    row(Act::Theme, "theme", &["T"], ALL, "the next theme", ""),
    row(Act::Mouse, "mouse", &["M"], ALL, "give the mouse to the terminal for its own selection, or take it again", ""),
    row(Act::Redraw, "redraw", &["ctrl-l"], ALL, "draw everything anew", ""),
    row(Act::Suspend, "suspend", &["ctrl-z"], ALL, "stop the program, and with it the service, after asking", ""),
    row(Act::Back, "back", &["esc"], ALL, "back: out of a zoom, a search, a selection of marks", ""),
    row(Act::Quit, "quit", &["q"], ALL, "back, and from the top quit; asks while clients are connected", "quit"),
    row(Act::QuitNow, "quit-now", &["ctrl-c"], ALL, "quit; a second time at once", ""),
];

/// Keys that mean one thing in one pane and another in another, on purpose. A test holds the table to it: what is
/// not named here means the same wherever it works.
pub const ELSEWHERE: &[(&str, &str)] = &[
    ("space", "marks in lists, unfolds in the transcript"),
    ("enter", "unfolds in the transcript, filters in the clients, sends in the injector"),
    ("h", "hides a contact; in the transcript a value to the left"),
    ("x", "takes a contact offline; elsewhere shows hexadecimal"),
    ("tab", "goes round the panes; completes in the injector"),
    ("esc", "goes back; leaves the injector"),
];
