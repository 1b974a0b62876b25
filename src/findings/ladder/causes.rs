//! Why a sign-in does not go on: each likely cause is one entry, with what speaks for it.
//!
//! An entry without evidence is a guess, and says what most often was the matter; one with evidence
//! stands before all guesses. Sources: `clients.md`, the article, MS-PASS.

use super::one::Ladder;
use super::row::{Evidence, Said};
use super::stall::{Cause, Kind, stall_text};
use super::steps::StepId;
use crate::event::{Ending, Severity, Timestamp};
use crate::event::{EventId, Turn};
use crate::findings::presence::Fault;
use crate::msnp::Family;
use std::time::Duration;

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
    /// What its address does at the doors of the web.
    pub web: At,
    /// When.
    pub now: Timestamp,
}

/// What an address does at the doors of the web, whoever of it does.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At {
    /// It came to the HTTPS port, ever.
    pub came: bool,
    /// It is connected there, and has sent no hello.
    pub waiting: Option<EventId>,
    /// A handshake of it is done, and no request came over it.
    pub unused: Option<EventId>,
}

/// What speaks for a cause: how much, in what words, and which event.
#[derive(Default)]
pub(super) struct Weighed {
    weight: u8,
    text: String,
    event: Option<EventId>,
    /// Its own id and what to check, where that is not the rule's.
    own: Option<(&'static str, &'static str)>,
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
        ..Weighed::default()
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
        ..Weighed::default()
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
                text: found.text.clone(),
                event: Some(found.event),
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "root-not-trusted",
        check: "install nudge's root on the client's machine and trust it for SSL (`nudge certs export`; on a Mac: Keychain Access, System, Always Trust). Clients show 80048820, 80072f0d",
        weigh: |s| match handshake(s, "tls-unknown-ca") {
            Some(found) => Some(found),
            None if s.step == StepId::Tls && s.owes == Turn::Client && s.web.waiting.is_none() => {
                guess(
                    40,
                    "the client does not trust the root and gives up, perhaps before it connects again",
                )
            }
            None => None,
        },
    },
    CauseRule {
        id: "client-clock",
        check: "the date of the client's machine: it must lie within the dates of the certificate. Clients show 80072f05, 80048820",
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
        check: "the client's SSL settings: TLS 1.0 to 1.3 are served, and RSA key exchange with AES, 3DES or RC4 below 1.2. Clients show 80072f7d, 80048820",
        weigh: |s| handshake(s, "tls-version"),
    },
    CauseRule {
        id: "hello-cut",
        check: "what is between the client and this machine: a firewall, a proxy, an MTU smaller than 1500 (VPN, PPPoE)",
        weigh: |s| handshake(s, "tls-cut").map(|w| Weighed { weight: 86, ..w }),
    },
    CauseRule {
        id: "no-hello",
        check: "what is between the client and the HTTPS port: a proxy, an antivirus program or a firewall that takes the connection",
        weigh: |s| handshake(s, "tls-silent").map(|w| Weighed { weight: 84, ..w }),
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
            if let Some(found) = seen(s, "tls-unused", 75) {
                return Some(found);
            }
            let asks = s.owes == Turn::Client && s.step <= StepId::Ticket;
            let event = s.web.unused.filter(|_| asks)?;
            Some(Weighed {
                weight: 75,
                text: "the client finished a TLS handshake and asks for nothing over it: it quietly refused the certificate, or asks its user about it".into(),
                event: Some(event),
                ..Weighed::default()
            })
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
        check: "the account and the password: `accounts.toml`, where there is one, lists who may sign in. Clients show 80048821, 81000303",
        weigh: |s| at(s, WEB).and_then(|()| seen(s, "login-refused", 100)),
    },
    CauseRule {
        id: "login-no-authorization",
        check: "the request of the login: `Authorization: Passport1.4 …,sign-in=account,pwd=password`; a client that did not understand the TWN parameters (lc=, ct=) sends none",
        weigh: |s| at(s, WEB).and_then(|()| seen(s, "login-no-authorization", 100)),
    },
    CauseRule {
        id: "login-field",
        check: "the Authorization header of the login: a comma list with sign-in and pwd",
        weigh: |s| at(s, WEB).and_then(|()| seen(s, "login-field", 100)),
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
        check: "that the ticket is of this run of nudge and of this account: sign out, quit the client, and sign in again. Clients show 81000395, 81000303",
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
                ..Weighed::default()
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
                ..Weighed::default()
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
            // A handshake has causes of its own, and no code.
            (*s.kind == Kind::Failed && s.step != StepId::Tls).then_some(())?;
            let (step, event, text) = s.ladder.refused.as_ref()?;
            (*step == s.step).then(|| Weighed {
                weight: 50,
                text: text.clone(),
                event: Some(*event),
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "operator-closed",
        check: "nothing, if it was meant (`kick`)",
        weigh: |s| match s.kind {
            Kind::Closed(reason) if Ending::read(reason) == Ending::Kicked => {
                guess(102, "the operator closed the connection (`kick`)")
            }
            _ => None,
        },
    },
    CauseRule {
        id: "elsewhere",
        check: "which other client is signed in with that account (`clients`): the later one wins",
        weigh: |s| match s.kind {
            Kind::Closed(reason) if Ending::read(reason) == Ending::Elsewhere => guess(
                102,
                "the same account signed in at another place, and the service ends the earlier connection then (OUT OTH)",
            ),
            _ => None,
        },
    },
    CauseRule {
        id: "injected",
        check: "the line that the operator put in (`send`, `send!`), against `nudge explain`: the client may not have taken it",
        weigh: |s| {
            let injected = s.ladder.injected.as_ref()?;
            let since = s.ladder.pinged.filter(|_| s.ladder.is_done(StepId::Status));
            let late = injected.time >= since.unwrap_or(s.ladder.progressed());
            let stands = !matches!(s.kind, Kind::Failed | Kind::Nobody | Kind::Resumed);
            (late && stands).then(|| Weighed {
                weight: 97,
                text: format!(
                    "the operator injected {} {} before, and nothing was heard of the client since",
                    injected.what,
                    ago(s.now.since(injected.time))
                ),
                event: Some(injected.event),
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "closed-by-nudge",
        check: "the finding before the end of the connection: it says why nudge closed it",
        weigh: |s| match s.kind {
            Kind::Closed(reason) => match Ending::read(reason) {
                Ending::ByService(reason) => Some(Weighed {
                    weight: 60,
                    text: format!("nudge closed the connection: {reason}"),
                    ..Weighed::default()
                }),
                _ => None,
            },
            _ => None,
        },
    },
    CauseRule {
        id: "cut-off",
        check: "the line end (CR LF) and the payload's length of what the client sent last, and what is between the two machines (MTU, firewall)",
        weigh: |s| match s.kind {
            Kind::Closed(reason) => match Ending::read(reason) {
                Ending::ClosedMidway(begin) => Some(Weighed {
                    weight: 98,
                    text: format!(
                        "what the client sent last was cut off in the middle of a command, of which only a part had come: {begin}"
                    ),
                    ..Weighed::default()
                }),
                _ => None,
            },
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
            let ending = Ending::read(reason);
            (ending.is_by_client() || ending == Ending::SignedOut).then_some(())?;
            let Some(answer) = &s.ladder.answer else {
                return guess(30, &format!("{reason}; nothing had been sent to it"));
            };
            let after = s.now.since(answer.time);
            let soon = after < SOON;
            Some(Weighed {
                weight: if soon { 62 } else { 12 },
                text: format!(
                    "{reason}, {} after {} was sent to it",
                    ago(after),
                    answer.what
                ),
                event: Some(answer.event),
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "no-byte",
        check: "whether it is a Messenger at all, and what stands between: a proxy or SOCKS setting, an antivirus program or firewall that takes the connection first, a look at the port",
        weigh: |s| {
            (s.step == StepId::Version && s.owes == Turn::Client && s.ladder.answer.is_none())
                .then_some(())?;
            guess(
                40,
                "it connected and not a whole line came, nothing that nudge could read: a proxy or an antivirus program holds the connection, or it is no MSN client",
            )
        },
    },
    CauseRule {
        id: "dialect-not-taken",
        check: "the dialects that are served (`--dialects`): offer it another of those it speaks, and compare its VER with `nudge explain VER`",
        weigh: |s| {
            (s.step == StepId::ClientVersion
                && s.owes == Turn::Client
                && s.ladder.is_done(StepId::Version))
            .then_some(())?;
            let chosen = s.ladder.row(StepId::Version)?;
            let others: Vec<String> = s
                .ladder
                .offered
                .iter()
                .filter(|dialect| dialect.number() != s.ladder.dialect)
                .map(ToString::to_string)
                .collect();
            let more = match others.is_empty() {
                true => "; it offered no other".to_owned(),
                false => format!(
                    "; it offered {} too, and may want one of those",
                    others.join(", ")
                ),
            };
            Some(Weighed {
                weight: 65,
                text: format!(
                    "the client did not take the answer to VER, the dialect {}{more}",
                    chosen.detail
                ),
                event: chosen.event,
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "version-not-taken",
        check: "the answer to CVR: a client may look for an update at the address in it, or wait for other fields (`nudge explain CVR`)",
        weigh: |s| {
            (s.step == StepId::Identify
                && s.owes == Turn::Client
                && s.ladder.is_done(StepId::ClientVersion))
            .then_some(())?;
            Some(Weighed {
                weight: 55,
                text: "the client did not take the answer to CVR, or asks its user about an update"
                    .into(),
                event: s.ladder.row(StepId::ClientVersion)?.event,
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "hello-missing",
        check: "what is between the client and the HTTPS port: a proxy, an antivirus program or a firewall that takes the connection, or a packet that is lost on the way (MTU)",
        weigh: |s| {
            (at(s, WEB).is_some() && s.owes == Turn::Client).then_some(())?;
            s.web.waiting.map(|event| Weighed {
                weight: 72,
                text:
                    "it connected to the HTTPS port, and no whole hello has come there: nothing was sent, or it was cut off on the way (a firewall, a packet larger than the MTU)"
                        .into(),
                event: Some(event),
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "sni-not-in-leaf",
        check: "which host the client is told to reach (`nudge hosts` lists those that the certificate names; login.live.com needs `--login-live`)",
        weigh: |s| at(s, WEB).and_then(|()| seen(s, "tls-sni", 97)),
    },
    CauseRule {
        id: "book-not-taken",
        check: "the answer of the first of them against a good sign-in: the client went no further in its address book",
        weigh: |s| {
            (at(s, &[StepId::Membership, StepId::AddressBook]).is_some() && s.owes == Turn::Client)
                .then_some(())?;
            let (came, event) = [StepId::Membership, StepId::AddressBook]
                .into_iter()
                .filter(|step| s.ladder.is_done(*step))
                .find_map(|step| s.ladder.row(step).map(|row| (row.name, row.event)))?;
            Some(Weighed {
                weight: 58,
                text: format!(
                    "the client did not take the answer of {came}: it reached that host, and asks for nothing more"
                ),
                event,
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "answer-not-taken",
        check: "the last answers in the transcript, against those that this client expects (its shape: `shape`)",
        weigh: |s| {
            let after = at(
                s,
                &[StepId::Lists, StepId::Name, StepId::Privacy, StepId::Status],
            )
            .is_some();
            (after && s.owes == Turn::Client).then_some(())?;
            let answer = s.ladder.answer.as_ref()?;
            let listed = s.ladder.is_done(StepId::Lists);
            let acknowledged = matches!(&answer.what, Said::Frame(brief) if brief.verb() == "ACK");
            // The Mac takes ACK; others want their line back.
            let echo = acknowledged && s.ladder.family == Some(Family::Windows);
            let text = match (echo, listed) {
                (true, _) => format!(
                    "it was answered {}, and a client like this one wants its own line back",
                    answer.what
                ),
                (false, true) => format!(
                    "ADL was answered, and the client did not go on after {}, the last that it was sent: CHG is due",
                    answer.what
                ),
                (false, false) => return None,
            };
            Some(Weighed {
                weight: if echo { 80 } else { 56 },
                text,
                event: Some(answer.event),
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "shape-differs",
        check: "`shape CLIENT SHAPE`: the shape that its CVR says",
        weigh: |s| match (s.ladder.shape, s.ladder.family, s.kind) {
            (_, _, Kind::Nobody) => seen(s, "shape-differs", 100),
            (Some(shape), Some(family), _)
                if shape.family != family && s.ladder.is_done(StepId::Identify) =>
            {
                guess(
                    88,
                    &format!(
                        "it is answered in the shape {shape}, which is not what its CVR says it is"
                    ),
                )
            }
            _ => None,
        },
    },
    CauseRule {
        id: "book-empty",
        check: "the roster (`contacts`): add a contact (`add ACCOUNT`), with \"forward\" among its lists",
        weigh: |s| nobody(s, "book-empty"),
    },
    CauseRule {
        id: "all-offline",
        check: "the status of the contacts (`contacts`; `status CONTACT online`)",
        weigh: |s| nobody(s, "all-offline"),
    },
    CauseRule {
        id: "no-messenger-user",
        check: "`messenger-user` in the files of contacts: true, or left out",
        weigh: |s| nobody(s, "no-messenger-user"),
    },
    CauseRule {
        id: "no-adl",
        check: "why the client sends no ADL: it took nothing out of ABFindAll and FindMembership, or keeps an old address book of its own",
        weigh: |s| nobody(s, "no-adl"),
    },
    CauseRule {
        id: "adl-empty",
        check: "the answers of ABFindAll and FindMembership against a good sign-in: the client took no contact out of them",
        weigh: |s| nobody(s, "adl-empty"),
    },
    CauseRule {
        id: "adl-not-forward",
        check: "the answer of ABFindAll: contacts of the forward list come from there, those of FindMembership are on the allow list alone",
        weigh: |s| nobody(s, "adl-not-forward"),
    },
    CauseRule {
        id: "network-differs",
        check: "`network` of the contact in its file, and t in the client's ADL: they have to be the same",
        weigh: |s| nobody(s, "network-differs"),
    },
    CauseRule {
        id: "asleep",
        check: "the client's machine: it sleeps, the client is stopped (a debugger, a dialog), or the network between is gone; nothing is closed on it",
        weigh: |s| {
            (*s.kind == Kind::Quiet).then_some(())?;
            guess(
                50,
                "its PNG did not come for twice its interval: its machine sleeps, the client is stopped, or the network is gone",
            )
        },
    },
    CauseRule {
        id: "resumed",
        check: "nothing",
        weigh: |s| {
            (*s.kind == Kind::Resumed).then_some(())?;
            guess(100, "it took longer than usual")
        },
    },
    CauseRule {
        id: "finding",
        check: "the line that shows it, in the transcript",
        weigh: noted,
    },
    CauseRule {
        id: "hosts-lines",
        check: "the hosts file of the client's machine (`nudge hosts` prints the lines), and that its name cache is emptied. Clients show 80072ee7, 81000301, 81000306",
        weigh: |s| match s.step {
            // Whoever came there, or finished a handshake, has found the host.
            StepId::Tls if s.web.waiting.is_none() => guess(
                if s.web.came { 35 } else { 50 },
                "the client looks for nexus.passport.com elsewhere: its hosts file does not name this machine",
            ),
            StepId::Membership | StepId::AddressBook
                if s.owes == Turn::Client
                    && !s.ladder.is_done(StepId::Membership)
                    && !s.ladder.is_done(StepId::AddressBook) =>
            {
                guess(
                    40,
                    "the client looks for the address book's host elsewhere: its hosts file does not name this machine",
                )
            }
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
                ..Weighed::default()
            })
        },
    },
    CauseRule {
        id: "port-443",
        check: "that port 443 of this machine leads to nudge: `--lan`, `--https 0.0.0.0:443`, or a port forward; and the firewall. Clients show 80072efd, 80048820",
        weigh: |s| {
            // Somebody of that address came in by that port: it leads here.
            (s.step == StepId::Tls && s.owes == Turn::Client && !s.web.came).then_some(())?;
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
                    StepId::Login,
                    StepId::Membership,
                    StepId::AddressBook,
                ],
            )?;
            let reached =
                s.ladder.is_done(StepId::Membership) || s.ladder.is_done(StepId::AddressBook);
            (s.owes == Turn::Client && !reached).then_some(())?;
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
            let sso = s.ladder.method == super::steps::Method::Sso
                || s.ladder.family == Some(Family::Windows);
            (waits && sso && !s.ladder.profile && !s.ladder.is_done(StepId::Membership))
                .then_some(())?;
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

/// How soon after an answer a client closes that disliked it.
const SOON: Duration = Duration::from_millis(1_500);

fn ago(time: Duration) -> String {
    match time.as_secs() {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{seconds} s"),
    }
}

fn nobody(scene: &Scene<'_>, id: &str) -> Option<Weighed> {
    (*scene.kind == Kind::Nobody).then(|| seen(scene, id, 100))?
}

/// A finding about the client: that on the failing line, or else the last since its progress, before all others; an
/// older one is a guess.
fn noted(scene: &Scene<'_>) -> Option<Weighed> {
    if matches!(scene.kind, Kind::Nobody | Kind::Quiet | Kind::Resumed) {
        return None;
    }
    let failed = *scene.kind == Kind::Failed;
    let line = scene
        .ladder
        .refused
        .as_ref()
        .filter(|_| failed)
        .map(|(_, event, _)| *event);
    let noted = || scene.ladder.noted.iter().rev();
    let heavy = |severity: Severity| severity == Severity::Error;
    let fresh = |time: Timestamp| time >= scene.ladder.progressed();
    let on_line = noted().find(|noted| Some(noted.event) == line);
    let since = || {
        noted()
            .filter(|noted| fresh(noted.time) && !failed)
            .max_by_key(|noted| (noted.sure, heavy(noted.severity)))
    };
    let (found, weight) = match (on_line, since()) {
        (Some(found), _) => (found, 101),
        (None, Some(found)) if found.sure => (found, if heavy(found.severity) { 101 } else { 96 }),
        (None, Some(found)) => (found, 60),
        (None, None) => {
            let found = noted().find(|_| !failed)?;
            // Of its last line, whose answer it may not have taken for that reason.
            (
                found,
                if found.event == scene.ladder.heard {
                    78
                } else {
                    33
                },
            )
        }
    };
    Some(Weighed {
        weight,
        text: found.text.clone(),
        event: Some(found.event),
        own: Some((found.id, check_of(found.id))),
    })
}

/// What to check where this was found.
fn check_of(id: &str) -> &'static str {
    match id {
        "not-msnp" => {
            "what that program is, and which host and port it was given; in a client its connection settings (proxy)"
        }
        "wrong-port" => {
            "the ports that the client was given: nudge prints its own when it starts, and those of the real service are 1863, 443 and 80"
        }
        "no-common-dialect" => "`--dialects`: nudge can serve MSNP8 to MSNP18",
        "sign-in-method" => {
            "the way in which this client signs in (TWN, SSO), and the dialects that are served (`--dialects`): SSO is of MSNP15 and above"
        }
        "bad-account" => "the account that the user typed: user@domain",
        "unknown-verb" => {
            "what that program is: a verb of MSNP is three letters in upper case, and the first is VER"
        }
        "out-of-order" => {
            "the order of the client's commands: VER, CVR, USR, and after USR OK the others"
        }
        "other-dialect" | "verb-dialect" => {
            "the dialect that was agreed on (`nudge explain VERB`), and `--dialects`"
        }
        "bad-length" | "payload-length" => {
            "the length that the client gives: the bytes of its payload, and not its letters"
        }
        "list-payload" => {
            "the payload of its ADL in the transcript: one ml, no white space between elements"
        }
        "unknown-path" => {
            "the address that the client was given for it (a cached or patched URL), against the paths that nudge serves"
        }
        "not-encoded" | "argument-encoding" => {
            "that the client percent-encodes its arguments (a space is %20)"
        }
        _ => "the line that shows it, in the transcript, beside `nudge explain` of that line",
    }
}

/// The client has read the address book and should send its lists.
fn after_book(scene: &Scene<'_>) -> Option<()> {
    let read =
        scene.ladder.is_done(StepId::AddressBook) || scene.ladder.is_done(StepId::Membership);
    let next = matches!(
        scene.step,
        StepId::Lists | StepId::Name | StepId::Privacy | StepId::Status
    );
    // Where ADL was answered, it took the address book.
    let taken = scene.ladder.is_done(StepId::Lists);
    (read && next && !taken && scene.owes != Turn::Server).then_some(())
}

fn failed_at(scene: &Scene<'_>, step: StepId, text: &str) -> Option<Weighed> {
    let row = scene.ladder.row(step)?;
    (scene.step == step && *scene.kind == Kind::Failed).then(|| Weighed {
        weight: 100,
        text: format!("{text}: {}", row.detail),
        event: row.event,
        ..Weighed::default()
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
        ..Weighed::default()
    })
}

fn unanswered(scene: &Scene<'_>, step: StepId, text: &str) -> Option<Weighed> {
    let asked = scene.ladder.asked.iter().find(|asked| asked.step == step)?;
    (scene.step == step && *scene.kind != Kind::Failed).then(|| Weighed {
        weight: 100,
        text: text.to_owned(),
        event: Some(asked.event),
        ..Weighed::default()
    })
}

/// The causes that may be the ones here, the likeliest first.
pub(super) fn rank(scene: &Scene<'_>) -> Vec<Cause> {
    let mut causes: Vec<Cause> = CAUSES
        .iter()
        .filter_map(|rule| {
            let found = (rule.weigh)(scene)?;
            let (id, check) = found.own.unwrap_or((rule.id, rule.check));
            Some(Cause {
                id,
                text: found.text,
                check,
                weight: found.weight,
                event: found.event,
                told: found.own.is_some(),
            })
        })
        .collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.weight));
    // Beside something as plain as this nothing is guessed.
    if causes.first().is_some_and(|cause| cause.weight >= PLAIN) {
        causes.retain(|cause| cause.event.is_some() || cause.weight >= PLAIN);
    }
    // What was found on the line says more than that it was refused.
    if causes.first().is_some_and(|cause| cause.told) {
        causes.retain(|cause| !matches!(cause.id, "refused" | "closed-by-nudge"));
    }
    if causes.len() > 1 {
        causes.retain(|cause| cause.id != "unknown");
    }
    causes
}
