//! Why a sign-in does not go on: what speaks for each cause, as far as a table can say it, and which stand before which.
//!
//! A cause without evidence is a guess, and says what most often was the matter; one with evidence
//! stands before all guesses. Sources: `clients.md`, the article, MS-PASS.

mod answers;
mod ends;
mod errands;
mod noted;
mod scene;
mod web;

pub(super) use noted::check;
pub(super) use scene::{At, Scene};

use super::cause::{Cause, CauseId};
use super::errand::Errand;
use super::stall::{Kind, stall_text};
use super::steps::StepId;
use crate::findings::presence::Fault;
use scene::{WEB, Weighed};

const PASSPORT: &[StepId] = &[StepId::Nexus, StepId::Login, StepId::Ticket];
const BOOK: &[StepId] = &[StepId::Membership, StepId::AddressBook, StepId::Lists];

/// From this weight on a cause is plain to see.
const PLAIN: u8 = 90;

/// How a cause is weighed.
enum Weigh {
    /// This weight, where it was seen and the sign-in stands at one of these steps.
    At(&'static [StepId], u8),
    /// This weight, where it was seen in the address book and the client went no further.
    Book(u8),
    /// Every step went well, and this is why its user sees nobody.
    Nobody,
    /// This step was refused.
    Refused(StepId, &'static str),
    /// Presence was sent with this fault.
    Presence(Fault, &'static str),
    /// A command of this step had no answer.
    Unanswered(StepId, &'static str),
    /// This was to be done beside its sign-in, and was not. `{}` is who it is about.
    Owed(StepId, &'static str),
    /// By what the client is to do beside its sign-in.
    Errand(fn(&Scene<'_>, &Errand) -> Option<Weighed>),
    /// By more than a row can say.
    By(fn(&Scene<'_>) -> Option<Weighed>),
}

/// What speaks for each cause.
fn weigh(cause: CauseId) -> Weigh {
    match cause {
        CauseId::Unfinished => {
            Weigh::By(|s| (*s.kind == Kind::Silent).then(|| s.seen(CauseId::Unfinished, 99))?)
        }
        CauseId::BodyWhole => {
            Weigh::By(|s| (*s.kind == Kind::Silent).then(|| s.seen(CauseId::BodyWhole, 100))?)
        }
        CauseId::RootNotTrusted => Weigh::By(web::root),
        CauseId::ClientClock | CauseId::CertificateRefused | CauseId::NoTlsInCommon => {
            Weigh::At(WEB, 95)
        }
        CauseId::HandshakeClosed => Weigh::At(WEB, 85),
        CauseId::HelloCut => Weigh::At(WEB, 86),
        CauseId::NoHello => Weigh::At(WEB, 84),
        CauseId::HandshakeFailed => Weigh::At(WEB, 80),
        CauseId::CertificateRefusedQuietly => Weigh::By(web::refused_quietly),
        CauseId::OldSignature => Weigh::By(web::old_signature),
        CauseId::NexusStatus | CauseId::NoPassportUrls | CauseId::NoDalogin => {
            Weigh::At(PASSPORT, 100)
        }
        CauseId::PassportUrlsCase => Weigh::At(PASSPORT, 90),
        CauseId::LoginRefused
        | CauseId::LoginNoAuthorization
        | CauseId::LoginField
        | CauseId::LoginNoTicket => Weigh::At(WEB, 100),
        CauseId::TokensRefused => Weigh::At(WEB, 100),
        CauseId::NoMessengerToken => Weigh::At(PASSPORT, 70),
        CauseId::TokensNotTaken => Weigh::By(web::tokens_not_taken),
        CauseId::GivenUp => Weigh::By(ends::given_up),
        CauseId::LoginStatus => Weigh::At(WEB, 98),
        CauseId::TicketRefused => Weigh::By(|s| web::ticket_refused(s, CauseId::TicketRefused)),
        CauseId::TicketEnded => Weigh::By(|s| web::ticket_refused(s, CauseId::TicketEnded)),
        CauseId::TicketChanged => Weigh::By(|s| web::ticket_refused(s, CauseId::TicketChanged)),
        CauseId::ProofForm => Weigh::By(|s| web::ticket_refused(s, CauseId::ProofForm)),
        CauseId::ProofWrong => Weigh::By(|s| web::ticket_refused(s, CauseId::ProofWrong)),
        CauseId::SoapFault => Weigh::At(BOOK, 100),
        CauseId::NoMe => Weigh::Book(96),
        CauseId::NoCid => Weigh::Book(94),
        CauseId::NoMemberships => Weigh::Book(92),
        CauseId::ListRefused => Weigh::Refused(StepId::Lists, "the service refused its contacts"),
        CauseId::MsnobjMissing => Weigh::Presence(
            Fault::Msnobj,
            "presence was sent without an msnobj, so the client silently shows nobody",
        ),
        CauseId::NetworkId => Weigh::Presence(
            Fault::Network,
            "presence was sent without a network id where this dialect has it",
        ),
        CauseId::CapabilitiesForm => Weigh::Presence(
            Fault::Capabilities,
            "presence was sent with the capabilities of another dialect",
        ),
        CauseId::PresenceShort => {
            Weigh::Presence(Fault::Short, "presence was sent with too few fields")
        }
        CauseId::ChgUnanswered => Weigh::Unanswered(
            StepId::Status,
            "CHG was not answered, and until it is the client shows nobody",
        ),
        CauseId::PngUnanswered => Weigh::Unanswered(StepId::Ping, "PNG was not answered"),
        CauseId::PresenceNotSent => Weigh::By(answers::presence_not_sent),
        CauseId::Unanswered => Weigh::By(answers::unanswered),
        CauseId::NoCommonDialect => Weigh::Refused(
            StepId::Version,
            "client and service have no dialect in common",
        ),
        CauseId::Refused => Weigh::By(answers::refused),
        CauseId::OperatorClosed => Weigh::By(ends::operator_closed),
        CauseId::TakesTurns => Weigh::By(ends::takes_turns),
        CauseId::Elsewhere => Weigh::By(ends::elsewhere),
        CauseId::InjectedFraming => Weigh::By(ends::injected_framing),
        CauseId::Reset => Weigh::By(ends::reset),
        CauseId::RosterChange => Weigh::By(ends::roster_change),
        CauseId::Injected => Weigh::By(ends::injected),
        CauseId::ClosedByNudge => Weigh::By(ends::closed_by_nudge),
        CauseId::CutOff => Weigh::By(ends::cut_off),
        CauseId::Closed => Weigh::By(ends::closed),
        CauseId::NoByte => Weigh::By(answers::no_byte),
        CauseId::NoVersion => Weigh::By(answers::no_version),
        CauseId::DialectNotTaken => Weigh::By(answers::dialect_not_taken),
        CauseId::VersionNotTaken => Weigh::By(answers::version_not_taken),
        CauseId::HelloMissing => Weigh::By(web::hello_missing),
        CauseId::SniNotInLeaf => Weigh::At(WEB, 97),
        CauseId::BookNotTaken => Weigh::By(web::book_not_taken),
        CauseId::ChallengeNotTaken => Weigh::By(answers::challenge_not_taken),
        CauseId::AnswerNotTaken => Weigh::By(answers::not_taken),
        CauseId::StatusUntold => Weigh::By(answers::status_untold),
        CauseId::ShapeDiffers => Weigh::By(answers::shape_differs),
        CauseId::BookEmpty
        | CauseId::AllOffline
        | CauseId::NoMessengerUser
        | CauseId::NoAdl
        | CauseId::DomainWithoutDot
        | CauseId::AdlEmpty
        | CauseId::AdlNotForward
        | CauseId::AdlStrangers
        | CauseId::NetworkDiffers => Weigh::Nobody,
        CauseId::Asleep => Weigh::By(errands::asleep),
        CauseId::NotPolled => {
            Weigh::By(|s| errands::not_polled(s).or_else(|| web::gateway_not_polled(s)))
        }
        CauseId::Resumed => Weigh::By(|s| {
            (*s.kind == Kind::Resumed).then_some(())?;
            let text = match s.ladder.gone {
                Some(_) => "the next try of its address got further",
                None => "it took longer than usual",
            };
            Weighed::guess(100, text)
        }),
        CauseId::Finding => Weigh::By(noted::noted),
        CauseId::LoginLive => Weigh::By(web::login_live),
        CauseId::HostsLines => Weigh::By(web::hosts_lines),
        CauseId::NexusNotTaken => Weigh::By(web::nexus_not_taken),
        CauseId::DaloginHost => Weigh::By(web::dalogin_host),
        CauseId::Port443 => Weigh::By(web::port),
        CauseId::CachedServerName => Weigh::By(web::cached_name),
        CauseId::TicketForm => Weigh::By(web::ticket_form),
        CauseId::ProfileMissing => Weigh::By(answers::profile_missing),
        CauseId::BookElement => Weigh::By(|s| {
            s.is_after_book().then_some(())?;
            let book = [StepId::Membership, StepId::AddressBook].into_iter();
            let rows = book.filter_map(|step| s.ladder.row(step));
            let most = rows.max_by_key(|row| row.times())?;
            let text = "the address book was read, and something in it is missing";
            match most.times() {
                0..=2 => Weighed::guess(30, text),
                times => Weighed::by(
                    58,
                    format!("{text}: the client asked for {} {times} times", most.name),
                    most.event,
                ),
            }
        }),
        CauseId::ReferralElsewhere => Weigh::Errand(errands::elsewhere),
        CauseId::ReferralUnreached => Weigh::Errand(errands::unreached),
        CauseId::RingStranger => Weigh::Errand(errands::stranger),
        CauseId::RingIgnored => Weigh::Errand(errands::ignored),
        CauseId::SeatSilent => Weigh::Errand(errands::seat_silent),
        CauseId::NoWords => Weigh::Errand(errands::no_words),
        CauseId::PictureKept => Weigh::Errand(errands::picture_kept),
        CauseId::ChallengeLeft => Weigh::Owed(
            StepId::Challenge,
            "the client did not answer the challenge (CHL) by QRY",
        ),
        CauseId::LockLeft => Weigh::Owed(
            StepId::Lock,
            "the offline message was answered with the question of its lock (the fault AuthenticationFailed, with LockKeyChallenge), as each is at first, and the client did not come again with the right answer: the message is not left",
        ),
        CauseId::AddedUnlisted => Weigh::Owed(
            StepId::Adding,
            "the client added {} to the address book, and no ADL of its lists it: clients show the presence of those whom they have listed",
        ),
        CauseId::FileWaits => Weigh::Owed(StepId::Offer, "{}"),
        CauseId::ReceiptRefused => Weigh::Errand(errands::refused),
        CauseId::ReceiptMissing => Weigh::Errand(errands::missing),
        CauseId::Debugger => Weigh::By(answers::debugger),
        CauseId::Unknown => Weigh::By(|s| Weighed::guess(1, stall_text(s.step))),
    }
}

impl Weigh {
    fn on(&self, cause: CauseId, scene: &Scene<'_>) -> Option<Weighed> {
        match *self {
            Weigh::At(steps, weight) => scene
                .is_at(steps)
                .then(|| scene.seen(cause, weight))
                .flatten(),
            Weigh::Book(weight) => scene
                .is_after_book()
                .then(|| scene.seen(cause, weight))
                .flatten(),
            Weigh::Nobody => (*scene.kind == Kind::Nobody)
                .then(|| scene.seen(cause, 100))
                .flatten(),
            Weigh::Refused(step, text) => scene.failed_at(step, text),
            Weigh::Presence(fault, text) => scene.dropped(fault, text),
            Weigh::Unanswered(step, text) => scene.unanswered(step, text),
            Weigh::Owed(step, text) => errands::owed(scene, scene.errand?, step, text),
            Weigh::Errand(weigh) => weigh(scene, scene.errand?),
            Weigh::By(weigh) => weigh(scene),
        }
    }
}

/// The causes that may be the ones here, the likeliest first.
pub(super) fn rank(scene: &Scene<'_>) -> Vec<Cause> {
    let mut causes: Vec<Cause> = CauseId::ALL
        .iter()
        .filter_map(|&id| {
            let weigh = weigh(id);
            // The causes of a sign-in are not those of a conversation.
            let fits = match weigh {
                Weigh::Errand(_) | Weigh::Owed(..) => scene.errand.is_some(),
                _ => scene.errand.is_none() || id.is_of_any(),
            };
            let found = fits.then(|| weigh.on(id, scene)).flatten()?;
            let check = found.check.unwrap_or(id.check());
            Some(Cause {
                id,
                finding: found.finding,
                text: found.text,
                check,
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
    // What was found on the line says more than that it was refused.
    if let Some(first) = causes.first()
        && (first.finding.is_some() || first.weight >= PLAIN)
    {
        let (id, event) = (first.id, first.event);
        causes.retain(|cause| {
            cause.id == id
                || !cause.id.repeats()
                || cause.event != event && cause.id != CauseId::ClosedByNudge
        });
    }
    if causes.len() > 1 {
        causes.retain(|cause| cause.id != CauseId::Unknown);
    }
    causes
}
