//! The storage service: the account's own profile.

use super::{Call, DATE, Refusal};
use crate::roster::{self, Contact};
use crate::server::xml::read::Node;
use crate::server::xml::write::Xml;

/// The namespaces of the service, the usual one first.
const NAMESPACES: &[&str] = &[
    "http://www.msn.com/webservices/storage/w10",
    "http://www.msn.com/webservices/storage/2008",
];

/// The one in which the request is.
pub(super) fn namespace(element: &Node) -> &'static str {
    NAMESPACES
        .iter()
        .find(|known| element.namespace.as_deref() == Some(**known))
        .unwrap_or(&NAMESPACES[0])
}

/// The resource id of the profile, and that of the expression profile in it.
const PROFILE: &str = "101";
const EXPRESSION: &str = "118";

/// The id by which the service knows a part of the account's profile.
fn resource(account: &str, part: &str) -> String {
    format!("{:X}!{part}", roster::cid(account))
}

/// `GetProfile`: name and personal message of the account, in the order of the service's schema. There is no photo to
/// tell of.
pub(super) fn get_profile(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let me = call.hub.me(&call.account);
    xml.within("GetProfileResult", |xml| {
        xml.leaf("ResourceID", &resource(&me.account, PROFILE));
        xml.leaf("DateModified", DATE);
        xml.within("ExpressionProfile", |xml| {
            xml.leaves(&[
                ("ResourceID", &resource(&me.account, EXPRESSION)),
                ("DateModified", DATE),
                ("Flags", "0"),
                ("PersonalStatus", &me.personal.message),
                ("PersonalStatusLastModified", DATE),
                ("DisplayName", &me.name),
                ("DisplayNameLastModified", DATE),
                ("StaticUserTilePublicURL", ""),
            ]);
        });
    });
    Ok(())
}

/// `UpdateProfile`: the account's name and personal message.
pub(super) fn update_profile(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    let Some(profile) = call.element.at(&["profile", "ExpressionProfile"]) else {
        return Err(Refusal::missing("profile/ExpressionProfile"));
    };
    let name = profile.text_at(&["DisplayName"]);
    // An empty text takes the message away.
    let message = profile.child("PersonalStatus").map(|node| node.text.trim());
    // The rules for texts are the roster's.
    let mut held = Contact::new(call.account.as_str(), name.map(str::to_owned));
    held.personal.message = message.unwrap_or_default().to_owned();
    held.check()?;
    call.hub.change_me(&call.account, |me| {
        if let Some(name) = name {
            name.clone_into(&mut me.name);
        }
        if let Some(message) = message {
            message.clone_into(&mut me.personal.message);
        }
    });
    let deleted = call
        .element
        .at(&["profileAttributesToDelete", "ExpressionProfileAttributes"]);
    if deleted.is_some_and(|all| !all.children.is_empty()) || profile.child("Photo").is_some() {
        call.not_kept("the photo of the profile");
    }
    Ok(())
}

/// `CreateProfile`: there always is one, so that is its answer.
pub(super) fn create_profile(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    xml.leaf("CreateProfileResult", &resource(&call.account, PROFILE));
    Ok(())
}
