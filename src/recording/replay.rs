//! A recorded client's side played against a live server: what was recorded is sent again, and the answers are
//! compared with those of the recording.

use super::compare::{Comparison, compare};
use super::message::{Message, with_true_length};
use super::normal::steps;
use super::takeover::{Takeover, shown_ticket};
use super::web::{self, Web};
use crate::event::{Event, EventKind, FrameEvent, HttpExchange, Masked, Secrets, Timestamp};
use crate::msnp::{Decoder, Direction, Frame, dictionary};
use crate::recording::conversation::Conversation;
use bytes::BytesMut;
use memchr::memmem;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// How it is played.
#[derive(Debug, Clone)]
pub struct Options {
    /// Host and port of the notification service.
    pub notification: String,
    /// Where the recorded web requests are sent; without it they are left out.
    pub web: Option<Web>,
    /// A ticket that the server takes, in place of the recorded one.
    pub ticket: Option<String>,
    /// How long to wait for an answer that the recording has.
    pub patience: Duration,
}

/// Why a replay could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No connection.
    #[error("{notification}: {error}")]
    Connect {
        /// To what.
        notification: String,
        /// Why.
        error: io::Error,
    },
    /// The recorded client sent nothing on its notification connection.
    #[error("client {0} sent nothing that could be played")]
    Nothing(crate::event::ClientId),
}

/// What came of it.
#[derive(Debug)]
pub struct Replayed {
    /// The recording and the live server, side by side.
    pub comparison: Comparison,
    /// What happened that is no answer: a connection that closed, a request that failed.
    pub notes: Vec<String>,
}

/// Plays this client's sign-in. Blocks until it is over.
///
/// Before each line it waits until the server has answered as much as the recording has answers up to there, or
/// until patience ends; then it goes on all the same, and what did not come is a difference.
///
/// # Errors
/// [`ReplayError`] where it could not begin.
pub fn replay(conversation: &Conversation, options: &Options) -> Result<Replayed, ReplayError> {
    let recorded = conversation.sign_in();
    let sends =
        |event: &Event| matches!(&event.kind, EventKind::Frame(f) if f.direction == Direction::In);
    if !recorded.iter().any(sends) {
        return Err(ReplayError::Nothing(conversation.client));
    }
    let mut live = Live::connect(options).map_err(|error| ReplayError::Connect {
        notification: options.notification.clone(),
        error,
    })?;
    if let Some(ticket) = &options.ticket {
        let shown = recorded.iter().find_map(|event| match &event.kind {
            EventKind::Frame(told) if told.direction == Direction::In => shown_ticket(&told.frame),
            _ => None,
        });
        if let Some(shown) = shown {
            live.takeover.ticket(shown, ticket.as_bytes());
        }
    }
    let mut left_out = 0;
    for event in recorded {
        match &event.kind {
            EventKind::Frame(told) if told.direction == Direction::In => {
                live.wait();
                live.send(told);
            }
            EventKind::Frame(told) => live.due.push(told.frame.clone()),
            EventKind::Http(http) => match options.web {
                Some(web) => {
                    live.wait();
                    live.exchange(web, http);
                }
                None => left_out += 1,
            },
            _ => {}
        }
    }
    live.wait();
    if left_out > 0 {
        live.notes.push(format!(
            "{left_out} web requests were left out: --https or --http says where they go"
        ));
    }
    let compared = |event: &&Event| match &event.kind {
        EventKind::Frame(_) => true,
        EventKind::Http(_) => options.web.is_some(),
        _ => false,
    };
    let recorded: Vec<Event> = recorded.iter().filter(compared).cloned().collect();
    Ok(Replayed {
        comparison: compare(&steps(&recorded), &steps(&live.events)),
        notes: live.notes,
    })
}

/// The live side.
struct Live {
    stream: TcpStream,
    patience: Duration,
    buffer: BytesMut,
    decoder: Decoder,
    takeover: Takeover,
    /// The recorded answers up to here.
    due: Vec<Frame>,
    /// How many live answers have come.
    come: usize,
    /// How many of the due ones are no longer waited for.
    given_up: usize,
    /// What was sent and came, as a recording would have it.
    events: Vec<Event>,
    notes: Vec<String>,
    over: bool,
}

impl Live {
    fn connect(options: &Options) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in options.notification.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, options.patience) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_write_timeout(Some(options.patience))?;
                    return Ok(Self {
                        stream,
                        patience: options.patience,
                        buffer: BytesMut::new(),
                        decoder: Decoder::new(Direction::Out),
                        takeover: Takeover::default(),
                        due: Vec::new(),
                        come: 0,
                        given_up: 0,
                        events: Vec::new(),
                        notes: Vec::new(),
                        over: false,
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Ends the connection, for a reason that the report has.
    fn end(&mut self, note: String) {
        self.over = true;
        self.notes.push(note);
    }

    /// Waits until as many answers have come as are due, or patience ends.
    fn wait(&mut self) {
        let until = Instant::now() + self.patience;
        while !self.over && self.come + self.given_up < self.due.len() {
            self.frames();
            if self.over || self.come + self.given_up >= self.due.len() {
                break;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // It is not waited for again.
                self.given_up = self.due.len() - self.come;
                break;
            }
            let mut piece = [0; 16 * 1024];
            let read = self
                .stream
                .set_read_timeout(Some(left))
                .and_then(|()| self.stream.read(&mut piece));
            match read {
                Ok(0) => self.end("the server closed the connection".into()),
                Ok(n) => self.buffer.extend_from_slice(&piece[..n]),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock
                            | io::ErrorKind::TimedOut
                            | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => self.end(format!("the connection ended: {error}")),
            }
        }
        self.frames();
    }

    /// Takes every frame that has come whole.
    fn frames(&mut self) {
        loop {
            match self.decoder.next(&mut self.buffer, self.takeover.dialect()) {
                Ok(Some(frame)) => {
                    self.takeover.answer(&frame, self.due.get(self.come));
                    self.come += 1;
                    self.told(Direction::Out, frame, Secrets::default());
                }
                Ok(None) => return,
                Err(error) => {
                    return self.end(format!("what the server sent cannot be read: {error}"));
                }
            }
        }
    }

    fn send(&mut self, recorded: &FrameEvent) {
        if self.over {
            return;
        }
        let wire = self.takeover.line(&recorded.frame);
        if let Err(error) = self.stream.write_all(&wire) {
            return self.end(format!("the connection ended: {error}"));
        }
        // The ticket, known or not: the dictionary knows where one stands.
        let frame = Frame::from_wire(wire.into());
        let line = dictionary::secrets(Direction::In, frame.line());
        let mut secret = self.secret_in(frame.wire()).0;
        secret.extend(line.into_iter().map(|r| r.start as u32..r.end as u32));
        self.told(Direction::In, frame, ordered(secret));
    }

    fn told(&mut self, direction: Direction, frame: Frame, secrets: Secrets) {
        self.event(EventKind::Frame(FrameEvent {
            direction,
            frame,
            secrets,
            injected: false,
        }));
    }

    fn event(&mut self, kind: EventKind) {
        self.events.push(Event {
            time: Timestamp(self.events.len() as u64),
            connection: None,
            client: None,
            kind,
        });
    }

    fn exchange(&mut self, web: Web, recorded: &HttpExchange) {
        let request = self.takeover.request(&recorded.request.bytes);
        let request = with_true_length(&request, false);
        let began = Instant::now();
        let response = match web::exchange(web, &request, self.patience) {
            Ok(response) => response,
            Err(error) => {
                let (method, target) = (&recorded.method, &recorded.target);
                return self.notes.push(format!("{method} {target}: {error}"));
            }
        };
        self.takeover.exchange(&response, &recorded.response.bytes);
        let status = Message::new(&response).word(1).parse().unwrap_or(0);
        let masked = |live: &Self, bytes: Vec<u8>, recorded: &Masked| Masked {
            // What is the same as recorded has the same secrets.
            secrets: if bytes == recorded.bytes {
                recorded.secrets.clone()
            } else {
                live.secret_in(&bytes)
            },
            bytes: bytes.into(),
        };
        let exchange = HttpExchange {
            status,
            request: self.with_passwords(masked(self, request, &recorded.request), recorded),
            response: masked(self, response, &recorded.response),
            duration: began.elapsed(),
            ..recorded.clone()
        };
        self.event(EventKind::Http(Box::new(exchange)));
    }

    /// Where the live tickets stand.
    fn secret_in(&self, bytes: &[u8]) -> Secrets {
        let tickets = self.takeover.secrets();
        ordered(tickets.flat_map(|ticket| found(bytes, &ticket)).collect())
    }

    /// Marks what the recording holds secret in its request, wherever it is in the live one: the password.
    fn with_passwords(&self, mut request: Masked, recorded: &HttpExchange) -> Masked {
        let old = &recorded.request;
        let known = old
            .secrets
            .0
            .iter()
            .filter_map(|range| old.bytes.get(range.start as usize..range.end as usize));
        let mut all: Vec<_> = known
            .flat_map(|secret| found(&request.bytes, secret))
            .collect();
        all.extend(request.secrets.0);
        request.secrets = ordered(all);
        request
    }
}

fn found(bytes: &[u8], secret: &[u8]) -> Vec<std::ops::Range<u32>> {
    if secret.is_empty() {
        return Vec::new();
    }
    memmem::find_iter(bytes, secret)
        .map(|at| at as u32..(at + secret.len()) as u32)
        .collect()
}

fn ordered(mut ranges: Vec<std::ops::Range<u32>>) -> Secrets {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<std::ops::Range<u32>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    Secrets(joined)
}
