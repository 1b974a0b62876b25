//! Reads how a connection begins: as HTTP, or as HTTP 0.9 had it, which hyper cannot read.

use super::IDLE;
use super::tap::end_of_head;
use crate::event::{Ending, Service, ours, say};
use crate::server::passport::nexus;
use crate::server::stranger::{Speech, Stranger};
use bytes::Bytes;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Bytes read at a time.
const READ: usize = 2 * 1024;
/// The longest first line that is looked at before hyper gets it, in bytes.
const MAX_LINE: usize = 8 * 1024;
/// If nothing more comes for this long, a line without an end counts as complete.
const QUIET: Duration = Duration::from_secs(2);

/// What a connection begins with.
pub(super) enum First {
    /// A request without version or headers, as one client asks the nexus (`clients.md`).
    Simple {
        /// All that was read.
        request: Bytes,
        /// What it asks for.
        target: String,
    },
    /// A request for a tunnel, as to a proxy.
    Connect {
        /// Its head.
        head: Bytes,
        /// Where it wants to go.
        target: String,
        /// What came behind its head.
        rest: Vec<u8>,
    },
    /// Somebody whose language is not spoken here.
    Stranger(Stranger),
    /// Anything else; hyper is to see it.
    Http(Bytes),
}

/// Reads the first line, or as much as shows that there is none; why the connection ended, if it did.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    door: Service,
) -> Result<First, Ending> {
    let mut bytes = Vec::new();
    let idle = tokio::time::Instant::now() + IDLE;
    loop {
        if !bytes.is_empty() {
            // One that says nothing costs a few bytes; one that speaks is read in one go.
            bytes.reserve(READ);
        }
        let waited = match simple(&bytes) {
            // It could go on with a version: it is whole when nothing follows.
            Some(target) if target.eq_ignore_ascii_case(nexus::PATH) => {
                tokio::time::timeout(QUIET, stream.read_buf(&mut bytes)).await
            }
            _ => tokio::time::timeout_at(idle, stream.read_buf(&mut bytes)).await,
        };
        let ended = match waited {
            Err(_) if bytes.is_empty() => {
                let seconds = IDLE.as_secs();
                return Err(Ending::other(say!("it said nothing for {seconds} s")));
            }
            Ok(Err(error)) => return Err(Ending::other(say!("reading failed: {}", ours(error)))),
            Ok(Ok(0)) if bytes.is_empty() => {
                return Err(Ending::other(
                    "closed by the client, which had said nothing",
                ));
            }
            Err(_) | Ok(Ok(0)) => true,
            Ok(Ok(_)) => false,
        };
        if let Some(target) = connect(&bytes) {
            match end_of_head(&bytes, 0) {
                Some(end) => {
                    let target = target.to_owned();
                    let rest = bytes.split_off(end);
                    let head = bytes.into();
                    return Ok(First::Connect { head, target, rest });
                }
                None if ended || bytes.len() >= MAX_LINE => {
                    return Ok(First::Http(bytes.into()));
                }
                None => continue,
            }
        }
        if let Some(stranger) = Speech::refused(&bytes, door) {
            return Ok(First::Stranger(stranger));
        }
        let has_line = memchr::memchr(b'\n', &bytes).is_some();
        if has_line || ended || bytes.len() >= MAX_LINE {
            let target = simple(&bytes).map(str::to_owned);
            let request = Bytes::from(bytes);
            return Ok(match target {
                Some(target) if has_line || ended => First::Simple { request, target },
                _ => First::Http(request),
            });
        }
    }
}

/// The target of a first line that is `CONNECT target version`.
fn connect(bytes: &[u8]) -> Option<&str> {
    let line = &bytes[..memchr::memchr(b'\n', bytes)?];
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("CONNECT"), Some(target), Some(version)) if version.starts_with("HTTP/1.") => {
            Some(target)
        }
        _ => None,
    }
}

/// The target of a first line that is `GET /target` and no more.
fn simple(bytes: &[u8]) -> Option<&str> {
    let line = bytes.split(|b| *b == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("GET"), Some(target), None) if target.starts_with('/') => Some(target),
        _ => None,
    }
}
