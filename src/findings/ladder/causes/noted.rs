//! A finding about the client as the cause.

use super::scene::{Scene, Weighed};
use crate::event::{FindingId, Severity, Timestamp};
use crate::findings::ladder::stall::Kind;

/// A finding about the client: that on the failing line, or else the last since its progress, before all others; an
/// older one is a guess.
pub fn noted(scene: &Scene<'_>) -> Option<Weighed> {
    if matches!(scene.kind, Kind::Nobody | Kind::Quiet | Kind::Resumed) {
        return None;
    }
    let failed = *scene.kind == Kind::Failed || scene.errand.is_some();
    let refused = scene.ladder.refused.as_ref().filter(|_| failed);
    let line = match scene.errand {
        Some(errand) => Some(errand.event),
        None => refused.map(|(_, event, _)| *event),
    };
    let noted = || scene.ladder.noted.iter().rev();
    let heavy = |severity: Severity| severity == Severity::Error;
    let fresh = |time: Timestamp| time >= scene.ladder.progressed();
    let on_line = || {
        noted().filter(|noted| {
            // Or it was found while the client was to do something.
            Some(noted.event) == line || scene.errand.is_some_and(|e| noted.time >= e.time)
        })
    };
    // A length that is wrong is why a list cannot be read.
    let unread = on_line().any(|noted| noted.id == FindingId::ListPayload);
    let on_line = on_line().min_by_key(|noted| !(unread && noted.id == FindingId::PayloadLength));
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
            let last = found.event == scene.ladder.heard;
            (found, if last { 78 } else { 33 })
        }
    };
    Some(Weighed {
        weight,
        text: found.text.clone(),
        event: Some(found.event),
        finding: Some(found.id.clone()),
    })
}

/// What to check where this was found.
pub fn check(id: &FindingId) -> &'static str {
    match id {
        FindingId::NotMsnp => {
            "what that program is, and which host and port it was given; in a client its connection settings (proxy)"
        }
        FindingId::WrongPort => {
            "the ports that the client was given: nudge prints its own when it starts, and those of the real service are 1863, 443 and 80"
        }
        FindingId::NoCommonDialect => "`--dialects`: nudge can serve MSNP8 to MSNP18",
        FindingId::SignInMethod => {
            "the way in which this client signs in (TWN, SSO), and the dialects that are served (`--dialects`): SSO is of MSNP15 and above"
        }
        FindingId::BadAccount => "the account that the user typed: user@domain",
        FindingId::UnknownVerb => {
            "what that program is: a verb of MSNP is three letters in upper case, and the first is VER"
        }
        FindingId::WrongStage => {
            "to which port the client was sent: the switchboard has one of its own, which XFR and RNG name"
        }
        FindingId::GatewaySession => {
            "what stands between (a proxy that keeps answers), and whether nudge was started anew: each answer names the session for the next request"
        }
        FindingId::OutOfOrder => {
            "the order of the client's commands: VER, CVR, USR, and after USR OK the others"
        }
        FindingId::OtherDialect | FindingId::VerbDialect => {
            "the dialect that was agreed on (`nudge explain VERB`), and `--dialects`"
        }
        FindingId::BadLength | FindingId::PayloadLength => {
            "the length that the client gives: the bytes of its payload, and not its letters"
        }
        FindingId::ListPayload => {
            "the payload of its ADL in the transcript: one ml, no white space between elements"
        }
        FindingId::UnknownPath => {
            "the address that the client was given for it (a cached or patched URL), against the paths that nudge serves"
        }
        FindingId::NotEncoded | FindingId::ArgumentEncoding => {
            "that the client percent-encodes its arguments (a space is %20)"
        }
        _ => "the line that shows it, in the transcript, beside `nudge explain` of that line",
    }
}
