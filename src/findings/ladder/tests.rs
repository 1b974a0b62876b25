//! Whole sign-ins, good and broken.

mod broken;
mod errands;
mod order;

use super::ladders::{MAX_CLIENTS, MAX_GONE, MAX_STALLS};
use super::*;
use crate::event::{ClientId, EventId, EventKind, Severity, Step, Turn};
use crate::findings::story::{LOGIN, NEXUS, Story};
use std::time::Duration;

fn fold(story: &Story) -> Ladders {
    let mut ladders = Ladders::new();
    for (id, event) in story.events.iter().enumerate() {
        ladders.take(event, EventId(id as u64));
    }
    ladders
}

fn ladder(ladders: &Ladders) -> &Ladder {
    ladders.ladder(ClientId(1)).expect("client 1")
}

fn states(ladders: &Ladders) -> Vec<(&'static str, State)> {
    let rows = ladder(ladders).rows().iter();
    rows.map(|row| (row.name, row.state)).collect()
}

/// The causes that are said an hour later, with the step.
fn causes(story: &mut Story) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut ladders = fold(story);
    let stalls = ladders.tick(story.wait(3600));
    stalls
        .iter()
        .map(|stall| {
            (
                stall.name,
                stall.causes.iter().map(|c| c.id.name()).collect(),
            )
        })
        .collect()
}

fn first_cause(story: &mut Story) -> (&'static str, &'static str) {
    let said = causes(story);
    let (step, causes) = said.last().expect("something is said");
    (step, causes.first().expect("a cause"))
}

#[test]
fn the_articles_conversation_has_every_step_done_and_nothing_to_say() {
    let mut story = Story::article();
    let mut ladders = fold(&story);
    for (name, state) in states(&ladders) {
        assert_eq!(state, State::Done, "{name}");
    }
    assert_eq!(states(&ladders).len(), 19);
    let one = ladder(&ladders);
    let detail = |step| one.row(step).map(|row| row.detail.as_str());
    assert_eq!(detail(StepId::Version), Some("MSNP16"));
    assert_eq!(detail(StepId::ClientVersion), Some("macmsgs 8.0.1"));
    assert_eq!(detail(StepId::Tls), Some("TLS 1.0 v2hello 9ms"));
    assert_eq!(detail(StepId::Nexus), Some("loginnet.passport.com"));
    assert_eq!(detail(StepId::Login), Some("ticket t=…"));
    assert_eq!(detail(StepId::Presence), Some("7 of 7 contacts"));
    assert_eq!(one.row(StepId::Personal).map(|row| row.count), Some(3));
    assert_eq!(one.owes(), Turn::Nobody);
    assert!(
        one.rows()
            .iter()
            .all(|row| row.open.is_empty() && row.event.is_some())
    );
    assert!(one.rows().iter().all(|row| !row.detail.contains("HENLO")));
    // It pinged, and is heard of no more: asleep, or gone. That is no warning.
    assert_eq!(ladders.tick(story.wait(100)), []);
    let quiet = ladders.tick(story.wait(100));
    assert_eq!(quiet.len(), 1);
    assert_eq!(
        (&quiet[0].kind, quiet[0].first()),
        (&Kind::Quiet, Some("asleep"))
    );
    assert_eq!(quiet[0].finding().severity, Severity::Info);
    assert_eq!(ladders.tick(story.wait(86_400)), [], "once");
}

#[test]
fn at_every_step_it_is_said_who_owes_the_next_move() {
    let mut story = Story::new();
    let owes = |story: &Story| {
        let ladders = fold(story);
        let one = ladder(&ladders);
        (one.current().map(|row| row.name), one.owes())
    };
    assert_eq!(owes(&story), (Some("VER"), Turn::Client));
    story.c("VER 1 MSNP16 CVR0\r\n");
    assert_eq!(owes(&story), (Some("VER"), Turn::Server));
    let mut story = Story::new();
    story.greeted();
    assert_eq!(owes(&story), (Some("TLS"), Turn::Client));
    story.tls(None);
    assert_eq!(owes(&story), (Some("nexus"), Turn::Client));
    let mut story = Story::new();
    story.signed_in();
    assert_eq!(owes(&story), (Some("FindMembership"), Turn::Client));
    let mut story = Story::new();
    story.with_lists();
    assert_eq!(owes(&story), (Some("CHG"), Turn::Client));
    story.c("CHG 8 NLN 0\r\n");
    assert_eq!(owes(&story), (Some("CHG"), Turn::Server));
    story.s("CHG 8 NLN 0\r\n");
    assert_eq!(owes(&story), (Some("presence"), Turn::Server));
    assert_eq!(owes(&Story::article()), (None, Turn::Nobody));
}

#[test]
fn steps_that_a_client_leaves_out_are_skipped_and_not_waited_for() {
    let mut story = Story::new();
    story
        .greeted()
        .c("USR 4 TWN S t=cached\r\n")
        .s("USR 4 OK me@local 1 0\r\n");
    let ladders = fold(&story);
    let state = |step| ladder(&ladders).row(step).map(|row| row.state);
    assert_eq!(state(StepId::Tls), Some(State::Skipped));
    assert_eq!(state(StepId::Login), Some(State::Skipped));
    assert_eq!(state(StepId::Ticket), Some(State::Done));
}

#[test]
fn a_stall_is_shown_by_what_speaks_for_its_likeliest_cause_or_by_the_last_progress() {
    // No cause has a line of its own: the last thing that came of the client stands for it.
    let mut story = Story::new();
    story.greeted();
    let last = story
        .events
        .iter()
        .rposition(|event| matches!(event.kind, EventKind::Frame(_)));
    let mut quiet = fold(&story);
    let said = quiet.tick(story.wait(60));
    let answered = last.map(|at| EventId(at as u64 - 1));
    assert_eq!(said[0].finding().evidence, answered);
    assert_eq!(
        said[0].finding().severity,
        Severity::Info,
        "it waits, and has not failed"
    );
    assert!(
        said[0]
            .sentence()
            .contains("nudge waits, the client owes a TLS connection")
    );
    // A handshake that failed is the line of its stall.
    story.tls(Some("unknown-ca"));
    let handshake = EventId(story.events.len() as u64 - 1);
    let said = fold(&story).said();
    assert_eq!(said[0].finding().evidence, Some(handshake));
    assert_eq!(said[0].finding().severity, Severity::Warning);
    // What nudge does not answer is shown by the command.
    let mut story = Story::new();
    story.with_lists().c("CHG 8 NLN 0\r\n");
    let command = EventId(story.events.len() as u64 - 1);
    let said = fold(&story).tick(story.wait(60));
    assert_eq!(said[0].finding().evidence, Some(command));
    assert_eq!(
        said[0].finding().severity,
        Severity::Warning,
        "nudge owes it"
    );
    // A client that connects and says nothing has shown no more than that.
    let mut story = Story::new();
    let said = fold(&story).tick(story.wait(60));
    assert_eq!(said[0].finding().evidence, Some(EventId(1)));
}

#[test]
fn the_articles_presence_came_from_its_last_contacts_line() {
    let story = Story::article();
    let ladders = fold(&story);
    let event = ladder(&ladders)
        .row(StepId::Presence)
        .and_then(|row| row.event);
    let at = event.expect("an event").0 as usize;
    assert!(
        matches!(&story.events[at].kind, EventKind::Frame(frame) if frame.frame.verb() == b"ILN")
    );
}

#[test]
fn nothing_is_said_before_its_time_and_nothing_twice() {
    let mut story = Story::new();
    story.greeted();
    let mut ladders = fold(&story);
    assert_eq!(ladders.tick(story.wait(5)), []);
    ladders.set_patience(10.0);
    assert_eq!(ladders.tick(story.wait(20)), []);
    ladders.paused(Duration::from_secs(1000));
    assert_eq!(ladders.tick(story.wait(1000)), []);
    let said = ladders.tick(story.wait(200));
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].name, said[0].owes), ("TLS", Turn::Client));
    assert!(said[0].to_string().contains("hosts"), "{}", said[0]);
    assert_eq!(ladders.tick(story.wait(3600)), []);
    assert_eq!(ladder(&ladders).stall().map(|s| s.name), Some("TLS"));
}

#[test]
fn without_a_tls_connection_the_hosts_lines_come_first_and_the_debugger_last() {
    let mut story = Story::new();
    story.greeted();
    let said = causes(&mut story);
    assert_eq!(
        said,
        [(
            "TLS",
            vec![
                "hosts-lines",
                "root-not-trusted",
                "port-443",
                "cached-server-name",
                "debugger"
            ]
        )]
    );
}

#[test]
fn a_connection_that_ends_early_names_what_was_sent_last() {
    let mut story = Story::new();
    story.greeted().bye("the client closed the connection");
    let said = causes(&mut story);
    assert_eq!((said[0].0, said[0].1[0]), ("TLS", "closed"));
    let mut story = Story::new();
    story.greeted().bye("the client signed out (OUT)");
    let mut ladders = fold(&story);
    let said = ladders.tick(story.now());
    assert_eq!(
        said[0].finding().severity,
        Severity::Info,
        "its user may have wanted it"
    );
    let mut story = Story::new();
    story.signed_in().bye("the client signed out (OUT)");
    assert_eq!(causes(&mut story), []);
}

#[test]
fn an_unanswered_ping_is_the_services() {
    let mut story = Story::article();
    story.c("PNG\r\n");
    assert_eq!(first_cause(&mut story), ("PNG", "png-unanswered"));
}

#[test]
fn requests_of_two_clients_from_one_address_stay_open_until_they_are_told_apart() {
    let mut story = Story::new();
    story.greeted();
    story.connect(2);
    story.greeted().http("nexus", 200, NEXUS, false);
    let ladders = fold(&story);
    for client in [1, 2] {
        let row = ladders
            .ladder(ClientId(client))
            .and_then(|l| l.row(StepId::Nexus));
        let row = row.expect("a nexus row");
        assert_eq!(row.state, State::Done);
        assert_eq!(row.open, [ClientId(1), ClientId(2)]);
    }
    // A login on a connection of its own tells whose that connection is, its handshake included.
    let mut story = Story::new();
    story.greeted();
    story.connect(2);
    story.greeted().http("login", 200, LOGIN, true);
    let ladders = fold(&story);
    let row = |client, step| {
        let row = ladders.ladder(ClientId(client)).and_then(|l| l.row(step));
        row.map(|r| (r.state, r.open.clone()))
    };
    assert_eq!(row(2, StepId::Tls), Some((State::Done, vec![])));
    assert_eq!(row(2, StepId::Login), Some((State::Done, vec![])));
    assert_eq!(row(1, StepId::Tls), Some((State::Now, vec![])));
    assert_eq!(row(1, StepId::Login), Some((State::Due, vec![])));
}

#[test]
fn the_sequence_has_a_line_for_each_message_of_the_article() {
    let ladders = fold(&Story::article());
    let drawn = ladder(&ladders).sequence(100).join("\n");
    for expected in [
        "VER 1 MSNP16",
        "200 loginnet.passport.com",
        "GET ABFindAll",
        "QNG 60",
    ] {
        assert!(drawn.contains(expected), "{expected}\n{drawn}");
    }
    assert!(!drawn.contains("HENLO"));
}

#[test]
fn a_client_that_talks_without_end_and_clients_without_end_take_a_bounded_room() {
    let mut story = Story::new();
    story.greeted();
    for n in 0..5_000 {
        story.c(&format!("URL {n} MOBILE\r\n"));
    }
    let ladders = fold(&story);
    let one = ladder(&ladders);
    assert!(one.asked.len() <= 32 && one.trace.messages().len() <= 96);
    let mut ladders = Ladders::new();
    let mut story = Story::new();
    for client in 1..10_000 {
        story.events.clear();
        story.connect(client);
        if client % 2 == 0 {
            story.bye("the client closed the connection");
        }
        for event in &story.events {
            ladders.take(event, EventId(client));
        }
    }
    assert!(ladders.iter().count() <= MAX_CLIENTS);
    assert!(ladders.gone.len() <= MAX_GONE);
    assert!(ladders.tick(story.now()).len() <= MAX_STALLS);
}

#[test]
fn a_verb_that_this_sign_in_does_not_have_is_no_step_of_it() {
    let mut story = Story::new();
    story.signed_in().c("SYN 9 0 0\r\n").s("715 9\r\n");
    let mut ladders = fold(&story);
    assert_eq!(ladders.tick(story.now()), []);
}

#[test]
fn at_msnp12_the_lists_come_by_syn_and_by_sso_the_tokens_by_rst() {
    let mut story = Story::new();
    story
        .c("VER 1 MSNP12 CVR0\r\n")
        .s("VER 1 MSNP12 CVR0\r\n")
        .info("12", crate::event::Step::Version);
    let names = |story: &Story| -> Vec<&'static str> {
        states(&fold(story))
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    assert!(names(&story).contains(&"SYN") && !names(&story).contains(&"ADL"));
    let mut story = Story::new();
    story
        .c("VER 1 MSNP15 CVR0\r\n")
        .s("VER 1 MSNP15 CVR0\r\n")
        .c("USR 3 SSO I me@local\r\n")
        .s("USR 3 SSO S MBI_KEY_OLD nonce\r\n");
    assert!(names(&story).contains(&"RST") && !names(&story).contains(&"nexus"));
    assert_eq!(
        ladder(&fold(&story)).row(StepId::Version).map(|r| r.state),
        Some(State::Done)
    );
}

proptest::proptest! {
    #[test]
    fn any_frames_in_any_order_are_taken_without_panic(
        lines in proptest::collection::vec((proptest::bool::ANY, "(VER|CVR|USR|CHG|ILN|NLN|ADL|PNG|QNG|911|ACK) ?[0-9]{0,3}( [ -~]{0,12}){0,5}"), 0..60)
    ) {
        let mut story = Story::new();
        for (inward, line) in lines {
            let text = format!("{line}\r\n");
            let frame = crate::msnp::Frame::from_wire(text.into());
            let direction = if inward { crate::msnp::Direction::In } else { crate::msnp::Direction::Out };
            story.own(EventKind::Frame(crate::event::FrameEvent { service: crate::event::Service::Notification, direction, frame, secrets: Default::default(), injected: false }));
        }
        let mut ladders = fold(&story);
        for stall in ladders.tick(story.wait(3600)) {
            proptest::prop_assert!(!stall.causes.is_empty());
        }
    }
}

#[test]
fn events_that_begin_in_the_middle_of_a_sign_in_make_no_stall_of_what_was_before() {
    let mut story = Story::new();
    story.info("16/mac", Step::Online);
    let mut ladders = fold(&story);
    let row = ladder(&ladders).row(StepId::AddressBook).expect("a row");
    assert_eq!(row.state, State::Skipped);
    assert_eq!(ladder(&ladders).owes(), Turn::Nobody);
    assert_eq!(ladders.tick(story.wait(3600)), []);
    // One in the middle of it still owes the rest.
    let mut story = Story::new();
    story.info("16/mac", Step::SignedIn);
    let stalls = fold(&story).tick(story.wait(3600));
    assert_eq!(stalls.len(), 1);
    assert_eq!(stalls[0].step, StepId::Membership);
}

#[test]
fn a_command_of_which_only_a_part_came_is_the_cause_until_it_is_whole() {
    let mut story = Story::new();
    story.signed_in();
    let unfinished = |story: &mut Story| {
        story.own(EventKind::Finding(Box::new(crate::event::Finding {
            id: crate::event::FindingId::Unfinished,
            severity: Severity::Warning,
            field: "".into(),
            text: "5 bytes of a command have come".into(),
            evidence: None,
        })));
    };
    unfinished(&mut story);
    let found = causes(&mut story);
    assert_eq!(found[0].1[0], "unfinished");
    let mut story = Story::new();
    story.signed_in();
    unfinished(&mut story);
    story.c("PNG\r\n");
    assert!(!causes(&mut story)[0].1.contains(&"unfinished"));
}
