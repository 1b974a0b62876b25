//! How a client edits its groups.

use super::{Call, Refusal, contacts};
use crate::server::book::{BookError, Change, Which, Who};
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
    let change = Change::AddGroup {
        name: name.to_owned(),
        most: MOST,
    };
    let id = call.keep(&change)?.group.map(|group| group.id);
    let id = id.unwrap_or_default();
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
        let which = known(call, id)?;
        match node.text_at(&["groupInfo", "name"]) {
            Some(name) => {
                call.keep(&Change::RenameGroup(which, name.to_owned()))?;
            }
            None => call.not_kept("a group's fields other than its name"),
        }
    }
    Ok(())
}

/// `ABGroupDelete`: removes groups, and takes every contact out of them.
pub(super) fn delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    for which in asked(call)? {
        call.keep(&Change::RemoveGroup(which))?;
    }
    Ok(())
}

/// `ABGroupContactAdd`: puts contacts into groups. Its result is the GUID of the last contact.
pub(super) fn contact_add(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let id = each(call, Change::Into, |error| {
        matches!(error, BookError::InGroup(_))
    })?;
    xml.within("ABGroupContactAddResult", |xml| xml.leaf("guid", &id));
    Ok(())
}

/// `ABGroupContactDelete`: takes contacts out of groups.
pub(super) fn contact_delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    each(call, Change::OutOf, |error| {
        matches!(error, BookError::NotInGroup(_))
    })
    .map(drop)
}

/// Makes this change of each contact in each group that is asked for. An error that says it is `so_already` is none.
/// Gives back the GUID of the last contact; an empty text where there is none.
fn each(
    call: &mut Call<'_>,
    change: fn(Who, Which) -> Change,
    so_already: fn(&BookError) -> bool,
) -> Result<String, Refusal> {
    let groups = asked(call)?;
    let mut id = String::new();
    for node in contacts::asked(call)? {
        let held = call.contact(node)?;
        for group in &groups {
            let change = change(Who::Account(held.account.clone()), group.clone());
            match call.hub.keep(&call.account, &change, call.author()) {
                Err(error) if !so_already(&error) => return Err(error.into()),
                _ => {}
            }
        }
        held.id.clone_into(&mut id);
    }
    Ok(id)
}

/// The groups that a request's filter names, as the roster writes them.
fn asked(call: &Call<'_>) -> Result<Vec<Which>, Refusal> {
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

/// The group with this GUID, which is there: of several that are named, none changes where one is not.
fn known(call: &Call<'_>, id: &str) -> Result<Which, Refusal> {
    let roster = call.hub.roster();
    let mut groups = roster.groups().iter();
    match groups.any(|group| group.id.eq_ignore_ascii_case(id)) {
        true => Ok(Which::Id(id.to_owned())),
        false => Err(BookError::NoGroup(id.to_owned()).into()),
    }
}
