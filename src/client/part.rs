//! What a client plays once it is signed in: a script, and what is typed at it.

use super::error::ClientError;
use super::notification::Client;
use super::order::{Order, orders_help};
use super::report::Saw;
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
}

impl Playing {
    pub fn new(part: Part) -> Self {
        Self {
            script: part.script.into(),
            typed: part.typed,
            until: Instant::now(),
            awaited: None,
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

    /// The next line that is typed; waits for ever where nobody types. Cancel safe.
    pub async fn typed(&mut self) -> String {
        if let Some(typed) = &mut self.typed {
            match typed.recv().await {
                Some(line) => return line,
                None => self.typed = None,
            }
        }
        std::future::pending().await
    }

    /// The server has said this line.
    pub fn heard(&mut self, line: &[u8]) {
        let is_it = |awaited: &mut String| line.starts_with(awaited.as_bytes());
        self.awaited.take_if(is_it);
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
            Order::Line(text) => client.say_line(&text).await?,
            Order::Bytes(text) => client.say_bytes(&text).await?,
            Order::Out => return Ok(Then::Leaves),
            Order::Help => orders_help().lines().for_each(|line| remark(client, line)),
        }
        client.flush().await;
        Ok(Then::GoesOn)
    }
}

fn remark(client: &mut Client, text: &str) {
    client.tell(Saw::Remark {
        text: text.to_owned(),
    });
}
