//! The built-in clients of a running service: the one of `--demo`, paced so that it can be watched, and those that the
//! command `demo` starts. While the demo runs, contacts change their status now and then, and the first client greets
//! one that answers.

mod talk;

use super::loopback_of;
use crate::client::{self, Order, Pace, Part, Saw, Talk};
use crate::event::{EventKind, EventSink, Severity};
use crate::msnp::Status;
use crate::roster::{Accounts, Contact};
use crate::server::control::Players;
use crate::server::hub::Hub;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The pause before each step of a paced sign-in. Thirteen steps come before the contacts: about eight seconds.
const STEP: Duration = Duration::from_millis(600);
/// The pause before a client comes back whose connection was closed.
const BACK: Duration = Duration::from_secs(3);
/// How often it comes back at most without having signed in in between.
const TRIES: u32 = 3;
/// The pause between two changes of status.
const DRIFT: Duration = Duration::from_secs(20);
/// The pause before the client speaks of what it saw. By then the event of that frame has been told.
const AFTER: Duration = Duration::from_millis(200);

/// How the demonstration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Demo {
    /// At a pace that can be watched: about eight seconds to the last contact.
    Watch,
    /// As fast as it can, and nothing happens by itself.
    Fast,
}

/// What a built-in client needs to reach this service, and what is playing.
#[derive(Debug, Clone)]
pub(super) struct Cast {
    pub notification: SocketAddr,
    pub https: SocketAddr,
    pub root: Vec<u8>,
    pub accounts: Accounts,
    pub hub: Arc<Hub>,
    pub events: EventSink,
    pub stop: CancellationToken,
    pub runtime: Handle,
    /// The sign-ins that are paced.
    pub paced: Vec<CancellationToken>,
    pub started: u32,
}

impl Cast {
    /// Starts a client that waits this long before each step of its sign-in. It says `greeting` once.
    pub fn start(&mut self, each: Duration, greeting: Vec<Order>) -> String {
        self.started += 1;
        let (account, password) = self.accounts.one();
        let hurry = CancellationToken::new();
        self.paced.retain(|paced| !paced.is_cancelled());
        self.paced.push(hurry.clone());
        let mut config = client::Config {
            trust: client::Trust::Roots(self.root.clone()),
            account: account.clone(),
            password,
            pace: Pace::new(each, hurry.clone()),
            ..client::Config::local(loopback_of(self.notification), loopback_of(self.https))
        };
        if self.started > 1 {
            // Another machine: the account may be signed in on several.
            config.machine_guid = format!(
                "{:032x}",
                0x2354_11cb_7823_4a46_8feb_u128 + u128::from(self.started)
            );
            config.endpoint = format!("Rhodes {}", self.started);
        }
        let (hub, events, stop) = (self.hub.clone(), self.events.clone(), self.stop.clone());
        self.runtime
            .spawn(plays(config, greeting, hurry, hub, events, stop));
        format!("another built-in client signs in as {account}")
    }

    /// The demonstration begins.
    pub fn begin(&mut self, demo: Demo) {
        match demo {
            Demo::Fast => self.start(Duration::ZERO, Vec::new()),
            Demo::Watch => {
                let drifting = drift(self.hub.clone(), held(&self.hub), self.stop.clone(), DRIFT);
                self.runtime.spawn(drifting);
                self.start(STEP, talk::greeting(&self.hub))
            }
        };
    }
}

impl Players for Cast {
    fn another(&mut self) -> Result<String, String> {
        Ok(self.start(STEP, Vec::new()))
    }

    fn hurry(&mut self) -> Result<String, String> {
        let paced = std::mem::take(&mut self.paced);
        let waits = paced.iter().filter(|paced| !paced.is_cancelled()).count();
        paced.iter().for_each(CancellationToken::cancel);
        match waits {
            0 => Err("no built-in client is signing in".into()),
            _ => Ok("the built-in client hurries".into()),
        }
    }
}

/// Signs in, and when it is closed comes back, until the service ends.
async fn plays(
    config: client::Config,
    mut greeting: Vec<Order>,
    hurry: CancellationToken,
    hub: Arc<Hub>,
    events: EventSink,
    stop: CancellationToken,
) {
    let tell = |text: String| {
        let severity = Severity::Info;
        events.tell(EventKind::Notice {
            severity,
            text: text.into(),
        });
    };
    let mut tries = 0;
    loop {
        let (saw, seen) = mpsc::channel(64);
        let (says, typed) = mpsc::channel(1);
        let (hurry, hub) = (hurry.clone(), hub.clone());
        let watching = tokio::spawn(window(seen, says, hurry, hub, events.clone()));
        let part = Part {
            script: std::mem::take(&mut greeting),
            typed: Some(typed),
            echo: false,
        };
        let outcome = client::play(config.clone(), part, saw, stop.clone()).await;
        let signed_in = watching.await.unwrap_or(false);
        if stop.is_cancelled() {
            return;
        }
        tries = if signed_in { 1 } else { tries + 1 };
        let ended = match &outcome {
            Ok(summary) => format!("the built-in client has ended: {}", summary.ended),
            Err(error) => format!("the built-in client has ended: {error}"),
        };
        // Two that sign each other out would never end.
        let elsewhere = outcome.is_ok_and(|summary| summary.elsewhere);
        if elsewhere || tries > TRIES {
            return tell(ended);
        }
        tell(format!("{ended}; it comes back in {} s", BACK.as_secs()));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BACK) => {}
        }
    }
}

/// Says what the built-in client's window shows where the roster says otherwise, as it does after an injection.
/// Answers what the operator has contacts say. Returns whether the client has signed in.
async fn window(
    mut seen: mpsc::Receiver<Saw>,
    says: mpsc::Sender<String>,
    hurry: CancellationToken,
    hub: Arc<Hub>,
    events: EventSink,
) -> bool {
    let tell = |text: String| {
        let severity = Severity::Info;
        events.tell(EventKind::Notice {
            severity,
            text: text.into(),
        });
    };
    let mut signed_in = false;
    let mut news: Vec<Saw> = Vec::new();
    let mut answer: Option<(Instant, String)> = None;
    let mut turn = 0;
    loop {
        let due = answer.as_ref().map_or_else(Instant::now, |(due, _)| *due);
        let saw = tokio::select! {
            saw = seen.recv() => saw,
            () = tokio::time::sleep_until(due), if answer.is_some() => {
                // A client that has no room for it gets no more.
                answer.take().map(|(_, line)| says.try_send(line));
                continue;
            }
            () = tokio::time::sleep(AFTER), if !news.is_empty() => {
                let remarks = news.drain(..).filter_map(|saw| remark(&saw, &hub));
                remarks.for_each(&tell);
                continue;
            }
        };
        match saw {
            None => break,
            Some(Saw::SignedIn { visible, .. }) => {
                signed_in = true;
                // Nothing is left to hurry.
                hurry.cancel();
                tell(format!(
                    "the built-in client has signed in; its window shows {visible} contacts online"
                ));
            }
            Some(saw @ (Saw::Presence { .. } | Saw::Personal { .. })) if signed_in => {
                news.retain(|old| !is_newer(&saw, old));
                news.push(saw);
            }
            Some(saw @ Saw::Dropped { .. }) => news.push(saw),
            Some(Saw::Talk {
                talk: Talk::Said { account, text },
                ..
            }) => {
                if let Some(line) = talk::answer(&hub.roster(), &account, &text, turn) {
                    turn += 1;
                    answer = Some((Instant::now() + talk::ANSWERS, line));
                }
            }
            Some(_) => {}
        }
    }
    signed_in
}

/// Whether the one is about the same field of the same contact as the other.
fn is_newer(saw: &Saw, old: &Saw) -> bool {
    match (saw, old) {
        (Saw::Presence { account: a, .. }, Saw::Presence { account: b, .. })
        | (Saw::Personal { account: a, .. }, Saw::Personal { account: b, .. }) => a == b,
        _ => false,
    }
}

/// What the client says of it: nothing where its window shows what the roster says.
fn remark(saw: &Saw, hub: &Hub) -> Option<String> {
    let roster = hub.roster();
    match saw {
        Saw::Presence {
            account, status, ..
        } => {
            let is = roster.get(account).map(|contact| match contact.status {
                shown if shown.is_visible() => shown,
                _ => Status::Offline,
            });
            (is != Some(*status))
                .then(|| format!("the built-in client's window shows {account}: {status}"))
        }
        Saw::Personal {
            account, message, ..
        } => {
            let is = roster.get(account).map(|contact| &contact.personal.message);
            (is != Some(message))
                .then(|| format!("the built-in client's window shows {account}: {message:?}"))
        }
        Saw::Dropped { line, why } => {
            Some(format!("the built-in client passed over {line}: {why}"))
        }
        _ => None,
    }
}

/// Every now and then a contact shows another status, and the next time its own again. What the operator has changed
/// is left alone.
///
/// `ours` are the contacts as they were when the demonstration began. The operator has changed a contact that is no longer
/// the one in `ours`.
async fn drift(
    hub: Arc<Hub>,
    mut ours: BTreeMap<String, Arc<Contact>>,
    stop: CancellationToken,
    every: Duration,
) {
    let names: Vec<String> = ours.keys().cloned().collect();
    let mut turns = names.iter().cycle();
    let mut back: Option<(String, Status)> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        let now = held(&hub);
        ours.retain(|account, was| now.get(account).is_some_and(|is| Arc::ptr_eq(is, was)));
        let (account, status) = match back.take() {
            Some(back) => back,
            None => {
                let Some((account, was)) = turns.next().and_then(|name| ours.get_key_value(name))
                else {
                    if ours.is_empty() {
                        return;
                    }
                    continue;
                };
                back = Some((account.clone(), was.status));
                let status = match was.status {
                    Status::Away | Status::Offline => Status::Online,
                    _ => Status::Away,
                };
                (account.clone(), status)
            }
        };
        if let Some(is) = ours.get(&account).and_then(|was| hub.drift(was, status)) {
            ours.insert(account, is);
        }
    }
}

/// The contacts that may drift, by account: one that hides stays hidden.
fn held(hub: &Hub) -> BTreeMap<String, Arc<Contact>> {
    let roster = hub.roster();
    roster
        .contacts()
        .filter(|contact| contact.status != Status::Hidden)
        .map(|contact| (contact.account.clone(), contact.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Clock;
    use crate::roster::Roster;

    /// The pause between two changes here.
    const EVERY: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_contact_that_was_flipped_drifts_no_more_and_the_others_do() {
        let (events, _stream) = EventSink::new(Clock::start());
        let roster = Roster::shipped().expect("the shipped roster");
        let hub = Arc::new(Hub::new(roster, events));
        let stop = CancellationToken::new();
        let drifting = tokio::spawn(drift(hub.clone(), held(&hub), stop.clone(), EVERY));
        // Flipped before its turn, and flipped while it drifts.
        let flip = |account: &str| {
            let flipped = hub.change(account, None, |c| c.status = Status::Idle);
            flipped.expect("changes");
        };
        flip("busy@local");
        let status = |account: &str| hub.roster().get(account).map(|contact| contact.status);
        let was = status("away@local");
        while status("away@local") == was {
            tokio::time::sleep(EVERY).await;
        }
        flip("away@local");
        let mut turns = 0;
        let mut seen = std::collections::BTreeSet::new();
        while seen.len() < 2 || turns < 40 {
            turns += 1;
            tokio::time::sleep(EVERY).await;
            for flipped in ["busy@local", "away@local"] {
                assert_eq!(status(flipped), Some(Status::Idle), "{flipped}");
            }
            seen.insert(status("online@local"));
        }
        stop.cancel();
        drifting.await.expect("it ends");
    }
}
