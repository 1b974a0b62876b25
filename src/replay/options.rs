//! How a recording is played.

use super::web::Web;
use std::time::Duration;

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
    /// Only as far as [`Conversation::sign_in`](crate::recording::conversation::Conversation::sign_in) goes.
    pub sign_in: bool,
}
