//! The check page: which names lead here, whether the root is trusted, and which ports are reached, as seen by the
//! browser of the machine on which the old client runs.
//!
//! It needs no script. Each row has a picture, which the browser fetches by that name, over TLS, or at that port. If it
//! arrives, it shows a tick; if not, the browser shows a cross in its place. The operator is told which were fetched.

use super::Site;
use super::page::{self, HTML};
use crate::event::{EventKind, HttpAction, Severity};
use crate::msnp::hosts;
use crate::server::checks::{PICTURE, PICTURE_TYPE, Point, YES};
use crate::server::http::message::{Answer, Request};
use hyper::StatusCode;
use quick_xml::escape::escape;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::runtime::Handle;

/// Its path.
const PATH: &str = "/check";
/// How long a browser has to fetch the pictures before it is told which it fetched.
const WAIT: Duration = Duration::from_secs(8);
/// What stands in the place of a picture that does not come.
const NO: &str = "\u{2717} no";
/// The host by which TLS is checked: every client asks for it, or for one of the same certificate.
const TLS_HOST: &str = "nexus.passport.com";

/// The page, or a picture of it; `None` where the path, in lower case, is neither.
pub(super) fn answer(site: &Site, request: &Request, path: &str) -> Option<Answer> {
    match path {
        PATH | "/check/" => {
            Some(Answer::new(HttpAction::Check, StatusCode::OK).body(HTML, page(site, request)))
        }
        PICTURE => {
            let query = request
                .target
                .split_once('?')
                .map_or("", |(_, query)| query);
            site.config.hub.checks().reached(query);
            Some(Answer::new(HttpAction::CheckPicture, StatusCode::OK).body(PICTURE_TYPE, YES))
        }
        _ => None,
    }
}

/// A row: what it says, the point, and the authority from which its picture comes.
struct Row {
    says: String,
    point: Point,
    from: String,
}

fn rows(site: &Site, request: &Request) -> Vec<Row> {
    let ports = site.config.ports;
    let at = |host: &str, port: u16, usual: u16| match port == usual {
        true => host.to_owned(),
        false => format!("{host}:{port}"),
    };
    let names = hosts::names(site.config.on_request).map(|name| Row {
        says: format!("{name} leads here"),
        point: Point::Name(name.to_owned()),
        from: format!("http://{}", at(name, ports.http, 80)),
    });
    let trust = Row {
        says: "the root is trusted, over TLS".to_owned(),
        point: Point::Trust,
        from: format!("https://{}", at(TLS_HOST, ports.https, 443)),
    };
    // By the address at which the page was asked for, since names may lead elsewhere.
    let host = match request.host_name() {
        name if name.is_empty() => page::address(request.local),
        name => name,
    };
    let reached = [ports.http, ports.https, ports.notification].map(|port| Row {
        says: format!("port {port} is reached"),
        point: Point::Port(port),
        from: format!("http://{}", at(&host, port, 80)),
    });
    names.chain([trust]).chain(reached).collect()
}

fn page(site: &Site, request: &Request) -> String {
    let hub = &site.config.hub;
    let rows = rows(site, request);
    let points = rows.iter().map(|row| row.point.clone()).collect();
    let browser = request.header("user-agent").unwrap_or_default();
    let number = hub.checks().begin(request.peer, &browser, points);
    if let (Some(number), Ok(runtime)) = (number, Handle::try_current()) {
        let hub = hub.clone();
        runtime.spawn(async move {
            tokio::time::sleep(WAIT).await;
            if let Some((text, well)) = hub.checks().end(number) {
                let severity = if well {
                    Severity::Info
                } else {
                    Severity::Warning
                };
                hub.events().tell(EventKind::Notice {
                    severity,
                    text: text.into(),
                });
            }
        });
    }
    let mut table = String::new();
    for row in rows {
        let source = format!(
            "{}{PICTURE}?c={}&p={}",
            row.from,
            number.unwrap_or_default(),
            row.point.word()
        );
        let _ = writeln!(
            table,
            "<tr><td>{}</td><td><img src=\"{}\" alt=\"{NO}\"></td></tr>",
            escape(row.says.as_str()),
            escape(source.as_str()),
        );
    }
    page::document(
        "nudge: check",
        &format!(
            "<h1>What leads here</h1>\n\
             <p>A tick came from that name or port. A cross, or a broken picture, did not come: for a name, the hosts file does not \
             lead it here (or a cache still has the old answer); for the root, it is not trusted yet; for a port, nudge does not listen \
             there or something lies between. A browser of today asks for some of these names over TLS alone, so that they show only once \
             the root is trusted. Whoever runs nudge sees the same in a few seconds.</p>\n\
             <table border=\"1\" cellpadding=\"3\">\n{table}</table>\n\
             <p><a href=\"{PATH}\">Check again</a> | <a href=\"/\">What this is</a></p>\n"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::testing::Stage;

    #[tokio::test]
    async fn each_row_has_a_picture_from_where_it_checks_and_what_came_is_known() {
        let mut stage = Stage::new();
        let get = |target: &str, host: &str| {
            format!(
                "GET {target} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: Mozilla/4.0 (MSIE 6.0)\r\n\r\n"
            )
        };
        let page = stage.over_http(get("/check", "10.0.0.1:8080")).await;
        assert!(page.contains("text/html"), "{page}");
        assert!(!page.contains("<script"), "{page}");
        for wanted in [
            "http://messenger.hotmail.com:8080/check/yes.gif?c=1&amp;p=messenger.hotmail.com",
            "https://nexus.passport.com:8443/check/yes.gif?c=1&amp;p=tls",
            "http://10.0.0.1:8443/check/yes.gif?c=1&amp;p=8443",
            "http://10.0.0.1:1863/check/yes.gif?c=1&amp;p=1863",
            "alt=\"\u{2717} no\"",
        ] {
            assert!(page.contains(wanted), "{wanted} in {page}");
        }
        assert!(!page.contains("login.live.com"));
        for name in hosts::names(false).filter(|name| *name != "contacts.msn.com") {
            let target = format!("/check/yes.gif?c=1&p={name}");
            let mut line = stage.open(crate::server::http::testing::door(
                crate::event::Service::Http,
                false,
            ));
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            line.socket
                .write_all(get(&target, name).as_bytes())
                .await
                .expect("sent");
            let mut answer = Vec::new();
            line.socket
                .read_to_end(&mut answer)
                .await
                .expect("an answer");
            assert!(answer.ends_with(YES));
        }
        assert!(stage.found().is_empty());
        let (told, well) = stage.site.config.hub.checks().end(1).expect("a check");
        assert!(!well);
        for wanted in [
            "127.0.0.1 (Mozilla/4.0 (MSIE 6.0))",
            "\u{2713} nexus.passport.com",
            "\u{2717} contacts.msn.com",
            "\u{2717} root trusted",
        ] {
            assert!(told.contains(wanted), "{wanted} in {told}");
        }
    }

    #[tokio::test]
    async fn a_hostile_host_is_escaped() {
        let mut stage = Stage::new();
        let answer = stage
            .over_http("GET /check HTTP/1.1\r\nHost: x\"><b>\r\n\r\n")
            .await;
        assert!(!answer.contains("<b>"), "{answer}");
    }
}
