//! What a contact has to give: its picture, and what it has sent of emoticons and winks.

use crate::msnp::object::{DISPLAY_PICTURE, MsnObject};
use crate::roster::Picture;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use std::sync::Arc;

/// An object with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The object, true of the bytes.
    pub object: MsnObject,
    /// The bytes.
    pub bytes: Bytes,
}

/// Everything that one contact has to give.
#[derive(Debug, Clone, Copy, Default)]
pub struct Things<'a> {
    /// Its picture.
    pub picture: Option<&'a Arc<Picture>>,
    /// The rest.
    pub others: &'a [Arc<Thing>],
}

impl<'a> From<Option<&'a Arc<Picture>>> for Things<'a> {
    fn from(picture: Option<&'a Arc<Picture>>) -> Self {
        Self {
            picture,
            others: &[],
        }
    }
}

impl Things<'_> {
    /// What the context of an invitation asks for, with its kind in words: found by the hash of its data, as clients do.
    pub(super) fn wanted(self, context: &str) -> Option<(&'static str, Bytes)> {
        let bytes = BASE64.decode(context.trim()).ok()?;
        let xml = String::from_utf8(bytes).ok()?;
        let asked = MsnObject::read(xml.trim_end_matches('\0')).ok()?;
        let key = |object: &MsnObject| (object.kind, object.size, object.sha1d.clone());
        if asked.kind == DISPLAY_PICTURE {
            let picture = self.picture.filter(|picture| asked.is_of(&picture.png))?;
            return Some((asked.called(), picture.png.clone()));
        }
        let mut others = self.others.iter();
        let thing = others.find(|thing| key(&thing.object) == key(&asked))?;
        Some((asked.called(), thing.bytes.clone()))
    }
}
