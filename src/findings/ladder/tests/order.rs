//! Events that come in another order than what they tell of, and what the operator did meanwhile.

use super::fold;
use crate::event::{Became, ClientId, ContactChange, EventKind};
use crate::findings::ladder::Kind;
use crate::findings::story::Story;
use crate::roster::Contact;
use std::sync::Arc;

const VER: &str = "VER 1 MSNP16 CVR0\r\n";

/// Up to `USR … I`, whose answer is not told yet.
fn asking() -> Story {
    let mut story = Story::new();
    story
        .c(VER)
        .s(VER)
        .c("CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n")
        .s("CVR 2 1 2 3 4 5\r\n")
        .c("USR 3 TWN I me@local\r\n");
    story
}

#[test]
fn a_handshake_that_fails_before_the_answer_is_told_is_the_clients_all_the_same() {
    let mut story = asking();
    story.tls(Some("sslv2-only"));
    let mut early = fold(&story);
    assert_eq!(early.tick(story.now()), []);
    story.s("USR 3 TWN S fake=1\r\n");
    let mut ladders = fold(&story);
    let said = ladders.tick(story.now());
    let first: Vec<_> = said
        .iter()
        .map(|stall| (stall.name, stall.first()))
        .collect();
    assert_eq!(first, [("TLS", Some("no-tls-in-common"))]);
}

#[test]
fn one_that_failed_before_the_client_went_so_far_is_not_its_own() {
    let mut story = Story::new();
    story.tls(Some("unknown-ca"));
    story.greeted();
    assert_eq!(fold(&story).tick(story.now()), []);
    // Nor one of long ago.
    let mut story = asking();
    story.tls(Some("unknown-ca"));
    story.wait(5);
    story.s("USR 3 TWN S fake=1\r\n");
    assert_eq!(fold(&story).tick(story.now()), []);
}

fn flip(story: &mut Story, by: Option<ClientId>) {
    let change = ContactChange {
        change: Became::Status,
        contact: Arc::new(Contact::new("busy@local", None)),
        by,
        told: 1,
    };
    story.tell(None, None, EventKind::Contact(Box::new(change)));
}

#[test]
fn a_client_that_leaves_upon_a_change_of_the_operators_has_that_as_its_first_cause() {
    const NLN: &str = "NLN AWY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n";
    const GONE: &str = "the client closed the connection";
    let leaves = |by, seconds, first_told: bool| {
        let mut story = Story::article();
        story.wait(30);
        if first_told {
            story.s(NLN);
        }
        flip(&mut story, by);
        if !first_told {
            story.s(NLN);
        }
        story.wait(seconds);
        story.bye(GONE);
        let said = fold(&story).tick(story.now());
        let told = said.iter().map(|stall| {
            assert!(stall.online && matches!(stall.kind, Kind::Closed(_)));
            let text = &stall.causes[0].text;
            assert!(text.contains("the operator set busy@local to"), "{text}");
            stall.first().unwrap_or_default().to_owned()
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(leaves(None, 1, false), ["roster-change"]);
    // The line may be told before the change.
    assert_eq!(leaves(None, 1, true), ["roster-change"]);
    // Long after, or upon a change of a client's, it is the client's own affair.
    assert!(leaves(None, 5, false).is_empty());
    assert!(leaves(Some(ClientId(2)), 1, false).is_empty());
}

#[test]
fn a_client_that_leaves_after_a_line_in_another_shape_than_its_own_has_that_as_its_cause() {
    let mut story = Story::article();
    story.info("18/windows", crate::event::Step::Online);
    story.wait(5);
    story.s("NLN AWY 1:busy@local Busy%20User 0:0\r\n");
    story.bye("the connection broke: reset");
    let said = fold(&story).tick(story.now());
    assert_eq!(said[0].first(), Some("shape-differs"), "{}", said[0]);
}
