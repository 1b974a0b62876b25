//! Causes of what is not done beside a sign-in: the client does not come where it was sent or called, or a message has no
//! receipt.

use super::scene::{Scene, Weighed};
use crate::findings::ladder::errand::Errand;
use crate::findings::ladder::stall::Kind;
use crate::findings::ladder::steps::StepId;
use crate::findings::presence::hash;

/// Whether it is to come, and has not.
fn is_missed(scene: &Scene<'_>, errand: &Errand) -> Option<()> {
    let comes = matches!(
        errand.step,
        StepId::SentOn | StepId::Referral | StepId::Ring
    );
    (*scene.kind == Kind::Silent && comes && !errand.has_come()).then_some(())
}

pub fn elsewhere(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    is_missed(scene, errand)?;
    let text = format!(
        "{} names {}, and the client had reached nudge at {}: it does not reach that other address, or nobody is there",
        errand.step.errand(),
        errand.address,
        errand.reached?
    );
    Weighed::shown(75, text, errand.event)
}

pub fn unreached(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    is_missed(scene, errand)?;
    errand.reached.is_none().then_some(())?;
    let text = format!(
        "the client does not reach {} {}, which {} names, or does not go there",
        match errand.step {
            StepId::SentOn => "the server at",
            _ => "the switchboard at",
        },
        errand.address,
        errand.step.errand()
    );
    Weighed::shown(55, text, errand.event)
}

pub fn stranger(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    is_missed(scene, errand)?;
    let caller = errand.caller.as_deref()?;
    let listed = &scene.ladder.lists.networks;
    (!listed.is_empty() && !listed.contains_key(&hash(caller))).then_some(())?;
    let text = format!("{caller}, who calls, is on none of the lists that the client sent");
    Weighed::shown(70, text, errand.event)
}

pub fn ignored(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    is_missed(scene, errand)?;
    let caller = errand.caller.as_deref()?;
    let text = format!("the client does not take the call of {caller} (RNG)");
    Weighed::shown(45, text, errand.event)
}

/// Its ping was overdue before: nothing reaches it, or it does nothing.
pub fn asleep(scene: &Scene<'_>) -> Option<Weighed> {
    let text = "its PNG did not come for twice its interval: its machine sleeps, the client is stopped, or the network is gone";
    match scene.errand {
        None if *scene.kind == Kind::Quiet => Weighed::guess(50, text),
        Some(errand) if scene.ladder.quiet => {
            let waits = *scene.kind == Kind::Silent && errand.service().is_some()
                || matches!(
                    errand.step,
                    StepId::Picture | StepId::Fetch | StepId::Challenge
                );
            waits.then_some(())?;
            Weighed::shown(82, text, errand.event)
        }
        _ => None,
    }
}

/// What was sent waits in the gateway.
pub fn not_polled(scene: &Scene<'_>) -> Option<Weighed> {
    let event = match (scene.kind, scene.errand) {
        (Kind::Silent, Some(errand)) if errand.step == StepId::Fetch => errand.event,
        (Kind::Silent, Some(errand)) => {
            is_missed(scene, errand)?;
            scene.ladder.unfetched?
        }
        (Kind::Quiet, None) => scene.ladder.unfetched?,
        _ => return None,
    };
    Weighed::shown(
        84,
        "the client came by the HTTP gateway and polls no more: what nudge sends waits in the gateway until its next request (POST, Action=poll)",
        event,
    )
}

pub fn seat_silent(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    (*scene.kind == Kind::Silent && errand.has_come()).then_some(())?;
    let verb = match errand.step {
        StepId::Ring => "ANS",
        _ => "USR",
    };
    let text = format!(
        "the client connected to the switchboard upon {}, and sent nothing there: {verb} with its cookie is the first command",
        errand.step.errand()
    );
    Weighed::shown(80, text, errand.event)
}

pub fn no_words(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    (errand.step == StepId::Words && !errand.why.is_empty()).then_some(())?;
    (*scene.kind == Kind::Silent).then_some(())?;
    Weighed::shown(90, &errand.why, errand.event)
}

/// What was to be done was not.
pub fn owed(scene: &Scene<'_>, errand: &Errand, step: StepId, text: &str) -> Option<Weighed> {
    (errand.step == step && *scene.kind == Kind::Silent).then_some(())?;
    let who = errand.caller.as_deref().unwrap_or("somebody");
    Weighed::shown(80, text.replace("{}", who), errand.event)
}

pub fn picture_kept(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    (errand.step == StepId::Picture && *scene.kind == Kind::Silent).then_some(())?;
    let text = format!(
        "{} asked the client for its picture (INVITE by peer-to-peer), and the client did not answer: neither with 200 nor with 603",
        errand.caller.as_deref().unwrap_or("a contact")
    );
    Weighed::shown(80, text, errand.event)
}

pub fn refused(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    (errand.step == StepId::Message && *scene.kind == Kind::Failed).then_some(())?;
    Weighed::shown(
        90,
        "the message was answered by NAK: it reached nobody",
        errand.event,
    )
}

pub fn missing(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    (errand.step == StepId::Message && *scene.kind == Kind::Silent).then_some(())?;
    Weighed::shown(
        70,
        "the message asks for a receipt, and neither ACK nor NAK was sent",
        errand.event,
    )
}
