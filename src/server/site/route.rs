//! Which room answers a request.

use super::{Site, check, config, page, proxy};
use crate::event::{Finding, HttpAction, Sentence, ServiceFinding, Severity, ours, say};
use crate::msnp::escape::{shortened, to_text};
use crate::msnp::hosts::{self, Purpose};
use crate::server::encoded_book::LONG;
use crate::server::gateway;
use crate::server::http::message::{Answer, Request};
use crate::server::passport::{login, nexus, rst};
use crate::server::soap;
use hyper::StatusCode;
use std::net::IpAddr;

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
    match gate(site, request) {
        Err(refused) => *refused,
        Ok(found) => {
            let mut answer = of_path(site, request);
            answer.findings.extend(found);
            answer
        }
    }
}

/// Refuses what no room may answer, before anything is done for it: two hosts, a target that leads elsewhere, a foreign
/// host that signs in. Else it gives back what is told of a proxy. The HTTP gateway stands behind it too.
pub(crate) fn gate(site: &Site, request: &Request) -> Result<Option<Finding>, Box<Answer>> {
    if request.headers.get_all("host").iter().count() > 1 {
        return Err(Box::new(two_hosts()));
    }
    if let Some(method) = in_small_letters(&request.method) {
        return Err(Box::new(small_method(method)));
    }
    // The first request of a connection alone could have its tunnel, and has been looked at by then.
    if request.method == "CONNECT" {
        return Err(Box::new(proxy::refusal(&request.target)));
    }
    let found = proxy::check(request)?;
    let path = plain(&request.path);
    if is_too_new(request) {
        return Ok(found);
    }
    let known = is_ours(site, request);
    let patched = patched(request, &path, known);
    let mut refused = match patched {
        Some(patched) if is_of_a_patched_client(&path) => {
            let told = patched_client(request, &patched, "404");
            page::not_found(site, request).finding(told)
        }
        patched if !known && is_service(request, &path) => misdirected(request, patched),
        _ => return Ok(found),
    };
    refused.findings.extend(found);
    Err(Box::new(refused))
}

fn of_path(site: &Site, request: &Request) -> Answer {
    let path = plain(&request.path);
    if is_too_new(request) {
        return too_new(site, request);
    }
    if request.method == "OPTIONS" && request.headers.contains_key("origin") {
        return of_a_script(request);
    }
    if path == nexus::PATH {
        return nexus::answer(site, request);
    }
    if soap::PATHS.contains(&path.as_str()) {
        return soap::answer(site, request);
    }
    if path == soap::STORE_PATH && request.method == "POST" {
        return soap::store(site, request);
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
    let quoted = shortened(&to_text(request.path.as_bytes()), QUOTED);
    let told = Finding::new(
        ServiceFinding::UnknownPath,
        "path",
        say!(
            "{} {quoted} on {:#} is nothing that nudge serves{}; answered 404 with the page that says what it is.",
            request.method,
            match &request.host {
                Some(host) => shortened(&to_text(host.as_bytes()), QUOTED).into(),
                None => Sentence::from("no named host"),
            },
            ours(match path.contains("gateway.dll") {
                true =>
                    ": it is the HTTP gateway, by which a client goes where the notification port is closed to it. Let it connect to port 1863, and switch its proxy or HTTP connection off",
                false => "",
            }),
        ),
    );
    if let Some(patched) = patched(request, &path, is_ours(site, request)) {
        let told = patched_client(request, &patched, "404");
        return page::not_found(site, request).finding(told);
    }
    let told = match is_of_a_browser(&request.path) {
        true => told.weighing(Severity::Info),
        false => told,
    };
    page::not_found(site, request).finding(told)
}

/// What a browser asks before a page's script may: no page has a part in this.
fn of_a_script(request: &Request) -> Answer {
    let origin = request.header("origin").unwrap_or_default();
    let text = say!(
        "a script of the page {} asks for {} of nudge; its browser asks leave first (CORS), is given none, and sends no request after it: what signs in has to be a program outside of a browser, or a page that a proxy of its own speaks for; answered 405",
        shortened(&origin, QUOTED),
        shortened(&to_text(request.path.as_bytes()), QUOTED),
    );
    Answer::new(HttpAction::Refused, StatusCode::METHOD_NOT_ALLOWED)
        .header("Allow", "GET, POST")
        .finding(Finding::new(ServiceFinding::BrowserScript, "Origin", text))
}

/// Whether it is for the signed configuration of the sign-in assistant, which the last Messengers ask for first.
fn is_too_new(request: &Request) -> bool {
    let path = request.path.to_ascii_lowercase();
    let file = path.rsplit('/').next().unwrap_or_default();
    file.starts_with("ppcrlconfig") && file.ends_with(".srf")
}

fn too_new(site: &Site, request: &Request) -> Answer {
    page::not_found(site, request).finding(Finding::new(
        ServiceFinding::UnknownPath,
        "path",
        "It asks for the signed configuration of its sign-in assistant, as Windows Live Messenger 2011 and 2012 (MSNP19 and above) do. They take none but Microsoft's own, and are not served: Messengers up to 2009 are. Answered 404.",
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

/// Two Host headers: a proxy on the way may have gone by the other one (RFC 9112 3.2).
fn two_hosts() -> Answer {
    let mut answer =
        Answer::new(HttpAction::Refused, StatusCode::BAD_REQUEST).finding(Finding::new(
            ServiceFinding::TwoHosts,
            "Host",
            "The request has more than one Host header; answered 400 and closed.",
        ));
    answer.close = true;
    answer
}

/// The method that is meant, where its letters are not all capital. HTTP tells them apart (RFC 9110 9.1).
fn in_small_letters(method: &str) -> Option<&'static str> {
    let known = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "DELETE"];
    let meant = known.into_iter().find(|k| k.eq_ignore_ascii_case(method))?;
    (meant != method).then_some(meant)
}

/// The refusal of a method whose letters are not all capital.
fn small_method(method: &str) -> Answer {
    let text = format!(
        "The method of the request has small letters: HTTP knows it as {method}, in capitals alone; answered 400."
    );
    let told = Finding::new(ServiceFinding::HttpMalformed, "method", text);
    Answer::new(HttpAction::Refused, StatusCode::BAD_REQUEST).finding(told)
}

/// Whether the request is for a host that can be this service's: one of Microsoft's in the table, served or not, an
/// address, localhost, or what `--public` says. A request that names no host means the one that it reached.
fn is_ours(site: &Site, request: &Request) -> bool {
    let name = request.host_name();
    let name = name.trim_end_matches('.');
    let bare = name.trim_matches(['[', ']']);
    request.host.is_none()
        || bare == "localhost"
        || bare.parse::<IpAddr>().is_ok()
        || hosts::find(name).is_some()
        || site
            .config
            .public
            .as_ref()
            .is_some_and(|public| public.host.eq_ignore_ascii_case(bare))
}

/// Whether it signs in, is for the address book or the HTTP gateway: what a page in a browser must not reach through a name of its own.
fn is_service(request: &Request, path: &str) -> bool {
    soap::PATHS.contains(&path)
        || path == soap::STORE_PATH
        || gateway::is_for(request)
        || path.ends_with(".srf")
        || login::is_for_login(request)
}

/// The revival service that this client was patched for, as its request shows, or what in the request shows it.
fn patched(request: &Request, path: &str, known: bool) -> Option<Sentence> {
    let name = request.host_name();
    if let Some(revival) = hosts::revival(&name) {
        return Some(say!("its host is one of {}", ours(revival)));
    }
    let file = path.rsplit('/').next().unwrap_or_default();
    if let Some((_, revival)) = PATCHED.iter().find(|(patched, _)| *patched == file) {
        return Some(say!("its path is one of {}", ours(revival)));
    }
    let agent = request
        .headers
        .get("user-agent")
        .and_then(|agent| agent.to_str().ok());
    let is_messenger = agent.is_some_and(|agent| {
        let agent = agent.to_ascii_lowercase();
        ["msmsgs", "msnmsgr", "messenger", "msn explorer", "idcrl"]
            .iter()
            .any(|name| agent.contains(name))
    });
    (!known && is_messenger).then(|| "its host is none of Messenger's".into())
}

fn is_of_a_patched_client(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    PATCHED.iter().any(|(patched, _)| *patched == file)
}

/// Files that patched clients ask for, and of which service they are.
const PATCHED: &[(&str, &str)] = &[
    ("nexus-mock", "Escargot"),
    ("notrst.srf", "Escargot"),
    ("notrst2.srf", "Escargot"),
    ("rst-mock", "Escargot"),
];

fn patched_client(request: &Request, patched: &Sentence, status: &str) -> Finding {
    let quoted = |text: &str| shortened(&to_text(text.as_bytes()), QUOTED);
    let text = say!(
        "the client is patched, or set, for another service than Microsoft's (a revival such as Escargot): it asks for {} of {}, and {patched:#}; answered {status}",
        quoted(&request.path),
        quoted(request.host.as_deref().unwrap_or("no named host")),
    );
    Finding::new(ServiceFinding::PatchedClient, "Host", text)
}

/// 421: a page in a browser may have made its own name lead here (DNS rebinding).
fn misdirected(request: &Request, patched: Option<Sentence>) -> Answer {
    if let Some(patched) = patched {
        let told = patched_client(request, &patched, "421");
        return Answer::new(HttpAction::Refused, StatusCode::MISDIRECTED_REQUEST).finding(told);
    }
    let host = request.host.as_deref().unwrap_or_default();
    let quoted = shortened(&to_text(host.as_bytes()), QUOTED);
    Answer::new(HttpAction::Refused, StatusCode::MISDIRECTED_REQUEST).finding(Finding::new(
        ServiceFinding::ForeignHost,
        "Host",
        say!(
            "Sign-in, address book or gateway were asked of {quoted}, which is none of the hosts of Messenger, no address, not localhost and not --public: the client is patched or set for another service, or a page in a browser made its own name lead here; answered 421"
        ),
    ))
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
        use crate::roster::{Contact, Edit};
        use crate::server::http::testing::{self, Stage};
        let stage = Stage::new();
        let request = |method, path| testing::request(method, path, bytes::Bytes::new());
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
