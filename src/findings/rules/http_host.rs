//! A request for a host that is not served.

use super::{Context, Hit};
use crate::event::{EventKind, HttpAction};
use crate::findings::ladder::shown;
use crate::msnp::hosts;
use std::net::IpAddr;

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let EventKind::Http(exchange) = &context.event().kind else {
        return None;
    };
    let host = exchange.host.as_deref()?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    let own = name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok()
        || exchange.action == HttpAction::Page
        || exchange.action == HttpAction::RootCertificate
        // Another finding says so, of what is not here too.
        || matches!(exchange.status, 404 | 421)
        || hosts::find(name).is_some();
    if own {
        return None;
    }
    Hit::new(
        "Host",
        format!(
            "{} was asked of {}",
            shown(exchange.action.name().as_bytes()),
            shown(host.as_bytes())
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::event::EventKind;
    use crate::findings::rules::testing::{ids_of, story};
    use crate::findings::story::exchange;

    #[test]
    fn a_host_that_is_served_is_right_with_any_port_and_another_is_found() {
        let mut story = story();
        let mut ask = |host: &str| {
            let EventKind::Http(mut one) = exchange("nexus", 200, "", None) else {
                panic!("an exchange");
            };
            one.host = Some(host.to_owned());
            story.tell(None, None, EventKind::Http(one));
        };
        for fine in [
            "NEXUS.passport.com:8443",
            "localhost",
            "127.0.0.1:80",
            "[::1]:8080",
        ] {
            ask(fine);
        }
        ask("nexus.passport.example");
        assert_eq!(ids_of(&story, "unknown-host"), 1);
    }
}
