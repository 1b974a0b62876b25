//! SOAP as clients see it: literal documents in, literal documents out.

mod answers;
mod edits;
mod hostile;
mod offline;
mod schema;

use super::ADDRESS_BOOK;
use crate::event::{ClientId, ClientInfo, FindingId, HttpAction, HttpExchange, Timestamp};
use crate::roster::{Accounts, Roster};
use crate::server::http::testing::Stage;
use crate::server::hub::Admission;
use crate::server::passport::ticket::Tickets;
use std::sync::Arc;
use std::time::Duration;

/// A request for an action, with what goes into its element.
fn request(stage: &Stage, action: &str, inside: &str) -> String {
    let ticket = stage
        .site
        .config
        .tickets
        .issue("me@local", Some(ClientId(3)));
    with_ticket(&ticket.replace('&', "&amp;"), action, inside)
}

fn with_ticket(ticket: &str, action: &str, inside: &str) -> String {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header>\
         <ABApplicationHeader xmlns=\"{ADDRESS_BOOK}\"><ApplicationId>x</ApplicationId></ABApplicationHeader>\
         <ABAuthHeader xmlns=\"{ADDRESS_BOOK}\"><ManagedGroupRequest>false</ManagedGroupRequest><TicketToken>{ticket}</TicketToken></ABAuthHeader>\
         </soap:Header><soap:Body><{action} xmlns=\"{ADDRESS_BOOK}\">{inside}</{action}></soap:Body></soap:Envelope>"
    );
    post(&format!("SOAPAction: {ADDRESS_BOOK}/{action}\r\n"), &body)
}

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /abservice/abservice.asmx HTTP/1.1\r\nHost: byrdr.omega.contacts.msn.com\r\nContent-Type: text/xml; charset=utf-8\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends it with its length set right, and gives back status and body.
async fn send(stage: &mut Stage, request: &str) -> (u16, String) {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    let head: String = head
        .split("\r\n")
        .filter(|line| !line.starts_with("Content-Length"))
        .map(|line| format!("{line}\r\n"))
        .collect();
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let answer = stage.over_tls(request).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("a status"), body.to_owned())
}

/// Sends an action that must go well, and gives back the body of its answer.
async fn act(stage: &mut Stage, action: &str, inside: &str) -> String {
    let request = request(stage, action, inside);
    let (status, body) = send(stage, &request).await;
    assert_eq!(status, 200, "{action}: {body}");
    body
}

/// Sends an action that must be refused with this code.
async fn refused(stage: &mut Stage, action: &str, inside: &str, code: &str) {
    let before = stage.site.config.hub.roster();
    let request = request(stage, action, inside);
    stage.events();
    let (status, body) = send(stage, &request).await;
    assert_eq!(status, 500, "{action}: {body}");
    let wanted = format!("<errorcode xmlns=\"{ADDRESS_BOOK}\">{code}</errorcode>");
    assert!(body.contains(&wanted), "{action}: {body}");
    assert!(stage.found().contains(&FindingId::SoapRefused), "{action}");
    assert_eq!(before, stage.site.config.hub.roster(), "{action}");
}

fn roster(stage: &Stage) -> Arc<Roster> {
    stage.site.config.hub.roster()
}

/// When the book was encoded, as this answer gives it.
fn changed(body: &str) -> &str {
    let dates = body.split(['<', '>']);
    let mut dates = dates.filter(|text| text.ends_with('Z') && text.starts_with("20"));
    dates.next_back().expect("a date")
}

/// The answer with the usual date in place of when the book was encoded.
fn dated(body: &str) -> String {
    body.replace(changed(body), super::DATE)
}

fn one_line(golden: &str) -> String {
    golden.lines().map(str::trim).collect()
}

#[tokio::test]
async fn find_membership_gives_the_four_lists_of_the_articles_contacts() {
    let mut stage = Stage::new();
    let body = act(
        &mut stage,
        "FindMembership",
        "<deltasOnly>false</deltasOnly>",
    )
    .await;
    assert_eq!(
        dated(&body),
        one_line(include_str!("golden/find_membership.xml"))
    );
    let (exchanges, findings) = stage.told();
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(exchanges[0].action, HttpAction::FindMembership);
    assert_eq!(exchanges[0].account.as_deref(), Some("me@local"));
}

#[tokio::test]
async fn find_all_gives_groups_contacts_and_the_account_itself() {
    let mut stage = Stage::new();
    let body = act(&mut stage, "ABFindAll", "<abView>Full</abView>").await;
    assert_eq!(dated(&body), one_line(include_str!("golden/find_all.xml")));
}

#[tokio::test]
async fn a_request_for_changes_only_is_told_to_fetch_all() {
    let mut stage = Stage::new();
    for action in ["FindMembership", "ABFindAll"] {
        refused(
            &mut stage,
            action,
            "<deltasOnly>true</deltasOnly>",
            "FullSyncRequired",
        )
        .await;
    }
}

#[tokio::test]
async fn the_action_is_taken_from_the_header_or_from_the_body() {
    let mut stage = Stage::new();
    let bare = request(&stage, "ABFindAll", "");
    let header = format!("SOAPAction: {ADDRESS_BOOK}/ABFindAll\r\n");
    for (request, findings) in [
        (bare.replace(&header, ""), 0),
        (bare.replace(&header, "SOAPAction: \"\"\r\n"), 0),
        (
            bare.replace(
                &header,
                &format!("soapaction: \"{ADDRESS_BOOK}/ABFindAll\"\r\n"),
            ),
            0,
        ),
        (bare.replace("/abservice/", "//abservice/"), 0),
        (bare.replace("abservice.asmx", "SharingService.asmx"), 0),
        (
            bare.replace(
                &header,
                &format!("SOAPAction: {ADDRESS_BOOK}/FindMembership\r\n"),
            ),
            1,
        ),
    ] {
        let (status, body) = send(&mut stage, &request).await;
        assert_eq!(status, 200, "{request}");
        assert!(body.contains(if findings == 0 {
            "<ABFindAllResult>"
        } else {
            "<FindMembershipResult>"
        }));
        assert_eq!(stage.found(), [FindingId::SoapAction][..findings]);
    }
}

#[tokio::test]
async fn a_request_that_no_messenger_writes_is_answered_and_told() {
    let mut stage = Stage::new();
    let good = request(&stage, "ABFindAll", "");
    let own = format!("xmlns=\"{ADDRESS_BOOK}\"");
    let asked = format!("<ABFindAll {own}>");
    for (request, field) in [
        (good.clone(), None),
        (
            good.replace("text/xml", "application/soap+xml"),
            Some("Content-Type"),
        ),
        (
            good.replace("text/xml", "application/x-www-form-urlencoded"),
            Some("Content-Type"),
        ),
        (
            good.replace(&asked, &asked.replace(ADDRESS_BOOK, "http://tempuri.org/")),
            Some("xmlns"),
        ),
        (
            good.replace(
                "http://schemas.xmlsoap.org/soap/envelope/",
                "http://www.w3.org/2003/05/soap-envelope",
            ),
            Some("Envelope"),
        ),
    ] {
        let (status, body) = send(&mut stage, &request).await;
        assert_eq!(status, 200, "{request}");
        assert!(body.contains("<ABFindAllResult>"));
        let (_, found) = stage.told();
        let fields: Vec<_> = found.iter().map(|f| (&f.id, f.field.as_str())).collect();
        let wanted: Vec<_> = field.iter().map(|f| (&FindingId::SoapForm, *f)).collect();
        assert_eq!(fields, wanted);
    }
}

#[tokio::test]
async fn a_ticket_is_taken_from_the_token_or_the_cookie_and_nothing_else_is_good() {
    let mut stage = Stage::new();
    let ticket = stage
        .site
        .config
        .tickets
        .issue("me@local", Some(ClientId(3)));
    let value = ticket
        .trim_start_matches("t=")
        .trim_end_matches("&p=")
        .to_owned();
    let none = with_ticket("", "ABFindAll", "");
    for (request, wanted) in [
        (none.clone(), Some(FindingId::SoapNoTicket)),
        (
            none.replace("<TicketToken></TicketToken>", ""),
            Some(FindingId::SoapNoTicket),
        ),
        (
            with_ticket("t=hush&amp;p=", "ABFindAll", ""),
            Some(FindingId::SoapTicket),
        ),
        (
            with_ticket("a=HENLO", "ABFindAll", ""),
            Some(FindingId::SoapTicket),
        ),
        (
            none.replace("<TicketToken></TicketToken>", "").replace(
                "Host:",
                &format!("Cookie: a=b; MSPAuth={value}; c=d\r\nHost:"),
            ),
            None,
        ),
        (
            none.replace(
                "Host:",
                &format!("Cookie: a=b\r\nCOOKIE: MSPAuth={value}\r\nHost:"),
            ),
            None,
        ),
        (
            with_ticket(
                &format!("\n{}\n", ticket.replace('&', "&amp;")),
                "ABFindAll",
                "",
            ),
            None,
        ),
    ] {
        let (status, body) = send(&mut stage, &request).await;
        assert_eq!(status, if wanted.is_some() { 500 } else { 200 }, "{body}");
        let (exchanges, findings) = stage.told();
        assert_eq!(findings.first().map(|f| f.id.clone()), wanted, "{request}");
        hides(&exchanges[0], &value);
        hides(&exchanges[0], "hush");
    }
}

/// No part of the exchange that is shown has the secret in it.
fn hides(exchange: &HttpExchange, secret: &str) {
    for masked in [&exchange.request, &exchange.response] {
        let shown = String::from_utf8_lossy(&masked.shown(false)).into_owned();
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn an_unknown_action_is_a_fault_and_a_finding_with_its_body_and_no_ticket() {
    let mut stage = Stage::new();
    let request = request(&stage, "ABDance", "<step>one</step>");
    let (status, body) = send(&mut stage, &request).await;
    assert_eq!(status, 500);
    assert!(body.contains("<soap:Fault>"), "{body}");
    let (exchanges, findings) = stage.told();
    assert_eq!(exchanges[0].action, HttpAction::Unknown);
    assert_eq!(findings[0].id, FindingId::SoapUnknownAction);
    assert!(findings[0].text.contains("ABDance") && findings[0].text.contains("<step>one</step>"));
    let token = request
        .split("<TicketToken>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    assert!(!findings[0].text.contains(token.expect("a ticket")));
}

#[tokio::test]
async fn text_of_the_roster_is_escaped() {
    let mut stage = Stage::new();
    let evil = "</displayName><script>&amp;";
    stage
        .site
        .config
        .hub
        .change("busy@local", None, |contact| {
            evil.clone_into(&mut contact.name)
        })
        .expect("changed");
    let body = act(&mut stage, "ABFindAll", "").await;
    assert!(!body.contains("<script>"), "{body}");
    assert!(
        body.contains("&lt;/displayName&gt;&lt;script&gt;&amp;amp;"),
        "{body}"
    );
}

#[tokio::test]
async fn the_profile_is_the_accounts_own() {
    let mut stage = Stage::new();
    stage.site.config.hub.change_me("me@local", |me| {
        me.name = "I & I".into();
        me.personal.message = "here".into();
    });
    let storage = "http://www.msn.com/webservices/storage/2008";
    let request = request(&stage, "GetProfile", "")
        .replace(
            "/abservice/abservice.asmx",
            "/storageservice/SchematizedStore.asmx",
        )
        .replace(ADDRESS_BOOK, storage);
    let (status, body) = send(&mut stage, &request).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(&format!(
        "<GetProfileResponse xmlns=\"{storage}\"><GetProfileResult><ResourceID>"
    )));
    for wanted in [
        "<DisplayName>I &amp; I</DisplayName>",
        "<PersonalStatus>here</PersonalStatus>",
    ] {
        assert!(body.contains(wanted), "{body}");
    }
}

#[tokio::test]
async fn the_profile_is_changed_by_its_account() {
    let mut stage = Stage::new();
    let profile = |inside: &str| {
        format!(
            "<profile><ResourceID>x</ResourceID><ExpressionProfile><FreeText>Update</FreeText>{inside}</ExpressionProfile></profile>"
        )
    };
    let both =
        "<DisplayName>A &amp; B</DisplayName><PersonalStatus>here</PersonalStatus><Flags>0</Flags>";
    act(&mut stage, "UpdateProfile", &profile(both)).await;
    let me = |stage: &Stage| {
        let me = stage.site.config.hub.me("me@local");
        (me.name, me.personal.message)
    };
    assert_eq!(me(&stage), ("A & B".to_owned(), "here".to_owned()));
    act(&mut stage, "UpdateProfile", &profile("<PersonalStatus/>")).await;
    assert_eq!(me(&stage), ("A & B".to_owned(), String::new()));
    let long = format!("<DisplayName>{}</DisplayName>", "x".repeat(2_000));
    refused(
        &mut stage,
        "UpdateProfile",
        &profile(&long),
        "BadArgumentLength",
    )
    .await;
    refused(&mut stage, "UpdateProfile", "", "InvalidRequest").await;
    assert_eq!(me(&stage), ("A & B".to_owned(), String::new()));
    let body = act(&mut stage, "CreateProfile", "").await;
    assert!(body.contains("<CreateProfileResult>"), "{body}");
}

#[tokio::test]
async fn an_update_of_a_dynamic_item_is_answered() {
    let mut stage = Stage::new();
    let body = act(&mut stage, "UpdateDynamicItem", "<dynamicItems/>").await;
    assert!(
        body.contains(&format!(
            "<UpdateDynamicItemResponse xmlns=\"{ADDRESS_BOOK}\"></UpdateDynamicItemResponse>"
        )),
        "{body}"
    );
}

#[tokio::test]
async fn an_edit_is_told_to_be_of_its_client() {
    let mut stage = Stage::new();
    act(&mut stage, "ABFindAll", "").await;
    let events = stage.events();
    assert_eq!(events[0].client, Some(ClientId(3)));
}

#[tokio::test]
async fn a_ticket_that_has_ended_is_refused_unless_its_client_is_signed_in() {
    let tickets = Tickets::with_life(Duration::ZERO).expect("a key");
    let mut stage = Stage::of(Accounts::anybody(), tickets);
    let asks = request(&stage, "ABFindAll", "");
    stage.events();
    let (status, _) = send(&mut stage, &asks).await;
    assert_eq!(status, 500);
    let (_, found) = stage.told();
    let told = found
        .iter()
        .find(|finding| finding.id == FindingId::SoapTicket);
    let text = &told.expect("a finding").text;
    assert!(
        text.starts_with("the ticket has ended: it was good for 0 s"),
        "{text}"
    );

    // It was stopped in a debugger meanwhile, and is still there.
    let hub = stage.site.config.hub.clone();
    let peer = ([127, 0, 0, 1], 1).into();
    let sign_in = |id, account: &str, ticket: &str| {
        hub.arrive(ClientInfo::new(id, peer, Timestamp(0)), Arc::default());
        hub.admit(Admission {
            id,
            account: account.into(),
            machine: None,
            shape: "MSNP16/mac".parse().expect("a shape"),
            ticket: stage.site.config.tickets.verify(ticket).expect("ours"),
        });
    };
    let own = stage
        .site
        .config
        .tickets
        .issue("me@local", Some(ClientId(9)));
    let other = stage.site.config.tickets.issue("you@local", None);
    sign_in(ClientId(4), "you@local", &other);
    assert!(hub.holds(&stage.site.config.tickets.verify(&other).expect("ours")));
    let issued = stage.site.config.tickets.verify(&own).expect("ours");
    assert!(!hub.holds(&issued));
    sign_in(ClientId(5), "me@local", &own);
    assert!(hub.holds(&issued), "it was shown");
    sign_in(ClientId(3), "me@local", &own);
    assert_eq!(send(&mut stage, &asks).await.0, 200, "it was issued to it");
    hub.leave(ClientId(3));
    assert_eq!(send(&mut stage, &asks).await.0, 500);
}
