//! The panes of the console, in one table: keys are told apart by pane, and key files, help and titles name it.
//!
//! What a pane shows and does is in `console/panes`, a folder each.

use super::{Key, Press};

macro_rules! panes {
    ($($(#[$doc:meta])* $pane:ident $name:literal $title:literal $key:literal $help:literal $types:literal;)*) => {
        /// A pane of the console.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Pane {
            $($(#[$doc])* $pane),*
        }

        /// The first of them.
        impl Default for Pane {
            fn default() -> Self {
                ROWS[0].pane
            }
        }

        const ROWS: &[Row] = &[$(Row {
            pane: Pane::$pane,
            name: $name,
            title: $title,
            keys_of: concat!("Keys: ", stringify!($pane)),
            types: $types,
            focus: concat!("focus-", $name),
            help: $help,
            keys: [Key {
                place: Place::Everywhere,
                key: $key,
                label: "",
                line: concat!("focus-", $name),
                press: Press::Run,
            }],
        }),*];
    };
}

panes! {
    /// Who is connected.
    Clients "clients" "Clients" "1" "To the clients" false;
    /// What happened.
    Transcript "transcript" "Transcript" "2" "To the transcript" false;
    /// The contacts.
    Contacts "contacts" "Contacts" "3" "To the contacts" false;
    /// What the cursor is on.
    Detail "detail" "Detail" "4" "To the detail: what the cursor is on, whole and explained" false;
    /// What is to be sent.
    Injector "injector" "Inject" "5" "To the injector" true;
    /// Messages to the operator.
    Log "log" "Log" "6" "To the message log" false;
    /// How far a sign-in is.
    Login "login" "Login" "7" "To the steps of the login" false;
    /// What contacts and clients say to each other.
    Conversation "conversation" "Conversation" "8" "To the conversations" true;
}

/// What the table says of a pane.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Which.
    pub pane: Pane,
    /// Its name in key files and help.
    pub name: &'static str,
    /// Its title on the screen.
    pub title: &'static str,
    /// The title of its keys in the help.
    pub keys_of: &'static str,
    /// Whether text is typed in it: then a letter is text, and no key.
    pub types: bool,
    /// The command that moves the focus to it.
    pub focus: &'static str,
    /// What that command does.
    pub help: &'static str,
    /// Its key.
    pub keys: [Key; 1],
}

impl Pane {
    /// What the table says of each, in the order of their numbers.
    pub const TABLE: &'static [Row] = ROWS;

    /// All of them, in the order of their numbers.
    pub fn all() -> impl DoubleEndedIterator<Item = Pane> + Clone {
        ROWS.iter().map(|row| row.pane)
    }

    /// What the table says of it.
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// Its number, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The one that Tab goes to, or shift-Tab.
    pub fn next(self, back: bool) -> Pane {
        let step = if back { ROWS.len() - 1 } else { 1 };
        ROWS[(self as usize + step) % ROWS.len()].pane
    }
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Wherever no text is being typed.
    Everywhere,
    /// In every pane in which no text is typed: the keys that move the cursor.
    Moving,
    /// In this pane.
    In(Pane),
}

impl Place {
    /// The panes, `None` for everywhere.
    pub fn panes(self) -> Vec<Option<Pane>> {
        match self {
            Place::Everywhere => vec![None],
            Place::Moving => {
                let moving = ROWS.iter().filter(|row| !row.types);
                moving.map(|row| Some(row.pane)).collect()
            }
            Place::In(pane) => vec![Some(pane)],
        }
    }

    /// Whether the same key in both places would mean two things at once.
    pub(super) fn meets(self, other: Place) -> bool {
        let everywhere = Place::Everywhere;
        self == everywhere
            || other == everywhere
            || self.panes().iter().any(|pane| other.panes().contains(pane))
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Place::Everywhere => "everywhere",
            Place::Moving => "every list",
            Place::In(pane) => pane.row().name,
        }
    }
}
