//! `ABFindAll`: the account's address book, whole.

use super::{Call, DATE, NO_DATE, Refusal, ZERO_GUID, whole_only};
use crate::msnp::adl::Lists;
use crate::roster::{self, Contact, Group, Me, PASSPORT, Roster};
use crate::server::xml::write::Xml;
use bytes::Bytes;

/// The type of every group.
const GROUP_TYPE: &str = "c8529ce2-6ead-434d-881f-341e17db3ff8";

/// Groups, the contacts of the forward list, and the account itself: without a `Me` that has a CID, some
/// clients never finish signing in (`clients.md`).
pub(super) fn find_all(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    whole_only(call.element)?;
    let book = call.book();
    let me = call.hub.me(&call.account);
    xml.within("ABFindAllResult", |xml| {
        xml.within("groups", |xml| xml.shared(book.groups.clone()));
        xml.within("contacts", |xml| {
            xml.shared(book.contacts.clone());
            own(xml, &me);
        });
        about(xml, &me);
    });
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
pub(super) fn contacts(roster: &Roster) -> Bytes {
    let mut xml = Xml::part();
    let listed = roster.contacts();
    for held in listed.filter(|c| c.lists.contains(Lists::FORWARD)) {
        contact(&mut xml, held);
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

fn contact(xml: &mut Xml, contact: &Contact) {
    entry(xml, &contact.id, |xml| {
        let passport = contact.network == PASSPORT;
        let messenger = contact.messenger_user;
        if !passport {
            email(xml, contact);
        }
        xml.leaves(&[("contactType", "Regular"), ("quickName", &contact.name)]);
        if passport {
            xml.leaf("passportName", &contact.account);
        }
        xml.leaves(&[
            ("IsPassportNameHidden", "false"),
            ("displayName", &contact.name),
            ("puid", "0"),
        ]);
        if !contact.groups.is_empty() {
            xml.within("groupIds", |xml| {
                for group in &contact.groups {
                    xml.leaf("guid", group);
                }
            });
        }
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

fn about(xml: &mut Xml, me: &Me) {
    xml.within("ab", |xml| {
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
            ("lastChange", DATE),
            ("DynamicItemLastChanged", NO_DATE),
            ("createDate", DATE),
            ("propertiesChanged", ""),
        ]);
    });
}
