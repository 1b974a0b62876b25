//! What a client hides of its own wherever it comes back.

use super::report::Saw;
use crate::event::Known;
use crate::msnp::{Direction, dictionary};
use std::net::{IpAddr, Ipv4Addr};

/// The secrets of this client's own, which are hidden wherever they come back: its password, and what it proved with who
/// it is.
#[derive(Debug, Default)]
pub struct Own(Known);

impl Own {
    /// Those of a client with this password.
    pub fn of(password: &str) -> Self {
        let own = Self::default();
        own.take(password);
        own
    }

    fn take(&self, secret: &str) {
        // They are all of one client.
        self.0.password(IpAddr::V4(Ipv4Addr::LOCALHOST), secret);
    }

    /// A text in which they are hidden.
    pub fn hidden_in(&self, text: String) -> String {
        self.0.hidden_in(text)
    }

    /// The line of something that was seen.
    pub(super) fn line(&self, saw: &Saw) -> String {
        if let Saw::Sent(frame) = saw {
            let line = frame.line();
            for secret in dictionary::secrets(Direction::In, line) {
                for word in String::from_utf8_lossy(&line[secret]).split(' ') {
                    let ticket = word.strip_prefix("t=").unwrap_or(word);
                    self.take(ticket.split('&').next().unwrap_or_default());
                }
            }
        }
        self.hidden_in(saw.to_string())
    }
}
