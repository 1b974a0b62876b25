//! One connection: hyper over the stream, with bounds on everything that a client could make long.

use super::body::Body;
use super::exchange::Exchange;
use super::first::{self, First};
use super::message::{Answer, Request};
use super::refused::{BODY_TIME, Refused, refused_body};
use super::root::root;
use super::tap::{BEGINNING, Heads, Tap};
use super::{Door, IDLE, MAX_BODY, MAX_HEAD, exchange};
use crate::event::{
    ConnectionSink, Detail, Ending, EventKind, Finding, HttpAction, Sentence, ServiceFinding, ours,
    say,
};
use crate::msnp::escape::{shortened, to_text};
use crate::server::gateway;
use crate::server::shares::{Holding, Place};
use crate::server::site::proxy::{self, Tunnel};
use crate::server::site::{Site, route};
use crate::server::tls::replay::Replay;
use crate::server::turns::LONG;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::{Response, StatusCode, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

/// How long nothing more of a request's body may come before that is told.
const BODY_PAUSE: Duration = Duration::from_secs(1);
/// The most time for an answer that is being written while the service ends.
const ENDING: Duration = Duration::from_secs(1);
/// The version of every answer.
const VERSION: &str = "HTTP/1.1";

/// What the requests of one connection share.
struct Conversation {
    site: Arc<Site>,
    door: Door,
    sink: ConnectionSink,
    /// Heads as written; none where the request is a line without a version.
    heads: Option<Arc<Mutex<Heads>>>,
    requests: AtomicU64,
    closing: AtomicBool,
    /// What it has of its address's share.
    place: Option<Arc<Place>>,
}

/// What became of a connection.
pub(crate) enum Served<S> {
    /// It is at its end, and why.
    Ended(Ending),
    /// It asked for a tunnel, and was told that it has it.
    Tunnel {
        /// What comes through it.
        stream: Replay<S>,
        /// Where it leads.
        to: Tunnel,
    },
}

/// What a connection is served with.
#[derive(Debug, Clone)]
pub(crate) struct Around {
    /// What answers requests.
    pub site: Arc<Site>,
    /// The connection's place in its address's share. It is told of each request and of the end of each answer.
    pub place: Option<Arc<Place>>,
    /// Where events go.
    pub sink: ConnectionSink,
    /// Is cancelled when the service ends.
    pub shutdown: CancellationToken,
}

/// Serves one connection to its end, and says why it ended. Every request is told as an event, and so is
/// what is found in it.
pub(crate) async fn serve<S>(around: &Around, stream: S, door: Door) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match run(around, stream, door, false).await {
        Served::Ended(reason) => reason,
        Served::Tunnel { .. } => Ending::other("a tunnel within another"),
    }
}

/// The same, where a client may ask for a tunnel, as it does of a proxy.
pub(crate) async fn serve_or_tunnel<S>(around: &Around, stream: S, door: Door) -> Served<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    run(around, stream, door, true).await
}

async fn run<S>(around: &Around, mut stream: S, door: Door, tunnels: bool) -> Served<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Around {
        site,
        place,
        sink,
        shutdown,
    } = around.clone();
    let mut conversation = Conversation {
        site,
        door,
        sink,
        heads: None,
        requests: AtomicU64::new(0),
        closing: AtomicBool::new(false),
        place,
    };
    let first = tokio::select! {
        first = first::read(&mut stream, door.service) => first,
        () = shutdown.cancelled() => return Served::Ended(Ending::Stopping),
    };
    Served::Ended(match first {
        Ok(First::Simple { request, target }) => {
            conversation.simple(&mut stream, request, target).await
        }
        Ok(First::Connect { head, target, rest }) => {
            let local = conversation.door.local;
            let to = proxy::tunnel(&target, local.ip(), local.port()).filter(|_| tunnels);
            match conversation
                .connect(&mut stream, head, target, to.is_some())
                .await
            {
                Ok(()) if let Some(to) = to => {
                    let stream = Replay::new(rest, stream);
                    return Served::Tunnel { stream, to };
                }
                Ok(()) => Ending::other("closed by nudge: it is no proxy"),
                Err(ending) => ending,
            }
        }
        Ok(First::Http(read)) => {
            let (tap, heads) = Tap::new(stream, read, conversation.place.as_deref());
            conversation.heads = Some(heads);
            serve_http1(Arc::new(conversation), tap, shutdown).await
        }
        Ok(First::Stranger(stranger)) => {
            let finding = Box::new(stranger.finding());
            conversation.sink.tell(EventKind::Finding(finding)).await;
            Ending::other(say!("{}", ours(stranger)))
        }
        Err(ending) => ending,
    })
}

async fn serve_http1<S>(
    conversation: Arc<Conversation>,
    tap: Tap<S>,
    shutdown: CancellationToken,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shared = conversation.clone();
    let service = hyper::service::service_fn(move |request| shared.clone().handle(request));
    let mut connection = pin!(
        hyper::server::conn::http1::Builder::new()
            .preserve_header_case(true)
            // A client may end its side once it has asked.
            .half_close(true)
            .auto_date_header(false)
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(tap), service)
    );
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(ENDING, connection).await;
            return Ending::Stopping;
        }
    };
    conversation.why(result).await
}

fn rested() -> Ending {
    let seconds = IDLE.as_secs();
    Ending::other(say!("it asked for nothing more for {seconds} s"))
}

impl Conversation {
    /// Answers one request. The event is told before the answer leaves, so a journal that is behind holds
    /// up this connection alone.
    async fn handle(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        if self.requests.fetch_add(1, Ordering::Relaxed) > 0 {
            // Many may have come in one piece, and others are to be answered between them.
            tokio::task::yield_now().await;
        }
        let response = self.exchange(request).await;
        if let Some(place) = &self.place {
            place.resting();
        }
        Ok(response)
    }

    /// The whole body. What has come of it counts while the rest is waited for.
    async fn read_body(
        &self,
        request: &Request,
        body: Incoming,
        mut holding: Option<Holding>,
    ) -> Result<Bytes, Box<Answer>> {
        let announced = body.size_hint().exact();
        let mut body = Limited::new(body, MAX_BODY);
        let mut all = BytesMut::new();
        let read = async {
            let mut told = false;
            loop {
                let next = match tokio::time::timeout(BODY_PAUSE, body.frame()).await {
                    Ok(next) => next,
                    Err(_) if told => body.frame().await,
                    Err(_) => {
                        told = true;
                        self.stands(request, &all, announced).await;
                        continue;
                    }
                };
                let Some(frame) = next else { break };
                if let Ok(data) = frame?.into_data() {
                    all.extend_from_slice(&data);
                    if let Some(holding) = &mut holding {
                        holding.set(all.capacity());
                    }
                }
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        };
        let refused = match tokio::time::timeout(BODY_TIME, read).await {
            Ok(Ok(())) => return Ok(all.freeze()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Refused::TooLarge,
            Ok(Err(error)) => Refused::Cut(error.to_string()),
            Err(_) => Refused::TooSlow,
        };
        // What has come of it shows a password too.
        self.learn(&exchange::as_body(&all)).await;
        Err(refused_body(refused))
    }

    /// Reports that nothing more of a body comes: some of it may be lost on the way.
    async fn stands(&self, request: &Request, body: &[u8], announced: Option<u64>) {
        let begin = format!("{} {}", request.method, to_text(request.path.as_bytes()));
        let begin = shortened(&begin, 120);
        let of = announced.map_or_else(Sentence::default, |all| say!(" of the {all}"));
        let come = body.len();
        let told = match announced.and_then(|_| root(body)) {
            // Nothing of it is missing.
            Some(root) => Finding::new(
                ServiceFinding::Unfinished,
                Detail::BodyLength,
                format!(
                    "the Content-Length of {begin} is greater than its body: {come}{of:#} bytes have come, they end with </{root}>, the end of the whole, and nudge waits for the rest"
                ),
            ),
            None => Finding::new(
                ServiceFinding::Unfinished,
                begin.clone(),
                say!(
                    "{come}{of:#} bytes of the body of {begin} have come, and nudge waits for the rest: the Content-Length is more than was sent, or larger packets are lost on the way (an MTU, a firewall)"
                ),
            ),
        };
        self.sink.tell(EventKind::Finding(Box::new(told))).await;
    }

    async fn exchange(&self, request: hyper::Request<Incoming>) -> Response<Body> {
        let version = request.version();
        let written = self.heads.as_ref().and_then(|heads| heads.lock().next());
        // Before anything is told of it: a request that is refused shows its password all the same.
        if let Some(head) = &written {
            self.learn(head).await;
        }
        let (parts, body) = request.into_parts();
        let host = parts
            .headers
            .get("host")
            .map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned())
            .or_else(|| parts.uri.authority().map(|host| host.to_string()));
        let mut request = Request {
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            path: parts.uri.path().to_owned(),
            host,
            headers: parts.headers,
            body: Bytes::new(),
            service: self.door.service,
            secure: self.door.secure,
            peer: self.door.peer.ip(),
            local: self.door.local.ip(),
        };
        let too_large = body.size_hint().lower() > MAX_BODY as u64;
        let body = if too_large {
            Err(refused_body(Refused::TooLarge))
        } else {
            let holding = self.place.as_ref().map(|place| place.holding());
            self.read_body(&request, body, holding).await
        };
        self.settled();
        let (mut answer, duration) = match body {
            Ok(body) => {
                // A long one is answered in its turn, and what it shows is taken there.
                if body.len() < LONG {
                    self.learn(&exchange::as_body(&body)).await;
                }
                request.body = body;
                let answer;
                (request, answer) = self.answer(request).await;
                answer
            }
            Err(answer) => (*answer, Duration::ZERO),
        };
        if !answer.wait.is_zero() {
            tokio::time::sleep(answer.wait).await;
        }
        self.closing.store(answer.close, Ordering::Relaxed);
        // hyper would write the Connection header itself, and then it would not be in the event.
        let old = version == Version::HTTP_10;
        let stays = !old || connection_asks(&request, "keep-alive");
        answer.close |= !stays || connection_asks(&request, "close");
        if old && !answer.close {
            answer = answer.header("Connection", "keep-alive");
        }
        let head = written.map(|head| head.to_vec()).unwrap_or_default();
        let headers = answer.headers();
        if let Some(heads) = self.heads.as_ref().filter(|_| old) {
            heads.lock().answer_as_newer();
        }
        let mut response = answer.to_response(&headers, answer.body.clone());
        self.site.case.apply(&mut response);
        self.tell(Exchange {
            request,
            head,
            answer,
            duration,
            version: VERSION,
            headers,
        })
        .await;
        response
    }

    /// Works out the answer; a long one, or one to a long request, in its turn.
    async fn answer(&self, request: Request) -> (Request, (Answer, Duration)) {
        if gateway::is_for(&request) {
            let start = std::time::Instant::now();
            let Door { peer, local, .. } = self.door;
            let answer = match route::gate(&self.site, &request) {
                // Many clients write the whole URI to the gateway whether a proxy is set or not: that is no finding.
                Ok(_) => self.site.gateway.answer(&request, peer, local).await,
                Err(refused) => *refused,
            };
            return (request, (answer, start.elapsed()));
        }
        let length = match route::is_long(&self.site, &request) {
            true => usize::MAX,
            false => request.body.len(),
        };
        let answer = self.site.turns.take(length).await.work(|| {
            let start = std::time::Instant::now();
            let answer = route::answer(&self.site, &request);
            (answer, start.elapsed())
        });
        (request, answer)
    }

    /// Tells of an exchange, then of what was found in it. The answer is copied when there is room for the event.
    async fn tell(&self, exchange: Exchange) {
        let length = exchange.length();
        let room = self.sink.room_of(length).await;
        let turn = self.site.turns.take(length).await;
        let (findings, client) = turn.work(|| exchange::tell(&self.sink, room, exchange));
        let sink = self.sink.of(client);
        for finding in findings {
            sink.tell(EventKind::Finding(Box::new(finding))).await;
        }
    }

    /// Takes the passwords of a head, or of a body (`exchange::as_body`), so that they are secret in all that is told from
    /// here on. Where one is new this takes its turn: what finds them is built anew.
    async fn learn(&self, bytes: &[u8]) {
        let (known, from) = (self.sink.known(), self.door.peer.ip());
        let passwords = exchange::passwords(bytes);
        if known.lacks(from, &passwords) {
            let turn = self.site.turns.take(usize::MAX).await;
            turn.work(|| known.written(from, &passwords));
        }
    }

    fn settled(&self) {
        if let Some(place) = &self.place {
            place.settled();
        }
    }

    /// Answers a request that has neither version nor headers, in full HTTP/1.1.
    async fn simple(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        read: Bytes,
        target: String,
    ) -> Ending {
        let path = target.split('?').next().unwrap_or_default().to_owned();
        let request = self.bare("GET", target, path);
        self.settled();
        let start = std::time::Instant::now();
        let mut answer = route::answer(&self.site, &request);
        let duration = start.elapsed();
        answer.close = true;
        let headers = answer.headers();
        let exchange = Exchange {
            request,
            head: read.to_vec(),
            answer,
            duration,
            version: VERSION,
            headers,
        };
        let bytes = exchange.response();
        self.tell(exchange).await;
        match write(stream, &bytes, true).await {
            Ok(()) => Ending::other("closed by nudge: the request had no HTTP version"),
            Err(ending) => ending,
        }
    }

    /// Answers a request for a tunnel.
    async fn connect(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        head: Bytes,
        target: String,
        here: bool,
    ) -> Result<(), Ending> {
        self.settled();
        let (answer, headers) = if here {
            let answer =
                Answer::new(HttpAction::Proxy, StatusCode::OK).finding(proxy::found(&target, true));
            // There is no body, so nothing may say how long it is.
            let mut headers = answer.headers();
            headers.retain(|(name, _)| matches!(*name, "Server" | "Date"));
            (answer, headers)
        } else {
            let answer = proxy::refusal(&target);
            let headers = answer.headers();
            (answer, headers)
        };
        let exchange = Exchange {
            request: self.bare("CONNECT", target, String::new()),
            head: head.to_vec(),
            answer,
            duration: Duration::ZERO,
            version: VERSION,
            headers,
        };
        let bytes = exchange.response();
        self.tell(exchange).await;
        write(stream, &bytes, !here).await
    }

    /// A request that hyper did not read.
    fn bare(&self, method: &str, target: String, path: String) -> Request {
        Request {
            method: method.to_owned(),
            target,
            path,
            host: None,
            headers: hyper::HeaderMap::new(),
            body: Bytes::new(),
            service: self.door.service,
            secure: self.door.secure,
            peer: self.door.peer.ip(),
            local: self.door.local.ip(),
        }
    }

    /// Why hyper is done with the connection; what it could not read is a finding.
    async fn why(&self, result: hyper::Result<()>) -> Ending {
        let (eof, beginning) = match &self.heads {
            Some(heads) => {
                let (eof, unread) = {
                    let heads = heads.lock();
                    (heads.eof, heads.unread().to_vec())
                };
                self.learn(&unread).await;
                let most = unread.len().min(BEGINNING);
                (eof, unread[..most].to_vec())
            }
            None => (false, Vec::new()),
        };
        let error = match result {
            Ok(()) if self.closing.load(Ordering::Relaxed) => {
                return Ending::other("closed by nudge after its answer");
            }
            Ok(()) if eof => return Ending::other("closed by the client"),
            Ok(()) if self.requests.load(Ordering::Relaxed) > 0 => {
                return Ending::other("closed after the last answer");
            }
            Ok(()) => return rested(),
            Err(error) => error,
        };
        let (id, reason) = if error.is_parse() {
            (
                ServiceFinding::HttpMalformed,
                say!("not understood as HTTP: {}", ours(error)),
            )
        } else if error.is_timeout() {
            (
                ServiceFinding::HttpTimeout,
                say!("no whole request within {} s", IDLE.as_secs()),
            )
        } else if error.is_incomplete_message() {
            (
                ServiceFinding::HttpCut,
                "closed by the client in the middle of a request".into(),
            )
        } else {
            return Ending::other(say!("broken: {}", ours(error)));
        };
        let text = if beginning.is_empty() {
            say!("The connection ended: {reason:#}.")
        } else {
            let beginning = exchange::masked(beginning, &[]);
            let begins = to_text(&beginning.shown(false));
            say!("The connection ended: {reason:#}. The request begins: {begins}")
        };
        let told = Finding::new(id, Detail::UnreadRequest, text);
        self.sink.tell(EventKind::Finding(Box::new(told))).await;
        Ending::Other(reason)
    }
}

/// Writes an answer that hyper does not write.
async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    close: bool,
) -> Result<(), Ending> {
    let write = async {
        stream.write_all(bytes).await?;
        stream.flush().await?;
        match close {
            true => stream.shutdown().await,
            false => Ok(()),
        }
    };
    match tokio::time::timeout(super::tap::WRITE_STALL, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Ending::other(say!("writing failed: {}", ours(error)))),
        Err(_) => Err(Ending::other("the client does not read its answer")),
    }
}

/// Whether the client's word on the connection is this.
fn connection_asks(request: &Request, wanted: &str) -> bool {
    request.header("connection").is_some_and(|value| {
        value
            .split(',')
            .any(|word| word.trim().eq_ignore_ascii_case(wanted))
    })
}
