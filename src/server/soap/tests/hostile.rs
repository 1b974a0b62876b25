//! Documents that are cut, deep, or made to harm.

use super::{hides, post, request, send, with_ticket};
use crate::event::FindingId;
use crate::server::http::testing::{self, Stage};
use crate::server::soap::{ACTIONS, ADDRESS_BOOK, answer};
use crate::server::xml::read::read;
use proptest::prelude::*;

#[tokio::test]
async fn hostile_xml_is_a_fault_and_a_finding() {
    let mut stage = Stage::new();
    let whole = request(&stage, "ABFindAll", "");
    let body = whole.split("\r\n\r\n").nth(1).expect("a body").to_owned();
    let action = format!("SOAPAction: {ADDRESS_BOOK}/ABFindAll\r\n");
    for bad in [
        String::new(),
        body[..body.len() / 2].to_owned(),
        "<a>".repeat(10_000),
        format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{body}"),
        body.replace("ABFindAll", "A&x;"),
        body.replace("<TicketToken>", "<TicketToken>&x;"),
        "<Envelope><Header><TicketToken>t=hush".to_owned(),
    ] {
        let (status, answer) = send(&mut stage, &post(&action, &bad)).await;
        assert_eq!(status, 500, "{bad:.60}");
        assert!(answer.contains("<soap:Fault>"), "{answer}");
        let (exchanges, findings) = stage.told();
        assert_eq!(findings[0].id, FindingId::SoapXml, "{bad:.60}");
        hides(&exchanges[0], "hush");
    }
    let (status, _) = send(
        &mut stage,
        "GET /abservice/abservice.asmx HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    assert_eq!(status, 405);
    assert_eq!(stage.found(), [FindingId::SoapMethod]);
}

#[tokio::test]
async fn a_document_cut_anywhere_is_answered_and_keeps_its_ticket_hidden() {
    let mut stage = Stage::new();
    let ticket = stage.site.config.tickets.issue("me@local", None);
    let core = ticket[2..ticket.len() - 3].to_owned();
    let whole = with_ticket(&ticket.replace('&', "&amp;"), "ABFindAll", "");
    let body = whole.split("\r\n\r\n").nth(1).expect("a body").to_owned();
    for cut in (0..body.len()).step_by(7) {
        let (status, _) = send(&mut stage, &post("", &body[..cut])).await;
        assert_eq!(status, 500, "{cut}");
        let (exchanges, _) = stage.told();
        for part in core.as_bytes().chunks_exact(8) {
            hides(&exchanges[0], std::str::from_utf8(part).expect("text"));
        }
    }
}

/// Names that the actions look for.
const NAMES: &[&str] = &[
    "contacts",
    "Contact",
    "contactId",
    "contactInfo",
    "passportName",
    "displayName",
    "contactType",
    "annotations",
    "Annotation",
    "Name",
    "Value",
    "groups",
    "Group",
    "groupId",
    "groupInfo",
    "GroupInfo",
    "name",
    "groupFilter",
    "groupIds",
    "guid",
    "serviceHandle",
    "Type",
    "memberships",
    "Membership",
    "MemberRole",
    "Members",
    "Member",
    "PassportName",
    "Email",
    "PhoneNumber",
    "MembershipId",
    "emails",
    "ContactEmail",
    "email",
    "isMessengerUser",
];

/// Elements within elements, with texts that mean something to an action, or nothing.
fn document() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just("busy@local".to_owned()),
        Just("22222222-2222-2222-2222-222222222222".to_owned()),
        Just("99999999-9999-9999-9999-999999999999".to_owned()),
        Just("Allow".to_owned()),
        Just("Block".to_owned()),
        Just("Messenger".to_owned()),
        Just("Me".to_owned()),
        Just("+1 (2)".to_owned()),
        "[^<&\u{0}-\u{1f}\u{fffe}\u{ffff}]{0,12}",
    ];
    text.prop_recursive(6, 48, 4, |inner| {
        proptest::collection::vec((proptest::sample::select(NAMES), inner), 1..4).prop_map(
            |parts| {
                parts
                    .into_iter()
                    .map(|(name, inside)| format!("<{name}>{inside}</{name}>"))
                    .collect()
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_action_on_any_document_gives_a_document_and_no_panic(
        actions in proptest::collection::vec((0..ACTIONS.len(), document()), 1..4)
    ) {
        let stage = Stage::new();
        for (action, inside) in actions {
            let action = ACTIONS[action].name();
            let whole = request(&stage, action, &inside);
            let body = whole.split_once("\r\n\r\n").expect("a body").1.to_owned();
            let request = testing::request("POST", "/abservice/abservice.asmx", body);
            let answer = answer(&stage.site, &request);
            let body: Vec<u8> = answer.body.pieces().flatten().copied().collect();
            prop_assert!(read(&body).is_ok());
            match answer.status.as_u16() {
                200 => {}
                status => prop_assert!(status == 500 && !answer.findings.is_empty()),
            }
        }
    }
}
