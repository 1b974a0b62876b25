//! Writes a contact file again. Values that changed are replaced. All else stays as its author left it, with comments and
//! order.

use super::load::group_of;
use super::manner_file;
use super::reader::{CONTACT_KEYS, made_id};
use super::{Contact, Group, MSNOBJ, Roster};
use crate::msnp::escape::is_unsafe_on_screen;
use crate::msnp::object::is_bare;
use std::fmt::Write as _;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, RawString, Table, TomlError, Value};

/// The text of a file for the roster `new`; `None` where nothing in it changes. `old` is the roster as it was read.
/// `contacts` and `groups` go to the end of the file. Contacts name a group in `by_id` by its id.
///
/// # Errors
/// [`TomlError`] where the text is no TOML. It was TOML when it was read.
pub(super) fn rewrite(
    text: &str,
    old: &Roster,
    new: &Roster,
    contacts: &[&Contact],
    groups: &[&Group],
    by_id: &[&str],
) -> Result<Option<String>, TomlError> {
    let words = Words {
        groups: new.groups(),
        by_id,
    };
    let mut document: DocumentMut = text.parse()?;
    let mut changed = !contacts.is_empty() || !groups.is_empty();

    for_each_table(&mut document, "group", &mut changed, |table, changed| {
        let name = text_of(table, "name");
        let id = text_of(table, "id")
            .and_then(|id| uuid::Uuid::try_parse(&id).ok())
            .map(|id| id.to_string());
        let made = id.is_none();
        let id = id.unwrap_or_else(|| made_id("group", name.as_deref().unwrap_or_default()));
        let Some(group) = new.groups().iter().find(|g| g.id == id) else {
            return false;
        };
        if name.as_deref() != Some(&group.name) {
            *changed = true;
            set(table, "name", literal(&group.name));
            if made {
                // The id was made from the old name. It is written out, because contacts and clients know the group by it.
                set(table, "id", id.into());
            }
        }
        true
    });
    for_each_table(&mut document, "contact", &mut changed, |table, changed| {
        let account = text_of(table, "account").unwrap_or_default();
        let (Some(was), Some(is)) = (old.get(&account), new.get(&account)) else {
            return new.get(&account).is_some();
        };
        for key in CONTACT_KEYS {
            let differs = match key {
                "groups" => !names_groups(table, is, new.groups()),
                _ => differs(key, was, is),
            };
            if differs {
                *changed = true;
                set(table, key, value(is, key, words));
            }
        }
        true
    });
    for group in groups {
        let mut table = Table::new();
        set(&mut table, "name", literal(&group.name));
        set(&mut table, "id", group.id.as_str().into());
        append(&mut document, "group", table);
    }
    for contact in contacts {
        let mut table = Table::new();
        let usual = Contact {
            id: String::new(),
            ..Contact::new(contact.account.as_str(), None)
        };
        for key in CONTACT_KEYS {
            let needed = matches!(key, "account" | "id" | "name" | "status")
                || differs(key, contact, &usual);
            if needed {
                set(&mut table, key, value(contact, key, words));
            }
        }
        append(&mut document, "contact", table);
    }
    Ok(changed.then(|| with_line_ends(text, document.to_string())))
}

/// Whether two states of a contact differ in the value of this key.
pub(super) fn differs(key: &str, a: &Contact, b: &Contact) -> bool {
    match key {
        "account" => a.account != b.account,
        "id" => a.id != b.id,
        "name" => a.name != b.name,
        "status" => a.status != b.status,
        "personal-message" => a.personal.message != b.personal.message,
        "media" => a.personal.media != b.personal.media,
        "lists" => a.lists != b.lists,
        "groups" => a.groups != b.groups,
        "network" => a.network != b.network,
        "capabilities" => a.capabilities != b.capabilities,
        "extended" => a.extended != b.extended,
        "msnobj" => written_object(a) != written_object(b),
        "phone-home" => a.phones.home != b.phones.home,
        "phone-work" => a.phones.work != b.phones.work,
        "phone-mobile" => a.phones.mobile != b.phones.mobile,
        "behaviour" => a.manner != b.manner,
        _ => a.messenger_user != b.messenger_user,
    }
}

/// The keys in which two states of a contact differ. None where both would be written alike.
pub(super) fn differing(a: &Contact, b: &Contact) -> impl Iterator<Item = &'static str> {
    CONTACT_KEYS.into_iter().filter(|key| differs(key, a, b))
}

/// Gives a contact the value that another has for this key.
pub(super) fn take(key: &str, from: &Contact, to: &mut Contact) {
    match key {
        "account" => to.account.clone_from(&from.account),
        "id" => to.id.clone_from(&from.id),
        "name" => to.name.clone_from(&from.name),
        "status" => to.status = from.status,
        "personal-message" => to.personal.message.clone_from(&from.personal.message),
        "media" => to.personal.media.clone_from(&from.personal.media),
        "lists" => to.lists = from.lists,
        "groups" => to.groups.clone_from(&from.groups),
        "network" => to.network = from.network,
        "capabilities" => to.capabilities = from.capabilities,
        "extended" => to.extended = from.extended,
        "msnobj" => {
            to.msnobj.clone_from(&from.msnobj);
            to.picture.clone_from(&from.picture);
        }
        "phone-home" => to.phones.home.clone_from(&from.phones.home),
        "phone-work" => to.phones.work.clone_from(&from.phones.work),
        "phone-mobile" => to.phones.mobile.clone_from(&from.phones.mobile),
        "behaviour" => to.manner.clone_from(&from.manner),
        _ => to.messenger_user = from.messenger_user,
    }
}

/// The object in a contact's file. The object of a picture is not in it: that is made when the file is read.
fn written_object(contact: &Contact) -> &str {
    match &contact.picture {
        Some(picture) if picture.object == contact.msnobj || is_bare(&contact.msnobj) => MSNOBJ,
        _ => &contact.msnobj,
    }
}

/// The value of a key of a contact, as it is written.
fn value(contact: &Contact, key: &str, words: Words<'_>) -> Value {
    match key {
        "account" => contact.account.as_str().into(),
        "id" => contact.id.as_str().into(),
        "name" => literal(&contact.name),
        "status" => contact.status.word().into(),
        "personal-message" => literal(&contact.personal.message),
        "media" => literal(&contact.personal.media),
        "lists" => Value::Array(contact.lists.words().collect::<Array>()),
        "groups" => Value::Array(
            contact
                .groups
                .iter()
                .map(|id| literal(words.of(id)))
                .collect::<Array>(),
        ),
        "network" => i64::from(contact.network).into(),
        "capabilities" => i64::from(contact.capabilities).into(),
        "extended" => i64::from(contact.extended).into(),
        "msnobj" => literal(written_object(contact)),
        "phone-home" => literal(&contact.phones.home),
        "phone-work" => literal(&contact.phones.work),
        "phone-mobile" => literal(&contact.phones.mobile),
        "behaviour" => manner_file::value(&contact.manner),
        _ => contact.messenger_user.into(),
    }
}

/// How contacts name their groups.
#[derive(Clone, Copy)]
struct Words<'a> {
    groups: &'a [Group],
    by_id: &'a [&'a str],
}

impl<'a> Words<'a> {
    /// A group's name where no other group has it, else its id.
    fn of(self, id: &'a str) -> &'a str {
        self.groups
            .iter()
            .find(|g| g.id == id && !self.by_id.contains(&id))
            .filter(|g| group_of(&g.name, self.groups).is_ok_and(|found| found.id == id))
            .map_or(id, |g| g.name.as_str())
    }
}

/// Whether the words in the file name the groups that the contact is in.
fn names_groups(table: &Table, contact: &Contact, groups: &[Group]) -> bool {
    let words: Vec<&str> = table
        .get("groups")
        .and_then(Item::as_array)
        .map(|array| array.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    words.len() == contact.groups.len()
        && words
            .iter()
            .zip(&contact.groups)
            .all(|(word, id)| group_of(word, groups).is_ok_and(|group| &group.id == id))
}

/// The value of a key, if that is a text.
fn text_of(table: &Table, key: &str) -> Option<String> {
    table.get(key)?.as_str().map(str::to_owned)
}

/// Replaces a value and keeps its comment and spaces. A key that is missing goes to the end of the table.
fn set(table: &mut Table, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(held) => {
            *value.decor_mut() = held.decor().clone();
            *held = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

fn append(document: &mut DocumentMut, name: &str, table: Table) {
    let item = document
        .entry(name)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Item::ArrayOfTables(tables) = item {
        tables.push(table);
    }
}

/// Removes the tables of that name for which `keep` says false.
fn for_each_table(
    document: &mut DocumentMut,
    name: &str,
    changed: &mut bool,
    mut keep: impl FnMut(&mut Table, &mut bool) -> bool,
) {
    let Some(Item::ArrayOfTables(tables)) = document.get_mut(name) else {
        return;
    };
    let mut gone = Vec::new();
    for (index, table) in tables.iter_mut().enumerate() {
        if !keep(table, changed) {
            gone.push(index);
        }
    }
    for index in gone.into_iter().rev() {
        *changed = true;
        take_out(document, name, index);
    }
}

/// Removes a table. Remarks above it stay if an empty line sets them off: they are not about it. The beginning of the file
/// is such a remark.
fn take_out(document: &mut DocumentMut, name: &str, index: usize) {
    let Some(Item::ArrayOfTables(tables)) = document.get_mut(name) else {
        return;
    };
    let removed = tables.remove(index);
    if tables.is_empty() {
        document.remove(name);
    }
    let above = raw(removed.decor().prefix());
    let Some(end) = above.rfind("\n\n").or_else(|| above.rfind("\n\r\n")) else {
        return;
    };
    let kept = &above[..=end];
    if !kept.contains('#') {
        return;
    }
    let position = removed.position();
    let mut next: Option<&mut Table> = None;
    for (_, item) in document.iter_mut() {
        if let Item::ArrayOfTables(tables) = item {
            for table in tables.iter_mut() {
                if table.position() > position
                    && next
                        .as_ref()
                        .is_none_or(|n| table.position() < n.position())
                {
                    next = Some(table);
                }
            }
        }
    }
    match next {
        Some(table) => {
            let prefix = joined(kept, &raw(table.decor().prefix()));
            table.decor_mut().set_prefix(prefix);
        }
        None => {
            let trailing = joined(kept, &raw(Some(document.trailing())));
            document.set_trailing(trailing);
        }
    }
}

/// Joins two texts with one empty line between them.
fn joined(kept: &str, rest: &str) -> String {
    let gap = if rest.starts_with(['\n', '\r']) || rest.is_empty() {
        ""
    } else {
        "\n"
    };
    format!("{kept}{gap}{rest}")
}

fn raw(text: Option<&RawString>) -> String {
    text.and_then(RawString::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A text as TOML, always on one line: TOML does not say what line ends in a text of several lines are. What may not reach
/// a terminal as it is may have come from a client, and is escaped: whoever looks at the file sees it.
fn literal(text: &str) -> Value {
    if !text.chars().any(is_unsafe_on_screen) {
        return text.into();
    }
    let mut escaped = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            c if is_unsafe_on_screen(c) => {
                let _ = write!(escaped, "\\U{:08X}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped.push('"');
    escaped.parse().unwrap_or_else(|_| text.into())
}

/// toml_edit ends lines with LF and drops a byte order mark. A file whose lines all ended with CR LF keeps CR LF, and a
/// file that began with the mark keeps the mark.
fn with_line_ends(before: &str, after: String) -> String {
    let crlf = before.matches("\r\n").count();
    let after = if crlf > 0 && crlf == before.matches('\n').count() {
        after.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        after
    };
    match before.strip_prefix('\u{feff}') {
        Some(_) if !after.starts_with('\u{feff}') => format!("\u{feff}{after}"),
        _ => after,
    }
}
