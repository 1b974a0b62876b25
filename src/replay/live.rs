//! The live side of a replay: the connection to the server, what was sent over it and what came.

use super::due::Due;
use super::options::Options;
use super::referral::{host_and_port, referral};
use super::takeover::Takeover;
use super::web::{self, Web};
use crate::event::{Event, EventKind, FrameEvent, HttpExchange, Masked, Secrets, Timestamp};
use crate::msnp::escape::to_screen;
use crate::msnp::{Decoder, Direction, Frame, dictionary};
use crate::recording::message::{Message, with_true_length};
use bytes::BytesMut;
use memchr::memmem;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// How often a server may send us on before that is what is wrong.
const MOST_REFERRALS: usize = 4;
/// What is kept of what the server said, in bytes, and of what each line takes beside its own.
const MOST_BYTES: usize = 32 * 1024 * 1024;
const A_LINE: usize = 256;
/// How long is waited for what the recorded server said of its own accord, once the live one has not; and how often
/// before it is not waited for any more.
const BRIEFLY: Duration = Duration::from_millis(250);
const MOST_BRIEFLY: usize = 8;
/// The rest is not played after this many waits in a row in which no answer came.
const MOST_SILENCE: usize = 3;

/// The live side.
pub(super) struct Live {
    stream: TcpStream,
    /// The addresses that we have been at, this one last.
    been: Vec<SocketAddr>,
    patience: Duration,
    buffer: BytesMut,
    decoder: Decoder,
    pub takeover: Takeover,
    /// The recorded answers up to here.
    pub due: Due,
    /// What was sent and came, as a recording would have it.
    pub events: Vec<Event>,
    bytes: usize,
    pub notes: Vec<String>,
    over: bool,
    /// How often it did not say of its own accord what the recorded one did.
    kept_to_itself: usize,
    /// How many waits in a row nothing came.
    silence: usize,
    /// `USR OK` has come: from here on nobody is sent on.
    signed_in: bool,
    signed_out: bool,
    /// Where the server sends us on to, as it said it.
    sent_on: Option<Vec<u8>>,
}

fn connect(host: impl ToSocketAddrs, patience: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in host.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(patience))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Live {
    pub fn connect(options: &Options) -> io::Result<Self> {
        let stream = connect(options.notification.as_str(), options.patience)?;
        Ok(Self {
            been: vec![stream.peer_addr()?],
            stream,
            patience: options.patience,
            buffer: BytesMut::new(),
            decoder: Decoder::new(Direction::Out),
            takeover: Takeover::default(),
            due: Due::default(),
            events: Vec::new(),
            bytes: 0,
            notes: Vec::new(),
            over: false,
            kept_to_itself: 0,
            silence: 0,
            signed_in: false,
            signed_out: false,
            sent_on: None,
        })
    }

    /// Whether nothing more can be said.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Ends the connection, for a reason that the report has.
    fn end(&mut self, note: String) {
        self.over = true;
        self.notes.push(note);
    }

    /// Whether the server has sent us on, and we are there now: all is to be said again from the first line. Where
    /// it does so for ever, or names nothing that can be reached, the connection is over.
    pub fn is_sent_on(&mut self) -> bool {
        let Some(named) = self.sent_on.take() else {
            return false;
        };
        let shown = to_screen(&named);
        let Some((host, port)) = host_and_port(&named) else {
            self.end(format!(
                "the server sent us on (XFR) to \"{shown}\", which is no host and port"
            ));
            return false;
        };
        if self.been.len() > MOST_REFERRALS {
            let circle = self.been.iter().enumerate();
            let circle = circle.rev().any(|(at, a)| self.been[..at].contains(a));
            let circle = if circle { "; it goes in a circle" } else { "" };
            self.end(format!(
                "the server sent us on (XFR) to {shown} after {MOST_REFERRALS} times before: not followed any further{circle}"
            ));
            return false;
        }
        let arrived = connect((host.as_str(), port), self.patience)
            .and_then(|stream| Ok((stream.peer_addr()?, stream)));
        match arrived {
            Ok((address, stream)) => {
                self.notes.push(format!(
                    "the server sent us on (XFR) to {shown}: followed to {address}, and all is said there again from VER on, tickets too; what is compared is what is said there"
                ));
                self.been.push(address);
                self.stream = stream;
                self.begin_again();
                true
            }
            Err(error) => {
                self.end(format!(
                    "the server sent us on (XFR) to {shown}, which cannot be reached: {error}"
                ));
                false
            }
        }
    }

    fn begin_again(&mut self) {
        self.buffer.clear();
        self.decoder = Decoder::new(Direction::Out);
        self.takeover.hung_up();
        self.due = Due::default();
        self.silence = 0;
        self.events
            .retain(|event| !matches!(event.kind, EventKind::Frame(_)));
    }

    /// Waits until all has come that is due, or patience ends.
    pub fn wait(&mut self) {
        let began = Instant::now();
        let before = self.events.len();
        self.frames();
        while !self.over && self.sent_on.is_none() && !self.due.is_empty() {
            let answers = self.due.has_answer();
            let patience = match self.kept_to_itself {
                _ if answers => self.patience,
                0 => self.patience,
                1..MOST_BRIEFLY => self.patience.min(BRIEFLY),
                _ => Duration::ZERO,
            };
            let left = patience.saturating_sub(began.elapsed());
            if left.is_zero() {
                self.kept_to_itself += usize::from(!answers);
                self.due.give_up();
                self.silence += usize::from(answers && self.events.len() == before);
                break;
            }
            self.read(left);
            self.frames();
        }
        if self.events.len() > before {
            self.silence = 0;
        }
        if self.silence >= MOST_SILENCE && !self.over {
            self.end(format!(
                "the server said nothing while {MOST_SILENCE} answers in a row were awaited: the rest was not played"
            ));
        }
    }

    /// After the client's `OUT`: waits until the server has closed the connection, or patience ends.
    pub fn farewell(&mut self) {
        let until = Instant::now() + self.patience;
        while self.signed_out && !self.over {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.end("the server did not close the connection after OUT".into());
            } else {
                self.read(left);
                self.frames();
            }
        }
    }

    fn read(&mut self, patience: Duration) {
        let mut piece = [0; 16 * 1024];
        let read = self
            .stream
            .set_read_timeout(Some(patience))
            .and_then(|()| self.stream.read(&mut piece));
        match read {
            // What is asked of it after OUT.
            Ok(0) if self.signed_out && self.due.is_empty() => self.over = true,
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

    /// Takes every frame that has come whole, up to one that sends us on.
    fn frames(&mut self) {
        while !self.is_full() && self.sent_on.is_none() {
            match self.decoder.next(&mut self.buffer) {
                Ok(Some(frame)) => self.frame(frame),
                Ok(None) => return,
                Err(error) => {
                    if !self.over {
                        self.end(format!("what the server sent cannot be read: {error}"));
                    }
                    return;
                }
            }
        }
    }

    fn frame(&mut self, frame: Frame) {
        let recorded = self.due.came(&frame);
        self.takeover.answer(&frame, recorded.as_ref());
        self.signed_in |= frame.verb() == b"USR" && frame.tokens().nth(2) == Some(b"OK");
        if !self.signed_in
            && frame.transaction().is_some()
            && let Some(named) = referral(&frame)
        {
            // Where the recording ends with a referral too, there is nothing to say at the other server.
            if recorded.is_none_or(|recorded| referral(&recorded).is_none()) {
                self.sent_on = Some(named.to_vec());
            }
        }
        // The dictionary knows where a ticket or a cookie stands in a line.
        let secrets = Secrets::of(dictionary::secrets(Direction::Out, frame.line()));
        self.told(Direction::Out, frame, secrets);
    }

    fn is_full(&mut self) -> bool {
        let full = self.bytes > MOST_BYTES;
        if full && !self.over {
            self.end(format!(
                "the server said more than {MOST_BYTES} bytes: the rest was not read"
            ));
        }
        full
    }

    /// Whether the server has asked a challenge that is not answered yet.
    pub fn is_challenged(&self) -> bool {
        self.takeover.is_challenged()
    }

    pub fn send(&mut self, recorded: &FrameEvent) {
        if self.over {
            return;
        }
        let wire = self.takeover.line(&recorded.frame);
        if recorded.frame.verb() == b"QRY" {
            self.takeover.challenge_answered();
        }
        if let Err(error) = self.stream.write_all(&wire) {
            return self.end(format!("the connection ended: {error}"));
        }
        self.signed_out |= recorded.frame.verb() == b"OUT";
        // The ticket, known or not.
        let frame = Frame::from_wire(wire.into());
        let mut secrets = self.secret_in(frame.wire());
        secrets.add(dictionary::secrets(Direction::In, frame.line()));
        self.told(Direction::In, frame, secrets);
    }

    fn told(&mut self, direction: Direction, frame: Frame, secrets: Secrets) {
        self.bytes += frame.wire().len() + A_LINE;
        self.event(EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
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

    /// Sends a recorded request, and takes the answer.
    pub fn exchange(&mut self, web: Web, recorded: &HttpExchange) {
        if self.is_full() {
            return;
        }
        let request = self.takeover.request(&recorded.request.bytes);
        let request = with_true_length(&request, false);
        let began = Instant::now();
        let response = match web::exchange(web, &request, self.patience) {
            Ok(response) => response,
            Err(error) => {
                let asked = format!("{} {}", recorded.method, recorded.target);
                let note = format!("{}: {error}", to_screen(asked.as_bytes()));
                return self.notes.push(note);
            }
        };
        self.bytes += response.len() + A_LINE;
        self.takeover.exchange(&response, &recorded.response.bytes);
        let status = Message::new(&response).word(1).parse().unwrap_or(0);
        let secrets = if response == recorded.response.bytes {
            // What is the same as recorded has the same secrets.
            recorded.response.secrets.clone()
        } else {
            self.secret_in(&response)
        };
        let exchange = HttpExchange {
            status,
            // As recorded: what we asked is no answer, though the server's own values stand in it.
            response: Masked {
                secrets,
                bytes: response.into(),
            },
            duration: began.elapsed(),
            ..recorded.clone()
        };
        self.event(EventKind::Http(Box::new(exchange)));
    }

    /// Where the live tickets stand.
    fn secret_in(&self, bytes: &[u8]) -> Secrets {
        let tickets = self.takeover.secrets();
        Secrets::of(tickets.flat_map(|ticket| found(bytes, &ticket)).collect())
    }
}

fn found(bytes: &[u8], secret: &[u8]) -> Vec<std::ops::Range<usize>> {
    if secret.is_empty() {
        return Vec::new();
    }
    memmem::find_iter(bytes, secret)
        .map(|at| at..at + secret.len())
        .collect()
}
