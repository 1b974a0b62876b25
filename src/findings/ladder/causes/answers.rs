//! Causes at the notification service: an answer that was not given, not taken, or given in another shape.

use super::scene::{Scene, Weighed};
use crate::event::Turn;
use crate::findings::ladder::cause::CauseId;
use crate::findings::ladder::row::Said;
use crate::findings::ladder::stall::Kind;
use crate::findings::ladder::steps::{Method, StepId};
use crate::msnp::Family;

pub fn presence_not_sent(scene: &Scene<'_>) -> Option<Weighed> {
    (scene.step == StepId::Presence && scene.ladder.shown.sent == 0).then_some(())?;
    Weighed::guess(90, "CHG was answered, and no contact's presence followed")
}

pub fn unanswered(scene: &Scene<'_>) -> Option<Weighed> {
    (scene.owes == Turn::Server && *scene.kind == Kind::Silent).then_some(())?;
    let asked = scene.ladder.asked.front()?;
    Weighed::shown(70, "the client's command has had no answer", asked.event)
}

pub fn refused(scene: &Scene<'_>) -> Option<Weighed> {
    // A handshake has causes of its own, and no code.
    (*scene.kind == Kind::Failed && scene.step != StepId::Tls).then_some(())?;
    let (step, event, text) = scene.ladder.refused.as_ref()?;
    (*step == scene.step).then_some(())?;
    Weighed::shown(50, text, *event)
}

pub fn no_byte(scene: &Scene<'_>) -> Option<Weighed> {
    (scene.step == StepId::Version && scene.owes == Turn::Client && scene.ladder.answer.is_none())
        .then_some(())?;
    Weighed::guess(
        40,
        "it connected and not a whole line came, nothing that nudge could read: a proxy or an antivirus program holds the connection, or it is no MSN client",
    )
}

/// It was answered, and what it said was no VER.
pub fn no_version(scene: &Scene<'_>) -> Option<Weighed> {
    (scene.step == StepId::Version && scene.owes == Turn::Client).then_some(())?;
    let answer = scene.ladder.answer.as_ref()?;
    let text = format!(
        "it sends no VER, which comes first: what it sent instead was answered by {}, and that begins no sign-in",
        answer.what
    );
    Weighed::shown(60, text, answer.event)
}

/// Whether the step before was answered and the client owes the one at hand.
fn is_stopped_after(scene: &Scene<'_>, before: StepId, at: StepId) -> bool {
    scene.step == at && scene.owes == Turn::Client && scene.ladder.is_done(before)
}

pub fn dialect_not_taken(scene: &Scene<'_>) -> Option<Weighed> {
    is_stopped_after(scene, StepId::Version, StepId::ClientVersion).then_some(())?;
    let chosen = scene.ladder.row(StepId::Version)?;
    let others: Vec<String> = scene
        .ladder
        .offered
        .iter()
        .filter(|dialect| dialect.number() != scene.ladder.dialect)
        .map(ToString::to_string)
        .collect();
    let more = match others.is_empty() {
        true => "; it offered no other".to_owned(),
        false => format!(
            "; it offered {} too, and may want one of those",
            others.join(", ")
        ),
    };
    let text = format!(
        "the client did not take the answer to VER, the dialect {}{more}",
        chosen.detail
    );
    Weighed::by(65, text, chosen.event)
}

pub fn version_not_taken(scene: &Scene<'_>) -> Option<Weighed> {
    is_stopped_after(scene, StepId::ClientVersion, StepId::Identify).then_some(())?;
    let text = match scene.left_soon() {
        Some(_) => "the client did not take the answer to CVR",
        None => "the client did not take the answer to CVR, or asks its user about an update",
    };
    scene.not_taken(55, text, scene.ladder.row(StepId::ClientVersion)?.event)
}

/// It left upon a challenge.
pub fn challenge_not_taken(scene: &Scene<'_>) -> Option<Weighed> {
    scene.left_soon()?;
    scene.ladder.is_challenged().then_some(())?;
    let event = scene.ladder.answer.as_ref()?.event;
    scene.not_taken(
        65,
        "the client did not take the challenge (CHL), which it should answer with QRY",
        Some(event),
    )
}

pub fn not_taken(scene: &Scene<'_>) -> Option<Weighed> {
    let after = scene.is_at(&[StepId::Lists, StepId::Name, StepId::Privacy, StepId::Status]);
    (after && scene.owes == Turn::Client).then_some(())?;
    let answer = scene.ladder.answer.as_ref()?;
    let listed = [(StepId::Lists, "ADL"), (StepId::Synchronise, "SYN")];
    let listed = listed.iter().find(|(step, _)| scene.ladder.is_done(*step));
    let acknowledged = matches!(&answer.what, Said::Frame(brief) if brief.verb() == "ACK");
    // The Mac takes ACK; others want their line back.
    let echo = acknowledged && scene.ladder.family == Some(Family::Windows);
    let text = match (echo, listed) {
        (true, _) => format!(
            "it was answered {}, and a client like this one wants its own line back",
            answer.what
        ),
        (false, Some((_, verb))) => format!(
            "{verb} was answered, and the client did not go on after {}, the last that it was sent: CHG is due",
            answer.what
        ),
        (false, None) => return None,
    };
    Weighed::shown(if echo { 80 } else { 56 }, text, answer.event)
}

/// It has its lists, and goes on without a status.
pub fn status_untold(scene: &Scene<'_>) -> Option<Weighed> {
    let ladder = scene.ladder;
    let waits = *scene.kind == Kind::Silent && scene.owes == Turn::Client;
    (waits && scene.step == StepId::Status && ladder.pinged.is_some()).then_some(())?;
    Weighed::shown(
        78,
        "the client is signed in and goes on (PNG), and has told no status: until its CHG it is told nobody's presence, and nobody sees it online",
        ladder.heard,
    )
}

pub fn shape_differs(scene: &Scene<'_>) -> Option<Weighed> {
    if *scene.kind == Kind::Nobody {
        return scene.seen(CauseId::ShapeDiffers, 100);
    }
    let ladder = scene.ladder;
    (ladder.is_in_other_shape() && ladder.is_done(StepId::Identify)).then_some(())?;
    let text = format!(
        "it is answered in the shape {}, which is not what its VER and CVR say it is: the operator switched it (`shape`)",
        ladder.shape?
    );
    // It left upon the first line in that shape.
    let left = ladder.is_done(StepId::Status) && matches!(scene.kind, Kind::Closed(_));
    let event = ladder.answer.as_ref().map(|answer| answer.event);
    Weighed::by(if left { 100 } else { 88 }, text, event.filter(|_| left))
}

pub fn profile_missing(scene: &Scene<'_>) -> Option<Weighed> {
    let ladder = scene.ladder;
    let waits = scene.owes == Turn::Client
        && scene.is_at(&[StepId::Membership, StepId::AddressBook])
        && !ladder.is_done(StepId::Membership);
    let sso = ladder.method == Method::Sso || ladder.family == Some(Family::Windows);
    (waits && sso && !ladder.profile).then_some(())?;
    Weighed::guess(60, "no profile was sent after USR OK")
}

pub fn debugger(scene: &Scene<'_>) -> Option<Weighed> {
    (*scene.kind == Kind::Silent && scene.owes == Turn::Client).then_some(())?;
    Weighed::guess(
        1,
        "the client is stopped in a debugger, or asks its user something",
    )
}
