//! Causes of what is not done beside a sign-in: the client does not come where it was sent or called, or a message has no
//! receipt.

use super::scene::{Scene, Weighed};
use crate::findings::ladder::errand::Errand;
use crate::findings::ladder::stall::Kind;
use crate::findings::ladder::steps::StepId;
use crate::findings::presence::hash;

/// Whether it is to come, and has not.
fn is_missed(scene: &Scene<'_>, errand: &Errand) -> Option<()> {
    (*scene.kind == Kind::Silent && errand.step != StepId::Message).then_some(())
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

pub fn refused(scene: &Scene<'_>, errand: &Errand) -> Option<Weighed> {
    (*scene.kind == Kind::Failed).then_some(())?;
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
