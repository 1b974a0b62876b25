//! A request and an answer as the rooms behind HTTP see them, and the case of header names.

use super::body::Body;
use crate::event::{ClientId, Finding, HttpAction, Service};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::Empty;
use hyper::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Every header name of an answer, in exactly the case in which it must leave: some clients look for
/// `PassportURLs: ` as text (`clients.md`).
const NAMES: &[&str] = &[
    "Server",
    "Date",
    "Connection",
    "Cache-Control",
    "Content-Type",
    "Content-Length",
    "PassportURLs",
    "Authentication-Info",
    "WWW-Authenticate",
    "Allow",
    "X-MSN-Messenger",
    "X-MSN-Host",
];

/// Makes hyper write header names in the case of [`NAMES`].
///
/// hyper writes them in lower case, unless a response carries the private extension in which it keeps the
/// names of a request as they were read. So one request that has them all is read from memory at
/// start, and its extensions are given to every response.
#[derive(Debug, Default)]
pub(crate) struct HeaderCase(Extensions);

impl HeaderCase {
    /// Reads the request that teaches hyper the names.
    pub(crate) fn learn() -> Self {
        let mut text = String::from("GET / HTTP/1.1\r\n");
        for name in NAMES {
            // No name but this one means anything to hyper in a request.
            let value = if *name == "Content-Length" { "0" } else { "x" };
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        let learnt = Arc::new(Mutex::new(Extensions::new()));
        let kept = learnt.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<_>| {
            kept.lock().extend(request.extensions().clone());
            let _: &hyper::body::Incoming = request.body();
            std::future::ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
        });
        let memory = tokio::io::join(text.as_bytes(), tokio::io::sink());
        // Reading from memory never waits, so it is done at once and needs no runtime. Should a later
        // hyper not keep to this, names leave in lower case, which a test would notice.
        let _ = hyper::server::conn::http1::Builder::new()
            .preserve_header_case(true)
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(memory), service)
            .now_or_never();
        let learnt = std::mem::take(&mut *learnt.lock());
        Self(learnt)
    }

    /// Gives a response its names.
    pub(crate) fn apply<B>(&self, response: &mut Response<B>) {
        response.extensions_mut().extend(self.0.clone());
    }
}

/// A request, whole.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The method.
    pub method: String,
    /// The target, as written.
    pub target: String,
    /// The path of the target, without query.
    pub path: String,
    /// The host it names, with its port, if it names one.
    pub host: Option<String>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// By which door it came.
    pub service: Service,
    /// Whether it came over TLS.
    pub secure: bool,
    /// From where it came.
    pub peer: IpAddr,
    /// The address that it reached.
    pub local: IpAddr,
}

impl Request {
    /// The value of a header, with U+FFFD for what is not UTF-8.
    pub(crate) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
    }

    /// The host without its port, in lower case; empty where none is named.
    pub(crate) fn host_name(&self) -> String {
        let host = self.host.as_deref().unwrap_or_default();
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        name.to_ascii_lowercase()
    }
}

/// What is answered, and what is told of it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What the request is to nudge.
    pub action: HttpAction,
    /// The status.
    pub status: StatusCode,
    /// Headers beyond those that every answer has; names are of [`NAMES`].
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Body,
    /// Whether the connection ends with it.
    pub close: bool,
    /// The account it is for, where that is known.
    pub account: Option<String>,
    /// The client whose request it is, where that is known.
    pub client: Option<ClientId>,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
    /// Tickets, which are secret wherever they stand in the exchange.
    pub secrets: Vec<String>,
    /// How long it waits before it leaves.
    pub wait: Duration,
}

impl Answer {
    /// An answer with an empty body.
    pub(crate) fn new(action: HttpAction, status: StatusCode) -> Self {
        Self {
            action,
            status,
            headers: Vec::new(),
            body: Body::default(),
            close: false,
            account: None,
            client: None,
            findings: Vec::new(),
            secrets: Vec::new(),
            wait: Duration::ZERO,
        }
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with a body.
    pub(crate) fn body(self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.pieces(content_type, [body.into()])
    }

    /// The same with a body of these pieces.
    pub(crate) fn pieces(
        self,
        content_type: &'static str,
        pieces: impl IntoIterator<Item = Bytes>,
    ) -> Self {
        let mut answer = self.header("Content-Type", content_type);
        answer.body = Body::of(pieces);
        answer
    }

    /// The same with one more finding.
    pub(crate) fn finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// Its status line and headers as they are written, without the blank line.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("Server", "nudge".to_owned()), ("Date", now())];
        if self.close {
            all.push(("Connection", "close".to_owned()));
        }
        all.push(("Cache-Control", "private, no-cache".to_owned()));
        all.extend(
            self.headers
                .iter()
                .map(|(name, value)| (*name, clean(value))),
        );
        all.push(("Content-Length", self.body.len().to_string()));
        all
    }

    /// The whole of it as bytes, with these headers. A HEAD request gets no body.
    pub(crate) fn to_bytes(
        &self,
        version: &str,
        headers: &[(&str, String)],
        head: bool,
    ) -> Vec<u8> {
        let mut text = format!(
            "{version} {} {}\r\n",
            self.status.as_str(),
            self.status.canonical_reason().unwrap_or_default()
        );
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        if !head {
            bytes.reserve(self.body.len());
            for piece in self.body.pieces() {
                bytes.extend_from_slice(piece);
            }
        }
        bytes
    }

    /// The status and headers as hyper takes them.
    pub(crate) fn to_response<B>(&self, headers: &[(&str, String)], body: B) -> Response<B> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        for (name, value) in headers {
            // Names are constants and values are cleaned, so neither is ever refused.
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(value),
            ) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// A header's value has one line of visible ASCII.
fn clean(value: &str) -> String {
    value
        .chars()
        .map(|c| if matches!(c, ' '..='~') { c } else { '?' })
        .collect()
}

fn now() -> String {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time::OffsetDateTime::now_utc()
        .format(format)
        .unwrap_or_default()
}
