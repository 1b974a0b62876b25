//! The conversation with the notification service, in the article's order and words.

use super::book::Book;
use super::config::Config;
use super::connection::{Line, Read};
use super::error::ClientError;
use super::http::Web;
use super::mask::{masked, shown};
use super::order::TRANSACTION;
use super::report::Saw;
use super::reporter::Reporter;
use super::window::{Shown, Window};
use super::{passport, soap};
use crate::msnp::line::tokens;
use crate::msnp::personal::Personal;
use crate::msnp::{Direction, Frame, Status, TransactionId, inject, percent};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// What VER offers, best first.
const OFFER: &str = "MSNP16 MSNP15 MSNP14 MSNP13 CVR0";
/// What CVR says of the machine, before the account.
const VERSION: &str = "0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs";
/// What the Mac says it can do; the second number is the extended one.
const CAPABILITIES: &str = "1085276192:131088";
/// The verbs that carry the transaction id of a command: with ours, another than expected is wrong.
const ANSWERS: [&[u8]; 12] = [
    b"VER", b"CVR", b"USR", b"XFR", b"ADL", b"PRP", b"BLP", b"CHG", b"UUX", b"URL", b"UUN", b"ACK",
];
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a step expects, and what it means when the server refuses it or closes.
struct Step {
    expected: &'static str,
    refused: &'static str,
}

const fn step(expected: &'static str, refused: &'static str) -> Step {
    Step { expected, refused }
}

/// A client that is driven step by step. [`run`](super::run()) drives a whole one.
pub struct Client {
    config: Arc<Config>,
    line: Line,
    reporter: Reporter,
    window: Window,
    next: u32,
    referred: bool,
    refused: &'static str,
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
            config,
        };
        let address = client.config.notification.clone();
        client.tell(Saw::Connected { address });
        Ok(client)
    }

    /// The whole sign-in of the article: VER to `USR I`, Passport, `USR S`, both SOAP services with a
    /// login before each, ADL to UUN.
    ///
    /// # Errors
    /// [`ClientError`], which names the step that failed and what was expected.
    pub async fn sign_in(&mut self) -> Result<(), ClientError> {
        let result = self.whole_sign_in().await;
        self.flush().await;
        result
    }

    async fn whole_sign_in(&mut self) -> Result<(), ClientError> {
        let parameters = self.greet().await?;
        let config = Arc::clone(&self.config);
        let web = Web::new(&config)?;
        let reporter = &mut self.reporter;
        let login = passport::nexus(&web, reporter).await?;
        let ticket = passport::login(&web, reporter, &config, &login, &parameters).await?;
        self.show_ticket(&ticket).await?;
        let mut book = Book::default();
        for action in [&soap::FIND_MEMBERSHIP, &soap::AB_FIND_ALL] {
            let reporter = &mut self.reporter;
            let ticket = passport::login(&web, reporter, &config, &login, &parameters).await?;
            soap::ask(&web, reporter, action, &ticket, &mut book).await?;
            self.reporter.flush().await;
        }
        self.arrive(&book).await?;
        self.settle().await
    }

    /// Signs in with a ticket that is at hand, and the address book of [`Config::book`]: no HTTP.
    /// With `visible` it ends when that many contacts have shown themselves and their personal
    /// message: VER to the last UBX. Without, it goes on to the last step, UUN.
    ///
    /// # Errors
    /// As [`Client::sign_in`].
    pub async fn sign_in_with_ticket(
        &mut self,
        ticket: &str,
        visible: Option<usize>,
    ) -> Result<(), ClientError> {
        if ticket.is_empty() || ticket.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(ClientError::Config(
                "the ticket is empty or has white space in it".to_owned(),
            ));
        }
        self.greet().await?;
        self.show_ticket(ticket).await?;
        let config = Arc::clone(&self.config);
        self.arrive(&config.book).await?;
        let Some(visible) = visible else {
            return self.settle().await;
        };
        let deadline = Instant::now() + self.config.patience;
        while self.window.complete() < visible {
            self.take(deadline, "ILN and UBX of every contact that is seen")
                .await?;
        }
        self.flush().await;
        Ok(())
    }

    /// VER, CVR, USR I; a referral to another server is followed once. Returns the TWN parameters.
    async fn greet(&mut self) -> Result<Vec<u8>, ClientError> {
        loop {
            match self.introduce().await? {
                Greeting::Parameters(parameters) => return Ok(parameters),
                Greeting::Referral(host) => {
                    if std::mem::replace(&mut self.referred, true) {
                        return Err(ClientError::Unexpected {
                            after: self.line.after.clone(),
                            got: format!("XFR to {host}"),
                            expected: "no second referral".to_owned(),
                        });
                    }
                    if let Some(why) = self.config.reach.forbids(&host) {
                        return Err(ClientError::Config(why));
                    }
                    self.tell(Saw::Referred { to: host.clone() });
                    self.line.shut().await;
                    self.line = Line::open(&host, self.config.patience).await?;
                    self.next = 1;
                    self.tell(Saw::Connected { address: host });
                }
            }
        }
    }

    async fn introduce(&mut self) -> Result<Greeting, ClientError> {
        const VER: Step = step(
            "VER with one of the dialects that were offered",
            "it speaks none of the dialects that were offered",
        );
        let answer = self.ask("VER", OFFER, None, &VER).await?;
        let chosen = answer.tokens().nth(2).unwrap_or_default();
        if !OFFER.split(' ').any(|offered| offered.as_bytes() == chosen) {
            return Err(self.unexpected(&answer, VER.expected));
        }

        const CVR: Step = step(
            "CVR with five values",
            "it does not take this client's version",
        );
        let version = format!("{VERSION} {}", self.config.account);
        self.ask("CVR", &version, None, &CVR).await?;

        const USR: Step = step(
            "USR TWN S and parameters, or a referral",
            "it takes no sign-in by TWN from this client",
        );
        let hello = format!("TWN I {}", self.config.account);
        let answer = self.ask("USR", &hello, None, &USR).await?;
        let tokens: Vec<&[u8]> = answer.tokens().collect();
        match tokens.as_slice() {
            [b"XFR", _, b"NS", host, ..] => Ok(Greeting::Referral(
                String::from_utf8_lossy(host).into_owned(),
            )),
            [_, _, b"TWN", b"S", parameters @ ..] if !parameters.is_empty() => {
                Ok(Greeting::Parameters(parameters.join(&b' ')))
            }
            _ => Err(self.unexpected(&answer, USR.expected)),
        }
    }

    async fn show_ticket(&mut self, ticket: &str) -> Result<(), ClientError> {
        const USR: Step = step("USR OK", "the ticket was refused");
        let words = format!("TWN S {ticket} {}", self.config.machine_guid);
        let answer = self.ask("USR", &words, None, &USR).await?;
        if answer.tokens().nth(2) != Some(b"OK") {
            return Err(self.unexpected(&answer, USR.expected));
        }
        Ok(())
    }

    /// ADL, PRP, BLP, CHG: after it the server tells who is seen.
    async fn arrive(&mut self, book: &Book) -> Result<(), ClientError> {
        self.window.open(book);
        self.tell(Saw::Book {
            accounts: book.len(),
        });
        const ADL: Step = step("ADL OK", "it does not take the list of contacts");
        for payload in book.payloads() {
            self.ask("ADL", "", Some(&payload), &ADL).await?;
        }
        let name = self
            .config
            .friendly_name
            .as_ref()
            .or(book.own_name.as_ref())
            .unwrap_or(&self.config.account);
        let name = format!("MFN {}", percent::encode(name));
        const PRP: Step = step("ACK PRP, or PRP itself", "the friendly name was refused");
        self.ask("PRP", &name, None, &PRP).await?;
        const BLP: Step = step("ACK BLP, or BLP itself", "the privacy setting was refused");
        self.ask("BLP", "AL", None, &BLP).await?;
        self.change_status(self.config.status).await
    }

    /// UUX three times, URL three times, UUN: the rest of the sign-in.
    async fn settle(&mut self) -> Result<(), ClientError> {
        const UUX: Step = step("ACK UUX, or UUX 0", "what it says of itself was refused");
        let endpoint = format!(
            "<PrivateEndpointData><EpName>{}</EpName><ClientType>1</ClientType></PrivateEndpointData>",
            quick_xml::escape::escape(self.config.endpoint.as_str())
        );
        for payload in [
            "<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>",
            &format!("<EndpointData><Capabilities>{CAPABILITIES}</Capabilities></EndpointData>"),
            &endpoint,
        ] {
            self.ask("UUX", "", Some(payload), &UUX).await?;
        }
        const URL: Step = step("URL with an address", "it has no such page");
        for service in ["MOBILE", "PROFILE 0x0409", "CHGMOB"] {
            self.ask("URL", service, None, &URL).await?;
        }
        const UUN: Step = step(
            "ACK UUN, or UUN OK",
            "the message to its own endpoints was refused",
        );
        let to = format!("{} 8", self.config.account);
        self.ask("UUN", &to, Some("ignore me"), &UUN).await?;
        self.refused = "the session was ended without a word";
        let signed_in = Saw::SignedIn {
            account: self.config.account.clone(),
            visible: self.window.visible(),
        };
        self.tell(signed_in);
        self.flush().await;
        Ok(())
    }

    /// Shows another status, and waits for the server to take it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn change_status(&mut self, status: Status) -> Result<(), ClientError> {
        const CHG: Step = step("CHG itself", "the status was refused");
        let words = format!("{} {CAPABILITIES}", status.code());
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
        let words = format!("{} {CAPABILITIES}", status.code());
        let line = format!("CHG {} {words}\r\n", self.take_transaction());
        self.send_raw(line).await
    }

    /// Shows another personal message, and waits for no answer.
    pub(super) async fn say_message(&mut self, text: &str) -> Result<(), ClientError> {
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

    /// What comes next: presence if the frame was about that, else the frame. Waits for ever, and
    /// loses nothing when it is cancelled.
    ///
    /// # Errors
    /// [`ClientError`]: the connection is over.
    pub async fn next_event(&mut self) -> Result<Saw, ClientError> {
        let (frame, meaning) = self.next_frame().await?;
        Ok(meaning.unwrap_or(Saw::Received(frame)))
    }

    /// The next frame, and what it means where that is known. Cancel safe.
    pub(super) async fn next_frame(&mut self) -> Result<(Frame, Option<Saw>), ClientError> {
        self.reporter.flush().await;
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
    pub async fn sign_out(mut self) {
        self.leave().await;
        self.flush().await;
    }

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

    fn take_transaction(&mut self) -> TransactionId {
        let id = TransactionId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }

    /// Sends a command and waits for its answer: its own verb, ACK, or XFR, with its transaction id.
    /// What comes in between is taken as it comes.
    async fn ask(
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
                    meaning: step.refused.to_owned(),
                });
            }
            let acknowledges = || frame.tokens().nth(2) == Some(verb.as_bytes());
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
    async fn take(
        &mut self,
        deadline: Instant,
        expected: &str,
    ) -> Result<(Frame, Option<Saw>), ClientError> {
        self.reporter.flush().await;
        match timeout_at(deadline, self.receive()).await {
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
        if self.reporter.listened_to() {
            self.tell(Saw::Received(frame.clone()));
            if let Some(saw) = meaning.clone() {
                self.tell(saw);
            }
        }
        if frame.verb() == b"OUT" {
            return Err(ClientError::SignedOut {
                reason: reason(frame.line()),
                elsewhere: frame.tokens().nth(1) == Some(b"OTH"),
            });
        }
        Ok((frame, meaning))
    }

    fn unexpected(&self, got: &Frame, expected: &str) -> ClientError {
        ClientError::Unexpected {
            after: self.line.after.clone(),
            got: shown(Direction::Out, got),
            expected: expected.to_owned(),
        }
    }
}

enum Greeting {
    Parameters(Vec<u8>),
    Referral(String),
}

/// What OUT says, in words.
fn reason(line: &[u8]) -> String {
    let tokens: Vec<&[u8]> = tokens(line).collect();
    match tokens.as_slice() {
        [_, b"OTH", ..] => "OTH, the account signed in elsewhere".to_owned(),
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
