//! Why a sign-in does not go on: each likely cause is one entry, with what speaks for it.
//!
//! An entry without evidence is a guess, and says what most often was the matter; one with evidence
//! stands before all guesses. Sources: `clients.md`, the article, MS-PASS.

use super::one::Ladder;
use super::row::Evidence;
use super::stall::{Cause, Kind, stall_text};
use super::steps::StepId;
use crate::event::{EventId, Turn};
use crate::findings::by_client;
use crate::findings::presence::Fault;

/// What the causes are weighed on.
pub(super) struct Scene<'a> {
    /// The client's ladder.
    pub ladder: &'a Ladder,
    /// Where it stands.
    pub step: StepId,
    /// Who owes the next move.
    pub owes: Turn,
    /// How it came to this.
    pub kind: &'a Kind,
    /// The ports at which HTTPS is served.
    pub https: &'a [u16],
}

/// What speaks for a cause: how much, in what words, and which event.
pub(super) struct Weighed {
    weight: u8,
    text: String,
    event: Option<EventId>,
}

/// A cause that is known of.
pub(super) struct CauseRule {
    /// Its id.
    pub id: &'static str,
    /// What to check, or to change.
    pub check: &'static str,
    /// Whether it may be the one here.
    pub weigh: fn(&Scene<'_>) -> Option<Weighed>,
}

fn guess(weight: u8, text: &str) -> Option<Weighed> {
    Some(Weighed {
        weight,
        text: text.to_owned(),
        event: None,
    })
}

/// The last piece of evidence of this id.
fn last<'a>(scene: &Scene<'a>, id: &str) -> Option<&'a Evidence> {
    scene.ladder.evidence.iter().rev().find(|e| e.id == id)
}

fn seen(scene: &Scene<'_>, id: &str, weight: u8) -> Option<Weighed> {
    last(scene, id).map(|found| Weighed {
        weight,
        text: found.text.clone(),
        event: Some(found.event),
    })
}

fn at(scene: &Scene<'_>, steps: &[StepId]) -> Option<()> {
    steps.contains(&scene.step).then_some(())
}

/// From this weight on a cause is plain to see.
const PLAIN: u8 = 90;
/// Where the client has to reach the HTTPS door next.
const WEB: &[StepId] = &[
    StepId::Tls,
    StepId::Nexus,
    StepId::Login,
    StepId::Tokens,
    StepId::Ticket,
    StepId::Membership,
    StepId::AddressBook,
    StepId::Lists,
];
const PASSPORT: &[StepId] = &[StepId::Nexus, StepId::Login, StepId::Ticket];
const BOOK: &[StepId] = &[StepId::Membership, StepId::AddressBook, StepId::Lists];

/// A handshake that failed after the last step that went well.
fn handshake(scene: &Scene<'_>, id: &str) -> Option<Weighed> {
    at(scene, WEB)?;
    seen(scene, id, 95)
}

/// Every cause.
pub(super) const CAUSES: &[CauseRule] = &[
    CauseRule {
        id: "unfinished",
        check: "the line end (CR LF) and the payload's length of what the client sent last: nudge has only a part of it",
        weigh: |s| (*s.kind == Kind::Silent).then(|| seen(s, "unfinished", 99))?,
    },
    CauseRule {
        id: "wrong-port",
        check: "the ports that the client was given: nudge prints its own when it starts, and those of the real service are 1863, 443 and 80",
        weigh: |s| {
            last(s, "wrong-port").map(|found| Weighed {
                weight: 99,
                text: "the client was given the wrong port".into(),
                event: Some(found.event),
            })
        },
    },
    CauseRule {
        id: "root-not-trusted",
        check: "install nudge's root on the client's machine and trust it for SSL (`nudge certs export`; on a Mac: Keychain Access, System, Always Trust)",
        weigh: |s| match handshake(s, "tls-unknown-ca") {
            Some(found) => Some(found),
            None if s.step == StepId::Tls && s.owes == Turn::Client => guess(
                40,
                "the client does not trust the root and gives up, perhaps before it connects again",
            ),
            None => None,
        },
    },
    CauseRule {
        id: "client-clock",
        check: "the date of the client's machine: it must lie within the dates of the certificate",
        weigh: |s| handshake(s, "tls-clock"),
    },
    CauseRule {
        id: "certificate-refused",
        check: "that the root is trusted for SSL, the client's clock, and that the host it asked for is one that `nudge hosts` lists",
        weigh: |s| handshake(s, "tls-certificate"),
    },
    CauseRule {
        id: "handshake-closed",
        check: "that the root is trusted: many old clients close without an alert when it is not",
        weigh: |s| handshake(s, "tls-closed").map(|w| Weighed { weight: 85, ..w }),
    },
    CauseRule {
        id: "no-tls-in-common",
        check: "the client's SSL settings: TLS 1.0 to 1.3 are served, and RSA key exchange with AES, 3DES or RC4 below 1.2",
        weigh: |s| handshake(s, "tls-version"),
    },
    CauseRule {
        id: "handshake-failed",
        check: "the line of the handshake in the transcript, which has the client's first bytes",
        weigh: |s| handshake(s, "tls-other").map(|w| Weighed { weight: 80, ..w }),
    },
    CauseRule {
        id: "certificate-refused-quietly",
        check: "that the root is trusted, and that the certificate names the host: some clients finish the handshake and refuse only then",
        weigh: |s| {
            at(s, WEB)?;
            seen(s, "tls-unused", 75)
        },
    },
    CauseRule {
        id: "nexus-status",
        check: "what answers for nexus.passport.com: it has to be 200 with PassportURLs",
        weigh: |s| at(s, PASSPORT).and_then(|()| seen(s, "nexus-status", 100)),
    },
    CauseRule {
        id: "no-passport-urls",
        check: "the answer of the nexus: the client reads the login address from the header PassportURLs, in exactly this case",
        weigh: |s| at(s, PASSPORT).and_then(|()| seen(s, "no-passport-urls", 100)),
    },
    CauseRule {
        id: "no-dalogin",
        check: "the answer of the nexus: PassportURLs has to name DALogin=host/path",
        weigh: |s| at(s, PASSPORT).and_then(|()| seen(s, "no-dalogin", 100)),
    },
    CauseRule {
        id: "passport-urls-case",
        check: "that no proxy rewrites header names: PassportURLs in exactly this case",
        weigh: |s| at(s, PASSPORT).and_then(|()| seen(s, "passport-urls-case", 90)),
    },
    CauseRule {
        id: "login-refused",
        check: "the account and the password: `accounts.toml`, where there is one, lists who may sign in",
        weigh: |s| at(s, WEB).and_then(|()| seen(s, "login-refused", 100)),
    },
    CauseRule {
        id: "login-no-ticket",
        check: "the answer of the login: Authentication-Info: Passport1.4 da-status=success,from-PP='t=…&p='",
        weigh: |s| at(s, WEB).and_then(|()| seen(s, "login-no-ticket", 100)),
    },
    CauseRule {
        id: "login-status",
        check: "what answers at the login address: it has to be 200, 302 or 401",
        weigh: |s| at(s, WEB).and_then(|()| seen(s, "login-status", 98)),
    },
    CauseRule {
        id: "ticket-refused",
        check: "that the ticket is of this run of nudge and of this account: sign out, quit the client, and sign in again",
        weigh: |s| {
            if s.step != StepId::Ticket || *s.kind != Kind::Failed {
                return None;
            }
            let row = s.ladder.row(StepId::Ticket)?;
            let why = last(s, "ticket").map_or("", |found| found.text.as_str());
            let text = match why {
                "" => format!("the ticket was refused: {}", row.detail),
                why => format!("the ticket was refused: {why}"),
            };
            Some(Weighed {
                weight: 100,
                text,
                event: row.event,
            })
        },
    },
    CauseRule {
        id: "soap-fault",
        check: "the fault in the answer: PassportAuthFail is a ticket of another run, InvalidRequest a request that nudge cannot read",
        weigh: |s| at(s, BOOK).and_then(|()| seen(s, "soap-fault", 100)),
    },
    CauseRule {
        id: "no-me",
        check: "the answer of ABFindAll: one Contact with contactType Me and a CID; without it a client never finishes signing in",
        weigh: |s| after_book(s).and_then(|()| seen(s, "no-me", 96)),
    },
    CauseRule {
        id: "no-cid",
        check: "the answer of ABFindAll: the contact of type Me needs a CID",
        weigh: |s| after_book(s).and_then(|()| seen(s, "no-cid", 94)),
    },
    CauseRule {
        id: "no-memberships",
        check: "the answer of FindMembership: Service, Memberships, Membership with a MemberRole, even with nobody in it",
        weigh: |s| after_book(s).and_then(|()| seen(s, "no-memberships", 92)),
    },
    CauseRule {
        id: "list-refused",
        check: "the payload of its ADL in the transcript, beside the error code",
        weigh: |s| failed_at(s, StepId::Lists, "the service refused its contacts"),
    },
    CauseRule {
        id: "msnobj-missing",
        check: "the msnobj of each contact: `%3Cmsnobj%2F%3E` is enough, and without it the Mac shows nobody and says nothing",
        weigh: |s| {
            dropped(
                s,
                Fault::Msnobj,
                "presence was sent without an msnobj, so the client silently shows nobody",
            )
        },
    },
    CauseRule {
        id: "network-id",
        check: "the shape of this client (`shape`): account and network id are two fields at MSNP14 to 17, one before, and 1:account at 18",
        weigh: |s| {
            dropped(
                s,
                Fault::Network,
                "presence was sent without a network id where this dialect has it",
            )
        },
    },
    CauseRule {
        id: "capabilities-form",
        check: "the shape of this client (`shape`): one number up to MSNP15 and for the Mac, two with a colon from MSNP16 on",
        weigh: |s| {
            dropped(
                s,
                Fault::Capabilities,
                "presence was sent with the capabilities of another dialect",
            )
        },
    },
    CauseRule {
        id: "presence-short",
        check: "the ILN lines in the transcript, beside `nudge explain ILN`",
        weigh: |s| dropped(s, Fault::Short, "presence was sent with too few fields"),
    },
    CauseRule {
        id: "chg-unanswered",
        check: "what answers CHG: the same line has to come back with its transaction id, and then an ILN for each contact",
        weigh: |s| {
            unanswered(
                s,
                StepId::Status,
                "CHG was not answered, and until it is the client shows nobody",
            )
        },
    },
    CauseRule {
        id: "png-unanswered",
        check: "what answers PNG: QNG with the seconds to the next ping; without it the client takes the connection for dead",
        weigh: |s| unanswered(s, StepId::Ping, "PNG was not answered"),
    },
    CauseRule {
        id: "presence-not-sent",
        check: "that contacts are online and on the forward list: a client that is shown nobody after CHG looks as if it hung",
        weigh: |s| {
            let nobody = s.step == StepId::Presence && s.ladder.shown.sent == 0;
            nobody.then_some(())?;
            guess(90, "CHG was answered, and no contact's presence followed")
        },
    },
    CauseRule {
        id: "unanswered",
        check: "the log and the transcript: nudge did not answer",
        weigh: |s| {
            (s.owes == Turn::Server && *s.kind == Kind::Silent).then_some(())?;
            let asked = s.ladder.asked.front()?;
            Some(Weighed {
                weight: 70,
                text: "the client's command has had no answer".into(),
                event: Some(asked.event),
            })
        },
    },
    CauseRule {
        id: "no-common-dialect",
        check: "which dialects the client offers, and which are served (--dialects)",
        weigh: |s| {
            failed_at(
                s,
                StepId::Version,
                "client and service have no dialect in common",
            )
        },
    },
    CauseRule {
        id: "refused",
        check: "the error code (`nudge explain CODE`), and the finding beside it",
        weigh: |s| {
            let row = s.ladder.row(s.step)?;
            // A handshake has causes of its own, and no code.
            (*s.kind == Kind::Failed && s.step != StepId::Tls).then_some(Weighed {
                weight: 50,
                text: row.detail.clone(),
                event: row.event,
            })
        },
    },
    CauseRule {
        id: "closed-by-nudge",
        check: "the finding before the end of the connection: it says why nudge closed it",
        weigh: |s| match s.kind {
            Kind::Closed(reason) if !by_client(reason) => Some(Weighed {
                weight: 60,
                text: format!("nudge closed the connection: {reason}"),
                event: None,
            }),
            _ => None,
        },
    },
    CauseRule {
        id: "closed",
        check: "what was sent last, in the transcript: a client that closes at once disliked that",
        weigh: |s| {
            let Kind::Closed(reason) = s.kind else {
                return None;
            };
            let reason = Some(reason).filter(|reason| by_client(reason))?;
            let text = match &s.ladder.last_sent {
                Some((_, sent)) => format!("{reason}; sent to it last: {sent}"),
                None => format!("{reason}; nothing had been sent to it"),
            };
            let event = s.ladder.last_sent.as_ref().map(|(event, _)| *event);
            Some(Weighed {
                weight: 60,
                text,
                event,
            })
        },
    },
    CauseRule {
        id: "hosts-lines",
        check: "the hosts file of the client's machine (`nudge hosts` prints the lines), and that its name cache is emptied",
        weigh: |s| match s.step {
            StepId::Tls => guess(
                50,
                "the client looks for nexus.passport.com elsewhere: its hosts file does not name this machine",
            ),
            StepId::Nexus => guess(20, "the client looks for nexus.passport.com elsewhere"),
            StepId::Membership | StepId::AddressBook if s.owes == Turn::Client => guess(
                40,
                "the client looks for the address book's host elsewhere: its hosts file does not name this machine",
            ),
            _ => None,
        },
    },
    CauseRule {
        id: "dalogin-host",
        check: "that the host which DALogin names leads to this machine, at that port, on the client's machine",
        weigh: |s| {
            (s.step == StepId::Login && s.owes == Turn::Client).then_some(())?;
            let host = s.ladder.row(StepId::Nexus)?.detail.clone();
            let host = if host.is_empty() {
                "the login host".into()
            } else {
                host
            };
            Some(Weighed {
                weight: 50,
                text: format!("the client does not reach {host}, where the nexus sent it"),
                event: s.ladder.row(StepId::Nexus)?.event,
            })
        },
    },
    CauseRule {
        id: "port-443",
        check: "that port 443 of this machine leads to nudge: `--lan`, `--https 0.0.0.0:443`, or a port forward; and the firewall",
        weigh: |s| {
            (s.step == StepId::Tls && s.owes == Turn::Client).then_some(())?;
            match s.https {
                [] => guess(30, "port 443 is closed for the client"),
                ports if ports.contains(&443) => {
                    guess(30, "a firewall keeps the client from port 443")
                }
                // It is certain that it is so, though a port may be forwarded.
                [first, ..] => guess(
                    55,
                    &format!("clients go to port 443, and nudge listens for HTTPS at {first}"),
                ),
            }
        },
    },
    CauseRule {
        id: "cached-server-name",
        check: "delete ~/Library/Preferences/com.microsoft.Messenger.plist (8) or Microsoft/com.microsoft.Messenger.plist (6, 7): it keeps server names",
        weigh: |s| {
            at(
                s,
                &[
                    StepId::Tls,
                    StepId::Nexus,
                    StepId::Login,
                    StepId::Membership,
                    StepId::AddressBook,
                ],
            )?;
            (s.owes == Turn::Client).then_some(())?;
            guess(20, "the client remembers a server name of an earlier try")
        },
    },
    CauseRule {
        id: "ticket-form",
        check: "the ticket in Authentication-Info: clients look for `from-PP='t=…&p='`, with nothing after it",
        weigh: |s| {
            (s.step == StepId::Ticket && s.owes == Turn::Client).then_some(())?;
            guess(30, "the client did not take the ticket of the login")
        },
    },
    CauseRule {
        id: "profile-missing",
        check: "clients that sign in by SSO wait for MSG Hotmail Hotmail with their profile before the address book",
        weigh: |s| {
            let waits = s.owes == Turn::Client
                && at(s, &[StepId::Membership, StepId::AddressBook]).is_some();
            (waits && s.ladder.method == super::steps::Method::Sso).then_some(())?;
            guess(60, "no profile was sent after USR OK")
        },
    },
    CauseRule {
        id: "book-element",
        check: "the answers of FindMembership and ABFindAll against a good sign-in: an element that the client needs is missing",
        weigh: |s| {
            after_book(s).and_then(|()| {
                guess(
                    30,
                    "the address book was read, and something in it is missing",
                )
            })
        },
    },
    CauseRule {
        id: "debugger",
        check: "nothing, if so: it waits, and nothing is closed on it",
        weigh: |s| {
            (*s.kind == Kind::Silent && s.owes == Turn::Client).then_some(())?;
            guess(
                1,
                "the client is stopped in a debugger, or asks its user something",
            )
        },
    },
    CauseRule {
        id: "unknown",
        check: "the last lines of the transcript",
        weigh: |s| guess(1, &stall_text(s.step)),
    },
];

/// The client has read the address book and should send its lists.
fn after_book(scene: &Scene<'_>) -> Option<()> {
    let read =
        scene.ladder.is_done(StepId::AddressBook) || scene.ladder.is_done(StepId::Membership);
    let next = matches!(
        scene.step,
        StepId::Lists | StepId::Name | StepId::Privacy | StepId::Status
    );
    (read && next && scene.owes != Turn::Server).then_some(())
}

fn failed_at(scene: &Scene<'_>, step: StepId, text: &str) -> Option<Weighed> {
    let row = scene.ladder.row(step)?;
    (scene.step == step && *scene.kind == Kind::Failed).then(|| Weighed {
        weight: 100,
        text: format!("{text}: {}", row.detail),
        event: row.event,
    })
}

fn dropped(scene: &Scene<'_>, fault: Fault, text: &str) -> Option<Weighed> {
    let (found, event) = scene.ladder.shown.fault?;
    (scene.step == StepId::Presence && found == fault).then(|| Weighed {
        weight: 100,
        text: format!(
            "{text} ({} of {} lines)",
            scene.ladder.shown.wrong, scene.ladder.shown.sent
        ),
        event: Some(event),
    })
}

fn unanswered(scene: &Scene<'_>, step: StepId, text: &str) -> Option<Weighed> {
    let asked = scene.ladder.asked.iter().find(|asked| asked.step == step)?;
    (scene.step == step && *scene.kind != Kind::Failed).then(|| Weighed {
        weight: 100,
        text: text.to_owned(),
        event: Some(asked.event),
    })
}

/// The causes that may be the ones here, the likeliest first.
pub(super) fn rank(scene: &Scene<'_>) -> Vec<Cause> {
    let mut causes: Vec<Cause> = CAUSES
        .iter()
        .filter_map(|rule| {
            let found = (rule.weigh)(scene)?;
            Some(Cause {
                id: rule.id,
                text: found.text,
                check: rule.check,
                weight: found.weight,
                event: found.event,
            })
        })
        .collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.weight));
    // Beside something as plain as this nothing is guessed.
    if causes.first().is_some_and(|cause| cause.weight >= PLAIN) {
        causes.retain(|cause| cause.event.is_some() || cause.weight >= PLAIN);
    }
    if causes.len() > 1 {
        causes.retain(|cause| cause.id != "unknown");
    }
    causes
}
