//! The built-in client: a Messenger for Mac 8.0.1, as the article watched it.
//!
//! It exists so that nudge can be seen, tested and measured without a Mac of 2008. It says the
//! article's lines byte for byte, logs in with Passport before each SOAP service as the Mac did, opens
//! a connection for every request, sends no server name and resumes no TLS session. What it shows is
//! as choosy as the Mac: presence in any form but its own is dropped, and said to be.
//!
//! It works against any server and shares with ours nothing but [`msnp`](crate::msnp).
//! What it does not do: switchboards, and challenges (the Mac is not seen answering one). Once signed in it plays a part:
//! orders from a script or the keyboard.
//!
//! ```text
//! run ─► Client::sign_in ─┬─ notification: VER CVR USR … UUN, over TCP
//!                         ├─ passport: nexus, login, ticket ─┐
//!                         ├─ soap: FindMembership, ABFindAll ┴─ http: one connection a request, TLS 1.0
//!                         └─ book: contacts and lists ─► the payloads of ADL
//! every step ─► Saw (one line each) ─► a channel; presence ─► window: what the Mac would show
//! ```

mod book;
mod config;
mod connection;
mod error;
mod http;
mod mask;
mod notification;
mod order;
mod part;
mod passport;
mod report;
mod reporter;
mod run;
mod soap;
#[cfg(test)]
mod tests;
mod tls;
mod window;

pub use book::{Book, MAX_LIST_PAYLOAD};
pub use config::{Config, Pace, Reach, Transport};
pub use error::ClientError;
pub use notification::Client;
pub use order::{ORDERS, Order, OrderError, ScriptError, orders_help, read_script};
pub use part::Part;
pub use report::Saw;
pub use run::{Summary, play, print_run, run};
pub use tls::{Tls, Trust};
pub use window::Shown;
