//! The conversation with the notification service: what is asked, what answers it, and what comes in between. The
//! order of a sign-in stands in `sign_in.rs`.

use super::config::Config;
use super::connection::{Line, Read};
use super::error::ClientError;
use super::mask::{masked, shown};
use super::order::TRANSACTION;
use super::report::Saw;
use super::reporter::Reporter;
use super::software::{Software, software};
use super::window::{Shown, Window};
use crate::msnp::errors;
use crate::msnp::line::tokens;
use crate::msnp::personal::Personal;
use crate::msnp::{
    Dialect, Direction, Family, Frame, Shape, Status, TransactionId, challenge, inject,
};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// The verbs that carry the transaction id of a command: with ours, another than expected is wrong.
const ANSWERS: [&[u8]; 14] = [
    b"VER", b"CVR", b"USR", b"XFR", b"ADL", b"PRP", b"BLP", b"CHG", b"UUX", b"URL", b"UUN", b"ACK",
    b"SYN", b"GCF",
];
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a step expects, and what it means when the server refuses it or closes.
pub(super) struct Step {
    pub expected: &'static str,
    pub refused: &'static str,
}

pub(super) const fn step(expected: &'static str, refused: &'static str) -> Step {
    Step { expected, refused }
}

/// A client that is driven step by step. [`play`](super::play) drives a whole one.
pub struct Client {
    pub(super) config: Arc<Config>,
    pub(super) line: Line,
    pub(super) reporter: Reporter,
    pub(super) window: Window,
    pub(super) next: u32,
    pub(super) referred: bool,
    pub(super) refused: &'static str,
    /// The dialect that was agreed, and who speaks it.
    pub(super) shape: Shape,
}

impl Client {
    /// Connects to the notification service, and says nothing yet.
    ///
    /// # Errors
    /// [`ClientError::Config`], [`ClientError::Resolve`], [`ClientError::Connect`] or
    /// [`ClientError::Timeout`].
    pub async fn connect(config: impl Into<Arc<Config>>) -> Result<Self, ClientError> {
        Self::open(config.into(), Reporter::default()).await
    }

    /// [`Client::connect`], with somebody who is told everything. When the channel is full the
    /// client waits; when it is closed the client goes on.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect_watched(
        config: impl Into<Arc<Config>>,
        saw: mpsc::Sender<Saw>,
    ) -> Result<Self, ClientError> {
        Self::open(config.into(), Reporter::to(saw)).await
    }

    async fn open(config: Arc<Config>, reporter: Reporter) -> Result<Self, ClientError> {
        if let Some(mistake) = config.mistake() {
            return Err(ClientError::Config(mistake));
        }
        let line = Line::open(&config.notification, config.patience).await?;
        let mut client = Self {
            line,
            reporter,
            window: Window::default(),
            next: 1,
            referred: false,
            refused: "it takes no connection from here",
            // A guess until VER is answered: nothing depends on it before.
            shape: Shape::new(config.dialect.unwrap_or(Dialect::NEWEST), config.family),
            config,
        };
        let address = client.config.notification.clone();
        client.tell(Saw::Connected { address });
        Ok(client)
    }

    /// Shows another status, and waits for the server to take it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn change_status(&mut self, status: Status) -> Result<(), ClientError> {
        const CHG: Step = step("CHG itself", "the status was refused");
        let words = format!("{} {}", status.code(), self.capabilities());
        self.ask("CHG", &words, None, &CHG).await.map(drop)
    }

    /// Pings, and waits for QNG. Returns the seconds to the next ping, where the server says them.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn ping(&mut self) -> Result<Option<u32>, ClientError> {
        self.send_ping().await?;
        let deadline = Instant::now() + self.config.patience;
        loop {
            if let (_, Some(Saw::Alive { seconds })) = self.take(deadline, "QNG").await? {
                return Ok(seconds);
            }
        }
    }

    pub(super) async fn send_ping(&mut self) -> Result<(), ClientError> {
        let line = format!("PNG {}\r\n", self.take_transaction());
        self.send_raw(Bytes::from(line)).await
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn send_raw(&mut self, bytes: impl Into<Bytes>) -> Result<(), ClientError> {
        let frame = Frame::from_wire(bytes.into());
        self.line.after = masked(Direction::In, frame.line());
        let written = self.line.write(frame.wire(), self.config.patience).await;
        self.tell(Saw::Sent(frame));
        self.flush().await;
        written
    }

    /// Shows another status, and waits for no answer.
    pub(super) async fn say_status(&mut self, status: Status) -> Result<(), ClientError> {
        let words = format!("{} {}", status.code(), self.capabilities());
        let line = format!("CHG {} {words}\r\n", self.take_transaction());
        self.send_raw(line).await
    }

    /// Shows another personal message, and waits for no answer.
    pub(super) async fn say_message(&mut self, text: &str) -> Result<(), ClientError> {
        if !self.shape.rules().personal_message {
            let text = format!("{} has no personal messages", self.shape.dialect);
            self.tell(Saw::Remark { text });
            return Ok(());
        }
        let personal = Personal {
            message: text.to_owned(),
            media: String::new(),
        };
        let (id, payload) = (self.take_transaction(), personal.to_xml());
        self.send_raw(format!("UUX {id} {}\r\n{payload}", payload.len()))
            .await
    }

    /// Says a line as an operator wrote it, its transaction id and length filled in.
    pub(super) async fn say_line(&mut self, text: &str) -> Result<(), ClientError> {
        let text = match text.contains(TRANSACTION) {
            true => text.replace(TRANSACTION, &self.take_transaction().to_string()),
            false => text.to_owned(),
        };
        self.send_raw(inject::filled(&text)).await
    }

    /// Sends exactly the bytes that an operator wrote.
    pub(super) async fn say_bytes(&mut self, text: &str) -> Result<(), ClientError> {
        self.send_raw(inject::unchecked(text)).await
    }

    /// The next frame, and what it means where that is known. Cancel safe.
    pub(super) async fn next_frame(&mut self) -> Result<(Frame, Option<Saw>), ClientError> {
        self.reporter.flush().await;
        self.line.drain().await?;
        self.receive().await
    }

    /// What the window of the Mac would show, by account.
    pub fn contacts(&self) -> impl Iterator<Item = &Shown> {
        self.window.contacts()
    }

    /// How many lines were dropped as the Mac drops them.
    pub fn dropped(&self) -> u64 {
        self.window.dropped
    }

    /// Says OUT and closes.
    pub(super) async fn leave(&mut self) {
        // The session is over whatever becomes of this; a server that does not read gets a second.
        let goodbye = async {
            let _ = self.send_raw(Bytes::from_static(b"OUT\r\n")).await;
            self.line.shut().await;
        };
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }

    pub(super) fn tell(&mut self, saw: Saw) {
        self.reporter.tell(saw);
    }

    pub(super) async fn flush(&mut self) {
        self.reporter.flush().await;
    }

    pub(super) fn last_command(&self) -> &str {
        &self.line.after
    }

    /// Whom it says that it is.
    pub(super) fn software(&self) -> &'static Software {
        software(self.shape)
    }

    pub(super) fn capabilities(&self) -> String {
        self.software().capabilities(self.shape.dialect)
    }

    pub(super) fn take_transaction(&mut self) -> TransactionId {
        let id = TransactionId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }

    /// Sends a command and waits for its answer: its own verb, ACK, or XFR, with its transaction id.
    /// What comes in between is taken as it comes.
    pub(super) async fn ask(
        &mut self,
        verb: &str,
        words: &str,
        payload: Option<&str>,
        step: &Step,
    ) -> Result<Frame, ClientError> {
        self.config.pace.step().await;
        let id = self.take_transaction();
        let mut line = format!("{verb} {id}");
        if !words.is_empty() {
            line.push(' ');
            line.push_str(words);
        }
        if let Some(payload) = payload {
            line.push_str(&format!(" {}", payload.len()));
        }
        line.push_str("\r\n");
        line.push_str(payload.unwrap_or_default());
        self.refused = step.refused;
        self.send_raw(Bytes::from(line)).await?;
        let deadline = Instant::now() + self.config.patience;
        loop {
            let (frame, _) = self.take(deadline, step.expected).await?;
            if frame.transaction() != Some(id) {
                continue;
            }
            let answer = frame.verb();
            if answer.len() == 3 && answer.iter().all(u8::is_ascii_digit) {
                return Err(ClientError::Refused {
                    code: String::from_utf8_lossy(answer).into_owned(),
                    after: self.line.after.clone(),
                    // These are about the account, whatever was asked; what the others mean is for the step to say.
                    meaning: errors::find(answer)
                        .filter(|error| (205..=208).contains(&error.code))
                        .map_or(step.refused, |error| error.meaning)
                        .to_owned(),
                });
            }
            // Two clients of Windows never finish where BLP and PRP are only acknowledged.
            let acknowledges = || {
                frame.tokens().nth(2) == Some(verb.as_bytes())
                    && (self.shape.family == Family::Mac || verb == "UUX")
            };
            if answer == verb.as_bytes()
                || (answer == b"ACK" && acknowledges())
                || (answer == b"XFR" && verb == "USR")
            {
                return Ok(frame);
            }
            // In other verbs (QNG, NOT, ILN) the same number means something else.
            if ANSWERS.contains(&answer) {
                return Err(self.unexpected(&frame, step.expected));
            }
        }
    }

    /// One frame before the deadline.
    pub(super) async fn take(
        &mut self,
        deadline: Instant,
        expected: &str,
    ) -> Result<(Frame, Option<Saw>), ClientError> {
        self.reporter.flush().await;
        let receiving = async {
            self.line.drain().await?;
            self.receive().await
        };
        match timeout_at(deadline, receiving).await {
            Ok(received) => received,
            Err(_) => Err(ClientError::Timeout {
                step: format!("after `{}`", self.line.after),
                expected: expected.to_owned(),
                seconds: self.config.patience.as_secs_f32(),
            }),
        }
    }

    async fn receive(&mut self) -> Result<(Frame, Option<Saw>), ClientError> {
        let frame = match self.line.read().await? {
            Read::Frame(frame) => frame,
            Read::Closed(cut) => {
                let meaning = if cut {
                    format!("{} (its last line was cut off)", self.refused)
                } else {
                    self.refused.to_owned()
                };
                return Err(ClientError::Closed {
                    after: self.line.after.clone(),
                    meaning,
                });
            }
        };
        let meaning = match frame.verb() {
            b"QNG" => Some(Saw::Alive {
                seconds: frame
                    .tokens()
                    .nth(1)
                    .and_then(TransactionId::parse)
                    .map(|seconds| seconds.0),
            }),
            _ => self.window.take(&frame),
        };
        let owed = self.proof(&frame);
        if self.reporter.listened_to() {
            self.tell(Saw::Received(frame.clone()));
            if let Some(saw) = meaning.clone() {
                self.tell(saw);
            }
        }
        if let Some(frame) = owed {
            self.line.queue(frame.wire());
            self.tell(Saw::Sent(frame));
        }
        if frame.verb() == b"OUT" {
            return Err(ClientError::SignedOut {
                reason: reason(frame.line()),
                elsewhere: frame.tokens().nth(1) == Some(b"OTH"),
            });
        }
        Ok((frame, meaning))
    }

    /// The answer to a challenge.
    fn proof(&mut self, frame: &Frame) -> Option<Frame> {
        let words: Vec<&[u8]> = frame.tokens().collect();
        let [b"CHL", _, question] = words.as_slice() else {
            return None;
        };
        let product = self.software().product;
        let question = std::str::from_utf8(question).ok()?;
        let key = challenge::key(product)?;
        let answer = challenge::answer(self.shape.dialect, question, product, key);
        let (id, length) = (self.take_transaction(), answer.len());
        let wire = format!("QRY {id} {product} {length}\r\n{answer}");
        Some(Frame::from_wire(wire.into()))
    }

    pub(super) fn unexpected(&self, got: &Frame, expected: &str) -> ClientError {
        ClientError::Unexpected {
            after: self.line.after.clone(),
            got: shown(Direction::Out, got),
            expected: expected.to_owned(),
        }
    }
}

/// What OUT says, in words.
fn reason(line: &[u8]) -> String {
    let tokens: Vec<&[u8]> = tokens(line).collect();
    match tokens.as_slice() {
        [_, b"OTH", ..] => "OTH, the account signed in elsewhere: take another for this one, such as --account ann@local".to_owned(),
        [_, b"SSD", ..] => "SSD, the server is shutting down".to_owned(),
        [_, b"MIG" | b"TOU", ..] => "the account must be looked after on the web first".to_owned(),
        [_, b"RCT", minutes, ..] => format!(
            "RCT, come back in {} minutes",
            crate::msnp::escape::to_screen(minutes)
        ),
        [_] => "no reason given".to_owned(),
        _ => crate::msnp::escape::to_screen(line),
    }
}
