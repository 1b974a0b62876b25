//! HTTP Archive 1.2: the exchanges with Passport and SOAP, as browsers and proxies read and write them. What one client
//! asked is a page of its own.

use super::moment;
use crate::event::{ClientId, ConnectionId, Event, EventKind, HttpExchange, Service, Timestamp};
use crate::msnp::escape::to_text;
use crate::msnp::percent;
use crate::recording::message::Message;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::http::uri::Authority;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use time::macros::format_description;

/// The most connections of which the addresses are remembered.
const MOST_CONNECTIONS: usize = 65_536;

/// The most pairs of a query that are taken apart.
const MOST_PAIRS: usize = 4_096;

/// The most clients that have a page.
const MOST_PAGES: usize = 65_536;

/// An archive that is being written.
pub(super) struct Har {
    show: bool,
    first: bool,
    local: BTreeMap<ConnectionId, SocketAddr>,
    pages: BTreeMap<ClientId, Page>,
}

/// What one client asked.
struct Page {
    started: Timestamp,
    account: Option<String>,
}

impl Har {
    pub fn begin(show: bool, out: &mut dyn Write) -> io::Result<Self> {
        let creator = json!({ "name": "nudge", "version": env!("CARGO_PKG_VERSION") });
        write!(
            out,
            "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":["
        )?;
        Ok(Self {
            show,
            first: true,
            local: BTreeMap::new(),
            pages: BTreeMap::new(),
        })
    }

    /// Takes an event; whether it became an entry.
    pub fn event(&mut self, event: &Event, chosen: bool, out: &mut dyn Write) -> io::Result<bool> {
        if let (EventKind::Connected { local, .. }, Some(connection)) =
            (&event.kind, event.connection)
        {
            self.local.insert(connection, *local);
            if self.local.len() > MOST_CONNECTIONS {
                self.local.pop_first();
            }
        }
        let EventKind::Http(http) = &event.kind else {
            return Ok(false);
        };
        if !chosen {
            return Ok(false);
        }
        let before = if self.first { "\n" } else { ",\n" };
        self.first = false;
        out.write_all(before.as_bytes())?;
        self.page(event, http);
        crate::event::json::write_safe(&self.entry(event, http), &mut *out)?;
        Ok(true)
    }

    pub fn end(self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n],\"pages\":[")?;
        for (at, (client, page)) in self.pages.iter().enumerate() {
            let before: &[u8] = if at == 0 { b"\n" } else { b",\n" };
            out.write_all(before)?;
            let title = match &page.account {
                Some(account) => format!("client {client}, {}", to_text(account.as_bytes())),
                None => format!("client {client}"),
            };
            let page = json!({
                "startedDateTime": moment(page.started),
                "id": page_id(*client),
                "title": title,
                "pageTimings": {},
            });
            crate::event::json::write_safe(&page, &mut *out)?;
        }
        out.write_all(b"\n]}}\n")
    }

    /// Takes the exchange up in the page of its client, if it has one.
    fn page(&mut self, event: &Event, http: &HttpExchange) {
        let Some(client) = event.client else { return };
        if self.pages.len() >= MOST_PAGES && !self.pages.contains_key(&client) {
            return;
        }
        let began = started(event, http);
        let page = self.pages.entry(client).or_insert(Page {
            started: began,
            account: None,
        });
        page.started = page.started.min(began);
        if page.account.is_none() {
            page.account.clone_from(&http.account);
        }
    }

    fn entry(&self, event: &Event, http: &HttpExchange) -> Value {
        let local = event.connection.and_then(|c| self.local.get(&c));
        let (asked, answered) = (
            http.request.shown(self.show),
            http.response.shown(self.show),
        );
        let (request, response) = (Message::new(&asked), Message::new(&answered));
        let ms = http.duration.as_secs_f64() * 1e3;
        let mut entry = Map::new();
        let client = event
            .client
            .filter(|client| self.pages.contains_key(client));
        if let Some(client) = client {
            entry.insert("pageref".into(), page_id(client).into());
        }
        entry.insert(
            "startedDateTime".into(),
            moment(started(event, http)).into(),
        );
        entry.insert("time".into(), ms.into());
        entry.insert("request".into(), self.request(http, &request, local));
        entry.insert("response".into(), answer(http, &response));
        entry.insert("cache".into(), json!({}));
        entry.insert(
            "timings".into(),
            json!({ "send": 0, "wait": ms, "receive": 0 }),
        );
        if let Some(local) = local {
            entry.insert("serverIPAddress".into(), local.ip().to_string().into());
        }
        if let Some(connection) = event.connection {
            entry.insert("connection".into(), connection.to_string().into());
        }
        // Fields of our own begin with an underscore, as the format has it.
        entry.insert(
            "_action".into(),
            to_text(http.action.name().as_bytes()).into(),
        );
        if let Some(account) = &http.account {
            entry.insert("_account".into(), to_text(account.as_bytes()).into());
        }
        if let Some(client) = event.client {
            entry.insert("_client".into(), client.0.into());
        }
        entry.into()
    }

    fn request(
        &self,
        http: &HttpExchange,
        request: &Message<'_>,
        local: Option<&SocketAddr>,
    ) -> Value {
        let target = request.word(1);
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let mut pairs = query.split('&').filter(|pair| !pair.is_empty());
        let query = pairs.by_ref().take(MOST_PAIRS).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            json!({ "name": name, "value": value })
        });
        let mut query: Vec<Value> = query.collect();
        query.extend(left_out(pairs.count()));
        let mut map = Map::new();
        map.insert("method".into(), to_text(http.method.as_bytes()).into());
        map.insert("url".into(), url(http, target, local).into());
        map.insert("httpVersion".into(), request.word(2).into());
        let cookies = fields(request, "cookie").flat_map(|line| line.split(';'));
        let cookies: Vec<Value> = cookies.filter_map(pair).take(MOST_PAIRS).collect();
        map.insert("cookies".into(), cookies.into());
        map.insert("headers".into(), headers(request));
        map.insert("queryString".into(), query.into());
        map.insert("headersSize".into(), request.head.into());
        map.insert("bodySize".into(), request.body.len().into());
        if !request.body.is_empty() {
            let mime = request.header("content-type").unwrap_or_default();
            let mut data = json!({ "mimeType": mime, "params": [] });
            let (text, is_base64) = body(request.body);
            data["text"] = text.into();
            if is_base64 {
                // The format has no such field for requests; browsers write this one.
                data["_encoding"] = "base64".into();
            }
            map.insert("postData".into(), data);
        }
        map.into()
    }
}

/// When an exchange began.
fn started(event: &Event, http: &HttpExchange) -> Timestamp {
    let micros = u64::try_from(http.duration.as_micros()).unwrap_or(u64::MAX);
    Timestamp(event.time.0.saturating_sub(micros))
}

fn page_id(client: ClientId) -> String {
    format!("client_{client}")
}

/// The URL of a request, whatever stands in its first line: `*` asks about the whole service, `host:port` for a way
/// through a proxy.
fn url(http: &HttpExchange, target: &str, local: Option<&SocketAddr>) -> String {
    let scheme = match http.service {
        Service::Https => "https",
        _ => "http",
    };
    let host = match (&http.host, local) {
        (Some(host), _) if is_authority(host) => host.clone(),
        (_, Some(local)) => local.to_string(),
        _ => "unknown.invalid".to_owned(),
    };
    if target == "*" || target.is_empty() {
        return format!("{scheme}://{host}");
    }
    if http.method.eq_ignore_ascii_case("CONNECT") && is_authority(target) {
        return format!("{scheme}://{target}");
    }
    if let Some((scheme, rest)) = target.split_once("://") {
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphabetic());
        if is_scheme && is_authority(host) {
            return format!("{scheme}://{host}{}", as_uri(path));
        }
    }
    let slash = if target.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{host}{slash}{}", as_uri(target))
}

/// Whether it is a host, with a port or without. hyper's own reader lets a port pass that is no number, and a host
/// without a letter.
fn is_authority(text: &str) -> bool {
    text.parse::<Authority>().is_ok_and(|authority| {
        let host = authority.host();
        let with_port = |port| text == format!("{host}:{port}");
        !host.is_empty() && authority.port().map_or(text == host, with_port)
    })
}

/// What stands behind the host, with every byte that no URI has encoded.
fn as_uri(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = percent::encode_but(parts.next().unwrap_or_default(), URI);
    for part in parts {
        let is_encoded = part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit());
        out.push_str(if is_encoded { "%" } else { "%25" });
        out.push_str(&percent::encode_but(part, URI));
    }
    // A URI has one # at most.
    match out.split_once('#') {
        Some((before, after)) => format!("{before}#{}", after.replace('#', "%23")),
        None => out,
    }
}

/// What stands in a path and a query of a URI beside letters and digits (RFC 3986).
const URI: &str = "-._~:/?#@!$&'()*+,;=";

/// A body as text, and whether it is base64: what is no UTF-8, or has control bytes that no text has.
fn body(bytes: &[u8]) -> (String, bool) {
    let is_text = |text: &&str| {
        text.bytes()
            .all(|byte| !byte.is_ascii_control() || b"\t\r\n".contains(&byte))
    };
    match std::str::from_utf8(bytes).ok().filter(is_text) {
        Some(text) => (text.to_owned(), false),
        None => (STANDARD.encode(bytes), true),
    }
}

/// The values of every header of this name.
fn fields<'a>(message: &'a Message<'_>, name: &'static str) -> impl Iterator<Item = &'a str> {
    let named = message
        .headers
        .iter()
        .filter(move |(n, _)| n.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str())
}

/// `name=value` as a pair of the format.
fn pair(text: &str) -> Option<Value> {
    let text = text.trim();
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (!text.is_empty()).then(|| json!({ "name": name.trim(), "value": value.trim() }))
}

/// The cookie of a `Set-Cookie`.
fn set_cookie(line: &str) -> Option<Value> {
    let mut parts = line.split(';');
    let mut cookie = pair(parts.next()?)?;
    for attribute in parts {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "path" => cookie["path"] = value.trim().into(),
            "domain" => cookie["domain"] = value.trim().into(),
            "secure" => cookie["secure"] = true.into(),
            "httponly" => cookie["httpOnly"] = true.into(),
            "expires" => {
                if let Some(at) = date(value.trim()) {
                    cookie["expires"] = at.into();
                }
            }
            _ => {}
        }
    }
    Some(cookie)
}

/// A date of HTTP as the format wants it.
fn date(text: &str) -> Option<String> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let text = text.replace('-', " ");
    let at = time::PrimitiveDateTime::parse(&text, format)
        .ok()?
        .assume_utc();
    let micros = u64::try_from(at.unix_timestamp())
        .ok()?
        .checked_mul(1_000_000)?;
    Some(moment(Timestamp(micros)))
}

fn headers(message: &Message<'_>) -> Value {
    let pairs = message.headers.iter();
    pairs
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .chain(left_out(message.more))
        .collect()
}

/// What stands for pairs that are not taken apart; the format has a place for comments in each.
fn left_out(more: usize) -> Option<Value> {
    (more > 0)
        .then(|| json!({ "name": "", "value": "", "comment": format!("{more} more are left out") }))
}

fn answer(http: &HttpExchange, response: &Message<'_>) -> Value {
    let reason = response.start.splitn(3, ' ').nth(2).unwrap_or_default();
    let mime = response.header("content-type").unwrap_or_default();
    let size = response.body.len();
    let (text, is_base64) = body(response.body);
    let mut content = json!({ "size": size, "mimeType": mime, "text": text });
    if is_base64 {
        content["encoding"] = "base64".into();
    }
    let cookies = fields(response, "set-cookie").filter_map(set_cookie);
    let cookies: Vec<Value> = cookies.take(MOST_PAIRS).collect();
    json!({
        "status": http.status,
        "statusText": reason,
        "httpVersion": response.word(0),
        "cookies": cookies,
        "headers": headers(response),
        "content": content,
        "redirectURL": response.header("location").unwrap_or_default(),
        "headersSize": response.head,
        "bodySize": size,
    })
}

#[cfg(test)]
mod tests;
