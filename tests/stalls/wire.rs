//! One connection of a play: in the clear, over TLS, or gone.

use openssl::ssl::SslStream;
use std::io::{Read, Write};
use std::net::TcpStream;

pub enum Wire {
    Plain(TcpStream),
    Tls(SslStream<TcpStream>),
    Gone,
}

pub struct Connection {
    pub wire: Wire,
    pub buffer: Vec<u8>,
}

impl Connection {
    pub fn socket(&self) -> Option<&TcpStream> {
        match &self.wire {
            Wire::Plain(socket) => Some(socket),
            Wire::Tls(tls) => Some(tls.get_ref()),
            Wire::Gone => None,
        }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        // That the service closed is a part of the play.
        let _ = match &mut self.wire {
            Wire::Plain(socket) => socket.write_all(bytes),
            Wire::Tls(tls) => tls.write_all(bytes),
            Wire::Gone => Ok(()),
        };
    }

    /// Whether more came.
    pub fn more(&mut self) -> bool {
        let mut bytes = [0; 8192];
        let read = match &mut self.wire {
            Wire::Plain(socket) => socket.read(&mut bytes),
            Wire::Tls(tls) => tls.read(&mut bytes),
            Wire::Gone => Ok(0),
        };
        let read = read.unwrap_or(0);
        self.buffer.extend_from_slice(&bytes[..read]);
        read > 0
    }

    /// Reads up to a line that begins so, and gives back the rest of it.
    pub fn line(&mut self, begin: &[u8]) -> Option<String> {
        loop {
            while let Some(end) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                // A payload has no line break at its end: the next line follows in it.
                if let Some(at) = line.windows(begin.len()).position(|w| w == begin) {
                    return Some(
                        String::from_utf8_lossy(&line[at + begin.len()..end]).into_owned(),
                    );
                }
            }
            if !self.more() {
                return None;
            }
        }
    }

    pub fn rest(&mut self) -> String {
        while self.more() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.buffer)).into_owned()
    }
}
