//! Every answer is one that a client generated from the service's WSDL can read.

use super::schema::Schema;
use super::{act, changed, refused, request, roster, send};
use crate::msnp::adl::Lists;
use crate::roster::{Contact, Edit};
use crate::server::http::testing::{Stage, WORK};
use crate::server::soap::{ACTIONS, Service};
use crate::server::xml::read::read;
use std::sync::Arc;

const BUSY: &str = "22222222-2222-2222-2222-222222222222";

/// A stage with a contact of each network, and one on each list.
fn stage() -> Stage {
    let stage = Stage::new();
    for (account, network, list) in [
        ("yahoo@other.net", 32, Lists::FORWARD.with(Lists::ALLOW)),
        ("tel:+4912345", 4, Lists::FORWARD.with(Lists::BLOCK)),
        ("asks@local", 1, Lists::PENDING),
    ] {
        let mut contact = Contact::new(account, None);
        contact.network = network;
        contact.lists = list;
        let contact = Arc::new(contact);
        let edit = Edit::Put { contact, at: None };
        stage.site.config.hub.edit(edit, None).expect("put");
    }
    stage
}

/// What each action is asked, so that it goes well.
fn asked(action: &str) -> String {
    let contact = format!("<contacts><Contact><contactId>{BUSY}</contactId></Contact></contacts>");
    let filter =
        format!("<groupFilter><groupIds><guid>{WORK}</guid></groupIds></groupFilter>{contact}");
    let member = |role: &str| {
        format!(
            "<serviceHandle><Id>0</Id><Type>Messenger</Type><ForeignId/></serviceHandle><memberships><Membership><MemberRole>{role}</MemberRole>\
             <Members><Member><Type>Passport</Type><State>Accepted</State><PassportName>busy@local</PassportName></Member></Members></Membership></memberships>"
        )
    };
    match action {
        "FindMembership" | "ABFindAll" | "ABFindContactsPaged" | "UpdateDynamicItem"
        | "GetProfile" | "CreateProfile" => String::new(),
        "UpdateProfile" => {
            "<profile><ExpressionProfile><DisplayName>B</DisplayName></ExpressionProfile></profile>"
                .to_owned()
        }
        "FindMembershipByRole" => "<serviceFilter><Types><ServiceType>Messenger</ServiceType></Types></serviceFilter><includedRoles>\
             <RoleId>Pending</RoleId><RoleId>Block</RoleId></includedRoles>"
            .to_owned(),
        "ABFindByContacts" => format!("<contactIds><guid>{BUSY}</guid></contactIds>"),
        "ABAdd" => "<abInfo><name/><ownerPuid>0</ownerPuid></abInfo>".to_owned(),
        "ABContactAdd" => "<contacts><Contact><contactInfo><contactType>LivePending</contactType><passportName>new@local</passportName>\
             </contactInfo></Contact></contacts>"
            .to_owned(),
        "ABContactUpdate" => contact.replace(
            "</Contact>",
            "<contactInfo><displayName>B</displayName></contactInfo></Contact>",
        ),
        "ABContactDelete" => contact,
        "ABGroupAdd" => "<groupInfo><GroupInfo><name>New</name></GroupInfo></groupInfo>".to_owned(),
        "ABGroupUpdate" => format!(
            "<groups><Group><groupId>{WORK}</groupId><groupInfo><name>Play</name></groupInfo></Group></groups>"
        ),
        "ABGroupDelete" | "ABGroupContactAdd" | "ABGroupContactDelete" => filter,
        "AddMember" => member("Block"),
        "DeleteMember" => member("Allow"),
        other => panic!("{other} is asked nothing here"),
    }
}

#[tokio::test]
async fn every_answer_is_one_of_its_services_schema() {
    let schema = Schema::read();
    // Offline messages have a schema of their own, which is not at hand.
    for action in ACTIONS
        .iter()
        .filter(|action| action.service != Service::Offline)
    {
        let mut stage = stage();
        let body = act(&mut stage, action.name(), &asked(action.name())).await;
        let root = read(body.as_bytes()).expect("a document");
        assert_eq!(schema.check(&root), Ok(()), "{}: {body}", action.name());
        // What an edit leaves behind is read all the same.
        for find in ["ABFindAll", "ABFindContactsPaged", "FindMembership"] {
            let body = act(&mut stage, find, "").await;
            let root = read(body.as_bytes()).expect("a document");
            assert_eq!(
                schema.check(&root),
                Ok(()),
                "{find} after {}",
                action.name()
            );
        }
        // And what nothing is asked of, or nonsense, is a fault that is read.
        for inside in ["", "<contacts/>", "<deltasOnly>true</deltasOnly>"] {
            let request = request(&stage, action.name(), inside);
            let (_, body) = send(&mut stage, &request).await;
            let root = read(body.as_bytes()).expect("a document");
            assert_eq!(schema.check(&root), Ok(()), "{}: {body}", action.name());
        }
    }
}

#[test]
fn the_schema_refuses_what_clients_were_lost_to() {
    let schema = Schema::read();
    let find_all = include_str!("../golden/find_all.xml");
    let find_membership = include_str!("../golden/find_membership.xml");
    let check = |text: &str| schema.check(&read(text.as_bytes()).expect("a document"));
    assert_eq!(check(find_all), Ok(()));
    assert_eq!(check(find_membership), Ok(()));
    let (begin, rest) = find_all.split_once("<groups>").expect("groups");
    let (_, end) = rest.split_once("</groups>").expect("their end");
    assert_eq!(check(&format!("{begin}{end}")), Ok(()), "no groups");
    for (wrong, of) in [
        (format!("{begin}<groups></groups>{end}"), "an empty groups"),
        (
            find_all.replace("<CircleResult><CircleTicket/></CircleResult>", ""),
            "no CircleResult",
        ),
        (
            find_all
                .replace("<quickName>Busy User</quickName>", "")
                .replace(
                    "<displayName>Busy User</displayName>",
                    "<displayName>Busy User</displayName><quickName>Busy User</quickName>",
                ),
            "the order of contactInfo",
        ),
        (
            find_membership.replacen("<MembershipId>", "<MembershipId>Allow/", 1),
            "an id that is no number",
        ),
    ] {
        assert!(check(&wrong).is_err(), "{of}");
    }
}

#[tokio::test]
async fn an_empty_book_has_no_groups_and_still_the_account_itself() {
    let mut stage = Stage::new();
    let hub = stage.site.config.hub.clone();
    for contact in roster(&stage).contacts() {
        let edit = Edit::Remove(contact.account.clone());
        hub.edit(edit, None).expect("removed");
    }
    hub.edit(Edit::RemoveGroup(WORK.to_owned()), None)
        .expect("removed");
    let body = act(&mut stage, "ABFindAll", "").await;
    assert!(!body.contains("<groups"), "{body}");
    assert_eq!(body.matches("<Contact>").count(), 1);
    assert!(body.contains("<contactType>Me</contactType>"), "{body}");
    let root = read(body.as_bytes()).expect("a document");
    assert_eq!(Schema::read().check(&root), Ok(()));
}

#[tokio::test]
async fn changes_since_the_last_answer_are_none_or_a_reason_to_fetch_all() {
    let mut stage = Stage::new();
    for (action, deltas, since) in [
        ("FindMembership", "deltasOnly", "lastChange"),
        ("ABFindAll", "deltasOnly", "lastChange"),
        ("ABFindContactsPaged", "DeltasOnly", "LastChanged"),
    ] {
        let whole = act(&mut stage, action, "").await;
        let inside = |date: &str| {
            format!(
                "<abId>00000000-0000-0000-0000-000000000000</abId><filterOptions><{deltas}>true</{deltas}><{since}>{date}</{since}></filterOptions>"
            )
        };
        let exact = changed(&whole).to_owned();
        let shorter = format!("{}+00:00", &exact[..exact.len() - 2]);
        for date in [&exact, &shorter] {
            let body = act(&mut stage, action, &inside(date)).await;
            assert!(!body.contains("busy@local"), "{body}");
            let root = read(body.as_bytes()).expect("a document");
            assert_eq!(Schema::read().check(&root), Ok(()), "{action}");
        }
        for date in ["0001-01-01T00:00:00.0000000-08:00", "", "yesterday"] {
            refused(&mut stage, action, &inside(date), "FullSyncRequired").await;
        }
        let hub = stage.site.config.hub.clone();
        hub.change("busy@local", None, |contact| contact.name.push('!'))
            .expect("changed");
        refused(&mut stage, action, &inside(&exact), "FullSyncRequired").await;
    }
}

#[tokio::test]
async fn lists_are_asked_for_by_role_and_by_service() {
    let mut stage = stage();
    let body = act(
        &mut stage,
        "FindMembershipByRole",
        &asked("FindMembershipByRole"),
    )
    .await;
    let roles: Vec<_> = body.split("<MemberRole>").skip(1).collect();
    assert_eq!(roles.len(), 2, "{body}");
    assert!(roles[0].starts_with("Block") && roles[0].contains("+4912345"));
    assert!(roles[1].starts_with("Pending") && roles[1].contains("asks@local"));
    let profile =
        "<serviceFilter><Types><ServiceType>Profile</ServiceType></Types></serviceFilter>";
    let body = act(&mut stage, "FindMembership", profile).await;
    assert!(body.contains("<Services></Services>"), "{body}");
}

#[tokio::test]
async fn contacts_are_found_by_their_ids() {
    let mut stage = Stage::new();
    let own = "00000000-0000-0000-6AE4-A3E89B554FE4";
    let ids = |ids: &[&str]| {
        let ids: String = ids.iter().map(|id| format!("<guid>{id}</guid>")).collect();
        format!("<abView>Full</abView><contactIds>{ids}</contactIds>")
    };
    let body = act(&mut stage, "ABFindByContacts", &ids(&[BUSY, BUSY, WORK])).await;
    assert_eq!(body.matches("<Contact>").count(), 1);
    assert!(body.contains("busy@local"));
    let body = act(&mut stage, "ABFindByContacts", &ids(&[own])).await;
    assert!(body.contains("<contactType>Me</contactType>"));
    for bad in [ids(&[]), ids(&[WORK]), String::new()] {
        refused(&mut stage, "ABFindByContacts", &bad, "ContactDoesNotExist").await;
    }
}
