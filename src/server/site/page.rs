//! The page that a browser sees, in HTML 4 for one of 2008: what nudge is, with the root certificate and the hosts
//! lines, which an old machine downloads here; and the guide to each system and client, `docs/clients.md`.

use super::Site;
use crate::event::HttpAction;
use crate::server::hosts_file;
use crate::server::http::message::{Answer, Request};
use hyper::StatusCode;
use quick_xml::escape::escape;
use std::fmt::Write as _;
use std::net::IpAddr;

const ROOT: &str = "/nudge-root.der";
const HOSTS: &str = "/hosts.txt";
const FAVICON: &str = "/favicon.ico";
const WINDOWS_HOSTS: &str = "/hosts-windows.txt";
const CLIENTS: &str = "/clients";
/// The guide, as it stands in the repository.
const GUIDE: &str = include_str!("../../../docs/clients.md");
pub(super) const HTML: &str = "text/html; charset=utf-8";

/// The page and its files; `None` where the path is none of them.
pub(crate) fn answer(site: &Site, request: &Request, path: &str) -> Option<Answer> {
    Some(match path {
        "/" | "/index.html" => {
            Answer::new(HttpAction::Page, StatusCode::OK).body(HTML, html(site, request, None))
        }
        ROOT if !site.config.root_der.is_empty() => {
            Answer::new(HttpAction::RootCertificate, StatusCode::OK)
                .body("application/x-x509-ca-cert", site.config.root_der.clone())
        }
        HOSTS => Answer::new(HttpAction::Hosts, StatusCode::OK)
            .body("text/plain; charset=utf-8", site.config.hosts_lines.clone()),
        WINDOWS_HOSTS => Answer::new(HttpAction::Hosts, StatusCode::OK).body(
            "text/plain; charset=utf-8",
            hosts_file::for_windows(&site.config.hosts_lines),
        ),
        CLIENTS => Answer::new(HttpAction::Page, StatusCode::OK)
            .body(HTML, document("nudge: systems and clients", &guide(GUIDE))),
        FAVICON => Answer::new(HttpAction::Favicon, StatusCode::NOT_FOUND),
        _ => return None,
    })
}

/// The page for a path that nothing is at.
pub(crate) fn not_found(site: &Site, request: &Request) -> Answer {
    let note = "There is nothing at this address.";
    Answer::new(HttpAction::Unknown, StatusCode::NOT_FOUND)
        .body(HTML, html(site, request, Some(note)))
}

fn html(site: &Site, request: &Request, note: Option<&str>) -> String {
    let config = &site.config;
    let note = note.map_or_else(String::new, |note| format!("<p><b>{note}</b></p>\n"));
    // A reader who came over TLS trusts the root already.
    let offer = if request.secure || config.root_der.is_empty() {
        String::new()
    } else {
        format!(
            "<h2>To bring a client</h2>\n\
             <ol>\n\
             <li>Get <a href=\"{ROOT}\">the root certificate</a>, open it, and trust it. Its fingerprint must be the one that nudge \
             shows when it starts:<br><code>{fingerprint}</code> (SHA-256)<br><code>{sha1}</code> (SHA-1, the thumbprint on old systems)<br>\
             It is signed with {signature}.</li>\n\
             <li>Add <a href=\"{HOSTS}\">these lines</a> to <code>/etc/hosts</code>, or \
             <a href=\"{WINDOWS_HOSTS}\">these for Windows</a> to its <code>hosts</code>:\n<pre>{hosts}</pre></li>\n\
             <li><a href=\"/check\">Check</a> what leads here.</li>\n\
             <li>Start the client, and sign in.</li>\n\
             </ol>\n\
             <p>Where all this is on each system, and what each client keeps: <a href=\"{CLIENTS}\">systems and clients</a>.</p>\n",
            fingerprint = escape(config.root_fingerprint.as_str()),
            sha1 = escape(config.root_sha1_fingerprint.as_str()),
            signature = escape(config.root_signature),
            hosts = escape(config.hosts_lines.as_str()),
        )
    };
    document(
        "nudge",
        &format!(
            "<h1>nudge</h1>\n{note}\
             <p>This is not Microsoft. It is nudge, a fake Messenger service for clients of the 2000s: whoever signs in here talks to \
             contacts that an operator plays. Use no password that you use elsewhere.</p>\n{offer}"
        ),
    )
}

/// A document of HTML 4.
pub(super) fn document(title: &str, body: &str) -> String {
    // HTML 4 has no &apos;, and the browsers of the time show it as it stands.
    let body = body.replace("&apos;", "&#39;");
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n\
         <html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Type\" content=\"{HTML}\">\n\
         <title>{title}</title>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// An address as it stands in a URL.
pub(super) fn address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// The guide in HTML: headings, paragraphs, lists, `code` and *emphasis* are all that it has.
fn guide(markdown: &str) -> String {
    let mut out = String::new();
    let mut listing = false;
    let mut paragraph = Vec::new();
    for line in markdown.lines().chain([""]) {
        if line.is_empty() && !paragraph.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", inline(&paragraph.join(" ")));
            paragraph.clear();
        }
        let item = line.strip_prefix("- ");
        if listing != item.is_some() && !(listing && line.is_empty()) {
            listing = item.is_some();
            out.push_str(if listing { "<ul>\n" } else { "</ul>\n" });
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        match (item, level) {
            (Some(item), _) => {
                let _ = writeln!(out, "<li>{}</li>", inline(item));
            }
            (None, 0) if !line.is_empty() => paragraph.push(line),
            (None, 0) => {}
            (None, level) => {
                let _ = writeln!(out, "<h{level}>{}</h{level}>", inline(line[level..].trim()));
            }
        }
    }
    if listing {
        out.push_str("</ul>\n");
    }
    out
}

/// A text with its marks: what stands between two of one kind is marked.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for (number, piece) in text.split('`').enumerate() {
        if number % 2 == 1 {
            let _ = write!(out, "<code>{}</code>", escape(piece));
            continue;
        }
        for (number, piece) in piece.split('*').enumerate() {
            let piece = escape(piece);
            let _ = match number % 2 {
                0 => write!(out, "{piece}"),
                _ => write!(out, "<em>{piece}</em>"),
            };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_is_written_as_html_with_nothing_of_its_marks_left() {
        let html = guide(GUIDE);
        for (open, close) in [
            ("<ul>", "</ul>"),
            ("<li>", "</li>"),
            ("<code>", "</code>"),
            ("<h3>", "</h3>"),
        ] {
            assert_eq!(
                html.matches(open).count(),
                html.matches(close).count(),
                "{open}"
            );
        }
        assert!(html.contains("<h3>Windows XP</h3>"));
        assert!(
            !html.contains('`') && !html.contains("\n- ") && !html.contains('#'),
            "{html}"
        );
        assert_eq!(
            guide("# A\n\nb *c*\n`<d>`\n\n- e\n- f\n\n## G\n"),
            "<h1>A</h1>\n<p>b <em>c</em> <code>&lt;d&gt;</code></p>\n<ul>\n<li>e</li>\n<li>f</li>\n</ul>\n<h2>G</h2>\n"
        );
    }

    #[test]
    fn no_system_and_no_client_takes_more_than_eight_lines() {
        for part in GUIDE.split("\n### ").skip(1) {
            let lines = part.lines().filter(|line| line.starts_with("- ")).count();
            assert!((1..=8).contains(&lines), "{part}");
        }
    }

    #[test]
    fn no_entity_is_used_that_html_4_does_not_have() {
        let page = document("x", &escape("Microsoft's \"own\" <b>"));
        assert!(
            page.contains("Microsoft&#39;s &quot;own&quot; &lt;b&gt;"),
            "{page}"
        );
    }
}
