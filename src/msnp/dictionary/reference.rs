//! Writes the dictionary as text: one entry for `nudge explain UBX`, and the reference page of all verbs.

use super::{AREAS, Form, Kind, Need, Shapes, Transaction, Verb, index, session};
use crate::msnp::adl::Lists;
use crate::msnp::{Dialect, Direction, Status, capability, errors, networks, object};
use std::fmt::Write as _;

/// The usage of a form in one line: `ILN transaction status account …`. A parameter in brackets may be missing; one that
/// ends in `…` may be repeated.
pub(crate) fn usage(verb: &Verb, form: &Form) -> String {
    let mut text = String::from(if std::ptr::eq(verb, &session::ERROR) {
        "code"
    } else {
        verb.name
    });
    text.push_str(match form.transaction {
        Transaction::Always => " transaction",
        Transaction::Either => " [transaction]",
        Transaction::Zero => " 0",
        Transaction::Never => "",
    });
    for parameter in form.parameters {
        let name = label(parameter.name, &parameter.kind);
        let _ = match parameter.need {
            Need::Once => write!(text, " {name}"),
            Need::Optional => write!(text, " [{name}]"),
            Need::Repeated => write!(text, " [{name}…]"),
        };
    }
    text
}

/// The word itself, if it is always the same; else the parameter's name with hyphens.
pub(crate) fn label(name: &str, kind: &Kind) -> String {
    match kind {
        Kind::Word(word) => (*word).to_owned(),
        Kind::Tagged(tag, _) => format!("{tag}{}", name.replace(' ', "-")),
        _ => name.replace(' ', "-"),
    }
}

/// The dialects of a form, in words.
pub(crate) fn shapes(shapes: Shapes) -> String {
    let range = |(first, last): (u8, u8)| {
        if first == last {
            format!("MSNP{first}")
        } else {
            format!("MSNP{first}–{last}")
        }
    };
    let exists = |(first, last): (u8, u8)| first <= last;
    match (exists(shapes.windows), exists(shapes.mac)) {
        (true, true) if shapes.windows == shapes.mac => range(shapes.windows),
        (true, true) => format!(
            "{}, and with the Mac {}",
            range(shapes.windows),
            range(shapes.mac)
        ),
        (false, true) => format!("{} with the Mac", range(shapes.mac)),
        _ if shapes.windows.1 < 13 || shapes.windows.0 > 16 => range(shapes.windows),
        _ => format!("{}, not the Mac", range(shapes.windows)),
    }
}

/// Who sends it, in words.
pub(crate) fn sender(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "client ▸ server",
        Direction::Out => "server ▸ client",
    }
}

/// The entry of a verb, in any case, or of an error code, as lines of text; `None` where nobody knows it.
pub fn explain_verb(name: &str) -> Option<String> {
    if let Some(error) = errors::find(name.as_bytes()) {
        return Some(format!(
            "{}  error: {}\n  {}  {}\n  source: {}\n",
            error.code,
            error.meaning,
            sender(Direction::Out),
            usage(
                &session::ERROR,
                &session::ERROR.forms[usize::from(error.payload)]
            ),
            session::ERROR.source
        ));
    }
    let verb = index::any(name.to_ascii_uppercase().as_bytes())?;
    let mut text = format!("{}  {}\n", verb.name, verb.meaning);
    for form in verb.forms {
        let _ = writeln!(text, "\n  {}  {}", sender(form.from), usage(verb, form));
        let _ = write!(text, "    {}; {}", shapes(form.shapes), form.stages.words());
        text.push_str(if form.has_payload() {
            "; a payload follows\n"
        } else {
            "\n"
        });
        if !form.meaning.is_empty() {
            let _ = writeln!(text, "    {}", form.meaning);
        }
        for parameter in form.parameters {
            if !matches!(parameter.kind, Kind::Word(_)) {
                let _ = writeln!(
                    text,
                    "      {:<24} {}",
                    parameter.name,
                    detail(&parameter.kind)
                );
            }
        }
    }
    let _ = writeln!(text, "\n  source: {}", verb.source);
    Some(text)
}

/// How a kind is written, with its values if they are few.
fn detail(kind: &Kind) -> String {
    let list = |rows: &[(&str, &str)]| {
        let rows: Vec<_> = rows
            .iter()
            .map(|(value, meaning)| format!("{value} {meaning}"))
            .collect();
        rows.join(" · ")
    };
    match kind {
        Kind::OneOf(table) => list(table),
        Kind::Known(table) => format!("{}, or another", list(table)),
        Kind::Tagged(tag, kind) => format!("{tag}, then {}", detail(kind)),
        Kind::Status => {
            let codes = Status::ALL.map(|s| format!("{} {}", s.code(), s.name()));
            codes.join(" · ")
        }
        kind => kind.words().to_owned(),
    }
}

/// The reference page: every verb, error code, status, list bit, network id and capability bit, in Markdown.
pub fn reference_markdown() -> String {
    let mut page = format!(
        "# The MSNP language, {} to {}\n\nThis page is printed from the dictionary that nudge itself runs on.\n\
         What is in brackets may be missing; `…` may be repeated.\n",
        Dialect::OLDEST,
        Dialect::NEWEST
    );
    for (title, verbs) in AREAS {
        let _ = writeln!(page, "\n## {title}");
        for verb in verbs {
            let _ = writeln!(page, "\n### {}\n\n{}.\n", verb.name, verb.meaning);
            page.push_str(
                "| who | form | dialects | when | payload | meaning |\n|---|---|---|---|---|---|\n",
            );
            for form in verb.forms {
                let _ = writeln!(
                    page,
                    "| {} | `{}` | {} | {} | {} | {} |",
                    sender(form.from),
                    usage(verb, form),
                    shapes(form.shapes),
                    form.stages.words(),
                    if form.has_payload() { "yes" } else { "no" },
                    form.meaning
                );
            }
            let _ = writeln!(page, "\nSource: {}.", verb.source);
        }
    }
    table(
        &mut page,
        "Error codes",
        errors::TABLE
            .iter()
            .map(|e| (e.code.to_string(), e.meaning)),
    );
    table(
        &mut page,
        "Statuses",
        Status::ALL.iter().map(|s| (s.code().to_owned(), s.name())),
    );
    table(
        &mut page,
        "List bits",
        Lists::TABLE
            .iter()
            .map(|(bits, code, word)| (format!("{} {code}", bits.0), *word)),
    );
    table(
        &mut page,
        "Network ids",
        networks::TABLE
            .iter()
            .map(|(id, name)| (id.to_string(), *name)),
    );
    let bit = |row: &(u32, &'static str)| (format!("{:#x}", row.0), row.1);
    table(
        &mut page,
        "Capability bits",
        capability::BITS.iter().map(bit),
    );
    table(
        &mut page,
        "MSNC version (the highest four bits)",
        capability::VERSIONS
            .iter()
            .map(|(v, name)| (v.to_string(), *name)),
    );
    table(
        &mut page,
        "Extended capability bits (MSNP16 and above)",
        capability::EXTENDED.iter().map(bit),
    );
    for (title, rows) in [
        ("Types of UUN and UBN", networks::NOTE_TYPES),
        ("Types of UUM and UBM", networks::MESSAGE_TYPES),
    ] {
        table(
            &mut page,
            title,
            rows.iter().map(|row| (row.0.to_owned(), row.1)),
        );
    }
    table(
        &mut page,
        "Types of MSN objects",
        object::TYPES
            .iter()
            .map(|(kind, name)| (kind.to_string(), *name)),
    );
    page
}

fn table(page: &mut String, title: &str, rows: impl Iterator<Item = (String, &'static str)>) {
    let _ = writeln!(page, "\n## {title}\n\n| value | meaning |\n|---|---|");
    for (value, meaning) in rows {
        let _ = writeln!(page, "| {value} | {meaning} |");
    }
}
