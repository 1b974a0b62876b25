//! Which room answers a request.

use super::{Site, check, config, page, proxy};
use crate::event::Severity;
use crate::msnp::escape::to_text;
use crate::msnp::hosts::{self, Purpose};
use crate::server::encoded_book::LONG;
use crate::server::http::message::{Answer, Request, finding};
use crate::server::passport::{login, nexus, rst};
use crate::server::soap;

/// Longest path that a finding quotes, in characters.
const QUOTED: usize = 120;

/// Whether the answer takes long: it has the whole roster in it, or changes a long one. The path decides, as it does in
/// [`answer`]: no header has to be there.
pub(crate) fn is_long(site: &Site, request: &Request) -> bool {
    request.method == "POST"
        && site.config.hub.roster().len() >= LONG
        && soap::PATHS.contains(&plain(&request.path).as_str())
}

/// Answers a request: a function of it, the roster and the account's own record.
pub(crate) fn answer(site: &Site, request: &Request) -> Answer {
    // The first request of a connection alone could have its tunnel, and has been looked at by then.
    if request.method == "CONNECT" {
        return proxy::refusal(&request.target);
    }
    match proxy::check(request) {
        Err(refused) => *refused,
        Ok(found) => {
            let mut answer = of_path(site, request);
            answer.findings.extend(found);
            answer
        }
    }
}

fn of_path(site: &Site, request: &Request) -> Answer {
    let path = plain(&request.path);
    if path == nexus::PATH {
        return nexus::answer(site, request);
    }
    if soap::PATHS.contains(&path.as_str()) {
        return soap::answer(site, request);
    }
    if let Some(answer) = rst::answer(site, request, &path) {
        return answer;
    }
    if path == config::PATH {
        return config::answer(site, request);
    }
    if login::is_for_login(request) {
        return login::answer(site, request);
    }
    if let Some(answer) = check::answer(site, request, &path) {
        return answer;
    }
    if let Some(answer) = page::answer(site, request, &path) {
        return answer;
    }
    if path.ends_with(".srf") || is_login_host(&request.host_name()) {
        return login::answer(site, request);
    }
    let quoted: String = to_text(request.path.as_bytes())
        .chars()
        .take(QUOTED)
        .collect();
    page::not_found(site, request).finding(finding(
        "unknown-path",
        match is_of_a_browser(&request.path) {
            true => Severity::Info,
            false => Severity::Warning,
        },
        "path",
        format!(
            "{} {quoted} on {} is nothing that nudge serves{}; answered 404 with the page that says what it is.",
            request.method,
            match &request.host {
                Some(host) => to_text(host.as_bytes()).chars().take(QUOTED).collect(),
                None => "no named host".to_owned(),
            },
            match path.contains("gateway.dll") {
                true => ": it is the HTTP gateway, by which a client goes where the notification port is closed to it. Let it connect to port 1863, and switch its proxy or HTTP connection off",
                false => "",
            },
        ),
    ))
}

/// Whether a browser asks for this by itself, whatever page it shows.
fn is_of_a_browser(path: &str) -> bool {
    let path = path.trim_start_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or(&path);
    path.starts_with(".well-known/")
        || [
            "favicon",
            "apple-touch-icon",
            "apple-app-site-association",
            "mstile",
        ]
        .iter()
        .any(|begin| last.starts_with(begin))
        || matches!(
            last,
            "robots.txt" | "browserconfig.xml" | "manifest.json" | "site.webmanifest" | "sw.js"
        )
        || matches!(
            path.as_str(),
            "generate_204" | "hotspot-detect.html" | "ncsi.txt" | "connecttest.txt" | "success.txt"
        )
}

/// A path in lower case, with runs of slashes taken together: clients ask for `//abservice/…` too.
fn plain(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    for c in path.chars() {
        if !(c == '/' && plain.ends_with('/')) {
            plain.push(c.to_ascii_lowercase());
        }
    }
    plain
}

/// Whether this is a host where clients sign in.
fn is_login_host(name: &str) -> bool {
    hosts::find(name).is_some_and(|host| host.purpose == Purpose::Login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_without_case_or_doubled_slashes() {
        assert_eq!(
            plain("//ABService//abservice.ASMX"),
            "/abservice/abservice.asmx"
        );
        assert_eq!(plain(""), "");
    }

    #[test]
    fn a_long_answer_is_known_by_its_path_whatever_headers_there_are() {
        use crate::event::Service;
        use crate::roster::{Contact, Edit};
        use crate::server::http::testing::Stage;
        let stage = Stage::new();
        let request = |method: &str, path: &str| Request {
            method: method.to_owned(),
            target: path.to_owned(),
            path: path.to_owned(),
            host: None,
            headers: hyper::HeaderMap::new(),
            body: bytes::Bytes::new(),
            service: Service::Https,
            secure: true,
            peer: [127, 0, 0, 1].into(),
            local: std::net::Ipv4Addr::LOCALHOST.into(),
        };
        let post = request("POST", "//ABService/SharingService.asmx");
        assert!(!is_long(&stage.site, &post), "a short roster");
        let edits = (0..LONG).map(|number| Edit::Put {
            contact: Contact::new(format!("c{number}@local"), None).into(),
            at: None,
        });
        for edit in edits {
            stage.site.config.hub.edit(edit, None).expect("put");
        }
        assert!(is_long(&stage.site, &post));
        assert!(!is_long(&stage.site, &request("POST", "/rst.srf")));
        assert!(!is_long(
            &stage.site,
            &request("GET", "/abservice/abservice.asmx")
        ));
    }

    #[test]
    fn the_login_hosts_are_those_of_the_table() {
        assert!(is_login_host(hosts::LOGIN));
        assert!(is_login_host("login.live.com"));
        assert!(is_login_host("msnia.login.live.com"));
        assert!(!is_login_host("nexus.passport.com"));
    }
}
