//! A contact, in fields.

use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::field::field;
use crate::console::widget::text::safe;
use crate::console::widget::{marks, time};
use crate::msnp::capability;
use crate::roster::Contact;
use ratatui::text::{Line, Span};

/// The lines of it as clients see it now: where its account has signed in for real, what that client says, and then what
/// the roster has.
pub fn of(state: &State, contact: &Contact, width: usize) -> Vec<Line<'static>> {
    let seen = state.seen_as(contact);
    let mut lines = lines(state, &seen.contact, width);
    if let Some(client) = seen.client {
        let is = format!("client {client}, signed in: it shows what that one says");
        let name = safe(&contact.name);
        let kept = format!("{}, {name:?}, when it has left", contact.status.name());
        let message = match contact.personal.message.as_str() {
            "" => String::new(),
            message => format!("; {:?}", safe(message)),
        };
        let rows = [
            (format!("is {}", marks::REAL), is, Role::Good),
            ("of the roster".to_owned(), kept + &message, Role::Dim),
        ];
        let rows = rows
            .into_iter()
            .flat_map(|(name, value, role)| field(state, &name, &value, role, width));
        lines.splice(1..1, rows.collect::<Vec<_>>());
    }
    lines
}

/// The lines of it as it stands.
pub fn lines(state: &State, contact: &Contact, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let mut lines = vec![Line::from(vec![
        Span::styled(
            format!(
                "{} {}",
                marks::of_status(contact.status),
                contact.status.name()
            ),
            theme.status(contact.status),
        ),
        Span::raw("  "),
        Span::styled(safe(&contact.account), theme.style(Role::Account)),
        Span::raw("  "),
        Span::styled(safe(&contact.name), theme.style(Role::Name)),
    ])];
    let mut add = |name: &str, value: String, role| {
        if !value.is_empty() {
            lines.extend(field(state, name, &value, role, width));
        }
    };
    add(
        "personal message",
        contact.personal.message.clone(),
        Role::Text,
    );
    add("media", contact.personal.media.clone(), Role::Text);
    if let Some((told, when)) = state.contacts.told(&contact.account) {
        let word = if told == 1 { "client" } else { "clients" };
        let at = time::clock(when, state.utc_offset);
        add("told", format!("{told} {word} at {}", &at[..8]), Role::Good);
    }
    add(
        "lists",
        contact.lists.words().collect::<Vec<_>>().join(", "),
        Role::Text,
    );
    let groups: Vec<_> = contact
        .groups
        .iter()
        .map(|id| state.contacts.group_name(id).unwrap_or(id))
        .collect();
    add("groups", groups.join(", "), Role::Text);
    add("MSN object", contact.msnobj.clone(), Role::Text);
    add(
        "capabilities",
        format!(
            "{}  {}",
            contact.capabilities,
            capability::names(contact.capabilities).join(", ")
        ),
        Role::Text,
    );
    add("id", contact.id.clone(), Role::Dim);
    lines
}
