//! `nudge`: a live fake MSN Messenger service, and the console from which an operator plays it.
//!
//! # The two flows
//!
//! ```text
//!  client socket ─► frame ─► session (pure) ─► frames ─► client socket
//!                               │ every frame, request, TLS outcome, command outcome: an Event
//!                               ▼
//!                      events (bounded a connection) ─► journal ─► view ─► terminal, or JSON lines
//!
//!  key · `:` prompt · stdin ─► Command (with an id) ─► control ─► hub
//!                                          ├─ roster change ─► every session ─► NLN / UBX / FLN
//!                                          └─ raw bytes ─► one session ─► its socket
//! ```
//!
//! # The rooms
//!
//! | room | what it is | what it may import |
//! |---|---|---|
//! | [`msnp`] | the language: frames, verbs, dialects, shapes, presence | nothing of the house |
//! | [`roster`] | the contacts the service pretends to have, and their files | `msnp` |
//! | [`event`], [`control`] | what the server tells; what the operator asks of it | `msnp`, `roster` |
//! | [`server`] | the fake Microsoft: every listening socket lives here | all of the above |
//! | [`journal`] | the bounded store of events, its filter language and search | `msnp`, `event` |
//! | [`findings`] | the login ladder, and what is not as it should be: a fold over events | `msnp`, `roster`, `event`, `journal`, the words and bounds of `command`, the table of hosts |
//! | [`recording`] | events on disk: format, writer, reader | `msnp`, `roster`, `event` |
//! | [`export`], [`diff`], [`replay`] | what is made of a recording: files that other programs take; two of them compared; one played again | all of the above but `server`, and `client` |
//! | [`command`] | the operator's one command language | `msnp`, `control` |
//! | [`headless`] | the engine without a screen: events out as JSON lines, commands in | everything but `console` |
//! | [`console`] | the terminal | everything |
//! | [`engine`], [`cli`] | everything started, and ended, in order; arguments in, an exit code out | everything |
//! | [`client`] | the built-in Messenger for Mac | `msnp` alone |

/// Events are made on one thread and let go of on another, which the allocator of glibc does under a lock; with
/// this one a recording of sign-ins opens in a third less time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod cli;
pub mod client;
pub mod command;
pub mod console;
pub mod control;
mod descriptor;
pub mod diff;
pub mod dirs;
pub mod engine;
pub mod event;
pub mod export;
pub mod filter;
pub mod findings;
pub mod headless;
pub mod journal;
pub mod msnp;
pub mod recording;
pub mod replay;
pub mod roster;
pub mod server;
