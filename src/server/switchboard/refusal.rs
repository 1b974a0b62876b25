//! Why the board refuses, with the code that the protocol has for it.

use super::conversation::{MAX_CONVERSATIONS, MAX_MEMBERS, MAX_WAITING};
use crate::event::{Detail, ServiceFinding};
use std::fmt;

/// Why the board refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The cookie is none that was given, by what stands in its place.
    Cookie(Stranger),
    /// The cookie was given to another account.
    Another,
    /// The cookie was shown before.
    Shown,
    /// The cookie was given too long ago.
    Old,
    /// Cookie and session stand in each other's place.
    Swapped,
    /// The cookie is good, and was given to begin a conversation: ANS showed it.
    ToBegin,
    /// The cookie is good, and was given to answer a call: USR showed it.
    ToAnswer,
    /// The cookie is good, and was given for another conversation.
    Session,
    /// There is no such conversation any more.
    Over,
    /// Nobody has this account.
    Nobody,
    /// Nor has anybody since the operator removed the contact.
    Removed,
    /// Whoever is called cannot be seen.
    Offline(Absent),
    /// Whoever is called is in the conversation.
    Present,
    /// The conversation has as many members as it may.
    Full,
    /// The client is in as many conversations as it may.
    TooMany,
    /// As many messages as may be wait for the client that is called.
    Waits,
}

rows! {
    /// Why whoever is called cannot be seen.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Absent {
        /// In words.
        fn text;
    }
    /// A contact that is offline.
    Offline "it is offline, as the roster has it: `status CONTACT online` shows it";
    /// A contact that is offline, and whose behaviour is a schedule.
    Scheduled
        "it is offline, and its behaviour is a schedule, which sets its status: `status CONTACT online` shows it until the next step";
    /// A contact that is hidden.
    Hidden "it is hidden, as the roster has it, and looks offline: `status CONTACT online` shows it";
    /// A client that is signed in, and hidden.
    Concealed "it is signed in and hidden (CHG HDN): it chose to appear offline";
    /// Somebody who was signed in, and is not now.
    Gone "no client with that account is signed in now";
    /// It has the caller on its block list.
    Blocks "it blocks the caller, who is on its block list (ADL, l=\"4\")";
    /// It allows nobody that is not on its allow list.
    Closed "it blocks the caller: it allows nobody that is not on its allow list (BLP BL)";
}

rows! {
    /// What stands where a cookie belongs.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Stranger {
        /// In words.
        fn text;
    }
    /// Nothing.
    Missing "no cookie stands behind the account: the word behind CKI in XFR or RNG belongs there";
    /// The address of the switchboard.
    Address "where the cookie belongs stands the address of the switchboard: the cookie is the word behind CKI";
    /// A part of a cookie that was given.
    Part "the cookie is cut off: it is a part of one that was given";
    /// A cookie that was given, and more.
    More "the cookie is one that was given, with something more before or behind it: show it as it was given";
    /// The word CKI, or what stands behind the cookie.
    Word
        "where the cookie belongs stands the word beside it in XFR or RNG: the cookie is the word behind CKI";
    /// The session of a call.
    Session
        "where the cookie belongs stands a session: the cookie is the word behind CKI, and the session stands behind it in ANS";
    /// What was never given.
    Unknown
        "the cookie was never given by this run of nudge: it is one of an earlier run, or was made up, or changed";
}

impl Refusal {
    /// Whether it is about the cookie that was shown.
    pub fn is_of_the_cookie(self) -> bool {
        matches!(
            self,
            Refusal::Cookie(_)
                | Refusal::Another
                | Refusal::Shown
                | Refusal::Old
                | Refusal::Swapped
                | Refusal::ToBegin
                | Refusal::ToAnswer
                | Refusal::Session
        )
    }

    /// The error code of the protocol.
    pub fn code(self) -> u16 {
        match self {
            cookie if cookie.is_of_the_cookie() => 911,
            Refusal::Over => 911,
            Refusal::Nobody | Refusal::Removed => 208,
            Refusal::Offline(_) => 217,
            Refusal::Present => 215,
            _ => 713,
        }
    }

    /// What its finding says beside the verb.
    pub fn detail(self) -> Option<Detail> {
        match self {
            Refusal::Shown | Refusal::Old | Refusal::Over => Some(Detail::CookieUsed),
            Refusal::ToBegin | Refusal::ToAnswer => Some(Detail::CookieVerb),
            Refusal::Another => Some(Detail::CookieAccount),
            _ => None,
        }
    }

    /// Its id as a finding.
    pub(super) fn id(self) -> ServiceFinding {
        match self {
            cookie if cookie.is_of_the_cookie() => ServiceFinding::BadCookie,
            Refusal::Over => ServiceFinding::BadCookie,
            Refusal::Nobody | Refusal::Removed => ServiceFinding::NoSuchAccount,
            Refusal::Offline(_) => ServiceFinding::Offline,
            Refusal::Present => ServiceFinding::InConversation,
            Refusal::Full | Refusal::Waits => ServiceFinding::ConversationFull,
            _ => ServiceFinding::TooManyConversations,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Cookie(stranger) => f.write_str(stranger.text()),
            Refusal::Another => f.write_str(
                "the cookie is good and was given to another account than the one that is named beside it",
            ),
            Refusal::Shown => f.write_str(
                "the cookie was shown before, and each is good once: ask for another with XFR SB",
            ),
            Refusal::Old => f.write_str(
                "the cookie was shown too late: each is good for a minute. Ask for another with XFR SB",
            ),
            Refusal::Swapped => f.write_str(
                "session and cookie stand in each other's place: in ANS the cookie comes first, and the session behind it",
            ),
            Refusal::ToBegin => f.write_str(
                "the cookie is good, and XFR gave it to begin a conversation: USR shows it, and not ANS, which answers a call",
            ),
            Refusal::ToAnswer => f.write_str(
                "the cookie is good, and RNG gave it to answer a call: ANS shows it, with the session behind it, and not USR",
            ),
            Refusal::Session => f.write_str(
                "the cookie is good, and the session beside it is not the one that it was given for: RNG names both",
            ),
            Refusal::Over => f.write_str("the conversation is over"),
            Refusal::Nobody => f.write_str("nobody has this account"),
            Refusal::Removed => f.write_str(
                "the operator removed it from the contacts (`remove`), and the client shows it still: `undo` brings it back",
            ),
            Refusal::Offline(absent) => f.write_str(absent.text()),
            Refusal::Present => f.write_str("it is in the conversation already"),
            Refusal::Waits => write!(
                f,
                "{MAX_WAITING} messages wait already for the client to answer the call"
            ),
            Refusal::Full => write!(f, "the conversation has {MAX_MEMBERS} members"),
            Refusal::TooMany => {
                write!(f, "the client is in {MAX_CONVERSATIONS} conversations")
            }
        }
    }
}
