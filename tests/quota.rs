//! What clients make of the roster: how much, that it is taken back as one step, and that it can be saved and read again,
//! whatever it is.

mod common;

use common::{Raw, TestService, Whole, start, whole_with};
use nudge::control::{Action, Command};
use nudge::event::{Clock, CommandId, EventKind, EventSink, Service};
use nudge::msnp::adl::Lists;
use nudge::roster::{Roster, Store};
use nudge::server::book::{Change, Own, Which, Who};
use nudge::server::hub::{Author, Hub};
use proptest::prelude::*;
use std::fmt::Write as _;

async fn service() -> TestService {
    start(Roster::shipped().expect("the shipped roster"))
}

/// Posts this action of the address book with a ticket of the account.
async fn soap(whole: &Whole, action: &str, inside: &str) -> String {
    let mut login = Raw::connect(whole.door(Service::Http)).await;
    login
        .send("GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 OrgVerb=GET,sign-in=me%40local,pwd=x\r\nConnection: close\r\n\r\n")
        .await;
    let answer = login.rest().await;
    let ticket = answer.split_once("from-PP='").expect("a ticket").1;
    let ticket = ticket
        .split_once('\'')
        .expect("its end")
        .0
        .replace('&', "&amp;");
    let space = "http://www.msn.com/webservices/AddressBook";
    let body = format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><ABAuthHeader xmlns=\"{space}\"><TicketToken>{ticket}</TicketToken></ABAuthHeader></soap:Header><soap:Body><{action} xmlns=\"{space}\">{inside}</{action}></soap:Body></soap:Envelope>"
    );
    let mut raw = Raw::connect(whole.door(Service::Http)).await;
    raw.send(format!(
        "POST /abservice/abservice.asmx HTTP/1.1\r\nHost: byrdr.omega.contacts.msn.com\r\nSOAPAction: {space}/{action}\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
    .await;
    raw.rest().await
}

#[tokio::test]
async fn what_a_client_adds_over_soap_is_bounded_saved_and_read_again() {
    let mut whole = whole_with(|_| {}).await;
    whole.ignore_events();
    let mut taken = 0;
    // Two thousand of an address: as many as fit into a request at a time.
    'all: for round in 0..60 {
        let mut contacts = String::new();
        for n in 0..100 {
            let name = "\\\"'".repeat(200);
            let _ = write!(
                contacts,
                "<Contact><contactInfo><passportName>r{round}n{n}@x</passportName><displayName>{name}</displayName></contactInfo></Contact>"
            );
        }
        let answer = soap(
            &whole,
            "ABContactAdd",
            &format!("<contacts>{contacts}</contacts>"),
        )
        .await;
        if answer.contains("QuotaLimitReached") {
            break 'all;
        }
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        taken += 100;
    }
    assert_eq!(taken, 1_000, "of one whose client is not known");
    let commands = whole.engine().commands();
    commands
        .send(Command {
            id: CommandId(7),
            action: Action::Save { side: None },
        })
        .expect("is heard");
    let folder = whole.folder().join("contacts");
    let read = || Store::open(&folder, false).map(|(_, roster, _)| roster.len());
    let patience = std::time::Instant::now();
    while read().ok() != Some(1_008) {
        assert!(patience.elapsed() < common::PATIENCE, "{:?}", read());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_clients_own_fields_are_cut_and_the_session_goes_on() {
    let mut service = service().await;
    let mut raw = service.online("me@local").await;
    let long = "x".repeat(30_000);
    for (payload, field) in [
        (
            format!("<Data><PSM>{long}</PSM><CurrentMedia></CurrentMedia></Data>"),
            "UUX PSM",
        ),
        (
            format!("<Data><PSM></PSM><CurrentMedia>{long}</CurrentMedia></Data>"),
            "UUX CurrentMedia",
        ),
        (
            format!("<EndpointData><Capabilities>{long}</Capabilities></EndpointData>"),
            "UUX Capabilities",
        ),
        (
            format!("<PrivateEndpointData><EpName>{long}</EpName></PrivateEndpointData>"),
            "UUX EpName",
        ),
    ] {
        raw.send(format!("UUX 20 {}\r\n{payload}PNG\r\n", payload.len()))
            .await;
        let found = service
            .event(|kind| match kind {
                EventKind::Finding(f) if f.id.name() == "long-field" => Some(f.field.clone()),
                _ => None,
            })
            .await;
        assert_eq!(found, field);
        while raw.line().await != "QNG 60" {}
    }
    let zeros = "0".repeat(5_000);
    raw.send(format!("CHG 21 NLN {zeros}\r\nPNG\r\n")).await;
    assert_eq!(service.finding("long-field").await.0, "CHG capabilities");
    while raw.line().await != "QNG 60" {}
    let info = service.hub.clients().remove(0);
    let all = format!("{info:?}").len();
    assert!(all < 20 * 1024, "{all}");
    // Who left keeps nothing of what it showed.
    let held = |service: &TestService| service.hub.me("me@local").personal.media.len();
    assert_eq!(held(&service), nudge::roster::MAX_TEXT);
    drop(raw);
    service
        .event(|kind| matches!(kind, EventKind::Disconnected { .. }).then_some(()))
        .await;
    assert_eq!(held(&service), 0);
}

#[tokio::test]
async fn long_fields_before_sign_in_are_cut_as_well() {
    let mut service = service().await;
    let mut raw = service.connect().await;
    let long = "y".repeat(2_000);
    raw.send(format!(
        "VER 1 MSNP16\r\nCVR 2 0x0409 {long} 10 i386 {long} {long} x me@local\r\nUSR 3 TWN I me@local\r\n"
    ))
    .await;
    for field in ["CVR client", "CVR version", "CVR system"] {
        assert_eq!(service.finding("long-field").await.0, field);
    }
    while !raw.line().await.contains("USR 3 TWN S") {}
    let ticket = service.tickets.issue("me@local", None);
    raw.send(format!("USR 4 TWN S {ticket} {{{long}\r\n")).await;
    assert_eq!(service.finding("long-field").await.0, "USR machine GUID");
    assert_eq!(raw.line().await, "USR 4 OK me@local 1 0");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "\\PC{0,40}",
        "[\"'\\\\#=\\[\\]\r\n\t{}]{0,8}",
        any::<String>(),
    ]
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        "[a-c]{1,2}@local".prop_map(Who::Account),
        text().prop_map(|text| Who::Account(format!("{text}@{text}"))),
        "tel:[0-9+]{0,5}".prop_map(Who::Account),
        Just(Who::Account("busy@local".into())),
    ]
}

fn changes() -> impl Strategy<Value = Vec<(usize, Who, String, usize)>> {
    proptest::collection::vec((0usize..8, who(), text(), 0usize..4), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn whatever_clients_make_of_the_roster_is_saved_and_read_again(steps in changes(), halfway in 0usize..30) {
        let (events, _) = EventSink::new(Clock::start());
        let hub = Hub::new(Roster::shipped().expect("the shipped roster"), events);
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path().join("contacts");
        let (mut store, ..) = Store::open(&folder, true).expect("opens");
        let author = Author { client: None, address: [127, 0, 0, 1].into() };
        for (n, (what, who, text, group)) in steps.into_iter().enumerate() {
            let roster = hub.roster();
            let id = roster.groups().get(group).map(|g| g.id.clone()).unwrap_or_default();
            let list = [Lists::FORWARD, Lists::ALLOW, Lists::BLOCK, Lists::PENDING][group];
            let change = match what {
                0 | 1 => Change::Put {
                    who, network: group as u8, name: Some(text), list, also: Lists::default(), group: None, both: true,
                },
                2 => Change::Take { who, list },
                3 => Change::AddGroup { name: text, most: 30 },
                4 => Change::RenameGroup(Which::Id(id), text),
                5 => Change::Into(who, Which::Id(id)),
                6 => Change::RemoveGroup(Which::Id(id)),
                _ => match group {
                    0 => Change::Own(Own::Name(text)),
                    _ => Change::Rename(who, text),
                },
            };
            let _ = hub.keep("me@local", &change, author);
            if n == halfway {
                store.save(&hub.roster()).expect("is saved");
            }
        }
        let roster = hub.roster();
        store.save(&roster).expect("is saved");
        drop(store);
        let (_, back, _) = Store::open(&folder, true).unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(back.len(), roster.len());
        for contact in roster.contacts() {
            prop_assert_eq!(back.get(&contact.account), Some(contact));
        }
        for group in roster.groups() {
            prop_assert!(back.groups().contains(group));
        }
        prop_assert_eq!(back.groups().len(), roster.groups().len());
    }
}
