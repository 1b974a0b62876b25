//! A recorded client's side played against a live server: what was recorded is sent again, and the answers are
//! compared with those of the recording.

use crate::diff::{Comparison, compare};
mod due;
mod live;
mod options;
mod referral;
mod script;
mod takeover;
mod web;

use crate::diff::normal::steps;
use crate::event::{Event, EventKind};
use crate::msnp::Direction;
use crate::msnp::escape::to_screen;
use crate::recording::conversation::Conversation;
use live::Live;
pub use options::Options;
use script::Script;
use std::io;
use takeover::shown_ticket;
pub use web::Web;

/// Why a replay could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No connection.
    #[error("{}: {error}", to_screen(notification.as_bytes()))]
    Connect {
        /// To what.
        notification: String,
        /// Why.
        error: io::Error,
    },
    /// The recorded client sent nothing on its notification connection.
    #[error("client {0} sent nothing that could be played")]
    Nothing(crate::event::ClientId),
}

/// What came of it.
#[derive(Debug)]
pub struct Replayed {
    /// The recording and the live server, side by side.
    pub comparison: Comparison,
    /// What happened that is no answer: a connection that closed, a request that failed, a server that sent us on.
    pub notes: Vec<String>,
}

/// Plays this client's side, from its first line to where its recorded connection ends. Blocks until it is over.
///
/// Recorded pauses are not kept. Before each line it waits until the server has said what the recording has it say up
/// to there, or until patience ends; then it goes on all the same, and what did not come is a difference. A server
/// that sends its client on to another one (`XFR`) before the sign-in is followed there, a few times at most.
///
/// # Errors
/// [`ReplayError`] where it could not begin.
pub fn replay(conversation: &Conversation, options: &Options) -> Result<Replayed, ReplayError> {
    let events = if options.sign_in {
        conversation.sign_in()
    } else {
        &conversation.events
    };
    let script = Script::of(events);
    let nothing = || ReplayError::Nothing(conversation.client);
    script.said().next().ok_or_else(nothing)?;
    let mut live = Live::connect(options).map_err(|error| ReplayError::Connect {
        notification: options.notification.clone(),
        error,
    })?;
    if let Some(ticket) = &options.ticket
        && let Some(shown) = script.said().find_map(|told| shown_ticket(&told.frame))
    {
        live.takeover.ticket(shown, ticket.as_bytes());
    }
    let played = play(&script, &mut live, options);
    // What was never said has no answer that could differ.
    let of = |(at, event): &(usize, &&Event)| match event.kind {
        EventKind::Http(_) => options.web.is_some(),
        _ => *at < played,
    };
    let compared = script.events.iter().enumerate().filter(of);
    let recorded: Vec<Event> = compared.map(|(_, event)| (*event).clone()).collect();
    let count = |which: &dyn Fn(&EventKind) -> bool, from: usize| {
        let events = script.events.iter().skip(from);
        events.filter(|event| which(&event.kind)).count()
    };
    let unsaid = count(&is_said, played);
    let requests = count(&|kind| matches!(kind, EventKind::Http(_)), 0);
    let mut notes = script.notes;
    notes.append(&mut live.notes);
    if unsaid > 0 {
        notes.push(format!(
            "so {unsaid} lines of the client were not played, and what follows on them is not compared"
        ));
    }
    if options.web.is_none() && requests > 0 {
        notes.push(format!(
            "{requests} web requests were left out: --https or --http says where they go"
        ));
    }
    if conversation.left_out > 0 {
        let count = conversation.left_out;
        notes.push(format!(
            "{count} events of the recording are beyond what is read of one client, and were not played"
        ));
    }
    Ok(Replayed {
        comparison: compare(&steps(&recorded), &steps(&live.events)),
        notes,
    })
}

fn is_said(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Frame(told) if told.direction == Direction::In)
}

/// Says all that the client said; up to where, among the events of the script.
fn play(script: &Script<'_>, live: &mut Live, options: &Options) -> usize {
    // Where we are sent on, all lines are said again; requests that have been made are not.
    let (mut at, mut asked) = (0, 0);
    let mut unasked = None;
    let mut end = script.events.len();
    loop {
        let event = script.events.get(at);
        let answers = matches!(event.map(|event| &event.kind), Some(EventKind::Frame(told)) if told.direction == Direction::Out);
        if !answers {
            live.wait();
            if live.is_sent_on() {
                (at, unasked) = (0, None);
                continue;
            }
        }
        let Some(event) = event else { break };
        match &event.kind {
            EventKind::Frame(_) if is_said(&event.kind) && live.is_over() => end = end.min(at),
            EventKind::Frame(told) if told.direction == Direction::In => {
                // To answer a challenge that was not asked would be a mistake that the client never made.
                if told.frame.verb() == b"QRY" && !live.is_challenged() {
                    unasked = told.frame.transaction();
                    live.notes.push(
                        "the answer to a challenge (QRY) was left out: the server asked none"
                            .into(),
                    );
                } else {
                    live.send(told);
                }
            }
            EventKind::Frame(told) if unasked.is_none() || told.frame.transaction() != unasked => {
                live.due.add(told);
            }
            EventKind::Http(http) => {
                if let Some(web) = options.web
                    && at >= asked
                {
                    live.exchange(web, http);
                    asked = at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    live.farewell();
    end
}

#[cfg(test)]
mod tests;
