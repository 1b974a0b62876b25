//! The notification connection: bytes out, frames in, nothing known of what they mean.

use super::error::ClientError;
use crate::msnp::{Decoder, Direction, Frame};
use bytes::BytesMut;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How much is read at once, in bytes; the decoder bounds what is kept.
const READ: usize = 4 * 1024;

/// Opens a connection to `host:port`, trying each address that the name has.
pub(super) async fn dial(host: &str) -> Result<TcpStream, ClientError> {
    let addresses: Vec<_> = tokio::net::lookup_host(host)
        .await
        .map_err(|e| ClientError::Resolve {
            host: host.to_owned(),
            why: e.to_string(),
        })?
        .collect();
    if addresses.is_empty() {
        return Err(ClientError::Resolve {
            host: host.to_owned(),
            why: "the name has no address".to_owned(),
        });
    }
    TcpStream::connect(&*addresses)
        .await
        .map_err(|source| ClientError::Connect {
            host: host.to_owned(),
            source,
        })
}

/// What a read came to.
pub(super) enum Read {
    Frame(Frame),
    /// The server closed; `true` if in the midst of a frame.
    Closed(bool),
}

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    buffer: BytesMut,
    decoder: Decoder,
    /// What is still to be written.
    owed: BytesMut,
    /// The last command sent, masked, for errors.
    pub after: String,
}

impl Line {
    pub async fn open(host: &str, patience: Duration) -> Result<Self, ClientError> {
        let stream = tokio::time::timeout(patience, dial(host))
            .await
            .map_err(|_| ClientError::Timeout {
                step: format!("connecting to {host}"),
                expected: "a connection".to_owned(),
                seconds: patience.as_secs_f32(),
            })??;
        let _ = stream.set_nodelay(true);
        Ok(Self {
            stream,
            buffer: BytesMut::new(),
            owed: BytesMut::new(),
            decoder: Decoder::new(Direction::Out),
            after: "connecting".to_owned(),
        })
    }

    /// Writes all of it.
    pub async fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), ClientError> {
        self.queue(bytes);
        match tokio::time::timeout(patience, self.drain()).await {
            Ok(written) => written,
            Err(_) => Err(ClientError::Timeout {
                step: format!("sending `{}`", self.after),
                expected: "the server to read".to_owned(),
                seconds: patience.as_secs_f32(),
            }),
        }
    }

    /// Keeps these bytes, which are written together with the next ones.
    pub fn queue(&mut self, bytes: &[u8]) {
        self.owed.extend_from_slice(bytes);
    }

    /// Writes what is owed. Cancel safe: what was not written stays owed.
    pub async fn drain(&mut self) -> Result<(), ClientError> {
        while !self.owed.is_empty() {
            match self.stream.write_buf(&mut self.owed).await {
                Ok(0) => return Err(self.broken(std::io::ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(source) => return Err(self.broken(source)),
            }
        }
        Ok(())
    }

    /// The next frame. Cancel safe: what was read stays in the buffer.
    pub async fn read(&mut self) -> Result<Read, ClientError> {
        loop {
            let next =
                self.decoder
                    .next(&mut self.buffer)
                    .map_err(|source| ClientError::Frame {
                        after: self.after.clone(),
                        source,
                    })?;
            if let Some(frame) = next {
                return Ok(Read::Frame(frame));
            }
            self.buffer.reserve(READ);
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Ok(Read::Closed(!self.buffer.is_empty())),
                Ok(_) => {}
                // A server that closes with our bytes unread resets; that is a close to us.
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => {
                    return Ok(Read::Closed(!self.buffer.is_empty()));
                }
                Err(source) => return Err(self.broken(source)),
            }
        }
    }

    /// Ends our side. Nobody is told if that fails: it is over either way.
    pub async fn shut(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    fn broken(&self, source: std::io::Error) -> ClientError {
        ClientError::Broken {
            after: self.after.clone(),
            source,
        }
    }
}
