//! The sharing service: who is on the allow, block, reverse and pending lists.

use super::{Call, DATE, NO_DATE, Refusal, ZERO_GUID, contacts, date, unchanged};
use crate::event::say;
use crate::msnp::adl::Lists;
use crate::roster::{self, Contact, PASSPORT, Roster};
use crate::server::book::{Change, Who};
use crate::server::encoded_book::Book;
use crate::server::xml::read::Node;
use crate::server::xml::write::Xml;
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
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

/// `FindMembership`: every list, whole. Where only changes are asked for and there are none, no list.
pub(super) fn find(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let book = call.book();
    let unchanged = unchanged(call.element, &book)?;
    xml.within("FindMembershipResult", |xml| {
        xml.within("Services", |xml| {
            if !unchanged && asks_for_messenger(call.element) {
                service(xml, &book, |_| true);
            }
        });
        owner(xml, &call.account);
    });
    Ok(())
}

/// `FindMembershipByRole`: the lists that are named.
pub(super) fn find_by_role(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let book = call.book();
    let roles = call.element.child("includedRoles");
    let asked: Vec<&str> = roles
        .iter()
        .flat_map(|roles| &roles.children)
        .map(|role| role.text.trim())
        .collect();
    xml.within("FindMembershipByRoleResult", |xml| {
        if asks_for_messenger(call.element) {
            xml.within("Services", |xml| {
                service(xml, &book, |role| asked.contains(&role));
            });
        }
        owner(xml, &call.account);
    });
    Ok(())
}

/// Whether the service of these lists is among those asked for; where none is named, all are.
fn asks_for_messenger(element: &Node) -> bool {
    let types = element.at(&["serviceFilter", "Types"]);
    types.is_none_or(|types| {
        types.children.is_empty()
            || types
                .children
                .iter()
                .any(|kind| kind.text.trim() == MESSENGER)
    })
}

/// The service with those of its lists that are wanted.
fn service(xml: &mut Xml, book: &Book, wanted: impl Fn(&str) -> bool) {
    xml.within("Service", |xml| {
        xml.within("Memberships", |xml| {
            for (role, membership) in &book.memberships {
                if wanted(role) {
                    xml.shared(membership.clone());
                }
            }
        });
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
        xml.leaves(&[
            ("Changes", ""),
            ("LastChange", &date(book.changed)),
            ("Deleted", "false"),
        ]);
    });
}

/// Every list with its members.
pub(super) fn memberships(roster: &Roster) -> Vec<(&'static str, Bytes)> {
    let encode = |(list, role): &(Lists, &'static str)| {
        let mut xml = Xml::part();
        xml.within("Membership", |xml| {
            xml.leaf("MemberRole", role);
            xml.within("Members", |xml| {
                for (number, contact) in numbered(roster, *list) {
                    member(xml, number, contact);
                }
            });
            xml.leaf("MembershipIsComplete", "true");
        });
        (*role, xml.into_bytes().into())
    };
    ROLES.iter().map(encode).collect()
}

/// The members of a list, each with its number: a positive one of 31 bits, as the service's schema has it, made from the
/// account, so that it stays the same. Of two that would have the same one, the later in the roster gets the next.
fn numbered(roster: &Roster, list: Lists) -> impl Iterator<Item = (u32, &Arc<Contact>)> {
    const LARGEST: u32 = i32::MAX.unsigned_abs();
    let mut taken = HashSet::new();
    let members = roster.contacts();
    members
        .filter(move |contact| contact.lists.contains(list))
        .map(move |contact| {
            let low = contact.cid().unsigned_abs() as u32 & LARGEST;
            let mut number = low.max(1);
            while !taken.insert(number) {
                number = number % LARGEST + 1;
            }
            (number, contact)
        })
}

fn member(xml: &mut Xml, number: u32, contact: &Contact) {
    let phone = contact.account.strip_prefix("tel:");
    let kind = match phone {
        Some(_) => "Phone",
        None if contact.network == PASSPORT => "Passport",
        None => "Email",
    };
    xml.within_with("Member", &[("xsi:type", &format!("{kind}Member"))], |xml| {
        xml.leaves(&[
            ("MembershipId", &number.to_string()),
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
    let asked = asked(call)?;
    let mut numbers = Numbers::default();
    for (list, node) in asked {
        let held = held(call, list, node, &mut numbers)?;
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
        call.not_kept(say!("the lists of {}", super::short(other)));
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
                    say!("{:?} is no list", super::short(role)),
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

/// The accounts of a list's members by their numbers, as they were when the request came.
type Numbers = HashMap<u8, HashMap<u32, String>>;

/// The contact that a member's element means, by account, or by the number that [`numbered`] gave it.
fn held(
    call: &Call<'_>,
    list: Lists,
    node: &Node,
    numbers: &mut Numbers,
) -> Result<Arc<Contact>, Refusal> {
    let roster = call.hub.roster();
    let number = node.text_at(&["MembershipId"]);
    let found = match (account(node), number) {
        (Some((account, _)), _) => roster.get(&account),
        (None, Some(number)) => {
            let of_list = numbers.entry(list.0).or_insert_with(|| {
                numbered(&roster, list)
                    .map(|(number, contact)| (number, contact.account.clone()))
                    .collect()
            });
            let number: Option<u32> = number.parse().ok();
            number
                .and_then(|number| of_list.get(&number))
                .and_then(|account| roster.get(account))
        }
        (None, None) => {
            return Err(Refusal::missing(
                "PassportName or MembershipId of the member",
            ));
        }
    };
    found
        .cloned()
        .ok_or_else(|| Refusal::new("MemberDoesNotExist", "there is no such member"))
}
