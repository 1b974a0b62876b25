//! A finding about the client as the cause.

use super::scene::{Scene, Weighed};
use crate::event::{Detail, Finding, FindingId, Severity};
use crate::findings::ladder::row::Noted;
use crate::findings::ladder::stall::Kind;
use crate::findings::ladder::steps::StepId;

/// A finding about the client: that on the failing line, or else the last since its progress, before all others; an
/// older one is a guess.
pub fn noted(scene: &Scene<'_>) -> Option<Weighed> {
    let unheard = scene
        .errand
        .is_some_and(|errand| errand.step == StepId::Words);
    if unheard || matches!(scene.kind, Kind::Nobody | Kind::Quiet | Kind::Resumed) {
        return None;
    }
    let harmed = scene.ladder.harmed.filter(|_| *scene.kind == Kind::Harmed);
    let failed = *scene.kind == Kind::Failed || scene.errand.is_some() || harmed.is_some();
    let refused = scene.ladder.refused.as_ref().filter(|_| failed);
    let line = match scene.errand {
        Some(errand) => Some(errand.event),
        None => harmed
            .map(|harmed| harmed.event)
            .or(refused.map(|(_, event, _)| *event)),
    };
    let noted = || scene.ladder.noted.iter().rev();
    let heavy = |severity: Severity| severity == Severity::Error;
    // It is of what was answered last: that it was answered is no progress that clears it.
    let answered = scene.ladder.answer.as_ref().map(|answer| answer.event);
    let fresh = |noted: &Noted| {
        noted.time >= scene.ladder.progressed()
            || Some(noted.event) == answered && !noted.id.is_tolerated()
    };
    let on_line = || {
        noted().filter(|noted| {
            // Or it was found while the client was to do something.
            Some(noted.event) == line || scene.errand.is_some_and(|e| noted.time >= e.time)
        })
    };
    // A length that is wrong is why a payload cannot be read, a header that is wrong why an action is not known; what was
    // tolerated is why nothing is.
    let on_line = on_line().min_by_key(|noted| {
        let root = matches!(noted.id, FindingId::PayloadLength | FindingId::SoapAction);
        (noted.id.is_tolerated(), !root, !heavy(noted.severity))
    });
    let since = || {
        noted()
            .filter(|noted| fresh(noted) && !failed)
            .max_by_key(|noted| (!noted.id.is_tolerated(), noted.sure, heavy(noted.severity)))
    };
    let (found, weight) = match (on_line, since()) {
        (Some(found), _) => (found, 101),
        (None, Some(found)) if found.id.is_tolerated() => (found, TOLERATED),
        (None, Some(found)) if found.sure => (found, if heavy(found.severity) { 101 } else { 96 }),
        (None, Some(found)) => (found, if found.alone { 79 } else { 60 }),
        (None, None) => {
            let found = noted().find(|_| !failed)?;
            // Of its last line, whose answer it may not have taken for that reason.
            let last = found.event == scene.ladder.heard && !found.id.is_tolerated();
            (found, if last { 78 } else { 33 })
        }
    };
    Some(Weighed {
        weight,
        text: found.text.clone(),
        event: Some(found.event),
        finding: Some(found.id.clone()),
        check: Some(found.check),
    })
}

/// How much speaks for what nudge took all the same.
const TOLERATED: u8 = 25;

/// What to check where this was found: what exactly it was decides, where that is known.
pub fn check(finding: &Finding) -> &'static str {
    match finding.detail() {
        Some(Detail::OfferForm) => {
            "the line VER of the client: VER 1 MSNP12 MSNP11 CVR0, with one space between any two words (`nudge explain VER`)"
        }
        Some(Detail::LineForm) => {
            "how the client writes its lines: VERB NUMBER ARGUMENTS, one space between any two, and CR LF at the end (`nudge explain VER`)"
        }
        Some(Detail::CookieUsed) => {
            "that the client asks XFR SB anew for each conversation, and shows what it is given at once, and once"
        }
        Some(Detail::CookieVerb) => {
            "the verb at the switchboard: USR n ACCOUNT COOKIE upon XFR, ANS n ACCOUNT COOKIE SESSION upon RNG"
        }
        Some(Detail::CookieAccount) => {
            "the account in USR or ANS: it is that which signed in and was given the cookie"
        }
        Some(Detail::AllLeft) => {
            "who left, and by whom (BYE, `leave`), in the transcript: the client calls them anew (CAL); `say` comes back as a contact"
        }
        _ => finding.id.check(),
    }
}
