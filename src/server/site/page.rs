//! The page that a browser sees, in HTML 4 for one of 2008: what nudge is, with the root certificate and the hosts
//! lines, which an old Mac downloads here.

use super::Site;
use crate::server::http::message::{Answer, Request};
use hyper::StatusCode;
use quick_xml::escape::escape;

const ROOT: &str = "/nudge-root.der";
const HOSTS: &str = "/hosts.txt";
const FAVICON: &str = "/favicon.ico";
const HTML: &str = "text/html; charset=utf-8";

/// The page and its files; `None` where the path is none of them.
pub(crate) fn answer(site: &Site, request: &Request, path: &str) -> Option<Answer> {
    Some(match path {
        "/" | "/index.html" => {
            Answer::new("page", StatusCode::OK).body(HTML, html(site, request, None))
        }
        ROOT if !site.config.root_der.is_empty() => Answer::new("root-certificate", StatusCode::OK)
            .body("application/x-x509-ca-cert", site.config.root_der.clone()),
        HOSTS => Answer::new("hosts", StatusCode::OK)
            .body("text/plain; charset=utf-8", site.config.hosts_lines.clone()),
        FAVICON => Answer::new("favicon", StatusCode::NOT_FOUND),
        _ => return None,
    })
}

/// The page for a path that is nothing.
pub(crate) fn not_found(site: &Site, request: &Request) -> Answer {
    let note = "There is nothing at this address.";
    Answer::new("unknown", StatusCode::NOT_FOUND).body(HTML, html(site, request, Some(note)))
}

fn html(site: &Site, request: &Request, note: Option<&str>) -> String {
    let config = &site.config;
    let note = note.map_or_else(String::new, |note| format!("<p><b>{note}</b></p>\n"));
    // Over TLS the reader trusts the root already.
    let offer = if request.secure || config.root_der.is_empty() {
        String::new()
    } else {
        format!(
            "<h2>To bring a Mac</h2>\n\
             <ol>\n\
             <li>Get <a href=\"{ROOT}\">the root certificate</a>, open it, and trust it. Its fingerprint must be the one that nudge \
             shows when it starts:<br><code>{fingerprint}</code></li>\n\
             <li>Add <a href=\"{HOSTS}\">these lines</a> to <code>/etc/hosts</code>:\n<pre>{hosts}</pre></li>\n\
             <li>Start Messenger, and sign in.</li>\n\
             </ol>\n",
            fingerprint = escape(config.root_fingerprint.as_str()),
            hosts = escape(config.hosts_lines.as_str()),
        )
    };
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n\
         <html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Type\" content=\"{HTML}\">\n\
         <title>nudge</title>\n</head>\n<body>\n<h1>nudge</h1>\n{note}\
         <p>This is not Microsoft. It is nudge, a fake Messenger service for clients of the 2000s: whoever signs in here talks to \
         contacts that an operator plays. Use no password that you use elsewhere.</p>\n{offer}</body>\n</html>\n"
    )
}
