//! HTTP Archive 1.2: the exchanges with Passport and SOAP, as browsers and proxies read and write them.

use super::moment;
use crate::event::{ConnectionId, Event, EventKind, HttpExchange, Service, Timestamp};
use crate::msnp::escape::to_text;
use crate::recording::message::Message;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;

/// The most connections of which the addresses are remembered.
const MOST_CONNECTIONS: usize = 65_536;

/// The most pairs of a query that are taken apart.
const MOST_PAIRS: usize = 4_096;

/// An archive that is being written.
pub(super) struct Har {
    show: bool,
    first: bool,
    local: BTreeMap<ConnectionId, SocketAddr>,
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
        crate::event::json::write_safe(&self.entry(event, http), &mut *out)?;
        Ok(true)
    }

    pub fn end(self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}}\n")
    }

    fn entry(&self, event: &Event, http: &HttpExchange) -> Value {
        let local = event.connection.and_then(|c| self.local.get(&c));
        let (asked, answered) = (
            http.request.shown(self.show),
            http.response.shown(self.show),
        );
        let (request, response) = (Message::new(&asked), Message::new(&answered));
        let micros = u64::try_from(http.duration.as_micros()).unwrap_or(u64::MAX);
        let ms = http.duration.as_secs_f64() * 1e3;
        let started = Timestamp(event.time.0.saturating_sub(micros));
        let mut entry = Map::new();
        entry.insert("startedDateTime".into(), moment(started).into());
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
        entry.insert("_action".into(), to_text(http.action.as_bytes()).into());
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
        let url = if target.starts_with('/') {
            let scheme = if http.service == Service::Https {
                "https"
            } else {
                "http"
            };
            let host = match (&http.host, local) {
                (Some(host), _) => to_text(host.as_bytes()),
                (None, Some(local)) => local.to_string(),
                (None, None) => "unknown.invalid".to_owned(),
            };
            format!("{scheme}://{host}{target}")
        } else {
            target.to_owned()
        };
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
        map.insert("url".into(), url.into());
        map.insert("httpVersion".into(), request.word(2).into());
        map.insert("cookies".into(), json!([]));
        map.insert("headers".into(), headers(request));
        map.insert("queryString".into(), query.into());
        map.insert("headersSize".into(), request.head.into());
        map.insert("bodySize".into(), request.body.len().into());
        if !request.body.is_empty() {
            let text = to_text_or_as_is(request.body);
            let mime = request.header("content-type").unwrap_or_default();
            map.insert(
                "postData".into(),
                json!({ "mimeType": mime, "params": [], "text": text }),
            );
        }
        map.into()
    }
}

fn to_text_or_as_is(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| to_text(bytes), str::to_owned)
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
    let content = match std::str::from_utf8(response.body) {
        Ok(text) => json!({ "size": size, "mimeType": mime, "text": text }),
        Err(_) => {
            let text = STANDARD.encode(response.body);
            json!({ "size": size, "mimeType": mime, "text": text, "encoding": "base64" })
        }
    };
    json!({
        "status": http.status,
        "statusText": reason,
        "httpVersion": response.word(0),
        "cookies": [],
        "headers": headers(response),
        "content": content,
        "redirectURL": response.header("location").unwrap_or_default(),
        "headersSize": response.head,
        "bodySize": size,
    })
}
