//! A client, or a connection without one, in fields.

use super::state::{Client, Who};
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::field::field;
use crate::console::widget::text::safe;
use crate::console::widget::{marks, time};
use ratatui::text::{Line, Span};

/// The lines of it.
pub(super) fn lines(state: &State, who: Who, client: &Client, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let mut lines = Vec::new();
    let number = match who {
        Who::Client(id) => format!("client {id}"),
        Who::Connection(id) => format!("connection {id}, of no client yet"),
    };
    lines.push(Line::from(vec![
        Span::styled(number, theme.style(Role::Key)),
        Span::raw("  "),
        Span::styled(safe(&client.name()), theme.style(Role::Account)),
        Span::raw("  "),
        Span::styled(
            client.gone.as_ref().map_or_else(
                || client.step().name().to_owned(),
                |reason| format!("gone: {}", safe(&reason.to_string())),
            ),
            theme.style(match &client.gone {
                Some(reason) if reason.is_orderly() => Role::Dim,
                Some(_) => Role::Error,
                None => Role::Good,
            }),
        ),
    ]));
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            lines.extend(field(state, name, &value, Role::Text, width));
        }
    };
    let info = client.info.as_ref();
    add(
        "software",
        info.and_then(|i| i.software.as_ref())
            .map(|s| format!("{} {} on {}", s.name, s.version, s.system)),
    );
    add(
        "shape",
        info.and_then(|i| {
            let shape = i.shape?;
            let reason = i.shape_reason();
            Some(reason.map_or(shape.to_string(), |reason| format!("{shape}: {reason}")))
        }),
    );
    add(
        "status",
        info.and_then(|i| i.status)
            .map(|s| format!("{} {}", marks::of_status(s), s.name())),
    );
    add("friendly name", info.and_then(|i| i.name.clone()));
    add(
        "personal message",
        info.and_then(|i| i.personal_message.clone()),
    );
    add("media", info.and_then(|i| i.media.clone()));
    add("capabilities", info.and_then(|i| i.capabilities.clone()));
    add("endpoint", info.and_then(|i| i.endpoint.clone()));
    add("machine", info.and_then(|i| i.machine.clone()));
    add("address", client.peer.map(|p| p.to_string()));
    add(
        "TLS",
        client.tls.clone().map(|tls| match tls {
            Ok(version) => version,
            Err(cause) => format!("failed: {cause}"),
        }),
    );
    let heard = time::clock(client.heard, state.utc_offset);
    let traffic = format!(
        "{} in, {} out, last heard {}",
        time::bytes(client.bytes_in),
        time::bytes(client.bytes_out),
        &heard[..8]
    );
    add("traffic", Some(traffic));
    add(
        "findings",
        (client.findings > 0).then(|| format!("⚠ {} (see the log)", client.findings)),
    );
    if let Some(portrait) = &client.portrait {
        let words = portrait.words();
        lines.extend(field(state, "picture", &words, Role::Text, width));
        lines.extend(portrait.rows(theme, &state.pictures, width));
    }
    lines
}
