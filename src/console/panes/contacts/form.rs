//! A whole contact, in fields that are typed into.

use super::state::Contacts;
use crate::console::widget::edit::LineEdit;
use crate::msnp::Status;
use crate::msnp::adl::Lists;
use crate::roster::{Contact, EditError, Part};

rows! {
    /// The fields, in order.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[allow(missing_docs)] // Their labels say what they are.
    pub enum Field {
        /// What stands before it.
        pub fn label;
        /// What may be typed in it.
        pub fn hint;
    }
    Name "Friendly name" "what clients show";
    Status "Status" "online busy idle away brb lunch phone hidden offline";
    Message "Personal message" "empty takes it away";
    Media "Media" r"\0Music\01\0{0} - {1}\0Title\0Artist\0Album\0\0";
    Lists "Lists" "forward allow block reverse pending";
    Groups "Groups" "names, with commas between";
    Object "MSN object" "the Mac shows nobody without one; <msnobj/> is enough";
}

/// The field that a contact is refused for.
fn field_of(error: &EditError) -> Field {
    match error {
        EditError::Invalid { part, .. } => match part {
            Part::Message => Field::Message,
            Part::Media => Field::Media,
            Part::Object => Field::Object,
            _ => Field::Name,
        },
        _ => Field::Name,
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// As it was.
    pub contact: Contact,
    /// What is in the fields.
    pub fields: Vec<LineEdit>,
    /// Which has the keys.
    pub at: usize,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Form {
    /// The fields filled from a contact.
    pub fn new(contact: &Contact, contacts: &Contacts) -> Self {
        let text = |field| match field {
            Field::Name => contact.name.clone(),
            Field::Status => contact.status.word().to_owned(),
            Field::Message => contact.personal.message.clone(),
            Field::Media => contact.personal.media.clone(),
            Field::Lists => contact.lists.words().collect::<Vec<_>>().join(" "),
            Field::Groups => contact
                .groups
                .iter()
                .map(|id| contacts.group_name(id).unwrap_or(id))
                .collect::<Vec<_>>()
                .join(", "),
            Field::Object => contact.msnobj.clone(),
        };
        Self {
            contact: contact.clone(),
            fields: Field::ALL.map(|field| LineEdit::new(text(field))).into(),
            at: 0,
            error: None,
        }
    }

    /// Whether anything differs from the contact as it was.
    pub fn is_edited(&self, contacts: &Contacts) -> bool {
        self.fields != Form::new(&self.contact, contacts).fields
    }

    /// The contact that the fields make.
    ///
    /// # Errors
    /// The field, and a sentence that names it.
    pub fn contact(&self, contacts: &Contacts) -> Result<Contact, (Field, String)> {
        let text = |field: Field| self.fields[field as usize].text();
        let mut contact = self.contact.clone();
        contact.name = text(Field::Name).to_owned();
        contact.status = text(Field::Status)
            .trim()
            .parse::<Status>()
            .map_err(|e| (Field::Status, e.to_string()))?;
        // A text with line breaks was shown with spaces; unless it was changed it stays as it is.
        let kept = |field: Field, held: &str| {
            let shown = LineEdit::new(held);
            if shown.text() == text(field) {
                held.to_owned()
            } else {
                text(field).to_owned()
            }
        };
        contact.personal.message = kept(Field::Message, &self.contact.personal.message);
        contact.personal.media = kept(Field::Media, &self.contact.personal.media);
        contact.msnobj = text(Field::Object).to_owned();
        contact.lists = Lists(0);
        for word in text(Field::Lists)
            .split([' ', ','])
            .filter(|w| !w.is_empty())
        {
            let list = Lists::from_word(word).ok_or_else(|| {
                let text =
                    format!("lists: {word:?} is none of forward, allow, block, reverse, pending");
                (Field::Lists, text)
            })?;
            contact.lists = contact.lists.with(list);
        }
        contact.groups.clear();
        for name in text(Field::Groups)
            .split(',')
            .map(str::trim)
            .filter(|n| !n.is_empty())
        {
            let group = contacts
                .groups
                .iter()
                .find(|g| g.name == name || g.id == name)
                .ok_or_else(|| {
                    let known: Vec<_> = contacts.groups.iter().map(|g| g.name.as_str()).collect();
                    let known = match known.as_slice() {
                        [] => "there are none".to_owned(),
                        known => format!("there are {}", known.join(", ")),
                    };
                    let text = format!("groups: there is no group {name:?}; {known}");
                    (Field::Groups, text)
                })?;
            contact.groups.push(group.id.clone());
        }
        contact
            .check()
            .map_err(|error| (field_of(&error), error.to_string()))?;
        Ok(contact)
    }
}
