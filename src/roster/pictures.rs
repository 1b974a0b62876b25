//! The pictures of a folder. Each goes to the contact whose name its file has.

use super::picture::{Picture, PictureError, scaled};
use super::{Contact, Roster};
use crate::msnp::object::is_bare;
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The pictures of a folder, by their file name in lower case without `.png`.
#[derive(Debug, Clone, Default)]
pub(super) struct Pictures(HashMap<String, Bytes>);

impl Pictures {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The names of those that no contact of the roster has.
    pub fn unused(&self, roster: &Roster) -> Vec<&str> {
        let used: HashSet<*const u8> = roster
            .contacts()
            .filter_map(|contact| Some(contact.picture.as_ref()?.png.as_ptr()))
            .collect();
        let unused = self
            .0
            .iter()
            .filter(|(_, png)| !used.contains(&png.as_ptr()));
        let mut names: Vec<&str> = unused.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Takes a picture, and scales it.
    pub fn put(&mut self, name: &str, file: &[u8]) -> Result<(), PictureError> {
        self.0.insert(name.to_lowercase(), scaled(file)?);
        Ok(())
    }

    /// Gives a contact its picture: the one named like its account, or else like what stands before its `@` if `alone` says
    /// that no other contact has the same there. An object that the contact's file has stays.
    pub fn give(&self, contact: &mut Contact, alone: impl FnOnce(&str) -> bool) {
        if self.0.is_empty() {
            return;
        }
        let account = contact.account.to_lowercase();
        let user = account.split('@').next().unwrap_or_default();
        let found = self.0.get(&account);
        let found = found.or_else(|| self.0.get(user).filter(|_| alone(user)));
        if let Some(png) = found {
            let picture = Picture::new(&contact.account, png.clone());
            if is_bare(&contact.msnobj) {
                contact.msnobj.clone_from(&picture.object);
            }
            contact.picture = Some(Arc::new(picture));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::object::MsnObject;

    const GREY: &[u8] = include_bytes!("picture/grey.png");

    #[test]
    fn a_contact_gets_the_picture_of_its_name_and_an_object_that_is_true_of_it() {
        let mut pictures = Pictures::default();
        pictures.put("Lunch", GREY).expect("a picture");
        let mut contact = Contact::new("lunch@local", None);
        pictures.give(&mut contact, |_| false);
        assert_eq!(contact.picture, None, "there is another lunch");
        pictures.give(&mut contact, |user| user == "lunch");
        let picture = contact.picture.clone().expect("its picture");
        let object = MsnObject::read(&contact.msnobj).expect("an object");
        assert_eq!(object.creator, "lunch@local");
        assert_eq!((object.size, object.kind), (GREY.len() as u64, 3));
        // openssl sha1 -binary grey.png | base64
        assert_eq!(object.sha1d, include_str!("picture/grey.sha1").trim());
        assert_eq!(object.sha1c, object.field_hash());
        assert_eq!((&picture.object, &picture.png[..]), (&contact.msnobj, GREY));

        let mut own = Contact::new("lunch@local", None);
        own.msnobj = "<msnobj Creator=\"x\"/>".into();
        pictures.give(&mut own, |_| true);
        assert_eq!(own.msnobj, "<msnobj Creator=\"x\"/>");
    }
}
