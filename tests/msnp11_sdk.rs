//! A client that nobody here wrote: `msnp11-sdk` of crates.io. It signs in over HTTP with the nexus by address, sees the
//! contacts, is rung, and converses.

mod common;

use common::PATIENCE;
use msnp11_sdk::{Client, Event, MsnpStatus, PlainText, Switchboard};
use nudge::control::{Action, Command, Talk, Target};
use nudge::event::{CommandId, EventKind, Service};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The first of what it tells that is wanted.
async fn next<T>(from: &mut UnboundedReceiver<Event>, wanted: impl Fn(Event) -> Option<T>) -> T {
    let search = async {
        loop {
            let event = from.recv().await.expect("it goes on");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, search)
        .await
        .expect("it comes")
}

/// Hears all of a conversation.
fn heard(switchboard: &Arc<Switchboard>) -> UnboundedReceiver<Event> {
    let (tx, rx) = unbounded_channel();
    switchboard.add_event_handler_closure(move |event| {
        let tx = tx.clone();
        async move { drop(tx.send(event)) }
    });
    rx
}

fn words(text: &str) -> PlainText {
    PlainText {
        bold: false,
        italic: false,
        underline: false,
        strikethrough: false,
        color: "0".into(),
        text: text.into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_signs_in_sees_every_contact_is_rung_and_converses() {
    let mut whole = common::whole().await;
    let (said, mut says) = unbounded_channel();
    let (_, empty) = nudge::event::EventSink::new(nudge::event::Clock::start());
    let mut stream = std::mem::replace(&mut whole.stream, empty);
    tokio::spawn(async move {
        while let Some(envelope) = stream.recv().await {
            if let EventKind::Message(message) = envelope.event.kind {
                drop(said.send((message.from, message.text)));
            }
        }
    });
    let port = whole.door(Service::Notification).port();
    let client = Client::new("127.0.0.1", port).await.expect("connects");
    let (tx, mut events) = unbounded_channel();
    client.add_event_handler_closure(move |event| {
        let tx = tx.clone();
        async move { drop(tx.send(event)) }
    });
    let nexus = format!("http://{}/rdr/pprdr.asp", whole.door(Service::Http));
    let signed_in = client
        .login(
            "me@local.test".into(),
            "secret",
            &nexus,
            "msnp11-sdk",
            "0.13.0",
        )
        .await;
    assert!(
        matches!(signed_in, Ok(Event::Authenticated)),
        "{signed_in:?}"
    );
    client
        .set_presence(MsnpStatus::Online)
        .await
        .expect("is taken");
    let mut seen = BTreeSet::new();
    while seen.len() < 7 {
        seen.insert(
            next(&mut events, |event| match event {
                Event::InitialPresenceUpdate { email, .. } => Some(email),
                _ => None,
            })
            .await,
        );
    }
    let all = ["away", "brb", "busy", "idle", "lunch", "online", "phone"];
    assert!(
        seen.iter()
            .zip(all)
            .all(|(seen, one)| *seen == format!("{one}@local")),
        "{seen:?}"
    );

    // The operator speaks as a contact: it is rung, answers, and is shown the words.
    let order = |what| Command {
        id: CommandId(1),
        action: Action::Talk {
            contact: "online".into(),
            to: Target::All,
            what,
        },
    };
    let commands = whole.engine().commands();
    commands
        .send(order(Talk::Say("hello from the operator".into())))
        .expect("is taken");
    let switchboard = next(&mut events, |event| match event {
        Event::SessionAnswered(switchboard) => Some(switchboard),
        _ => None,
    })
    .await;
    let mut heard_there = heard(&switchboard);
    let text = |event| match event {
        Event::TextMessage { email, message } => Some((email, message.text)),
        _ => None,
    };
    let shown = next(&mut heard_there, text).await;
    assert_eq!(
        shown,
        ("online@local".into(), "hello from the operator".into())
    );
    switchboard
        .send_text_message(&words("and hello to you"))
        .await
        .expect("is acknowledged");
    let answered = async {
        loop {
            let (from, text) = says.recv().await.expect("it goes on");
            if from == "me@local.test" {
                return text;
            }
        }
    };
    let answered = tokio::time::timeout(PATIENCE, answered).await;
    assert_eq!(answered.as_deref(), Ok("and hello to you"));
    commands.send(order(Talk::Nudge)).expect("is taken");
    next(&mut heard_there, |event| {
        matches!(event, Event::Nudge { .. }).then_some(())
    })
    .await;

    // It begins one of its own: lunch answers by itself.
    let own = Arc::new(client.create_session("lunch@local").await.expect("begins"));
    let mut heard_own = heard(&own);
    own.send_text_message(&words("hello"))
        .await
        .expect("is acknowledged");
    next(&mut heard_own, |event| {
        matches!(event, Event::TypingNotification { .. }).then_some(())
    })
    .await;
    let (_, answer) = next(&mut heard_own, text).await;
    assert_eq!(answer, "Hello! I am at lunch, but I can type.");
    client.disconnect().await.expect("leaves");
}
