//! `nudge`: a live fake MSN Messenger service, and the console from which an operator plays it.
//!
//! # The two flows
//!
//! ```text
//!  client socket ─► frame ─► session (pure) ─► frames ─► client socket
//!                               │ every frame, request, TLS outcome, command outcome: an Event
//!                               ▼
//!                      events (at most 256 of a connection) ─► journal ─► view ─► terminal, or JSON lines
//!
//!  key · `:` prompt · stdin ─► Command (with an id) ─► control ─► hub
//!                                          ├─ roster change ─► every session ─► NLN / UBX / FLN
//!                                          └─ raw bytes ─► one session ─► its socket
//! ```
//!
//! # The rooms
//!
//! `tests/walls.rs` holds every file against this table, and finds files that name each other in a circle.
//!
//! | room | what it is | what it may import |
//! |---|---|---|
//! | `rows` | a macro: enums whose values are the rows of a table | nothing |
//! | [`msnp`] | the language: frames, verbs, dialects, shapes, presence, the table of hosts | nothing |
//! | [`dirs`] | the folders of the user: data, state, configuration | nothing |
//! | `descriptor` | file descriptors: their limit, and waiting for one | nothing |
//! | [`roster`] | the contacts the service pretends to have, and their files | `msnp` |
//! | [`event`] | what the server tells: ids, events, findings, their JSON | `msnp` `roster` |
//! | [`control`] | what the operator asks of the server | `msnp` `roster` `event` |
//! | [`server`] | the fake Microsoft: every listening socket lives here | `msnp` `roster` `event` `control` |
//! | [`filter`] | the filter language: judges an event, a live frame, a line of the journal | `msnp` `event` |
//! | [`journal`] | the bounded store of events, its scan and search | `msnp` `event` `filter` |
//! | [`command`] | the operator's one command language | `msnp` `roster` `event` `control` |
//! | [`findings`] | the login ladder, and what is not as it should be: a fold over events | `msnp` `roster` `event` `filter` `command` |
//! | [`recording`] | events on disk: format, writer, reader | `msnp` `roster` `event` |
//! | [`client`] | the built-in Messenger for Mac | `msnp` `event` |
//! | [`export`] | files for other programs, made of a recording | `msnp` `event` `filter` `findings` `recording` |
//! | [`diff`] | two recordings compared | `msnp` `event` `recording` |
//! | [`replay`] | a recording played again, at a client or at a service | `msnp` `event` `recording` `diff` |
//! | [`engine`] | everything started, and ended, in order | `msnp` `roster` `event` `control` `server` `client` `dirs` |
//! | [`headless`] | the engine without a screen: events out as JSON lines, commands in | `event` `control` `findings` `command` `recording` `engine` `descriptor` |
//! | [`console`] | the terminal | everything |
//! | [`cli`] | arguments in, an exit code out: a file for each subcommand that does more than print | everything |
//! | `fuzz` | the readers of bytes from outside, for fuzzers: in no binary of ours | `msnp` `roster` `server` `filter` `recording` |

// The screen is ours: what is printed past it would be written over it. `cli` writes to its streams by name.
#![deny(clippy::print_stdout, clippy::print_stderr)]

/// Events are made on one thread and let go of on another, which the allocator of glibc does under a lock; with
/// this one a recording of sign-ins opens in a third less time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[macro_use]
mod rows;

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
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod headless;
pub mod journal;
pub mod msnp;
#[cfg(test)]
#[path = "../tests/common/packets.rs"]
mod packets;
pub mod recording;
pub mod replay;
pub mod roster;
pub mod server;
