//! Reads contact files. Every mistake is named with file, line and column. One mistake anywhere, and nothing is taken.

use super::mistake::{LoadErrors, Mistake, Source, Span};
use super::pictures::Pictures;
use super::reader::{Reader, span_of};
use super::{Accounts, EditError, Group, Roster, check_account};
use std::collections::HashMap;

/// The keys of an `[[account]]`.
const ACCOUNT_KEYS: [&str; 2] = ["account", "password"];

/// What all contact files together say.
#[derive(Debug)]
pub(super) struct Loaded {
    pub roster: Roster,
    /// Which source has an account, by the account in lower case.
    pub contact_source: HashMap<String, usize>,
    /// Which source has a group, by the id of the group.
    pub group_source: HashMap<String, usize>,
}

/// Why a word of `groups` means no group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoGroup {
    #[error("more than one group is called {0:?}: write its id")]
    Several(String),
    #[error("unknown group {0:?}: add a [[group]] of that name, or take it out")]
    Unknown(String),
}

/// The group that a word of `groups` means: the group with that id, or the only one with that name.
pub(super) fn group_of<'a>(word: &str, groups: &'a [Group]) -> Result<&'a Group, NoGroup> {
    if let Some(group) = groups.iter().find(|g| g.id.eq_ignore_ascii_case(word)) {
        return Ok(group);
    }
    let mut named = groups.iter().filter(|g| g.name == word);
    match (named.next(), named.next()) {
        (Some(group), None) => Ok(group),
        (Some(_), Some(_)) => Err(NoGroup::Several(word.to_owned())),
        (None, _) => Err(NoGroup::Unknown(word.to_owned())),
    }
}

/// Reads the contact files, and gives each contact its picture.
pub(super) fn contacts(sources: &[Source], pictures: &Pictures) -> Result<Loaded, LoadErrors> {
    let mut mistakes = Vec::new();
    let mut drafts = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut group_source = HashMap::new();
    // A group that seems unknown may be in a file that could not be read.
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
                Err(wrong) if all_read || matches!(wrong, NoGroup::Several(_)) => {
                    reader.mistake(span.clone(), wrong.to_string());
                }
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
    let mut users: HashMap<String, usize> = HashMap::new();
    for account in by_account.keys() {
        let user = account.split('@').next().unwrap_or_default();
        *users.entry(user.to_owned()).or_default() += 1;
    }
    for contact in &mut contacts {
        pictures.give(contact, |user| users.get(user) == Some(&1));
    }
    let roster = Roster::new(contacts, groups).map_err(|error| {
        // All that Roster::new refuses today has been looked for above. This catches what it may refuse one day.
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

/// Reads `accounts.toml`. Where it lists nobody, anybody may sign in.
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
                reader.mistake(span_of(table, "account"), reason.to_string());
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
