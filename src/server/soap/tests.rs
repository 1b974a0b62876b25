//! SOAP as clients see it: literal documents in, literal documents out.

use super::ADDRESS_BOOK;
use crate::event::{ClientId, HttpExchange};
use crate::msnp::adl::Lists;
use crate::roster::Roster;
use crate::server::http::testing::{Stage, WORK};
use std::sync::Arc;

const BUSY: &str = "22222222-2222-2222-2222-222222222222";

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
    assert!(stage.found().contains(&"soap-refused"), "{action}");
    assert_eq!(before, stage.site.config.hub.roster(), "{action}");
}

fn roster(stage: &Stage) -> Arc<Roster> {
    stage.site.config.hub.roster()
}

fn guid(body: &str) -> &str {
    let (_, rest) = body.split_once("<guid>").expect("a guid");
    rest.split_once("</guid>").expect("its end").0
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
    assert_eq!(body, one_line(include_str!("golden/find_membership.xml")));
    let (exchanges, findings) = stage.told();
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(exchanges[0].action, "FindMembership");
    assert_eq!(exchanges[0].account.as_deref(), Some("me@local"));
}

#[tokio::test]
async fn find_all_gives_groups_contacts_and_the_account_itself() {
    let mut stage = Stage::new();
    let body = act(&mut stage, "ABFindAll", "<abView>Full</abView>").await;
    assert_eq!(body, one_line(include_str!("golden/find_all.xml")));
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
        assert_eq!(stage.found(), ["soap-action"][..findings]);
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
        (none.clone(), Some("soap-no-ticket")),
        (
            none.replace("<TicketToken></TicketToken>", ""),
            Some("soap-no-ticket"),
        ),
        (
            with_ticket("t=hush&amp;p=", "ABFindAll", ""),
            Some("soap-ticket"),
        ),
        (with_ticket("a=HENLO", "ABFindAll", ""), Some("soap-ticket")),
        (
            none.replace("<TicketToken></TicketToken>", "").replace(
                "Host:",
                &format!("Cookie: a=b; MSPAuth={value}; c=d\r\nHost:"),
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
        assert_eq!(findings.first().map(|f| f.id), wanted, "{request}");
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
    assert_eq!(exchanges[0].action, "unknown");
    assert_eq!(findings[0].id, "soap-unknown-action");
    assert!(findings[0].text.contains("ABDance") && findings[0].text.contains("<step>one</step>"));
    let token = request
        .split("<TicketToken>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    assert!(!findings[0].text.contains(token.expect("a ticket")));
}

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
        assert_eq!(findings[0].id, "soap-xml", "{bad:.60}");
        hides(&exchanges[0], "hush");
    }
    let (status, _) = send(
        &mut stage,
        "GET /abservice/abservice.asmx HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    .await;
    assert_eq!(status, 405);
    assert_eq!(stage.found(), ["soap-method"]);
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

#[tokio::test]
async fn a_contact_is_added_renamed_and_taken_off_again() {
    let mut stage = Stage::new();
    let new = "<contacts><Contact><contactInfo><contactType>LivePending</contactType><passportName>new@local</passportName>\
               <displayName>A &amp; B</displayName></contactInfo></Contact></contacts>\
               <options><EnableAllowListManagement>true</EnableAllowListManagement></options>";
    let body = act(&mut stage, "ABContactAdd", new).await;
    let id = guid(&body).to_owned();
    let held = roster(&stage).get("new@local").cloned().expect("added");
    assert_eq!(
        (held.id.as_str(), held.name.as_str()),
        (id.as_str(), "A & B")
    );
    assert!(held.lists.contains(Lists::FORWARD.with(Lists::ALLOW)));
    refused(&mut stage, "ABContactAdd", new, "ContactAlreadyExists").await;
    let upper = new.replace("new@local", "NEW@LOCAL");
    refused(&mut stage, "ABContactAdd", &upper, "ContactAlreadyExists").await;

    let renamed = format!(
        "<contacts><Contact><contactId>{id}</contactId><contactInfo><displayName>C</displayName><isMessengerUser>false</isMessengerUser>\
         <comment>x</comment></contactInfo><propertiesChanged>DisplayName</propertiesChanged></Contact></contacts>"
    );
    stage.events();
    act(&mut stage, "ABContactUpdate", &renamed).await;
    assert_eq!(stage.found(), ["soap-not-kept"], "the comment");
    let held = roster(&stage).get("new@local").cloned().expect("there");
    assert_eq!((held.name.as_str(), held.messenger_user), ("C", false));

    let gone = "<contacts><Contact><contactInfo><passportName>new@local</passportName></contactInfo></Contact></contacts>";
    act(&mut stage, "ABContactDelete", gone).await;
    let held = roster(&stage)
        .get("new@local")
        .cloned()
        .expect("still on other lists");
    assert!(!held.lists.contains(Lists::FORWARD));
    refused(&mut stage, "ABContactDelete", gone, "ContactDoesNotExist").await;
    act(&mut stage, "ABContactAdd", new).await;
    assert_eq!(
        roster(&stage)
            .by_id(&id)
            .map(|c| c.account.clone())
            .as_deref(),
        Some("new@local")
    );
    for bad in ["", "<contacts/>", "<contacts><Contact/></contacts>"] {
        refused(&mut stage, "ABContactAdd", bad, "InvalidRequest").await;
    }
    for bad in ["nobody", "a&lt;b@c", "a b@c"] {
        let bad = new.replace("new@local", bad);
        refused(&mut stage, "ABContactAdd", &bad, "BadEmailArgument").await;
    }
    let unknown = gone.replace("new", "nobody");
    refused(
        &mut stage,
        "ABContactUpdate",
        &unknown,
        "ContactDoesNotExist",
    )
    .await;
}

#[tokio::test]
async fn the_account_renames_itself_and_sets_its_privacy() {
    let mut stage = Stage::new();
    let own = "<contacts><Contact><contactInfo><contactType>Me</contactType><displayName>Myself</displayName><annotations><Annotation>\
               <Name>MSN.IM.BLP</Name><Value>0</Value></Annotation></annotations></contactInfo></Contact></contacts>";
    act(&mut stage, "ABContactUpdate", own).await;
    let me = stage.site.config.hub.me("me@local");
    assert_eq!((me.name.as_str(), me.privacy.as_str()), ("Myself", "BL"));
    let body = act(&mut stage, "ABFindAll", "").await;
    assert!(
        body.contains("<Name>MSN.IM.BLP</Name><Value>0</Value>"),
        "{body}"
    );
    let long = own.replace("Myself", &"x".repeat(2_000));
    refused(&mut stage, "ABContactUpdate", &long, "BadArgumentLength").await;
}

#[tokio::test]
async fn groups_are_made_named_filled_emptied_and_removed() {
    let mut stage = Stage::new();
    let named =
        |name: &str| format!("<groupInfo><GroupInfo><name>{name}</name></GroupInfo></groupInfo>");
    let body = act(&mut stage, "ABGroupAdd", &named("Friends")).await;
    let id = guid(&body).to_owned();
    refused(
        &mut stage,
        "ABGroupAdd",
        &named("Friends"),
        "GroupAlreadyExists",
    )
    .await;
    refused(&mut stage, "ABGroupAdd", "", "InvalidRequest").await;

    let update = |id: &str, name: &str| {
        format!(
            "<groups><Group><groupId>{id}</groupId><groupInfo><name>{name}</name></groupInfo></Group></groups>"
        )
    };
    act(&mut stage, "ABGroupUpdate", &update(&id, "Old friends")).await;
    act(&mut stage, "ABGroupUpdate", &update(&id, "Old friends")).await;
    assert!(
        roster(&stage)
            .groups()
            .iter()
            .any(|g| g.id == id && g.name == "Old friends")
    );
    refused(
        &mut stage,
        "ABGroupUpdate",
        &update(&id, "Work &amp; play"),
        "GroupAlreadyExists",
    )
    .await;
    refused(
        &mut stage,
        "ABGroupUpdate",
        &update("none", "x"),
        "GroupDoesNotExist",
    )
    .await;

    let filter =
        |id: &str| format!("<groupFilter><groupIds><guid>{id}</guid></groupIds></groupFilter>");
    let busy = format!("<contacts><Contact><contactId>{BUSY}</contactId></Contact></contacts>");
    let inside = format!("{}{busy}", filter(&id.to_uppercase()));
    let body = act(&mut stage, "ABGroupContactAdd", &inside).await;
    assert_eq!(guid(&body), BUSY);
    let groups = |stage: &Stage| roster(stage).by_id(BUSY).expect("busy").groups.clone();
    assert_eq!(groups(&stage), [WORK, &id]);
    act(&mut stage, "ABGroupContactDelete", &inside).await;
    assert_eq!(groups(&stage), [WORK]);
    refused(
        &mut stage,
        "ABGroupContactAdd",
        &format!("{}{busy}", filter("none")),
        "GroupDoesNotExist",
    )
    .await;
    let nobody = inside.replace(BUSY, WORK);
    refused(
        &mut stage,
        "ABGroupContactAdd",
        &nobody,
        "ContactDoesNotExist",
    )
    .await;

    act(&mut stage, "ABGroupDelete", &filter(WORK)).await;
    assert_eq!(groups(&stage), Vec::<String>::new());
    refused(
        &mut stage,
        "ABGroupDelete",
        &filter(WORK),
        "GroupDoesNotExist",
    )
    .await;
}

#[tokio::test]
async fn members_come_onto_lists_and_off_them() {
    let mut stage = Stage::new();
    let member = |role: &str, member: &str| {
        format!(
            "<serviceHandle><Id>0</Id><Type>Messenger</Type><ForeignId/></serviceHandle><memberships><Membership>\
             <MemberRole>{role}</MemberRole><Members><Member>{member}</Member></Members></Membership></memberships>"
        )
    };
    let lists = |stage: &Stage, account: &str| roster(stage).get(account).map(|c| c.lists);
    let busy = "<PassportName>busy@local</PassportName>";
    act(&mut stage, "DeleteMember", &member("Allow", busy)).await;
    act(&mut stage, "AddMember", &member("Block", busy)).await;
    assert_eq!(
        lists(&stage, "busy@local"),
        Some(Lists::FORWARD.with(Lists::BLOCK).with(Lists::REVERSE))
    );
    refused(
        &mut stage,
        "AddMember",
        &member("Block", busy),
        "MemberAlreadyExists",
    )
    .await;
    refused(
        &mut stage,
        "DeleteMember",
        &member("Allow", busy),
        "MemberDoesNotExist",
    )
    .await;
    let by_id = format!("<MembershipId>Block/{BUSY}</MembershipId>");
    act(&mut stage, "DeleteMember", &member("Block", &by_id)).await;

    let stranger = "<PassportName>stranger@local</PassportName>";
    act(&mut stage, "AddMember", &member("Block", stranger)).await;
    assert_eq!(lists(&stage, "stranger@local"), Some(Lists::BLOCK));
    act(&mut stage, "DeleteMember", &member("Block", stranger)).await;
    assert_eq!(lists(&stage, "stranger@local"), None, "on no list any more");
    refused(
        &mut stage,
        "DeleteMember",
        &member("Block", stranger),
        "MemberDoesNotExist",
    )
    .await;
    refused(
        &mut stage,
        "AddMember",
        &member("Dance", busy),
        "InvalidRequest",
    )
    .await;
    refused(
        &mut stage,
        "AddMember",
        &member("Block", ""),
        "InvalidRequest",
    )
    .await;

    stage.events();
    let other = member("ProfileExpression", busy).replace("Messenger", "Profile");
    act(&mut stage, "AddMember", &other).await;
    assert_eq!(stage.found(), ["soap-not-kept"]);
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
    assert!(
        body.contains("<DisplayName>I &amp; I</DisplayName><PersonalStatus>here</PersonalStatus>")
    );
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
