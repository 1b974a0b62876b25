//! What a client plays once it is signed in: a script, and what is typed at it.

use super::chat::{Chats, Told};
use super::error::ClientError;
use super::notification::Client;
use super::order::{Order, orders_help};
use super::report::Saw;
use crate::msnp::Frame;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The part that a client plays.
#[derive(Debug, Default)]
pub struct Part {
    /// The orders that are carried out one after the other.
    pub script: Vec<Order>,
    /// Lines that are typed at it: each is an order, and carried out at once.
    pub typed: Option<mpsc::Receiver<String>>,
    /// Whether what is said to it is said back, with `echo: ` before it.
    pub echo: bool,
}

/// What becomes of the client after an order.
pub(super) enum Then {
    GoesOn,
    /// It signs out.
    Leaves,
}

/// A part while it is played.
pub(super) struct Playing {
    script: VecDeque<Order>,
    typed: Option<mpsc::Receiver<String>>,
    until: Instant,
    /// What the server must say before the script goes on.
    awaited: Option<String>,
    chats: Chats,
}

/// What a part waits for.
pub(super) enum Cue {
    /// A line was typed.
    Typed(String),
    /// A conversation tells something.
    Told(Told),
}

impl Playing {
    pub fn new(part: Part) -> Self {
        Self {
            script: part.script.into(),
            typed: part.typed,
            until: Instant::now(),
            awaited: None,
            chats: Chats::new(part.echo),
        }
    }

    /// When the next order of the script is due, if one is.
    pub fn due(&self) -> Option<Instant> {
        (self.awaited.is_none() && !self.script.is_empty()).then_some(self.until)
    }

    /// The next order of the script.
    pub fn next(&mut self) -> Option<Order> {
        self.script.pop_front()
    }

    /// The next line that is typed, or what a conversation tells; waits for ever where there is neither. Cancel safe.
    pub async fn cue(&mut self) -> Cue {
        let Self { typed, chats, .. } = self;
        tokio::select! {
            biased;
            told = chats.told() => Cue::Told(told),
            line = line(typed) => Cue::Typed(line),
        }
    }

    /// The server has said this.
    pub fn heard(&mut self, client: &mut Client, frame: &Frame) {
        self.hears(frame);
        self.chats.heard(client, frame);
    }

    /// Takes up what a conversation tells.
    pub fn told(&mut self, client: &mut Client, told: Told) {
        let Some(saw) = self.chats.take(told) else {
            return;
        };
        if let Saw::Switchboard {
            frame,
            is_sent: false,
            ..
        } = &saw
        {
            self.hears(frame);
        }
        client.tell(saw);
    }

    fn hears(&mut self, frame: &Frame) {
        let is_it = |awaited: &mut String| frame.line().starts_with(awaited.as_bytes());
        self.awaited.take_if(is_it);
    }

    /// Leaves every conversation.
    pub async fn end(&mut self) {
        self.chats.end().await;
    }

    /// Carries out a line that was typed.
    pub async fn obey_line(
        &mut self,
        client: &mut Client,
        line: &str,
    ) -> Result<Then, ClientError> {
        if line.trim().is_empty() {
            return Ok(Then::GoesOn);
        }
        match line.parse() {
            Ok(Order::Wait(_) | Order::Await(_)) => {
                remark(client, "only a script waits");
                Ok(Then::GoesOn)
            }
            Ok(order) => self.obey(client, order).await,
            Err(why) => {
                remark(client, &why.to_string());
                Ok(Then::GoesOn)
            }
        }
    }

    /// Carries out an order. Nothing is waited for: what the server says to it is seen as it comes.
    pub async fn obey(&mut self, client: &mut Client, order: Order) -> Result<Then, ClientError> {
        match order {
            Order::Wait(time) => self.until = Instant::now() + time.max(Duration::ZERO),
            Order::Await(line) => self.awaited = Some(line),
            Order::Status(status) => client.say_status(status).await?,
            Order::Message(text) => client.say_message(&text).await?,
            Order::Say { account, text } => self.chats.say(client, &account, &text).await?,
            Order::Line(text) => client.say_line(&text).await?,
            Order::Bytes(text) => client.say_bytes(&text).await?,
            Order::Out => return Ok(Then::Leaves),
            Order::Help => orders_help().lines().for_each(|line| remark(client, line)),
        }
        client.flush().await;
        Ok(Then::GoesOn)
    }
}

/// The next line that is typed. Cancel safe.
async fn line(typed: &mut Option<mpsc::Receiver<String>>) -> String {
    if let Some(open) = typed {
        match open.recv().await {
            Some(line) => return line,
            None => *typed = None,
        }
    }
    std::future::pending().await
}

fn remark(client: &mut Client, text: &str) {
    client.tell(Saw::Remark {
        text: text.to_owned(),
    });
}
