//! The built-in client: a Messenger for Mac 8.0.1, as the article watched it, or a client of Windows of any dialect.
//!
//! It exists so that nudge can be seen, tested and measured without a Mac of 2008. As the Mac it says the article's
//! lines byte for byte, logs in with Passport before each SOAP service as the Mac did, opens a connection for every
//! request, sends no server name and resumes no TLS session. As another client it does what the row of its dialect
//! says ([`dialect`](crate::msnp::dialect)). It is as choosy as such clients are: it drops presence in any form but
//! its own, and says so.
//!
//! It works against any server and shares with ours nothing but [`msnp`](crate::msnp). Once signed in it plays a part:
//! orders from a script or the keyboard, in conversations (`chat`) too. It does no peer-to-peer: it neither gives nor
//! takes pictures and files.
//!
//! ```text
//! run ─► Client ─┬─ sign_in: the steps ─► notification: VER CVR USR … over TCP
//!                ├─ passport: nexus, login, ticket; tokens: RST ─┐
//!                ├─ soap: FindMembership, ABFindAll ─────────────┴─ http: one connection a request, TLS 1.0
//!                └─ book: contacts and lists, of SOAP or of SYN (lists) ─► the payloads of ADL
//! every step ─► Saw (one line each) ─► a channel; presence ─► window: what the client would show
//! ```

mod book;
mod chat;
mod config;
mod connection;
mod error;
mod http;
mod lists;
mod mask;
mod message;
mod notification;
mod order;
mod own;
mod part;
mod passport;
mod report;
mod reporter;
mod run;
mod sign_in;
mod soap;
mod software;
#[cfg(test)]
mod tests;
mod tls;
mod tokens;
mod unread;
mod window;
mod xml;

pub use book::{Book, MAX_LIST_PAYLOAD};
pub use config::{Config, Method, Pace, Reach, Transport};
pub use error::{ClientError, Wrong};
pub use notification::Client;
pub use order::{ORDERS, Order, OrderError, ScriptError, orders_help, read_script};
pub use own::Own;
pub use part::Part;
pub use report::{Saw, Talk};
pub use run::{Summary, play, print_run};
pub use tls::{Tls, Trust};
pub use unread::Unread;
pub use window::Shown;
