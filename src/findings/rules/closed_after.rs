//! A connection that the client closed within a second of something that was sent to it.

use super::{Context, Hit};
use crate::event::{EventKind, Service};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(1);

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let EventKind::Disconnected {
        service: Service::Notification,
        reason,
        ..
    } = &context.event().kind
    else {
        return None;
    };
    if !reason.is_by_client() {
        return None;
    }
    let sent = context.client?.sent.as_ref()?;
    // No client goes because of the answer to a ping: it was online, and closes to sign out.
    if sent.what.verb() == "QNG" {
        return None;
    }
    let after = context.event().time.since(sent.time);
    if after > SOON {
        return None;
    }
    let hit = Hit::new(
        sent.what.verb(),
        format!(
            "the client was gone {} ms after {} was sent{}",
            after.as_millis(),
            sent.what,
            match sent.injected {
                true => ", which the operator injected",
                false => "",
            }
        ),
    )?;
    Some(hit.at(sent.event))
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids, story};

    #[test]
    fn a_connection_that_ends_at_once_is_found_with_what_was_sent() {
        let mut good = story();
        good.s("ACK 9 BLP\r\n").bye("the client signed out (OUT)");
        assert!(!ids(&good).contains(&"closed-after"));
        let mut late = story();
        late.s("ACK 9 BLP\r\n");
        late.wait(5);
        late.bye("the client closed the connection");
        assert!(!ids(&late).contains(&"closed-after"));
        let mut soon = story();
        soon.s("ACK 9 BLP\r\n")
            .bye("the client closed the connection");
        let told = crate::findings::rules::testing::told(&soon);
        let told = told.last().expect("a finding");
        assert_eq!(
            (told.finding.id.name(), told.finding.field.as_str()),
            ("closed-after", "ACK")
        );
        assert_eq!(
            told.finding.evidence,
            Some(crate::event::EventId(soon.events.len() as u64 - 2))
        );
    }
}
