//! How a client edits the contacts of its address book.

use super::{Call, Refusal, address_book};
use crate::event::{ours, say};
use crate::msnp::adl::Lists;
use crate::roster::{Contact, PASSPORT};
use crate::server::book::{Change, Who};
use crate::server::xml::read::Node;
use crate::server::xml::write::Xml;

/// Network id of a phone.
pub(super) const PHONE: u8 = 4;
/// Network id of a contact that is added by its e-mail address alone (Yahoo).
pub(super) const EMAIL: u8 = 32;

/// The account that a `Contact` element names, and its network.
pub(super) fn account(node: &Node) -> Option<(&str, u8)> {
    if let Some(name) = node.text_at(&["contactInfo", "passportName"]) {
        return Some((name, PASSPORT));
    }
    node.text_at(&["contactInfo", "emails", "ContactEmail", "email"])
        .map(|email| (email, EMAIL))
}

/// The `Contact` elements of a request.
pub(super) fn asked<'a>(call: &Call<'a>) -> Result<Vec<&'a Node>, Refusal> {
    let asked: Vec<_> = call
        .element
        .child("contacts")
        .iter()
        .flat_map(|contacts| contacts.all("Contact"))
        .collect();
    match asked.is_empty() {
        true => Err(Refusal::missing("contacts/Contact")),
        false => Ok(asked),
    }
}

/// `ABContactAdd`: puts contacts on the forward list. Its result is the GUID of the last.
pub(super) fn add(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    // The service keeps the allow list of those who ask it to; others send AddMember.
    let allow = call
        .element
        .text_at(&["options", "EnableAllowListManagement"])
        == Some("true");
    let also = match allow {
        true => Lists::ALLOW,
        false => Lists::default(),
    };
    let mut id = String::new();
    for node in asked(call)? {
        let kind = node.text_at(&["contactInfo", "contactType"]);
        let (account, network) = account(node)
            .ok_or_else(|| Refusal::missing("contactInfo/passportName of the contact"))?;
        let name = node.text_at(&["contactInfo", "displayName"]);
        let kept = call.keep(&Change::Put {
            who: Who::Account(account.to_owned()),
            network,
            name: name.map(str::to_owned),
            list: Lists::FORWARD,
            also,
            group: None,
            both: true,
        })?;
        id = kept
            .contact
            .map(|contact| contact.id.clone())
            .unwrap_or_default();
        keep_kind(call, &id, kind);
    }
    xml.within("ABContactAddResult", |xml| xml.leaf("guid", &id));
    Ok(())
}

/// `ABContactDelete`: takes contacts off the forward list and out of their groups.
pub(super) fn delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    for node in asked(call)? {
        let who = Who::Account(call.contact(node)?.account.clone());
        let list = Lists::FORWARD;
        call.keep(&Change::Take { who, list })?;
    }
    Ok(())
}

/// `ABContactUpdate`: a contact's name, and whether it uses Messenger; of the account itself its name and privacy.
pub(super) fn update(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    for node in asked(call)? {
        let own = node.text_at(&["contactInfo", "contactType"]) == Some("Me")
            || node
                .text_at(&["contactId"])
                .is_some_and(|id| id.eq_ignore_ascii_case(&address_book::own_id(&call.account)));
        match own {
            true => update_own(call, node)?,
            false => update_other(call, node)?,
        }
    }
    Ok(())
}

/// Keeps the `contactType` that a client gave a contact, and gives it back unchanged.
fn keep_kind(call: &Call<'_>, id: &str, kind: Option<&str>) {
    if kind.is_some_and(|kind| call.kinds.set(&call.hub.roster(), id, kind)) {
        call.books.forget();
    }
}

fn update_other(call: &mut Call<'_>, node: &Node) -> Result<(), Refusal> {
    let held = call.contact(node)?;
    let name = node.text_at(&["contactInfo", "displayName"]);
    let messenger_user = node.text_at(&["contactInfo", "isMessengerUser"]);
    keep_kind(
        call,
        &held.id,
        node.text_at(&["contactInfo", "contactType"]),
    );
    if name.is_some() || messenger_user.is_some() {
        call.hub
            .change(&held.account, Some(call.author()), |contact| {
                if let Some(name) = name {
                    name.clone_into(&mut contact.name);
                }
                if let Some(is) = messenger_user {
                    contact.messenger_user = is == "true";
                }
            })?;
    }
    not_kept(
        call,
        node,
        &["displayName", "isMessengerUser", "annotations"],
    );
    annotations(call, node, |_, _| false);
    Ok(())
}

fn update_own(call: &mut Call<'_>, node: &Node) -> Result<(), Refusal> {
    if let Some(name) = node.text_at(&["contactInfo", "displayName"]) {
        // The rule for names is the roster's.
        Contact::new(call.account.as_str(), Some(name.to_owned())).check()?;
        call.hub
            .change_me(&call.account, |me| name.clone_into(&mut me.name));
    }
    not_kept(call, node, &["displayName", "annotations"]);
    annotations(call, node, |call, (name, value)| {
        let privacy = match (name, value) {
            ("MSN.IM.BLP", "1") => "AL",
            ("MSN.IM.BLP", "0") => "BL",
            _ => return false,
        };
        call.hub
            .change_me(&call.account, |me| privacy.clone_into(&mut me.privacy));
        true
    });
    Ok(())
}

/// Gives each annotation to `keep`; one that is not kept is told of.
fn annotations(call: &mut Call<'_>, node: &Node, keep: impl Fn(&Call<'_>, (&str, &str)) -> bool) {
    let annotations = node.at(&["contactInfo", "annotations"]);
    let mut lost = Vec::new();
    for annotation in annotations.iter().flat_map(|all| all.all("Annotation")) {
        let name = annotation.text_at(&["Name"]).unwrap_or_default();
        let value = annotation.text_at(&["Value"]).unwrap_or_default();
        if !keep(call, (name, value)) {
            lost.push(super::short(name));
        }
    }
    tell(call, "the annotation", lost);
}

/// Tells of the fields of `contactInfo` that are none of those that were looked at or that only say who is meant.
fn not_kept(call: &mut Call<'_>, node: &Node, kept: &[&str]) {
    const WHO: &[&str] = &["contactType", "passportName", "emails"];
    let lost = node
        .child("contactInfo")
        .iter()
        .flat_map(|info| &info.children)
        .filter(|field| !kept.contains(&field.name.as_str()) && !WHO.contains(&field.name.as_str()))
        .map(|field| super::short(&field.name))
        .collect();
    tell(call, "the field", lost);
}

/// One finding for all of them, naming a few.
fn tell(call: &mut Call<'_>, what: &'static str, lost: Vec<String>) {
    const NAMED: usize = 8;
    if lost.is_empty() {
        return;
    }
    let more = if lost.len() > NAMED {
        " and others"
    } else {
        ""
    };
    let names = lost[..lost.len().min(NAMED)].join(", ");
    call.not_kept(say!("{} {names}{}", ours(what), ours(more)));
}
