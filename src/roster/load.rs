//! Contact files, read: every mistake is named with file, line and column, and with one mistake
//! anywhere nothing is taken at all.

use super::{Accounts, Contact, EditError, Group, Roster, check_account, check_text};
use crate::msnp::adl::Lists;
use md5::{Digest, Md5};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml_edit::{Array, Document, Item, Table};

/// The keys of a `[[contact]]`, in the order in which a new one is written.
pub(super) const CONTACT_KEYS: [&str; 13] = [
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
];
/// The keys of a `[[group]]`.
const GROUP_KEYS: [&str; 2] = ["name", "id"];
/// The keys of an `[[account]]`.
const ACCOUNT_KEYS: [&str; 2] = ["account", "password"];
/// After so many mistakes the rest of the files is not looked at.
const MOST_MISTAKES: usize = 100;

/// A mistake in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, or the folder.
    pub file: PathBuf,
    /// Line and column, both from 1, the column in characters; `None` where it is about the whole file.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what would be right.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Every mistake that was found, one a line when printed. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct LoadErrors(pub Vec<Mistake>);

/// A file as it was read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub path: PathBuf,
    pub text: String,
}

/// What the contact files together say.
#[derive(Debug)]
pub(super) struct Loaded {
    pub roster: Roster,
    /// By account in lower case: which source has it.
    pub contact_source: HashMap<String, usize>,
    /// By group id: which source has it.
    pub group_source: HashMap<String, usize>,
}

/// The id of a contact or group that has none in its file: made from its name, so that it is the
/// same at every start; clients keep what they once learnt by id.
pub(super) fn made_id(kind: &str, name: &str) -> String {
    let digest: [u8; 16] =
        Md5::digest(format!("nudge {kind} {}", name.to_ascii_lowercase())).into();
    uuid::Builder::from_md5_bytes(digest)
        .into_uuid()
        .to_string()
}

/// A word of `groups`: the id of a group, or a name that only one has.
pub(super) fn group_of<'a>(word: &str, groups: &'a [Group]) -> Result<&'a Group, String> {
    if let Some(group) = groups.iter().find(|g| g.id.eq_ignore_ascii_case(word)) {
        return Ok(group);
    }
    let mut named = groups.iter().filter(|g| g.name == word);
    match (named.next(), named.next()) {
        (Some(group), None) => Ok(group),
        (Some(_), Some(_)) => Err(format!(
            "more than one group is called {word:?}: write its id"
        )),
        (None, _) => Err(format!(
            "unknown group {word:?}: add a [[group]] of that name, or take it out"
        )),
    }
}

/// Reads the contact files.
pub(super) fn contacts(sources: &[Source]) -> Result<Loaded, LoadErrors> {
    let mut mistakes = Vec::new();
    let mut drafts = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut group_source = HashMap::new();
    // With a file that could not be read at all, a group that seems unknown may well be in that one.
    let mut all_read = true;
    for (index, source) in sources.iter().enumerate() {
        let mut reader = Reader {
            source,
            mistakes: &mut mistakes,
        };
        let Some(document) = reader.parse() else {
            all_read = false;
            continue;
        };
        for table in reader.tables(document.as_table(), "group", &["contact"]) {
            if let Some((group, at)) = reader.group(table) {
                if groups.iter().any(|g| g.id == group.id) {
                    reader.mistake(
                        at,
                        format!(
                            "there already is a group with the id {}: each needs its own",
                            group.id
                        ),
                    );
                } else {
                    group_source.insert(group.id.clone(), index);
                    groups.push(group);
                }
            }
        }
        for table in reader.tables(document.as_table(), "contact", &["group"]) {
            if let Some(draft) = reader.contact(table) {
                drafts.push((index, draft));
            }
        }
    }
    let mut contacts = Vec::with_capacity(drafts.len());
    let mut by_account: HashMap<String, (usize, Span)> = HashMap::new();
    let mut by_id: HashMap<String, String> = HashMap::new();
    for (index, mut draft) in drafts {
        let mut reader = Reader {
            source: &sources[index],
            mistakes: &mut mistakes,
        };
        for (word, span) in &draft.groups {
            match group_of(word, &groups) {
                Ok(group) => draft.contact.groups.push(group.id.clone()),
                Err(text) if all_read => reader.mistake(span.clone(), text),
                Err(_) => {}
            }
        }
        let key = draft.contact.account.to_ascii_lowercase();
        if let Some((first, span)) = by_account.get(&key) {
            let other = Reader {
                source: &sources[*first],
                mistakes: &mut Vec::new(),
            }
            .named(span.clone(), String::new());
            let (line, _) = other.at.unwrap_or((1, 1));
            reader.mistake(
                draft.at,
                format!(
                    "there already is a contact {:?} in {} line {line}: take one of them out",
                    draft.contact.account,
                    other.file.display(),
                ),
            );
            continue;
        }
        if let Some(other) = by_id.insert(draft.contact.id.clone(), draft.contact.account.clone()) {
            reader.mistake(
                draft.id_at.clone().or(draft.at.clone()),
                format!(
                    "{other:?} already has the id {}: each contact needs its own",
                    draft.contact.id
                ),
            );
        }
        by_account.insert(key, (index, draft.at));
        contacts.push(draft.contact);
    }
    if !mistakes.is_empty() {
        return Err(LoadErrors(mistakes));
    }
    let roster = Roster::new(contacts, groups).map_err(|error| {
        // Everything that Roster::new refuses has been looked for above; this is for what is added to it.
        LoadErrors(vec![Mistake {
            file: sources.first().map(|s| s.path.clone()).unwrap_or_default(),
            at: None,
            text: error.to_string(),
        }])
    })?;
    Ok(Loaded {
        roster,
        contact_source: by_account
            .into_iter()
            .map(|(account, (index, _))| (account, index))
            .collect(),
        group_source,
    })
}

/// Reads `accounts.toml`. A file that lists nobody lets anybody in.
pub(super) fn accounts(source: &Source) -> Result<Accounts, LoadErrors> {
    let mut mistakes = Vec::new();
    let mut reader = Reader {
        source,
        mistakes: &mut mistakes,
    };
    let mut listed = HashMap::new();
    if let Some(document) = reader.parse() {
        for table in reader.tables(document.as_table(), "account", &[]) {
            reader.unknown_keys(table, "account", &ACCOUNT_KEYS);
            let (Some(account), Some(password)) = (
                reader.required(table, "account", "account"),
                reader.required(table, "account", "password"),
            ) else {
                continue;
            };
            if let Err(EditError::Invalid { reason, .. }) = check_account(&account) {
                reader.mistake(span_of(table, "account"), reason);
            }
            if listed
                .insert(account.to_ascii_lowercase(), password)
                .is_some()
            {
                reader.mistake(
                    span_of(table, "account"),
                    format!("{account:?} is listed twice: take one of them out"),
                );
            }
        }
    }
    match (mistakes.is_empty(), listed.is_empty()) {
        (false, _) => Err(LoadErrors(mistakes)),
        (true, true) => Ok(Accounts::anybody()),
        (true, false) => Ok(Accounts::listed(listed)),
    }
}

type Span = Option<Range<usize>>;

/// A contact whose groups are still words.
struct Draft {
    contact: Contact,
    at: Span,
    id_at: Span,
    groups: Vec<(String, Span)>,
}

struct Reader<'a> {
    source: &'a Source,
    mistakes: &'a mut Vec<Mistake>,
}

fn span_of(table: &Table, key: &str) -> Span {
    table.get(key).and_then(Item::span).or_else(|| table.span())
}

impl<'a> Reader<'a> {
    fn named(&self, span: Span, text: String) -> Mistake {
        Mistake {
            file: self.source.path.clone(),
            at: span.map(|span| place(&self.source.text, span.start)),
            text,
        }
    }

    fn mistake(&mut self, span: Span, text: String) {
        if self.mistakes.len() < MOST_MISTAKES {
            let mistake = self.named(span, text);
            self.mistakes.push(mistake);
        }
    }

    fn parse(&mut self) -> Option<Document<&'a str>> {
        match Document::parse(self.source.text.as_str()) {
            Ok(document) => Some(document),
            Err(error) => {
                let text = format!("this is not TOML: {}", error.message());
                self.mistake(error.span(), text);
                None
            }
        }
    }

    /// The `[[name]]` tables; keys that are neither these nor `others` are mistakes, named once: by
    /// the first name that is asked for.
    fn tables<'d>(&mut self, root: &'d Table, name: &str, others: &[&str]) -> Vec<&'d Table> {
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

    fn unknown_keys(&mut self, table: &Table, what: &str, known: &[&str]) {
        for (key, _) in table.iter() {
            if !known.contains(&key) {
                let text = format!("unknown key {key:?}: a {what} has {}", known.join(", "));
                self.mistake(key_span(table, key), text);
            }
        }
    }

    fn required(&mut self, table: &Table, what: &str, key: &str) -> Option<String> {
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

    fn group(&mut self, table: &Table) -> Option<(Group, Span)> {
        self.unknown_keys(table, "group", &GROUP_KEYS);
        let name = self.required(table, "group", "name")?;
        if let Err(error) = check_text("name", &name, super::MAX_NAME, false) {
            self.mistake(span_of(table, "name"), error.to_string());
        }
        let id = self.id(table, || made_id("group", &name));
        Some((Group { id, name }, table.span()))
    }

    fn contact(&mut self, table: &Table) -> Option<Draft> {
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
                EditError::Invalid { field, .. } => field.replace(' ', "-"),
                _ => "account".into(),
            };
            self.mistake(span_of(table, &key), format!("{error}; change it"));
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

/// Line and column, both from 1, of a byte of a text.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    (
        line,
        String::from_utf8_lossy(&before[line_start..])
            .chars()
            // A byte order mark is no column.
            .filter(|c| *c != '\u{feff}')
            .count()
            + 1,
    )
}

/// A mistake about a whole file or folder.
pub(super) fn about(file: &Path, text: impl Into<String>) -> Mistake {
    Mistake {
        file: file.to_path_buf(),
        at: None,
        text: text.into(),
    }
}
