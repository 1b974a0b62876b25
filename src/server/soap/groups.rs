//! How a client edits its groups.

use super::{Call, Refusal, contacts};
use crate::roster::{Edit, EditError, Group};
use crate::server::xml::read::Node;
use crate::server::xml::write::Xml;

/// The most groups that clients can make.
const MOST: usize = 1_000;

/// `ABGroupAdd`: a new group. Its result is the GUID.
pub(super) fn add(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let name = call
        .element
        .text_at(&["groupInfo", "GroupInfo", "name"])
        .ok_or_else(|| Refusal::missing("groupInfo/GroupInfo/name"))?;
    free(call, name, None)?;
    if call.hub.roster().groups().len() >= MOST {
        return Err(Refusal::new(
            "QuotaLimitReached",
            format!("there are {MOST} groups already"),
        ));
    }
    let id = uuid::Uuid::new_v4().to_string();
    put(call, &id, name)?;
    xml.within("ABGroupAddResult", |xml| xml.leaf("guid", &id));
    Ok(())
}

/// `ABGroupUpdate`: a group's name.
pub(super) fn update(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    let groups = call.element.child("groups");
    let asked: Vec<_> = groups.iter().flat_map(|all| all.all("Group")).collect();
    if asked.is_empty() {
        return Err(Refusal::missing("groups/Group"));
    }
    for node in asked {
        let id = node
            .text_at(&["groupId"])
            .ok_or_else(|| Refusal::missing("groupId"))?;
        let id = known(call, id)?;
        match node.text_at(&["groupInfo", "name"]) {
            Some(name) => {
                free(call, name, Some(&id))?;
                put(call, &id, name)?;
            }
            None => call.not_kept("a group's fields other than its name"),
        }
    }
    Ok(())
}

/// `ABGroupDelete`: removes groups, and takes every contact out of them.
pub(super) fn delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    for id in asked(call)? {
        call.hub.edit(Edit::RemoveGroup(id), call.client)?;
    }
    Ok(())
}

/// `ABGroupContactAdd`: puts contacts into groups. Its result is the GUID of the last contact.
pub(super) fn contact_add(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let groups = asked(call)?;
    let mut id = String::new();
    for node in contacts::asked(call)? {
        let held = call.contact(node)?;
        call.hub.change(&held.account, call.client, |contact| {
            for group in &groups {
                if !contact.groups.contains(group) {
                    contact.groups.push(group.clone());
                }
            }
        })?;
        held.id.clone_into(&mut id);
    }
    xml.within("ABGroupContactAddResult", |xml| xml.leaf("guid", &id));
    Ok(())
}

/// `ABGroupContactDelete`: takes contacts out of groups.
pub(super) fn contact_delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    let groups = asked(call)?;
    for node in contacts::asked(call)? {
        let held = call.contact(node)?;
        call.hub.change(&held.account, call.client, |contact| {
            contact.groups.retain(|held| !groups.contains(held));
        })?;
    }
    Ok(())
}

/// The groups that a request's filter names, as the roster writes them.
fn asked(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let ids = call.element.at(&["groupFilter", "groupIds"]);
    let asked: Vec<_> = ids
        .iter()
        .flat_map(|ids: &&Node| ids.all("guid"))
        .map(|id| known(call, id.text.trim()))
        .collect::<Result<_, _>>()?;
    match asked.is_empty() {
        true => Err(Refusal::missing("groupFilter/groupIds/guid")),
        false => Ok(asked),
    }
}

/// The GUID as the roster writes it.
fn known(call: &Call<'_>, id: &str) -> Result<String, Refusal> {
    call.hub
        .roster()
        .groups()
        .iter()
        .find(|group| group.id.eq_ignore_ascii_case(id))
        .map(|group| group.id.clone())
        .ok_or_else(|| EditError::NoGroup(id.to_owned()).into())
}

/// Refuses a name that another group has.
fn free(call: &Call<'_>, name: &str, but: Option<&str>) -> Result<(), Refusal> {
    let roster = call.hub.roster();
    let other = roster
        .groups()
        .iter()
        .find(|group| group.name == name && Some(group.id.as_str()) != but);
    match other {
        Some(group) => Err(Refusal {
            code: "GroupAlreadyExists",
            text: format!("there already is a group {name:?}"),
            conflict: Some(group.id.clone()),
        }),
        None => Ok(()),
    }
}

fn put(call: &Call<'_>, id: &str, name: &str) -> Result<(), Refusal> {
    let group = Group {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    call.hub.edit(Edit::PutGroup(group), call.client)?;
    Ok(())
}
