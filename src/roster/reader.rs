//! Reads one contact file, table by table. A value of the right kind is taken; any other is named with its place.

use super::manner_file;
use super::mistake::{Mistake, Source, Span, place};
use super::{Contact, EditError, Group, Part, check_text};
use crate::msnp::adl::Lists;
use md5::{Digest, Md5};
use toml_edit::{Array, Document, Item, Table};

/// The keys of a `[[contact]]`, in the order in which a new one is written.
pub(super) const CONTACT_KEYS: [&str; 17] = [
    "account",
    "id",
    "name",
    "status",
    "personal-message",
    "media",
    "lists",
    "groups",
    "network",
    "capabilities",
    "extended",
    "msnobj",
    "messenger-user",
    "phone-home",
    "phone-work",
    "phone-mobile",
    "behaviour",
];
/// The keys of a `[[group]]`.
const GROUP_KEYS: [&str; 2] = ["name", "id"];
/// Mistakes after which the rest of the files is not read.
const MOST_MISTAKES: usize = 100;

/// The id of a contact or group whose file has none. It is made from the name, so that it is the same at every start:
/// clients remember contacts by their ids.
pub(super) fn made_id(kind: &str, name: &str) -> String {
    let digest: [u8; 16] =
        Md5::digest(format!("nudge {kind} {}", name.to_ascii_lowercase())).into();
    uuid::Builder::from_md5_bytes(digest)
        .into_uuid()
        .to_string()
}

/// A contact, its groups as they are written.
pub(super) struct Draft {
    pub contact: Contact,
    pub at: Span,
    pub id_at: Span,
    pub groups: Vec<(String, Span)>,
}

/// Reads one file.
pub(super) struct Reader<'a> {
    pub source: &'a Source,
    /// The mistakes of all files so far.
    pub mistakes: &'a mut Vec<Mistake>,
}

pub(super) fn span_of(table: &Table, key: &str) -> Span {
    table.get(key).and_then(Item::span).or_else(|| table.span())
}

impl<'a> Reader<'a> {
    pub fn named(&self, span: Span, text: String) -> Mistake {
        Mistake {
            file: self.source.path.clone(),
            at: span.map(|span| place(&self.source.text, span.start)),
            text,
        }
    }

    pub fn mistake(&mut self, span: Span, text: String) {
        if self.mistakes.len() < MOST_MISTAKES {
            let mistake = self.named(span, text);
            self.mistakes.push(mistake);
        }
    }

    pub fn parse(&mut self) -> Option<Document<&'a str>> {
        match Document::parse(self.source.text.as_str()) {
            Ok(document) => Some(document),
            Err(error) => {
                let text = format!("this is not TOML: {}", error.message());
                self.mistake(error.span(), text);
                None
            }
        }
    }

    /// The `[[name]]` tables. A key at the top that is neither this nor one of `others` is a mistake. It is named once, when
    /// the first name is asked for.
    pub fn tables<'d>(&mut self, root: &'d Table, name: &str, others: &[&str]) -> Vec<&'d Table> {
        if name != "contact" {
            for (key, _) in root.iter() {
                if key != name && !others.contains(&key) {
                    let known: Vec<_> = std::iter::once(&name)
                        .chain(others)
                        .map(|name| format!("[[{name}]]"))
                        .collect();
                    let text = format!(
                        "unknown key {key:?}: at the top of this file there is only {}",
                        known.join(" and ")
                    );
                    self.mistake(key_span(root, key), text);
                }
            }
        }
        match root.get(name) {
            None => Vec::new(),
            Some(Item::ArrayOfTables(tables)) => tables.iter().collect(),
            Some(item) => {
                let text = format!("write [[{name}]], in double brackets, above each {name}");
                self.mistake(item.span().or_else(|| key_span(root, name)), text);
                Vec::new()
            }
        }
    }

    pub fn unknown_keys(&mut self, table: &Table, what: &str, known: &[&str]) {
        for (key, _) in table.iter() {
            if !known.contains(&key) {
                let a = match what.starts_with(['a', 'e', 'i', 'o', 'u']) {
                    true => "an",
                    false => "a",
                };
                let text = format!("unknown key {key:?}: {a} {what} has {}", known.join(", "));
                self.mistake(key_span(table, key), text);
            }
        }
    }

    pub fn required(&mut self, table: &Table, what: &str, key: &str) -> Option<String> {
        if table.contains_key(key) {
            return self.text(table, key);
        }
        let text = format!("this {what} has no {key}: write {key} = \"…\" below it");
        self.mistake(table.span(), text);
        None
    }

    fn text(&mut self, table: &Table, key: &str) -> Option<String> {
        let item = table.get(key)?;
        if let Some(text) = item.as_str() {
            return Some(text.to_owned());
        }
        self.wrong_type(table, key, "a text in quotes");
        None
    }

    fn wrong_type(&mut self, table: &Table, key: &str, wanted: &str) {
        let found = table.get(key).map_or("nothing", Item::type_name);
        let text = format!("{key} has to be {wanted}, and this is of the type {found}");
        self.mistake(span_of(table, key), text);
    }

    fn number<T: TryFrom<i64>>(&mut self, table: &Table, key: &str, most: &str) -> Option<T> {
        let item = table.get(key)?;
        let number = item
            .as_integer()
            .and_then(|number| T::try_from(number).ok());
        match (&number, item.as_integer()) {
            (None, Some(found)) => {
                let text = format!("{key} has to be from 0 to {most}, and this is {found}");
                self.mistake(span_of(table, key), text);
            }
            (None, None) => {
                self.wrong_type(table, key, &format!("a whole number from 0 to {most}"))
            }
            _ => {}
        }
        number
    }

    /// The words of an array, each with its place.
    fn words(&mut self, table: &Table, key: &str) -> Option<Vec<(String, Span)>> {
        let item = table.get(key)?;
        let words = item.as_array().and_then(|array: &Array| {
            array
                .iter()
                .map(|value| Some((value.as_str()?.to_owned(), value.span())))
                .collect()
        });
        if words.is_none() {
            self.wrong_type(table, key, "a list of texts, such as [\"a\", \"b\"]");
        }
        words
    }

    fn id(&mut self, table: &Table, made: impl FnOnce() -> String) -> String {
        match self.text(table, "id") {
            None => made(),
            Some(id) => match uuid::Uuid::try_parse(&id) {
                Ok(id) => id.to_string(),
                Err(_) => {
                    let text = format!(
                        "{id:?} is not a GUID: write 32 hexadecimal digits as 8-4-4-4-12, or leave the id out"
                    );
                    self.mistake(span_of(table, "id"), text);
                    id
                }
            },
        }
    }

    pub fn group(&mut self, table: &Table) -> Option<(Group, Span)> {
        self.unknown_keys(table, "group", &GROUP_KEYS);
        let name = self.required(table, "group", "name")?;
        if let Err(error) = check_text(Part::Name, &name, super::MAX_NAME, false) {
            self.mistake(span_of(table, "name"), error.to_string());
        }
        let id = self.id(table, || made_id("group", &name));
        Some((Group { id, name }, table.span()))
    }

    pub fn contact(&mut self, table: &Table) -> Option<Draft> {
        self.unknown_keys(table, "contact", &CONTACT_KEYS);
        let account = self.required(table, "contact", "account")?;
        let before = self.mistakes.len();
        let mut contact = Contact::new(account, self.text(table, "name"));
        contact.id = self.id(table, || made_id("contact", &contact.account));
        if let Some(word) = self.text(table, "status") {
            match word.parse() {
                Ok(status) => contact.status = status,
                Err(error) => self.mistake(span_of(table, "status"), format!("{error}")),
            }
        }
        for (key, field) in [
            ("personal-message", &mut contact.personal.message),
            ("media", &mut contact.personal.media),
            ("msnobj", &mut contact.msnobj),
            ("phone-home", &mut contact.phones.home),
            ("phone-work", &mut contact.phones.work),
            ("phone-mobile", &mut contact.phones.mobile),
        ] {
            if let Some(text) = self.text(table, key) {
                *field = text;
            }
        }
        if let Some(network) = self.number(table, "network", "255") {
            contact.network = network;
        }
        if let Some(bits) = self.number(table, "capabilities", "4294967295") {
            contact.capabilities = bits;
        }
        if let Some(bits) = self.number(table, "extended", "4294967295") {
            contact.extended = bits;
        }
        if let Some(item) = table.get("messenger-user") {
            match item.as_bool() {
                Some(user) => contact.messenger_user = user,
                None => self.wrong_type(table, "messenger-user", "true or false"),
            }
        }
        if let Some(item) = table.get("behaviour") {
            match manner_file::read(item) {
                Ok(manner) => contact.manner = manner,
                Err((wrong, at)) => {
                    let at = at.or_else(|| span_of(table, "behaviour"));
                    self.mistake(at, wrong.to_string());
                }
            }
        }
        if let Some(words) = self.words(table, "lists") {
            contact.lists = Lists::default();
            for (word, span) in words {
                match Lists::from_word(&word) {
                    Some(list) => contact.lists = contact.lists.with(list),
                    None => {
                        let known: Vec<_> = Lists::TABLE.iter().map(|(.., word)| *word).collect();
                        self.mistake(
                            span,
                            format!("unknown list {word:?}: one of {}", known.join(", ")),
                        );
                    }
                }
            }
        }
        if self.mistakes.len() == before
            && let Err(error) = contact.check()
        {
            let key = match &error {
                EditError::Invalid { part, .. } => part.key(),
                _ => Part::Account.key(),
            };
            self.mistake(span_of(table, key), format!("{error}; change it"));
        }
        Some(Draft {
            groups: self.words(table, "groups").unwrap_or_default(),
            contact,
            at: span_of(table, "account"),
            id_at: table.get("id").and_then(Item::span),
        })
    }
}

fn key_span(table: &Table, key: &str) -> Span {
    table.key(key).and_then(toml_edit::Key::span)
}
