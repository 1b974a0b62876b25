//! The sharing service: who is on the allow, block, reverse and pending lists.

use super::{Call, DATE, NO_DATE, Refusal, ZERO_GUID, contacts, whole_only};
use crate::msnp::adl::Lists;
use crate::roster::{self, Contact, PASSPORT, Roster};
use crate::server::book::{Change, Who};
use crate::server::xml::read::Node;
use crate::server::xml::write::Xml;
use bytes::Bytes;
use std::sync::Arc;

/// The lists that this service keeps, as it calls them.
const ROLES: &[(Lists, &str)] = &[
    (Lists::ALLOW, "Allow"),
    (Lists::BLOCK, "Block"),
    (Lists::REVERSE, "Reverse"),
    (Lists::PENDING, "Pending"),
];
/// The service whose lists they are; other ones (Profile, Space and so on) have none.
const MESSENGER: &str = "Messenger";

/// `FindMembership`: every list, whole.
pub(super) fn find(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    whole_only(call.element)?;
    let book = call.book();
    xml.within("FindMembershipResult", |xml| {
        xml.within("Services", |xml| {
            xml.within("Service", |xml| {
                xml.within("Memberships", |xml| xml.shared(book.memberships.clone()));
                xml.within("Info", |xml| {
                    xml.within("Handle", |xml| {
                        xml.leaves(&[("Id", "1"), ("Type", MESSENGER), ("ForeignId", "")]);
                    });
                    xml.leaves(&[
                        ("InverseRequired", "false"),
                        ("AuthorizationCriteria", "Everyone"),
                        ("IsBot", "false"),
                    ]);
                });
                xml.leaves(&[("Changes", ""), ("LastChange", DATE), ("Deleted", "false")]);
            });
        });
        owner(xml, &call.account);
    });
    Ok(())
}

/// Every list with its members.
pub(super) fn memberships(roster: &Roster) -> Bytes {
    let mut xml = Xml::part();
    for (list, role) in ROLES {
        xml.within("Membership", |xml| {
            xml.leaf("MemberRole", role);
            xml.within("Members", |xml| {
                for contact in roster.contacts().filter(|c| c.lists.contains(*list)) {
                    member(xml, role, contact);
                }
            });
            xml.leaf("MembershipIsComplete", "true");
        });
    }
    xml.into_bytes().into()
}

fn member(xml: &mut Xml, role: &str, contact: &Contact) {
    let phone = contact.account.strip_prefix("tel:");
    let kind = match phone {
        Some(_) => "Phone",
        None if contact.network == PASSPORT => "Passport",
        None => "Email",
    };
    xml.within_with("Member", &[("xsi:type", &format!("{kind}Member"))], |xml| {
        xml.leaves(&[
            ("MembershipId", &format!("{role}/{}", contact.id)),
            ("Type", kind),
            ("State", "Accepted"),
            ("Deleted", "false"),
            ("LastChanged", DATE),
            ("JoinedDate", DATE),
            ("ExpirationDate", NO_DATE),
            ("Changes", ""),
        ]);
        match (phone, kind) {
            (Some(number), _) => xml.leaf("PhoneNumber", number),
            (None, "Email") => xml.leaf("Email", &contact.account),
            _ => xml.leaves(&[
                ("PassportName", &contact.account),
                ("IsPassportNameHidden", "false"),
                ("PassportId", "0"),
                ("CID", &contact.cid().to_string()),
            ]),
        }
    });
}

fn owner(xml: &mut Xml, account: &str) {
    let cid = roster::cid(account).to_string();
    xml.within("OwnerNamespace", |xml| {
        xml.within("Info", |xml| {
            xml.within("Handle", |xml| {
                xml.leaves(&[
                    ("Id", ZERO_GUID),
                    ("IsPassportNameHidden", "false"),
                    ("CID", &cid),
                ]);
            });
            xml.leaves(&[
                ("CreatorPuid", "0"),
                ("CreatorCID", &cid),
                ("CreatorPassportName", account),
            ]);
            xml.within("CircleAttributes", |xml| {
                xml.leaves(&[("IsPresenceEnabled", "false"), ("Domain", "WindowsLive")]);
            });
        });
        xml.leaves(&[("Changes", ""), ("CreateDate", DATE), ("LastChange", DATE)]);
    });
}

/// `AddMember`: puts the members on the lists. One that the roster does not have becomes a contact of it.
pub(super) fn add(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    for (list, node) in asked(call)? {
        let Some((account, network)) = account(node) else {
            return Err(Refusal::missing(
                "PassportName, Email or PhoneNumber of the member",
            ));
        };
        call.keep(&Change::Put {
            who: Who::Account(account),
            network,
            name: None,
            list,
            also: Lists::default(),
            group: None,
            both: true,
        })
        .map_err(|refusal| refusal.of_member())?;
    }
    Ok(())
}

/// `DeleteMember`: takes the members off the lists. A contact that is on none any more leaves the roster.
pub(super) fn delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    for (list, node) in asked(call)? {
        let held = held(call, node)?;
        let who = Who::Account(held.account.clone());
        call.keep(&Change::Take { who, list })
            .map_err(|refusal| refusal.of_member())?;
    }
    Ok(())
}

/// What a request to add or delete asks for: list, and the member's element.
fn asked<'a>(call: &mut Call<'a>) -> Result<Vec<(Lists, &'a Node)>, Refusal> {
    let service = call.element.text_at(&["serviceHandle", "Type"]);
    if let Some(other) = service.filter(|service| *service != MESSENGER) {
        call.not_kept(format!("the lists of {}", super::short(other)));
        return Ok(Vec::new());
    }
    let memberships = call
        .element
        .child("memberships")
        .ok_or_else(|| Refusal::missing("memberships"))?;
    let mut asked = Vec::new();
    for membership in memberships.all("Membership") {
        let role = membership
            .text_at(&["MemberRole"])
            .ok_or_else(|| Refusal::missing("MemberRole"))?;
        let (list, _) = ROLES
            .iter()
            .find(|(_, name)| *name == role)
            .ok_or_else(|| {
                Refusal::new(
                    "InvalidRequest",
                    format!("{:?} is no list", super::short(role)),
                )
            })?;
        let members = membership.child("Members");
        asked.extend(
            members
                .iter()
                .flat_map(|members| members.all("Member"))
                .map(|member| (*list, member)),
        );
    }
    match asked.is_empty() {
        true => Err(Refusal::missing("Member")),
        false => Ok(asked),
    }
}

/// The account and network that a member's element names.
fn account(node: &Node) -> Option<(String, u8)> {
    if let Some(name) = node.text_at(&["PassportName"]) {
        return Some((name.to_owned(), PASSPORT));
    }
    if let Some(email) = node.text_at(&["Email"]) {
        return Some((email.to_owned(), contacts::EMAIL));
    }
    node.text_at(&["PhoneNumber"])
        .map(|number| (format!("tel:{number}"), contacts::PHONE))
}

/// The contact that a member's element means, by account, or by the id that [`member`] gave it.
fn held(call: &Call<'_>, node: &Node) -> Result<Arc<Contact>, Refusal> {
    let roster = call.hub.roster();
    let id = node.text_at(&["MembershipId"]);
    let found = match (account(node), id) {
        (Some((account, _)), _) => roster.get(&account).cloned(),
        (None, Some(id)) => roster
            .by_id(id.rsplit('/').next().unwrap_or_default())
            .cloned(),
        (None, None) => {
            return Err(Refusal::missing(
                "PassportName or MembershipId of the member",
            ));
        }
    };
    found.ok_or_else(|| Refusal::new("MemberDoesNotExist", "there is no such member"))
}
