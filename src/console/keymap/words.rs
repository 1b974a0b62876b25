//! The words under which people look for something in the help, where its own help says it in others.

/// A command of the registry, and more words for it.
pub const WORDS: &[(&str, &str)] = &[
    // The contacts.
    (
        "status",
        "change set presence state flip available appear invisible dnd",
    ),
    ("psm", "mood quote status message text subtitle"),
    ("media", "music song playing listening"),
    ("name", "nickname display rename alias"),
    ("add", "new create buddy friend invite"),
    ("remove", "delete drop buddy friend"),
    ("undo", "revert restore oops mistake"),
    (
        "edit",
        "change modify picture avatar group block properties",
    ),
    ("mark", "select choose several multiple"),
    ("mark-all", "select everything"),
    ("save", "write store keep disk"),
    // Clients.
    ("kick", "disconnect ban drop end logoff sign out"),
    ("shape", "dialect version protocol windows mac family"),
    ("dialects", "version protocol msnp8 msnp18"),
    ("challenge", "qry chl verify"),
    ("patience", "timeout slow stall wait"),
    ("forget", "remove delete clean offline"),
    ("demo", "example client simulate test"),
    ("hurry", "faster skip speed"),
    ("clients", "who connected users sessions"),
    // Conversations.
    ("say", "chat talk speak write im message"),
    ("converse", "chat talk speak im message window"),
    ("say-it", "chat send message"),
    ("focus-conversation", "chat talk im messages switchboard"),
    ("conversations", "chats switchboard sessions"),
    ("ring", "chat call open"),
    ("typing", "chat composing"),
    ("nudge", "buzz shake vibrate wizz"),
    ("invite", "group chat join"),
    ("leave", "chat exit part"),
    ("behave", "bot script autoreply automatic answer schedule"),
    ("picture", "avatar photo image icon display usertile"),
    (
        "fetch",
        "emoticon smiley wink animation voice clip get download",
    ),
    ("accept", "file transfer receive download"),
    ("refuse", "file transfer decline reject"),
    // The transcript.
    ("play", "pause hold stop freeze resume replay"),
    ("page-up", "pause hold freeze stop scroll older history"),
    ("page-down", "scroll newer"),
    ("up", "scroll previous pause"),
    ("down", "scroll next"),
    ("first", "top oldest beginning start scroll"),
    ("last", "bottom newest tail live resume unpause scroll end"),
    ("unfold", "expand collapse wrap body payload more"),
    ("unfold-all", "expand collapse wrap body payload"),
    (
        "focus-detail",
        "wrap long line explain whole full cut truncated",
    ),
    (
        "focus-log",
        "errors messages warnings notifications history",
    ),
    ("focus-login", "sign-in steps progress ladder stuck"),
    ("search", "find look grep"),
    ("search-back", "find backwards"),
    ("filter", "show only hide grep"),
    ("no-filter", "reset unfilter everything"),
    ("clear", "empty clean wipe delete"),
    ("times", "timestamps clock seconds elapsed delta"),
    ("hex", "raw binary dump"),
    ("next-error", "problem finding fault failure"),
    ("copy", "clipboard yank paste select"),
    ("load", "resend repeat again"),
    ("record", "log capture sniff save file"),
    ("export", "save capture wireshark pcap pcapng har file log"),
    // The injector.
    ("inject", "send raw compose write line"),
    ("send", "inject raw command"),
    ("send!", "inject raw malformed invalid break"),
    ("unchecked", "raw malformed invalid broken"),
    ("complete", "autocomplete suggest template"),
    ("older", "history previous recall"),
    ("target", "recipient whom receiver broadcast"),
    // The screen.
    ("quit", "exit close leave stop end"),
    ("close", "exit leave stop end"),
    ("cancel", "abort interrupt escape exit"),
    ("suspend", "pause background shell stop"),
    ("zoom", "fullscreen maximize enlarge big wrap"),
    ("wider", "resize larger split"),
    ("narrower", "resize smaller split"),
    ("taller", "resize larger split"),
    ("shorter", "resize smaller split"),
    ("theme", "colour color dark light contrast scheme"),
    ("mouse", "select copy clipboard paste click scroll"),
    ("redraw", "refresh garbage broken screen"),
    ("next-pane", "switch window move focus panel"),
    ("help", "keys shortcuts manual documentation"),
    ("prompt", "type command line"),
];

/// What is not done in the console, and is looked for there: where it is done, what it does, and more words for it.
pub const OUTSIDE: &[(&str, &str, &str)] = &[
    (
        "--show-secrets",
        "shows passwords and tickets, which are *** without it: an option at the start",
        "password secret mask stars hidden",
    ),
    (
        "accounts.toml",
        "in the folder of the contacts: who may sign in, and with which password; without the file anybody may",
        "password account user login credentials",
    ),
    (
        "nudge certs show",
        "the root certificate that a client has to trust, and where it is kept",
        "certificate ssl tls https root ca trust fingerprint key",
    ),
    (
        "nudge hosts",
        "the lines for the hosts file of a client's machine",
        "dns address ip name server port",
    ),
    (
        "http://ADDRESS/check",
        "opened on the client's machine, shows what leads here and what does not",
        "connect reach firewall network web browser",
    ),
    (
        "nudge client",
        "a client to play with, in a second terminal",
        "test simulate second user account",
    ),
    (
        "nudge open FILE",
        "a recording in this console; --follow goes on with one that is still being written",
        "play replay load view",
    ),
    (
        "nudge explain FILE",
        "what went wrong in a recorded sign-in, without a screen",
        "why stuck problem report",
    ),
    (
        "nudge --headless",
        "the service without a screen: events out as JSON lines, commands in",
        "script automation json api ci",
    ),
    (
        "--ascii",
        "draws with ASCII alone; NO_COLOR=1 takes the colours off",
        "unicode garbage symbols font color",
    ),
];

/// More words for a command; none where it has none.
pub fn words(name: &str) -> &'static str {
    let found = WORDS.iter().find(|(held, _)| *held == name);
    found.map_or("", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::super::REGISTRY;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn more_words_are_of_a_command_and_said_once() {
        let mut seen = BTreeSet::new();
        for (name, words) in WORDS {
            let spec = REGISTRY.specs().find(|spec| spec.name == *name);
            assert!(spec.is_some(), "there is no command {name}");
            assert!(seen.insert(name), "{name} stands twice");
            assert_eq!(*words, words.to_lowercase(), "{name}");
        }
    }
}
