//! Contacts that do things by time: one task looks at the schedules of the roster, and does what has come due. What is due
//! when, the [`Schedule`] says.

use super::hub::Hub;
use super::switchboard::{Deed, Switchboard};
use crate::roster::Manner;
use crate::roster::schedule::{Act, Moment, Schedule, second_of_day};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often schedules are looked at, where there are some.
const LOOK: Duration = Duration::from_millis(250);

/// What is known of one contact's schedule.
struct Running {
    schedule: Arc<Schedule>,
    /// In seconds since 1970.
    began: u64,
    last: Option<Moment>,
}

/// Plays schedules for as long as it is polled.
pub(super) async fn play(hub: Arc<Hub>, switchboard: Arc<Switchboard>) {
    let mut running: HashMap<String, Running> = HashMap::new();
    let mut changed = hub.changed();
    loop {
        let roster = hub.roster();
        let scheduled = roster
            .contacts()
            .filter_map(|contact| match &contact.manner {
                Manner::Schedule(schedule) => Some((contact.account.clone(), schedule.clone())),
                _ => None,
            });
        let mut before = std::mem::take(&mut running);
        let seconds = hub.events().clock().now().0 / 1_000_000;
        let day = second_of_day(seconds, hub.settings().utc_offset);
        for (account, schedule) in scheduled {
            // A schedule that was set anew begins anew.
            let held = before
                .remove(&account)
                .filter(|held| Arc::ptr_eq(&held.schedule, &schedule));
            let mut held = held.unwrap_or(Running {
                schedule,
                began: seconds,
                last: None,
            });
            let since = u32::try_from(seconds.saturating_sub(held.began)).unwrap_or(u32::MAX);
            let now = Moment { since, day };
            for step in held.schedule.due(held.last, now) {
                act(&hub, &switchboard, &account, &step.act);
            }
            held.last = Some(now);
            running.insert(account, held);
        }
        if !running.is_empty() {
            tokio::time::sleep(LOOK).await;
        } else if changed.changed().await.is_err() {
            // The hub has gone.
            return;
        }
    }
}

fn act(hub: &Hub, switchboard: &Arc<Switchboard>, account: &str, act: &Act) {
    match act {
        Act::Status(status) => hub.by_itself(account, |contact| contact.status = *status),
        Act::Message(text) => {
            hub.by_itself(account, |contact| contact.personal.message.clone_from(text))
        }
        Act::Say(words) => switchboard.everywhere(account, &Deed::Text(words.clone())),
    }
}
