//! Makes the page of events and their fields, docs/events.md, of the table of events.

use super::json::COMMON;
use super::table::{EventDoc, Field, Is};
use super::{EVENTS, OBJECTS};
use std::fmt::Write as _;

/// The events as Markdown: a table of the fields that all have, then one table for each event.
pub fn event_reference_markdown() -> String {
    let mut out = String::from("**Every event** has:\n\n");
    table(&mut out, COMMON.iter());
    for event in EVENTS {
        let own = event.fields.iter();
        let own = own.filter(|field| COMMON.iter().all(|common| common.name != field.name));
        section(&mut out, &format!("`{}`", event.name), event, own);
    }
    out += "\nThe objects in them:\n";
    for object in OBJECTS {
        section(&mut out, object.name, object, object.fields.iter());
    }
    out
}

fn section<'a>(
    out: &mut String,
    name: &str,
    doc: &EventDoc,
    fields: impl Iterator<Item = &'a Field>,
) {
    let help = doc.help.trim().trim_end_matches('.');
    // Writing to a text cannot fail.
    let _ = write!(out, "\n**{name}** {help}:\n\n");
    table(out, fields);
}

fn table<'a>(out: &mut String, fields: impl Iterator<Item = &'a Field>) {
    *out += "| field | is | says |\n|---|---|---|\n";
    for field in fields {
        let sometimes = if field.always {
            ""
        } else {
            "; not always there"
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {}{sometimes} |",
            field.name,
            field.is,
            says(field)
        );
    }
}

/// The meaning of a field, as a cell of a table: its doc comment without the capital letter and the full stop of a
/// sentence. If the field is one of some names and the comment quotes none of them, they follow.
pub(super) fn says(field: &Field) -> String {
    let help = field.help.trim().trim_end_matches('.');
    let mut letters = help.chars();
    let mut says: String = letters.next().into_iter().collect();
    if !letters.as_str().starts_with(char::is_uppercase) {
        says.make_ascii_lowercase();
    }
    says += letters.as_str();
    let names = match &field.is {
        Is::OneOf(names) | Is::Maybe(Is::OneOf(names)) if !help.contains('`') => names(),
        _ => return says,
    };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [first @ .., last] => says + ": " + &first.join(", ") + " or " + last,
        [] => says,
    }
}
