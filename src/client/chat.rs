//! Conversations: the switchboard, as a client sees it. Each is a connection and a task of its own; what it sees is told
//! to the client's loop, which alone reports.

use super::config::Config;
use super::connection::{Line, Read};
use super::error::ClientError;
use super::mask::masked;
use super::message::{Message, written};
use super::notification::Client;
use super::report::{Saw, Talk};
use crate::msnp::errors;
use crate::msnp::line::tokens;
use crate::msnp::{Direction, Family, Frame, Shape, TransactionId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// The most conversations at once: a server could ring without end.
const MOST: usize = 64;
/// Texts that wait to be said in one conversation.
const WAITING: usize = 64;
/// How long the farewells of all conversations may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// What an echo begins with. Such a text is not echoed again, so that two echoes end.
const ECHO: &str = "echo: ";

/// What a conversation tells the loop.
pub(super) struct Told {
    chat: u32,
    what: News,
}

enum News {
    Saw(Saw),
    /// Somebody is in it.
    Joined(String),
    Left(String),
    Over,
}

/// The conversations of one client.
pub(super) struct Chats {
    echo: bool,
    open: BTreeMap<u32, Open>,
    /// What is to be said, and to whom, once the switchboard is named: by the transaction of `XFR SB`.
    asked: BTreeMap<u32, (String, String)>,
    next: u32,
    sender: mpsc::Sender<Told>,
    news: mpsc::Receiver<Told>,
    tasks: JoinSet<()>,
}

struct Open {
    /// Who is in it, in lower case, or is called.
    with: Vec<String>,
    texts: mpsc::Sender<String>,
}

impl Chats {
    pub fn new(echo: bool) -> Self {
        let (sender, news) = mpsc::channel(64);
        Self {
            echo,
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            next: 1,
            sender,
            news,
            tasks: JoinSet::new(),
        }
    }

    /// What a conversation tells next. Cancel safe.
    pub async fn told(&mut self) -> Told {
        match self.news.recv().await {
            Some(told) => told,
            // It holds a sender itself.
            None => std::future::pending().await,
        }
    }

    /// Takes up what was told, and gives back what the client saw.
    pub fn take(&mut self, told: Told) -> Option<Saw> {
        let Told { chat, what } = told;
        match what {
            News::Saw(saw) => return Some(saw),
            News::Joined(account) => {
                if let Some(open) = self.open.get_mut(&chat) {
                    let account = account.to_ascii_lowercase();
                    if !open.with.contains(&account) {
                        open.with.push(account);
                    }
                }
            }
            News::Left(account) => {
                if let Some(open) = self.open.get_mut(&chat) {
                    open.with
                        .retain(|other| !account.eq_ignore_ascii_case(other));
                }
            }
            News::Over => drop(self.open.remove(&chat)),
        }
        None
    }

    /// Says a text to a contact: in the conversation with it, or in a new one.
    pub async fn say(
        &mut self,
        client: &mut Client,
        account: &str,
        text: &str,
    ) -> Result<(), ClientError> {
        let account = &client.config.whole(account);
        let small = account.to_ascii_lowercase();
        let with = self.open.values().find(|open| open.with.contains(&small));
        if let Some(open) = with {
            // It fails where the conversation is just ending, too: then another is opened.
            if open.texts.try_send(text.to_owned()).is_ok() {
                return Ok(());
            }
        }
        if self.asked.len() >= MOST {
            remark(
                client,
                "too many switchboards were asked for already".into(),
            );
            return Ok(());
        }
        let id = client.take_transaction();
        self.asked
            .insert(id.0, (account.to_owned(), text.to_owned()));
        client.send_raw(format!("XFR {id} SB\r\n")).await
    }

    /// Takes a frame of the notification connection, if it is about a conversation.
    pub fn heard(&mut self, client: &mut Client, frame: &Frame) {
        let words: Vec<String> = frame
            .tokens()
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let ["RNG", session, host, "CKI", token, account, ..] = words.as_slice() {
            let first = format!("ANS 1 {} {token} {session}\r\n", whom(client));
            return self.begin(client, host, first, account, None);
        }
        let asked = match frame.transaction() {
            Some(id) => self.asked.remove(&id.0),
            None => None,
        };
        let Some((account, text)) = asked else { return };
        match words.as_slice() {
            ["XFR", _, "SB", host, "CKI", token, ..] => {
                let first = format!("USR 1 {} {token}\r\n", whom(client));
                self.begin(client, host, first, &account, Some(text));
            }
            [answer, ..] => remark(
                client,
                format!(
                    "no switchboard for {account}: the server answered {}",
                    named(answer)
                ),
            ),
            [] => {}
        }
    }

    fn begin(
        &mut self,
        client: &mut Client,
        host: &str,
        first: String,
        account: &str,
        text: Option<String>,
    ) {
        if let Some(why) = client.config.reach.forbids(host) {
            return remark(client, why);
        }
        if self.open.len() >= MOST {
            return remark(
                client,
                format!("{account} is not answered: {MOST} conversations are open"),
            );
        }
        let chat = self.next;
        self.next += 1;
        let (texts, waiting) = mpsc::channel(WAITING);
        let calls = text.is_some();
        if let Some(text) = text {
            let _ = texts.try_send(text);
        }
        let conversation = Conversation {
            chat,
            host: host.to_owned(),
            config: Arc::clone(&client.config),
            echo: self.echo,
            next: 1,
            present: usize::from(!calls),
            waiting: Vec::new(),
            news: self.sender.clone(),
        };
        let calls = calls.then(|| account.to_owned());
        self.tasks.spawn(conversation.whole(first, calls, waiting));
        let with = vec![account.to_ascii_lowercase()];
        self.open.insert(chat, Open { with, texts });
    }

    /// Ends every conversation with a farewell.
    pub async fn end(&mut self) {
        self.open.clear();
        // Nobody listens any longer, and no task may wait for that.
        self.news.close();
        let farewells = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(FAREWELL, farewells).await;
    }
}

/// Whom the client is to a switchboard: from MSNP16 on with the endpoint (clients of Windows watched).
fn whom(client: &Client) -> String {
    let Shape { family, .. } = client.shape;
    let account = &client.config.account;
    match family == Family::Windows && client.shape.rules().endpoints {
        true => format!("{account};{}", client.config.endpoint_guid()),
        false => account.clone(),
    }
}

fn remark(client: &mut Client, text: String) {
    client.tell(Saw::Remark { text });
}

/// One conversation.
struct Conversation {
    chat: u32,
    host: String,
    config: Arc<Config>,
    echo: bool,
    next: u32,
    /// How many others are in it.
    present: usize,
    /// What is to be said once somebody is there.
    waiting: Vec<String>,
    news: mpsc::Sender<Told>,
}

impl Conversation {
    async fn whole(mut self, first: String, calls: Option<String>, texts: mpsc::Receiver<String>) {
        let why = match self.held(first, calls, texts).await {
            Ok(why) => why,
            Err(error) => error.to_string(),
        };
        self.talk(Talk::Over { why }).await;
        self.tell(News::Over).await;
    }

    async fn held(
        &mut self,
        first: String,
        calls: Option<String>,
        mut texts: mpsc::Receiver<String>,
    ) -> Result<String, ClientError> {
        let mut line = Line::open(&self.host, self.config.patience).await?;
        let host = self.host.clone();
        self.talk(Talk::Open { host }).await;
        self.next = 2;
        self.write(&mut line, first).await?;
        loop {
            tokio::select! {
                biased;
                read = line.read() => match read? {
                    Read::Closed(_) => return Ok("the server closed it".to_owned()),
                    Read::Frame(frame) => {
                        if let Some(why) = self.frame(&mut line, frame, calls.as_deref()).await? {
                            self.write(&mut line, "OUT\r\n".into()).await?;
                            line.shut().await;
                            return Ok(why);
                        }
                    }
                },
                text = texts.recv() => match text {
                    Some(text) if self.present > 0 => self.say(&mut line, &text).await?,
                    // Nothing is said to nobody.
                    Some(text) => self.waiting.push(text),
                    None => {
                        self.write(&mut line, "OUT\r\n".into()).await?;
                        line.shut().await;
                        return Ok("this client left".to_owned());
                    }
                },
            }
        }
    }

    /// Takes a frame. Gives back why the conversation is over, if it is.
    async fn frame(
        &mut self,
        line: &mut Line,
        frame: Frame,
        calls: Option<&str>,
    ) -> Result<Option<String>, ClientError> {
        self.tell(News::Saw(Saw::Switchboard {
            chat: self.chat,
            is_sent: false,
            frame: frame.clone(),
        }))
        .await;
        let words: Vec<String> = tokens(frame.line())
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let person = |account: &str| account.split(';').next().unwrap_or_default().to_owned();
        match words.as_slice() {
            ["USR", _, "OK", ..] => {
                if let Some(account) = calls {
                    let call = format!("CAL {} {account}\r\n", self.transaction());
                    self.write(line, call).await?;
                }
            }
            ["JOI", account, ..] => {
                let account = person(account);
                // One's own other places are nobody to talk to.
                if !account.eq_ignore_ascii_case(&self.config.account) {
                    self.present += 1;
                    self.tell(News::Joined(account.clone())).await;
                    self.talk(Talk::Joined { account }).await;
                    for text in std::mem::take(&mut self.waiting) {
                        self.say(line, &text).await?;
                    }
                }
            }
            ["IRO", _, _, count, account, ..] => {
                let account = person(account);
                self.present = count.parse().unwrap_or(1).max(1);
                self.tell(News::Joined(account.clone())).await;
                self.talk(Talk::Joined { account }).await;
            }
            ["BYE", account, ..] => {
                let account = person(account);
                self.present = self.present.saturating_sub(1);
                self.tell(News::Left(account.clone())).await;
                self.talk(Talk::Left { account }).await;
                if self.present == 0 {
                    return Ok(Some("everybody has left".to_owned()));
                }
            }
            ["MSG", account, ..] => {
                let account = person(account);
                self.message(line, account, &frame).await?;
            }
            [code, ..]
                if self.present == 0
                    && code.len() == 3
                    && code.bytes().all(|b| b.is_ascii_digit()) =>
            {
                return Ok(Some(format!("the server answered {}", named(code))));
            }
            ["OUT", ..] => return Ok(Some("the server ended it".to_owned())),
            _ => {}
        }
        Ok(None)
    }

    async fn message(
        &mut self,
        line: &mut Line,
        account: String,
        frame: &Frame,
    ) -> Result<(), ClientError> {
        match Message::read(frame.payload().unwrap_or_default()) {
            Message::Text(text) => {
                let echo = (self.echo && !text.starts_with(ECHO)).then(|| format!("{ECHO}{text}"));
                self.talk(Talk::Said { account, text }).await;
                if let Some(echo) = echo {
                    self.say(line, &echo).await?;
                }
            }
            Message::Nudge => self.talk(Talk::Nudged { account }).await,
            Message::Other => {}
        }
        Ok(())
    }

    async fn say(&mut self, line: &mut Line, text: &str) -> Result<(), ClientError> {
        let payload = written(text);
        let id = self.transaction();
        let message = format!("MSG {id} A {}\r\n{payload}", payload.len());
        self.write(line, message).await
    }

    fn transaction(&mut self) -> TransactionId {
        let id = TransactionId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }

    async fn write(&mut self, line: &mut Line, text: String) -> Result<(), ClientError> {
        let frame = Frame::from_wire(text.into());
        line.after = masked(Direction::In, frame.line());
        line.write(frame.wire(), self.config.patience).await?;
        let (chat, is_sent) = (self.chat, true);
        self.tell(News::Saw(Saw::Switchboard {
            chat,
            is_sent,
            frame,
        }))
        .await;
        Ok(())
    }

    async fn talk(&self, talk: Talk) {
        let chat = self.chat;
        self.tell(News::Saw(Saw::Talk { chat, talk })).await;
    }

    async fn tell(&self, what: News) {
        let chat = self.chat;
        // Where nobody listens any longer the conversation is ending.
        let _ = self.news.send(Told { chat, what }).await;
    }
}

/// What a server answered: a code with its meaning, or what else it is.
fn named(answer: &str) -> String {
    match errors::find(answer.as_bytes()) {
        Some(error) => format!("{answer} ({})", error.meaning),
        None => answer.to_owned(),
    }
}
