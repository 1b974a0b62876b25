//! Sign-ins in which something is broken.

use super::{causes, first_cause, fold, ladder};
use crate::event::{EventId, EventKind, Service, Turn};
use crate::findings::ladder::{State, StepId};
use crate::findings::story::{BOOK, LOGIN, NEXUS, Story};

#[test]
fn a_port_that_is_not_443_counts_for_more() {
    let mut story = Story::new();
    let listening = EventKind::Listening {
        service: Service::Https,
        address: crate::findings::story::peer(8443),
    };
    story.tell(None, None, listening);
    story.greeted();
    assert_eq!(causes(&mut story)[0].1[0], "port-443");
}

#[test]
fn broken_a_root_that_is_not_trusted() {
    for (cause, expected) in [
        ("unknown-ca", "root-not-trusted"),
        ("client-clock", "client-clock"),
        ("alert-42", "certificate-refused"),
        ("closed", "handshake-closed"),
        ("no-shared-cipher", "no-tls-in-common"),
        ("sslv2-only", "no-tls-in-common"),
        ("timeout", "handshake-failed"),
    ] {
        let mut story = Story::new();
        story.greeted();
        story.tls(Some(cause));
        let mut ladders = fold(&story);
        // At once: there is nothing to wait for.
        let said = ladders.tick(story.now());
        assert_eq!(said[0].first(), Some(expected));
        assert_eq!(
            said[0].causes[0].event,
            Some(EventId(story.events.len() as u64 - 1))
        );
        let one = ladder(&ladders);
        assert_eq!(one.row(StepId::Tls).map(|r| r.state), Some(State::Failed));
        assert_eq!(one.failed_at().map(|r| r.step), Some(StepId::Tls));
        assert_eq!(one.owes(), Turn::Client, "it may try again");
        // A try that goes well makes it good.
        story.http("nexus", 200, NEXUS, false);
        assert_eq!(
            ladder(&fold(&story)).row(StepId::Tls).map(|r| r.state),
            Some(State::Done)
        );
    }
}

#[test]
fn what_was_mended_since_is_no_cause_any_longer() {
    let mut story = Story::new();
    story.greeted();
    story.tls(Some("unknown-ca"));
    story
        .http("nexus", 200, "HTTP/1.1 200 OK\r\n\r\n", false)
        .http("nexus", 200, NEXUS, false);
    assert_eq!(first_cause(&mut story), ("login", "dalogin-host"));
    // A handshake that fails after that is one again: another host, not in the certificate.
    story.tls(Some("alert-42"));
    assert_eq!(first_cause(&mut story).1, "certificate-refused");
}

#[test]
fn broken_no_passport_urls() {
    let mut story = Story::new();
    story
        .greeted()
        .http("nexus", 200, "HTTP/1.1 200 OK\r\n\r\n", false);
    assert_eq!(first_cause(&mut story), ("nexus", "no-passport-urls"));
    let mut story = Story::new();
    story.greeted().http(
        "nexus",
        200,
        "HTTP/1.1 200 OK\r\nPASSPORTURLS: DALogin=x/y\r\n\r\n",
        false,
    );
    assert_eq!(first_cause(&mut story), ("login", "passport-urls-case"));
    let mut story = Story::new();
    story.greeted().http("nexus", 200, NEXUS, false);
    assert_eq!(first_cause(&mut story), ("login", "dalogin-host"));
}

#[test]
fn broken_the_ticket_is_refused() {
    let mut story = Story::new();
    story
        .greeted()
        .http("nexus", 200, NEXUS, false)
        .http("login", 200, LOGIN, true)
        .c("USR 4 TWN S t=other\r\n")
        .s("911 4\r\n")
        .bye("the ticket was refused (911)");
    let said = causes(&mut story);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((said[0].0, said[0].1[0]), ("USR S", "ticket-refused"));
}

#[test]
fn broken_401_and_a_soap_fault_are_said_at_once() {
    let mut story = Story::new();
    story.greeted().http("nexus", 200, NEXUS, false).http(
        "login",
        401,
        "HTTP/1.1 401 x\r\n\r\n",
        true,
    );
    // The request has no header at all here.
    assert_eq!(first_cause(&mut story), ("login", "login-no-authorization"));
    let mut story = Story::new();
    let fault = "HTTP/1.1 500 x\r\n\r\n<errorcode>PassportAuthFail</errorcode>";
    story.signed_in().http("FindMembership", 500, fault, true);
    let mut ladders = fold(&story);
    let said = ladders.tick(story.now());
    assert_eq!(said[0].first(), Some("soap-fault"));
    assert!(said[0].causes[0].text.contains("PassportAuthFail"));
}

#[test]
fn broken_an_address_book_without_me() {
    let mut story = Story::new();
    story.with_book("HTTP/1.1 200 OK\r\n\r\n<Contact><contactId>1</contactId></Contact>");
    assert_eq!(first_cause(&mut story), ("ADL", "no-me"));
    let mut story = Story::new();
    story.with_book(BOOK);
    assert_eq!(first_cause(&mut story), ("ADL", "book-element"));
}

#[test]
fn broken_chg_unanswered() {
    let mut story = Story::new();
    story.with_lists().c("CHG 8 NLN 0\r\n");
    let mut ladders = fold(&story);
    let said = ladders.tick(story.wait(60));
    assert_eq!(said[0].first(), Some("chg-unanswered"));
    assert_eq!(said[0].owes, Turn::Server);
    // What the client says meanwhile changes nothing.
    story.c("PNG 9\r\n").s("QNG 60\r\n");
    assert_eq!(first_cause(&mut story), ("CHG", "chg-unanswered"));
}

#[test]
fn broken_presence_that_the_mac_drops_is_said_at_once() {
    for (end, expected) in [
        ("", "msnobj-missing"),
        (" 0", "msnobj-missing"),
        (":1 %3Cmsnobj%2F%3E", "capabilities-form"),
    ] {
        let mut story = Story::new();
        story.online(end);
        let mut ladders = fold(&story);
        let said = ladders.tick(story.now());
        assert_eq!(said.len(), 1);
        assert_eq!(
            (said[0].name, said[0].first()),
            ("presence", Some(expected))
        );
        assert!(said[0].causes[0].text.contains("7 of 7"), "{}", said[0]);
        // The first line that it drops is what shows it.
        let first = story.events.iter().position(|event| match &event.kind {
            EventKind::Frame(frame) => frame.frame.verb() == b"ILN",
            _ => false,
        });
        assert_eq!(
            said[0].finding().evidence,
            first.map(|at| EventId(at as u64))
        );
    }
    let mut story = Story::new();
    story
        .with_lists()
        .c("CHG 8 NLN 0\r\n")
        .s("CHG 8 NLN 0\r\n")
        .c("URL 9 MOBILE\r\n");
    assert_eq!(
        causes(&mut story)[0],
        ("presence", vec!["presence-not-sent", "refused"])
    );
}

#[test]
fn each_contacts_presence_is_counted_and_those_that_were_not_shown_are_named() {
    let shown = |names: &[&str]| {
        let mut story = Story::new();
        story.with_lists().c("CHG 8 NLN 0\r\n").s("CHG 8 NLN 0\r\n");
        for name in names {
            story.s(&format!("ILN 8 NLN {name}@local 1 A 1 %3Cmsnobj%2F%3E\r\n"));
        }
        story.c("URL 9 MOBILE\r\n");
        let ladders = fold(&story);
        let row = ladder(&ladders).row(StepId::Presence).expect("a row");
        row.detail.clone()
    };
    let all = ["online", "busy", "idle", "away", "brb", "lunch", "phone"];
    assert_eq!(shown(&all), "7 of 7 contacts");
    assert_eq!(shown(&all[..6]), "6 of 7 contacts, not phone@local");
    let few = shown(&["BUSY", "lunch"]);
    assert!(
        few.starts_with("2 of 7 contacts, not ") && few.ends_with(" and 2 more"),
        "{few}"
    );
    assert!(!few.contains("busy@") && !few.contains("hidden@"), "{few}");
}
