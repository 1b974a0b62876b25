//! The storage service: the account's own profile.

use super::{Call, DATE, Refusal};
use crate::roster;
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

/// `GetProfile`: name and personal message of the account. There is no photo to tell of.
pub(super) fn get_profile(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let me = call.hub.me(&call.account);
    let cid = format!("{:X}", roster::cid(&me.account));
    xml.within("GetProfileResult", |xml| {
        xml.leaf("ResourceID", &format!("{cid}!101"));
        xml.leaf("DateModified", DATE);
        xml.within("ExpressionProfile", |xml| {
            xml.leaves(&[
                ("ResourceID", &format!("{cid}!118")),
                ("Version", "1"),
                ("DateModified", DATE),
            ]);
            xml.empty("Photo");
            xml.leaves(&[
                ("DisplayName", &me.name),
                ("PersonalStatus", &me.personal.message),
            ]);
        });
    });
    Ok(())
}
