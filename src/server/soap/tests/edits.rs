//! The actions by which a client edits its address book.

use super::{act, refused, roster};
use crate::event::FindingId;
use crate::msnp::adl::Lists;
use crate::server::http::testing::{Stage, WORK};

const BUSY: &str = "22222222-2222-2222-2222-222222222222";

fn guid(body: &str) -> &str {
    let (_, rest) = body.split_once("<guid>").expect("a guid");
    rest.split_once("</guid>").expect("its end").0
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
    let all = act(&mut stage, "ABFindAll", "").await;
    assert_eq!(
        all.matches("<contactType>LivePending</contactType><quickName>A &amp; B<")
            .count(),
        1,
        "it is given back as it came"
    );
    refused(&mut stage, "ABContactAdd", new, "ContactAlreadyExists").await;
    let upper = new.replace("new@local", "NEW@LOCAL");
    refused(&mut stage, "ABContactAdd", &upper, "ContactAlreadyExists").await;

    let renamed = format!(
        "<contacts><Contact><contactId>{id}</contactId><contactInfo><displayName>C</displayName><isMessengerUser>false</isMessengerUser>\
         <comment>x</comment></contactInfo><propertiesChanged>DisplayName</propertiesChanged></Contact></contacts>"
    );
    stage.events();
    act(&mut stage, "ABContactUpdate", &renamed).await;
    assert_eq!(stage.found(), [FindingId::SoapNotKept], "the comment");
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
    let by_number = "<MembershipId>1952714333</MembershipId>";
    let wrong = "<MembershipId>Block/1952714333</MembershipId>";
    for (role, by) in [("Block", wrong), ("Allow", by_number)] {
        refused(
            &mut stage,
            "DeleteMember",
            &member(role, by),
            "MemberDoesNotExist",
        )
        .await;
    }
    act(&mut stage, "DeleteMember", &member("Block", by_number)).await;
    assert_eq!(
        lists(&stage, "busy@local"),
        Some(Lists::FORWARD.with(Lists::REVERSE))
    );

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
    assert_eq!(stage.found(), [FindingId::SoapNotKept]);
}
