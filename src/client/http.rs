//! One HTTP/1.1 exchange over a connection of its own, the way the Mac does it: TLS 1.0, no server
//! name, no session kept. hyper speaks the HTTP; the spelling of header names is kept, since servers
//! of that time were not all indifferent to it.

use super::config::{Config, Transport};
use super::error::{ClientError, Wrong};
use super::report::Saw;
use super::reporter::Reporter;
use super::tls::Trust;
use crate::msnp::Address;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request};
use hyper_util::rt::TokioIo;
use openssl::ssl::{Ssl, SslContext};
use std::fmt;
use std::pin::{Pin, pin};
use std::str::FromStr;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

/// The largest head of an answer that is taken, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// Where a request goes: `[scheme://]host[:port]/path`. The configuration and not the scheme decides whether TLS is
/// spoken, so that no server can refer a client to plain HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub host: String,
    pub port: Option<u16>,
    pub path: String,
}

impl Url {
    pub fn new(host: &str, path: &str) -> Self {
        Self {
            host: host.to_owned(),
            port: None,
            path: path.to_owned(),
        }
    }

    /// `host` or `host:port`, as in the Host header.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// What a `Location` seen here refers to.
    pub fn join(&self, location: &str) -> Result<Url, UrlError> {
        if location.starts_with('/') && !location.starts_with("//") {
            check_path(location)?;
            return Ok(Url {
                path: location.to_owned(),
                ..self.clone()
            });
        }
        location.parse()
    }
}

/// Why a text is not a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UrlError {
    #[error("the path {0:?} has characters that no URL has")]
    Path(String),
    #[error("{0:?} names no host and port")]
    Host(String),
}

fn check_path(path: &str) -> Result<(), UrlError> {
    let is_fine = path.bytes().all(|b| b.is_ascii_graphic());
    is_fine
        .then_some(())
        .ok_or_else(|| UrlError::Path(path.to_owned()))
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let rest = rest.trim_start_matches("//");
        let (authority, path) = match rest.find('/') {
            Some(at) => (&rest[..at], &rest[at..]),
            None => (rest, "/"),
        };
        check_path(path)?;
        let address = Address::remote(authority).map_err(|_| UrlError::Host(text.to_owned()))?;
        Ok(Url {
            host: address.host_in_url(),
            port: address.port,
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.authority(), self.path)
    }
}

/// A request, its header fields in order.
pub(super) struct Ask {
    pub method: &'static str,
    pub url: Url,
    pub headers: Vec<(&'static str, HeaderValue)>,
    pub body: String,
}

/// An answer.
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    version: Option<(String, String)>,
}

impl Answer {
    /// A header field as text, bytes that are not UTF-8 replaced.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// Makes the exchanges.
pub(super) struct Web {
    config: Config,
    agent: &'static str,
    tls: Option<SslContext>,
}

impl Web {
    pub fn new(config: &Config, agent: &'static str) -> Result<Self, ClientError> {
        let tls = match config.transport {
            Transport::Plain => None,
            Transport::Tls => Some(
                config
                    .tls
                    .context(config.tls_max, &config.trust)
                    .map_err(|e| ClientError::Config(format!("no TLS context: {e}")))?,
            ),
        };
        Ok(Self {
            config: config.clone(),
            agent,
            tls,
        })
    }

    /// One exchange. `detail` says what of the answer is worth showing, masked.
    pub async fn exchange(
        &self,
        ask: Ask,
        reporter: &mut Reporter,
        detail: impl FnOnce(&Answer) -> String,
    ) -> Result<Answer, ClientError> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", ask.url);
        self.config.pace.step().await;
        let (method, request) = (ask.method, format!("{} {url}", ask.method));
        let answer = tokio::time::timeout(self.config.patience, self.answer(ask, &request))
            .await
            .map_err(|_| ClientError::Timeout {
                step: request.clone(),
                expected: "a whole HTTP answer".to_owned(),
                seconds: self.config.patience.as_secs_f32(),
            })??;
        if let Some((version, cipher)) = answer.version.clone() {
            reporter.tell(Saw::Tls {
                host: url.split('/').nth(2).unwrap_or_default().to_owned(),
                version,
                cipher,
            });
        }
        reporter.tell(Saw::Http {
            method: method.to_owned(),
            url,
            status: answer.status,
            detail: detail(&answer),
            bytes: answer.body.len(),
        });
        Ok(answer)
    }

    async fn answer(&self, ask: Ask, request: &str) -> Result<Answer, ClientError> {
        let stream = self.connect(&ask.url).await?;
        match &self.tls {
            None => self.speak(stream, ask, request).await,
            Some(context) => {
                let host = ask.url.authority();
                let mut stream = self.handshake(context, stream, &ask.url).await?;
                let version = Some((
                    stream.ssl().version_str().to_owned(),
                    stream
                        .ssl()
                        .current_cipher()
                        .map_or("no cipher", |cipher| cipher.name())
                        .to_owned(),
                ));
                tracing::debug!(host, ?version, "TLS agreed");
                let mut answer = self.speak(&mut stream, ask, request).await?;
                answer.version = version;
                // A word of goodbye, so that the server sees no cut connection; nobody waits for it.
                let _ = stream.shutdown().await;
                Ok(answer)
            }
        }
    }

    async fn connect(&self, url: &Url) -> Result<TcpStream, ClientError> {
        let port = url.port.unwrap_or(match self.tls {
            Some(_) => 443,
            None => 80,
        });
        let host = format!("{}:{port}", url.host);
        let stream = match self.config.reach.find(&url.host) {
            Some(address) => {
                TcpStream::connect(address)
                    .await
                    .map_err(|source| ClientError::Connect {
                        host: format!("{} ({address})", url.authority()),
                        source,
                    })?
            }
            None => super::connection::dial(&host).await?,
        };
        // Requests are small and nobody should wait for the next one.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    async fn handshake(
        &self,
        context: &SslContext,
        stream: TcpStream,
        url: &Url,
    ) -> Result<tokio_openssl::SslStream<TcpStream>, ClientError> {
        let failed = |why: String| ClientError::Tls {
            host: url.authority(),
            why,
        };
        let make = || {
            let mut ssl = Ssl::new(context)?;
            if self.config.sni {
                ssl.set_hostname(&url.host)?;
            }
            if !matches!(self.config.trust, Trust::Anyone) {
                ssl.param_mut().set_host(&url.host)?;
            }
            tokio_openssl::SslStream::new(ssl, stream)
        };
        let mut stream = make().map_err(|e| failed(e.to_string()))?;
        if let Err(error) = Pin::new(&mut stream).connect().await {
            let verdict = stream.ssl().verify_result();
            let why = match (error.ssl_error(), error.io_error()) {
                _ if verdict != openssl::x509::X509VerifyResult::OK => {
                    format!("its certificate is not trusted: {verdict}")
                }
                (Some(stack), _) => stack.to_string(),
                (None, Some(io)) => io.to_string(),
                (None, None) => "the server closed the connection in the handshake".to_owned(),
            };
            return Err(failed(why));
        }
        Ok(stream)
    }

    async fn speak<S>(&self, stream: S, ask: Ask, request: &str) -> Result<Answer, ClientError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let failed = |why: Wrong| ClientError::Http {
            request: request.to_owned(),
            why,
        };
        let written = write_request(ask, self.agent).await.map_err(failed)?;
        let (mut sender, connection) = client()
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|e| failed(Wrong::Http(why(&e))))?;
        let work = async {
            let answer = sender
                .send_request(written)
                .await
                .map_err(|e| failed(Wrong::Http(why(&e))))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, self.config.max_body)
                .collect()
                .await
                .map_err(|e| failed(Wrong::Body(why(&*e))))?
                .to_bytes();
            Ok(Answer {
                status: head.status.as_u16(),
                headers: head.headers,
                body,
                version: None,
            })
        };
        let (mut work, mut connection) = (pin!(work), pin!(connection));
        // The connection is driven beside the exchange; once it is over, so is the exchange, soon.
        tokio::select! {
            biased;
            answer = &mut work => answer,
            _ = &mut connection => work.await,
        }
    }
}

fn client() -> hyper::client::conn::http1::Builder {
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder
        .preserve_header_case(true)
        .title_case_headers(true)
        .max_buf_size(MAX_HEAD);
    builder
}

async fn write_request(ask: Ask, agent: &'static str) -> Result<Request<Full<Bytes>>, Wrong> {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(ask.url.path.as_str())
        .body(Full::new(Bytes::from(ask.body.clone())))
        .map_err(|e| unwritten(&e))?;
    let spelling = spelling().await.map_err(|e| unwritten(&e))?;
    request.extensions_mut().extend(spelling.clone());
    let headers = request.headers_mut();
    let mut put = |name: &'static str, value: HeaderValue| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| unwritten(&e))?;
        headers.append(name, value);
        Ok::<(), Wrong>(())
    };
    put("Host", text_value(&ask.url.authority())?)?;
    put("User-Agent", HeaderValue::from_static(agent))?;
    put("Accept", HeaderValue::from_static("*/*"))?;
    for (name, value) in ask.headers {
        put(name, value)?;
    }
    if ask.method != "GET" {
        put("Content-Length", text_value(&ask.body.len().to_string())?)?;
    }
    put("Connection", HeaderValue::from_static("close"))?;
    Ok(request)
}

fn text_value(text: &str) -> Result<HeaderValue, Wrong> {
    HeaderValue::from_str(text).map_err(|e| Wrong::Http(format!("{text:?}: {e}")))
}

fn unwritten(error: &dyn std::error::Error) -> Wrong {
    Wrong::Http(error.to_string())
}

/// hyper writes header names as it once read them, by way of an extension that only its own reader
/// can make. So one answer with the one name that title-casing misspells is read from memory, once.
async fn spelling() -> Result<&'static Extensions, hyper::Error> {
    static SPELLING: OnceCell<Extensions> = OnceCell::const_new();
    SPELLING
        .get_or_try_init(|| async {
            let (ours, mut theirs) = tokio::io::duplex(1024);
            // An answer before its question would end the connection.
            let answering = async {
                let _ = theirs.read(&mut [0; 512]).await;
                let _ = theirs
                    .write_all(b"HTTP/1.1 200 OK\r\nSOAPAction: x\r\nContent-Length: 0\r\n\r\n")
                    .await;
                std::future::pending::<()>().await;
            };
            let (mut sender, connection) = client().handshake(TokioIo::new(ours)).await?;
            let request = sender.send_request(Request::new(Full::<Bytes>::default()));
            let (mut request, mut connection) = (pin!(request), pin!(connection));
            let answer = tokio::select! {
                biased;
                answer = &mut request => answer,
                _ = &mut connection => request.await,
                () = answering => request.await,
            };
            Ok(answer?.into_parts().0.extensions)
        })
        .await
}

/// An error with its causes, since hyper says little in the first line.
fn why(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_a_nexus_are_read_in_every_form() {
        let url = |text: &str| text.parse::<Url>();
        let plain = url("loginnet.passport.com/login2.srf").expect("a URL");
        assert_eq!(plain, Url::new("loginnet.passport.com", "/login2.srf"));
        let full = url("https://login.live.com:8443/login2.srf?id=1").expect("a URL");
        assert_eq!(full.port, Some(8443));
        assert_eq!(full.authority(), "login.live.com:8443");
        assert_eq!(full.path, "/login2.srf?id=1");
        assert_eq!(url("host").map(|u| u.path), Ok("/".to_owned()));
        assert_eq!(url("[::1]:80/x").map(|u| u.port), Ok(Some(80)));
        for bad in [
            "",
            "/x",
            "a b/",
            "h:99999/",
            "h/ x",
            "h\r\nX: y/",
            "h/\u{e9}",
        ] {
            assert!(url(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            full.join("/other").map(|u| u.to_string()),
            Ok("login.live.com:8443/other".to_owned())
        );
    }
}
