//! The HTTP gateway, `/gateway/gateway.dll`: MSNP in the bodies of HTTP requests, for clients behind a proxy or where port
//! 1863 is shut.
//!
//! `Action=open` begins a session with the notification service (`Server=NS`) or the switchboard (`Server=SB`). Every
//! further request names it by `SessionID`, and has commands in its body, or `Action=poll` and no body. What the service
//! has to say comes in the answer's body. A session is one connection at the door of its service like any other: it has
//! the client's address, its share, its events.
//!
//! A session is not to be stolen: its id is a random number that nobody else sees, it is good for one request, each
//! answer has the next one, and it is good from the address alone that opened the session. There are at most
//! [`Gateway::MOST`] of them; one more ends the one that was asked for longest ago of the address that has most. No time
//! ends one, since the client may be stopped in a debugger.

use crate::event::{Finding, HttpAction, Sentence, Service, ServiceFinding, ours, say};
use crate::msnp::{Direction, dictionary};
use crate::server::http::message::{Answer, Request};
use bytes::Bytes;
use hyper::StatusCode;
use parking_lot::Mutex;
use ring::rand::{SecureRandom as _, SystemRandom};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

/// Its path, in lower case.
const PATH: &str = "/gateway/gateway.dll";
const TYPE: &str = "application/x-msn-messenger";
/// The most bytes of one answer.
const MOST_BYTES: usize = 64 * 1024;
/// How long to wait for the answer to commands, and how long for more once some has come.
const FIRST: Duration = Duration::from_secs(2);
const QUIET: Duration = Duration::from_millis(40);
/// The longest that a poll may ask to wait.
const LONGEST: Duration = Duration::from_secs(30);
/// How long the service may take to read a request's commands.
const TAKEN: Duration = Duration::from_secs(30);

/// Takes up one end of a connection as if it had come to the door of this service, from the first address to the second.
pub type Open = dyn Fn(Service, TcpStream, SocketAddr, SocketAddr) + Send + Sync;

/// The sessions.
#[derive(Default)]
pub struct Gateway {
    open: OnceLock<Box<Open>>,
    sessions: Mutex<Sessions>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sessions = self.sessions.lock().held.len();
        f.debug_struct("Gateway")
            .field("sessions", &sessions)
            .finish_non_exhaustive()
    }
}

/// In the order of their last requests, the latest last.
#[derive(Default)]
struct Sessions {
    held: Vec<Held>,
}

impl Sessions {
    /// Ends the one that was asked for longest ago, of the address that has most of them.
    fn make_room(&mut self) {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for held in &self.held {
            *counts.entry(held.owner).or_default() += 1;
        }
        let most = counts.values().max().copied();
        let of_most = |held: &Held| counts.get(&held.owner).copied() == most;
        if let Some(at) = self.held.iter().position(of_most) {
            self.held.remove(at);
        }
    }
}

struct Held {
    /// The part of the id that stays.
    number: String,
    /// The part of the id that is good for one request.
    once: String,
    owner: IpAddr,
    /// Not there while a request has it.
    session: Option<Session>,
}

struct Session {
    stream: TcpStream,
}

/// Why a request does not get the session that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("there is no such session; it may have ended")]
    Unknown,
    #[error(
        "that SessionID was used already: each is good for one request, and the answer has the next"
    )]
    Replayed,
    #[error("another address opened that session")]
    Stolen,
    #[error("another request of that session is not answered yet")]
    Busy,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Open {
        /// Notification or switchboard; nothing where it is neither.
        service: Option<Service>,
    },
    Session {
        number: String,
        once: String,
        /// How long to wait for something to say; `None` where commands are brought.
        poll: Option<Duration>,
    },
    Nothing,
}

impl Asked {
    fn of(target: &str) -> Self {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let value = |name: &str| {
            query.split('&').find_map(|pair| {
                let (key, value) = pair.split_once('=')?;
                key.eq_ignore_ascii_case(name).then_some(value)
            })
        };
        let action = value("Action").unwrap_or_default();
        if action.eq_ignore_ascii_case("open") {
            let service = match value("Server").map(str::to_ascii_uppercase).as_deref() {
                None | Some("NS") => Some(Service::Notification),
                Some("SB") => Some(Service::Switchboard),
                Some(_) => None,
            };
            return Asked::Open { service };
        }
        let Some((number, once)) = value("SessionID").and_then(|id| id.split_once('.')) else {
            return Asked::Nothing;
        };
        let seconds = value("Lifespan").and_then(|seconds| seconds.parse().ok());
        let wait = Duration::from_secs(seconds.unwrap_or_default()).min(LONGEST);
        Asked::Session {
            number: number.to_owned(),
            once: once.to_owned(),
            poll: action.eq_ignore_ascii_case("poll").then_some(wait),
        }
    }
}

/// Whether a request is for the gateway.
pub(crate) fn is_for(request: &Request) -> bool {
    let path = request.path.trim_start_matches('/');
    path.eq_ignore_ascii_case(&PATH[1..])
}

impl Gateway {
    /// The most sessions.
    pub const MOST: usize = 128;

    /// Says who takes up connections. Until then no session can be opened.
    pub fn serve_with(&self, open: Box<Open>) {
        let _ = self.open.set(open);
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        self.sessions.lock().held.len()
    }

    /// Answers a request that came from `peer` and reached us at `local`.
    pub(crate) async fn answer(
        &self,
        request: &Request,
        peer: SocketAddr,
        local: SocketAddr,
    ) -> Answer {
        if request.method != "POST" {
            let why = say!("it is {}, and each of them is a POST", request.method);
            let mut answer = refused(why).header("Allow", "POST");
            answer.status = StatusCode::METHOD_NOT_ALLOWED;
            return answer;
        }
        let owner = peer.ip();
        let (number, session, wait) = match Asked::of(&request.target) {
            Asked::Nothing => {
                return refused("the request has neither Action=open nor a SessionID");
            }
            Asked::Open { service: None } => {
                return refused("only Server=NS and Server=SB are served over the gateway");
            }
            Asked::Open {
                service: Some(service),
            } => match self.begin(service, peer, local).await {
                Ok(session) => (self.hold(owner), session, None),
                Err(error) => {
                    let why = say!("no session can be opened: {}", ours(error));
                    let mut answer = refused(why);
                    answer.status = StatusCode::SERVICE_UNAVAILABLE;
                    return answer;
                }
            },
            Asked::Session { number, once, poll } => match self.take(&number, &once, owner) {
                Ok(session) => (number, session, poll),
                Err(why) => return refused(say!("{}", ours(why))),
            },
        };
        // If the request ends before its answer, the session ends too: what was taken for the answer cannot be had
        // again.
        let turn = Turn {
            gateway: self,
            number: Some(number),
        };
        turn.talk(session, request, wait).await
    }

    /// A connection to this service from this client.
    async fn begin(
        &self,
        service: Service,
        peer: SocketAddr,
        local: SocketAddr,
    ) -> io::Result<Session> {
        let open = self.open.get().ok_or(io::ErrorKind::NotConnected)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (near, (far, from)) = (near?, far?);
        // Somebody else on this machine may have been quicker.
        if from != near.local_addr()? {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        near.set_nodelay(true)?;
        open(service, far, peer, local);
        Ok(Session { stream: near })
    }

    /// Keeps room for a new session, and gives back its number.
    fn hold(&self, owner: IpAddr) -> String {
        let number = digits(20);
        let mut sessions = self.sessions.lock();
        if sessions.held.len() >= Self::MOST {
            sessions.make_room();
        }
        sessions.held.push(Held {
            number: number.clone(),
            once: String::new(),
            owner,
            session: None,
        });
        number
    }

    /// Takes a session for one request.
    fn take(&self, number: &str, once: &str, owner: IpAddr) -> Result<Session, Refused> {
        let mut sessions = self.sessions.lock();
        let at = sessions.held.iter().position(|held| held.number == number);
        let mut held = sessions.held.remove(at.ok_or(Refused::Unknown)?);
        let taken = if held.owner != owner {
            Err(Refused::Stolen)
        } else if held.once != once || once.is_empty() {
            Err(match held.session {
                Some(_) => Refused::Replayed,
                None => Refused::Busy,
            })
        } else {
            held.once.clear();
            held.session.take().ok_or(Refused::Busy)
        };
        // One that is refused does not keep a session alive.
        match taken {
            Ok(_) => sessions.held.push(held),
            Err(_) => sessions.held.insert(at.unwrap_or_default(), held),
        }
        taken
    }

    /// Gives a session back, with the next part of its id; none where it was ended to make room.
    fn give(&self, number: &str, session: Session) -> Option<String> {
        let once = digits(10);
        let mut sessions = self.sessions.lock();
        let held = sessions
            .held
            .iter_mut()
            .find(|held| held.number == number)?;
        held.once.clone_from(&once);
        held.session = Some(session);
        Some(once)
    }

    fn end(&self, number: &str) {
        self.sessions
            .lock()
            .held
            .retain(|held| held.number != number);
    }
}

/// The time in which one request has a session.
struct Turn<'a> {
    gateway: &'a Gateway,
    number: Option<String>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(number) = &self.number {
            self.gateway.end(number);
        }
    }
}

impl Turn<'_> {
    async fn talk(
        mut self,
        mut session: Session,
        request: &Request,
        wait: Option<Duration>,
    ) -> Answer {
        let said = exchange(&mut session.stream, &request.body, wait).await;
        let (bytes, open) = match said {
            Ok(said) => said,
            Err(error) => (Vec::new(), error.kind() == io::ErrorKind::WouldBlock),
        };
        let number = self.number.take().unwrap_or_default();
        let next = open.then(|| self.gateway.give(&number, session)).flatten();
        if next.is_none() {
            self.gateway.end(&number);
        }
        let mut id = format!(
            "SessionID={number}.{}; GW-IP={}",
            next.as_deref().unwrap_or("0"),
            request.local
        );
        if next.is_none() {
            id.push_str("; Session=close");
        }
        let host = request.host_name();
        let brought = secrets(Direction::In, &request.body);
        let hidden = brought.chain(secrets(Direction::Out, &bytes)).collect();
        let mut answer = Answer::new(HttpAction::Gateway, StatusCode::OK)
            .header("X-MSN-Messenger", id)
            .header("X-MSN-Host", host)
            .body(TYPE, bytes);
        answer.secrets = hidden;
        answer
    }
}

/// Brings commands, and waits for what the service has to say. Whether the connection is still open.
async fn exchange(
    stream: &mut TcpStream,
    commands: &Bytes,
    wait: Option<Duration>,
) -> io::Result<(Vec<u8>, bool)> {
    let (mut reader, mut writer) = stream.split();
    let (mut out, mut at) = (Vec::new(), 0);
    let begun = Instant::now();
    let mut until = begun + wait.unwrap_or(if commands.is_empty() { QUIET } else { FIRST });
    until = until.max(begun + QUIET);
    loop {
        let writing = at < commands.len();
        let room = out.len() < MOST_BYTES;
        // All of it must be taken, however long the answer is; what is read meanwhile is kept.
        let limit = if writing { begun + TAKEN } else { until };
        if !writing && !room {
            return Ok((out, true));
        }
        tokio::select! {
            biased;
            read = reader.read_buf(&mut out), if room || writing => match read? {
                0 => return Ok((out, false)),
                _ => until = Instant::now() + QUIET,
            },
            written = writer.write(&commands[at..]), if writing => {
                at += written?;
            }
            () = sleep_until(limit) => return Ok((out, !writing)),
        }
    }
}

/// So many random decimal digits.
fn digits(count: usize) -> String {
    let mut bytes = vec![0; count];
    // This cannot fail where the service has started: tickets need random numbers first.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(b'0' + byte % 10))
        .collect()
}

/// What is secret in these lines: tickets, proofs and cookies.
fn secrets(direction: Direction, said: &[u8]) -> impl Iterator<Item = String> {
    let lines = said.split(|byte| *byte == b'\n');
    lines.flat_map(move |line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let found = dictionary::secrets(direction, line).into_iter();
        found.map(|at| String::from_utf8_lossy(&line[at]).into_owned())
    })
}

fn refused(why: impl Into<Sentence>) -> Answer {
    let why = why.into();
    let told: Finding = Finding::new(
        ServiceFinding::GatewaySession,
        "SessionID",
        say!("A request to the HTTP gateway was refused: {why:#}."),
    );
    let mut answer = Answer::new(HttpAction::Gateway, StatusCode::BAD_REQUEST).finding(told);
    answer.close = true;
    answer
}

#[cfg(test)]
mod tests;
