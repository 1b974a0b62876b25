//! A contact, in fields.

use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::field::field;
use crate::console::widget::frame::glyph;
use crate::console::widget::text::safe;
use crate::console::widget::time;
use crate::msnp::capability;
use crate::roster::Contact;
use ratatui::text::{Line, Span};

/// The lines of it.
pub fn lines(state: &State, contact: &Contact, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let mut lines = vec![Line::from(vec![
        Span::styled(
            format!("{} {}", glyph(contact.status), contact.status.name()),
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
