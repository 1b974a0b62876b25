//! Causes that the end of the connection shows, or what was done to the client before it.

use super::scene::{Scene, Weighed};
use crate::event::Ending;
use crate::findings::ladder::endings::SOON;
use crate::findings::ladder::stall::{Kind, OFTEN};
use crate::findings::ladder::steps::StepId;
use std::time::Duration;

fn ago(time: Duration) -> String {
    match time.as_secs() {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{seconds} s"),
    }
}

/// How the connection ended, where it has.
fn ending<'a>(scene: &Scene<'a>) -> Option<&'a Ending> {
    match scene.kind {
        Kind::Closed(ending) => Some(ending),
        _ => None,
    }
}

pub fn operator_closed(scene: &Scene<'_>) -> Option<Weighed> {
    (*ending(scene)? == Ending::Kicked).then_some(())?;
    Weighed::guess(102, "the operator closed the connection (`kick`)")
}

/// So often a later sign-in of the account is no move to another machine any more.
const TURNS: usize = 3;

pub fn takes_turns(scene: &Scene<'_>) -> Option<Weighed> {
    let often = scene.ladder.displaced;
    (*ending(scene)? == Ending::Elsewhere && often >= TURNS).then_some(())?;
    let text = format!(
        "two clients with the same account sign each other out in turn, {often} times by now: each signs in again by itself, and the service ends the earlier connection when the account signed in at another place (OUT OTH)"
    );
    Weighed::guess(103, text)
}

pub fn elsewhere(scene: &Scene<'_>) -> Option<Weighed> {
    if *ending(scene)? == Ending::SignedOutByOther {
        let text =
            "another place of the account signed this one out (UUN 4), as its user chose there";
        return Weighed::guess(102, text);
    }
    (*ending(scene)? == Ending::Elsewhere).then_some(())?;
    Weighed::guess(
        102,
        "the same account signed in at another place, and the service ends the earlier connection then (OUT OTH)",
    )
}

pub fn injected(scene: &Scene<'_>) -> Option<Weighed> {
    let ladder = scene.ladder;
    let injected = ladder.injected.as_ref()?;
    let since = ladder.pinged.filter(|_| ladder.is_done(StepId::Status));
    let late = injected.time >= since.unwrap_or(ladder.progressed());
    let stands = !matches!(
        scene.kind,
        Kind::Failed | Kind::Nobody | Kind::Resumed | Kind::Harmed
    );
    (late && stands).then_some(())?;
    let text = format!(
        "the operator injected {} {} before, and nothing was heard of the client since",
        injected.what,
        ago(scene.now.since(injected.time))
    );
    Weighed::shown(97, text, injected.event)
}

/// A line of the operator's ended elsewhere than its length said. Whatever was sent since is misread, so this is the
/// cause.
pub fn injected_framing(scene: &Scene<'_>) -> Option<Weighed> {
    let (answer, why) = scene.ladder.broken.as_ref()?;
    matches!(
        scene.kind,
        Kind::Closed(_) | Kind::Silent | Kind::Quiet | Kind::Ended
    )
    .then_some(())?;
    let text = format!(
        "the operator injected {} {} before, and {why}",
        answer.what,
        ago(scene.now.since(answer.time))
    );
    Weighed::shown(103, text, answer.event)
}

/// It was online, and is gone without a word.
pub fn reset(scene: &Scene<'_>) -> Option<Weighed> {
    let Ending::Broke(error) = ending(scene)? else {
        return None;
    };
    scene.ladder.is_done(StepId::Status).then_some(())?;
    let text = format!(
        "the connection was broken and not closed ({error}), and no OUT came: the client crashed, was killed or closed with something unread, or something on the way ended it"
    );
    Weighed::guess(64, text)
}

pub fn roster_change(scene: &Scene<'_>) -> Option<Weighed> {
    ending(scene)?.is_by_client().then_some(())?;
    let (event, text) = scene.ladder.changed.as_ref()?;
    Weighed::shown(99, text, *event)
}

pub fn closed_by_nudge(scene: &Scene<'_>) -> Option<Weighed> {
    let Ending::Other(reason) = ending(scene)? else {
        return None;
    };
    Weighed::guess(60, format!("nudge closed the connection: {reason}"))
}

pub fn cut_off(scene: &Scene<'_>) -> Option<Weighed> {
    let Ending::ClosedMidway(begin) = ending(scene)? else {
        return None;
    };
    // Where a line ended, it ended otherwise.
    let alone = match begin.contains("\\r") {
        true => ". CR stands in it with no LF behind it: a line ends in CR LF",
        false => "",
    };
    let text = format!(
        "what the client sent last was cut off in the middle of a command, of which only a part had come: {begin}{alone}"
    );
    Weighed::guess(98, text)
}

/// A try that ended before it had said who it is, without a word.
pub fn given_up(scene: &Scene<'_>) -> Option<Weighed> {
    let ending = ending(scene)?;
    let early = scene.step <= StepId::Identify && scene.ladder.tried < OFTEN;
    (early && ending.is_by_client()).then_some(())?;
    let answer = scene.ladder.answer.as_ref()?;
    let taken = match scene.step {
        StepId::ClientVersion => "it does not take that dialect",
        _ => "it does not take that answer",
    };
    let text = format!(
        "the try was given up after {} was sent: its user cancelled, or the client tries anew, or {taken}",
        answer.what
    );
    Weighed::shown(66, text, answer.event)
}

pub fn closed(scene: &Scene<'_>) -> Option<Weighed> {
    let ending = ending(scene)?;
    (ending.is_by_client() || *ending == Ending::SignedOut).then_some(())?;
    let Some(answer) = &scene.ladder.answer else {
        return Weighed::guess(30, format!("{ending}; nothing had been sent to it"));
    };
    let after = scene.now.since(answer.time);
    let weight = if after < SOON { 62 } else { 12 };
    let text = format!(
        "{ending}, {} after {} was sent to it",
        ago(after),
        answer.what
    );
    Weighed::shown(weight, text, answer.event)
}
