//! `ABFindAll` and `ABFindContactsPaged`: the account's address book, whole. `ABFindByContacts`: some of it.
//!
//! Elements stand in the order of the service's schema, by which a generated client reads them.

use super::{Call, DATE, Kinds, NO_DATE, Refusal, ZERO_GUID, date, unchanged};
use crate::msnp::adl::Lists;
use crate::roster::{self, Contact, Group, Me, PASSPORT, Roster};
use crate::server::xml::write::Xml;
use bytes::Bytes;
use std::sync::Arc;

/// The type of every group.
const GROUP_TYPE: &str = "c8529ce2-6ead-434d-881f-341e17db3ff8";

/// What an answer's elements are called: the two actions differ in nothing else.
struct Names {
    result: &'static str,
    groups: &'static str,
    contacts: &'static str,
    about: &'static str,
}

/// `ABFindAll`.
pub(super) fn find_all(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    find(
        call,
        xml,
        &Names {
            result: "ABFindAllResult",
            groups: "groups",
            contacts: "contacts",
            about: "ab",
        },
    )
}

/// `ABFindContactsPaged`: all in one page.
pub(super) fn find_paged(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    find(
        call,
        xml,
        &Names {
            result: "ABFindContactsPagedResult",
            groups: "Groups",
            contacts: "Contacts",
            about: "Ab",
        },
    )
}

/// Groups, the contacts of the forward list, and the account itself: without a `Me` that has a CID, some
/// clients never finish signing in (`clients.md`). Where only changes are asked for and there are none, the account
/// itself alone.
fn find(call: &mut Call<'_>, xml: &mut Xml, names: &Names) -> Result<(), Refusal> {
    let book = call.book();
    let unchanged = unchanged(call.element, &book)?;
    let me = call.hub.me(&call.account);
    xml.within(names.result, |xml| {
        if !unchanged && !book.groups.is_empty() {
            xml.within(names.groups, |xml| xml.shared(book.groups.clone()));
        }
        xml.within(names.contacts, |xml| {
            if !unchanged {
                xml.shared(book.contacts.clone());
            }
            own(xml, &me);
        });
        // There are no circles. A client with a ticket for them would ask for them.
        xml.within("CircleResult", |xml| xml.empty("CircleTicket"));
        about(xml, names.about, &me, &date(book.changed));
    });
    Ok(())
}

/// `ABFindByContacts`: the contacts of these GUIDs.
pub(super) fn find_by_contacts(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let roster = call.hub.roster();
    let me = call.hub.me(&call.account);
    let own_id = own_id(&me.account);
    let asked = call.element.child("contactIds");
    let asked: Vec<&str> = asked
        .iter()
        .flat_map(|ids| ids.all("guid"))
        .map(|id| id.text.trim())
        .collect();
    let is_own = asked.iter().any(|id| id.eq_ignore_ascii_case(&own_id));
    let mut found: Vec<&Arc<Contact>> = asked.iter().filter_map(|id| roster.by_id(id)).collect();
    found.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    if found.is_empty() && !is_own {
        let text = "the request has no contactIds/guid of a contact";
        return Err(Refusal::new("ContactDoesNotExist", text));
    }
    let changed = date(call.book().changed);
    xml.within("ABFindByContactsResult", |xml| {
        xml.within("contacts", |xml| {
            for held in found {
                contact(xml, held, call.kinds);
            }
            if is_own {
                own(xml, &me);
            }
        });
        about(xml, "ab", &me, &changed);
    });
    Ok(())
}

/// `ABAdd`: a client that finds no address book makes one. There always is one, so that is its answer.
pub(super) fn add(_: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    xml.leaf("ABAddResult", ZERO_GUID);
    Ok(())
}

/// Every group.
pub(super) fn groups(roster: &Roster) -> Bytes {
    let mut xml = Xml::part();
    for held in roster.groups() {
        group(&mut xml, held);
    }
    xml.into_bytes().into()
}

/// The contacts of the forward list.
pub(super) fn contacts(roster: &Roster, kinds: &Kinds) -> Bytes {
    let mut xml = Xml::part();
    let listed = roster.contacts();
    for held in listed.filter(|c| c.lists.contains(Lists::FORWARD)) {
        contact(&mut xml, held, kinds);
    }
    xml.into_bytes().into()
}

fn group(xml: &mut Xml, group: &Group) {
    xml.within("Group", |xml| {
        xml.leaf("groupId", &group.id);
        xml.within("groupInfo", |xml| {
            xml.within("annotations", |xml| annotation(xml, "MSN.IM.Display", "1"));
            xml.leaves(&[
                ("groupType", GROUP_TYPE),
                ("name", &group.name),
                ("IsNotMobileVisible", "false"),
                ("IsPrivate", "false"),
                ("IsFavorite", "false"),
            ]);
        });
        xml.leaves(&[
            ("propertiesChanged", ""),
            ("fDeleted", "false"),
            ("lastChange", DATE),
        ]);
    });
}

fn annotation(xml: &mut Xml, name: &str, value: &str) {
    xml.within("Annotation", |xml| {
        xml.leaves(&[("Name", name), ("Value", value)])
    });
}

/// One `Contact`, whose `contactInfo` is what `info` writes.
fn entry(xml: &mut Xml, id: &str, info: impl FnOnce(&mut Xml)) {
    xml.within("Contact", |xml| {
        xml.leaf("contactId", id);
        xml.within("contactInfo", info);
        xml.leaves(&[
            ("propertiesChanged", ""),
            ("fDeleted", "false"),
            ("lastChange", DATE),
        ]);
    });
}

fn contact(xml: &mut Xml, contact: &Contact, kinds: &Kinds) {
    entry(xml, &contact.id, |xml| {
        let passport = contact.network == PASSPORT;
        let messenger = contact.messenger_user;
        if !passport {
            email(xml, contact);
        }
        if !contact.groups.is_empty() {
            xml.within("groupIds", |xml| {
                for group in &contact.groups {
                    xml.leaf("guid", group);
                }
            });
        }
        xml.leaves(&[
            ("contactType", kinds.of(&contact.id)),
            ("quickName", &contact.name),
        ]);
        if passport {
            xml.leaf("passportName", &contact.account);
        }
        xml.leaves(&[
            ("IsPassportNameHidden", "false"),
            ("displayName", &contact.name),
            ("puid", "0"),
        ]);
        // A contact of another network is known as a user by its e-mail entry.
        person(xml, contact.cid(), messenger && passport);
    });
}

/// How a contact of another network stands in the address book.
fn email(xml: &mut Xml, contact: &Contact) {
    xml.within("emails", |xml| {
        xml.within("ContactEmail", |xml| {
            xml.leaves(&[
                ("contactEmailType", "Messenger2"),
                ("email", &contact.account),
                ("isMessengerEnabled", yes(contact.messenger_user)),
                ("Capability", &contact.network.to_string()),
                ("MessengerEnabledExternally", "false"),
                ("propertiesChanged", ""),
            ]);
        });
    });
}

fn yes(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

/// What stands about everybody.
fn person(xml: &mut Xml, cid: i64, messenger_user: bool) {
    xml.leaves(&[
        ("CID", &cid.to_string()),
        ("IsNotMobileVisible", "false"),
        ("isMobileIMEnabled", "false"),
        ("isMessengerUser", yes(messenger_user)),
        ("isFavorite", "false"),
        ("isSmtp", "false"),
        ("hasSpace", "false"),
        ("spotWatchState", "NoDevice"),
        ("birthdate", NO_DATE),
        ("primaryEmailType", "ContactEmailPersonal"),
        ("PrimaryLocation", "ContactLocationPersonal"),
        ("PrimaryPhone", "ContactPhonePersonal"),
        ("IsPrivate", "false"),
        ("Gender", "Unspecified"),
        ("TimeZone", "None"),
    ]);
}

/// The account's own entry. Its GUID is made from its CID, so that it stays the same.
fn own(xml: &mut Xml, me: &Me) {
    entry(xml, &own_id(&me.account), |xml| {
        xml.within("annotations", |xml| {
            annotation(xml, "MSN.IM.MBEA", "0");
            annotation(xml, "MSN.IM.GTC", "1");
            // 1 is AL, 0 is BL.
            annotation(
                xml,
                "MSN.IM.BLP",
                if me.privacy == "BL" { "0" } else { "1" },
            );
            annotation(xml, "MSN.IM.MPOP", "1");
        });
        xml.leaves(&[
            ("contactType", "Me"),
            ("quickName", &me.name),
            ("passportName", &me.account),
            ("IsPassportNameHidden", "false"),
            ("displayName", &me.name),
            ("puid", "0"),
        ]);
        person(xml, roster::cid(&me.account), false);
    });
}

/// The GUID of an account's own entry.
pub(super) fn own_id(account: &str) -> String {
    let cid = roster::cid(account);
    format!(
        "00000000-0000-0000-{:04x}-{:012x}",
        (cid >> 48) & 0xffff,
        cid & 0xffff_ffff_ffff
    )
}

fn about(xml: &mut Xml, name: &str, me: &Me, changed: &str) {
    xml.within(name, |xml| {
        xml.leaf("abId", ZERO_GUID);
        xml.within("abInfo", |xml| {
            xml.leaves(&[
                ("ownerPuid", "0"),
                ("OwnerCID", &roster::cid(&me.account).to_string()),
                ("ownerEmail", &me.account),
                ("fDefault", "true"),
                ("joinedNamespace", "false"),
                ("IsBot", "false"),
                ("IsParentManaged", "false"),
                ("SubscribeExternalPartner", "false"),
                ("NotifyExternalPartner", "false"),
                ("AddressBookType", "Individual"),
            ]);
        });
        xml.leaves(&[
            ("lastChange", changed),
            ("DynamicItemLastChanged", NO_DATE),
            ("RecentActivityItemLastChanged", NO_DATE),
            ("createDate", DATE),
            ("propertiesChanged", ""),
        ]);
    });
}
