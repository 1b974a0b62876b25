//! One recorded request, sent again as it is over a connection of its own, and its answer as it comes.

use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode, SslVersion};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How many times the patience for one piece a whole exchange may take: a server that sends a byte now and then
/// would keep us for ever.
const WHOLE: u32 = 4;
/// The longest answer that is taken, in bytes.
const MOST: usize = 16 * 1024 * 1024;

/// Where the web services are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Web {
    /// Over TLS. Any certificate and any version is taken: this is a test tool, and what it sends is
    /// what was recorded.
    Https(SocketAddr),
    /// In the clear.
    Http(SocketAddr),
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// A connection on which everything together has its time.
#[derive(Debug)]
struct Timed {
    tcp: TcpStream,
    patience: Duration,
    until: Instant,
}

impl Timed {
    /// The time that the next step has.
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return late(Err(io::ErrorKind::TimedOut.into()));
        }
        Ok(left.min(self.patience))
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(self.left()?))?;
        late(self.tcp.read(buffer))
    }
}

impl Write for Timed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(self.left()?))?;
        late(self.tcp.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// A socket says "would block" where its time is over, and OpenSSL would ask again.
fn late<T>(result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
        }
        _ => error,
    })
}

/// Sends a request and reads the whole answer, its body without chunks.
///
/// # Errors
/// What the connection says.
pub fn exchange(web: Web, request: &[u8], patience: Duration) -> io::Result<Vec<u8>> {
    let (Web::Https(address) | Web::Http(address)) = web;
    let tcp = TcpStream::connect_timeout(&address, patience)?;
    let tcp = Timed {
        until: Instant::now() + patience * WHOLE,
        tcp,
        patience,
    };
    let mut stream: Box<dyn Stream> = match web {
        Web::Http(_) => Box::new(tcp),
        Web::Https(_) => Box::new(tls(tcp)?),
    };
    stream.write_all(request)?;
    stream.flush()?;
    answer(&mut stream)
}

fn tls(tcp: Timed) -> io::Result<impl Read + Write> {
    let failed = |error: openssl::error::ErrorStack| io::Error::other(error);
    let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(failed)?;
    builder.set_verify(SslVerifyMode::NONE);
    builder
        .set_min_proto_version(Some(SslVersion::TLS1))
        .map_err(failed)?;
    builder.set_cipher_list("ALL:@SECLEVEL=0").map_err(failed)?;
    let mut config = builder.build().configure().map_err(failed)?;
    // The Mac sends no name, and so does this.
    config.set_use_server_name_indication(false);
    config.set_verify_hostname(false);
    config.connect("", tcp).map_err(io::Error::other)
}

fn answer(stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            break at + 4;
        }
        if !more(stream, &mut bytes)? {
            return Ok(bytes);
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let header = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(|value| value.trim().to_owned())
    };
    if header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        loop {
            if let Some(body) = unchunked(&bytes[head..]) {
                bytes.truncate(head);
                bytes.extend_from_slice(&body);
                return Ok(bytes);
            }
            if !more(stream, &mut bytes)? {
                return Ok(bytes);
            }
        }
    }
    let length = header("content-length").and_then(|value| value.parse::<usize>().ok());
    let whole = length.map(|length| head.saturating_add(length));
    while whole.is_none_or(|whole| bytes.len() < whole) {
        if !more(stream, &mut bytes)? {
            break;
        }
    }
    if let Some(whole) = whole {
        bytes.truncate(whole);
    }
    Ok(bytes)
}

/// Reads some more; whether there was any.
fn more(stream: &mut dyn Read, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0; 16 * 1024];
    loop {
        return match stream.read(&mut piece) {
            Ok(0) => Ok(false),
            Ok(n) => {
                bytes.extend_from_slice(&piece[..n]);
                if bytes.len() > MOST {
                    return Err(io::Error::other(format!(
                        "an answer of more than {MOST} bytes"
                    )));
                }
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // Old servers close without a word of TLS.
            Err(error)
                if !bytes.is_empty()
                    && matches!(
                        error.kind(),
                        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
                    ) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        };
    }
}

/// A whole body without its chunks; `None` as long as it is not whole.
fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = memchr::memmem::find(bytes, b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        bytes = &bytes[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        String::from_utf8(answer(&mut &bytes[..]).expect("read")).expect("text")
    }

    #[test]
    fn an_answer_ends_where_it_says() {
        assert_eq!(
            read(b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 2\r\n\r\nabc"),
            "HTTP/1.1 200 OK\r\ncontent-LENGTH: 2\r\n\r\nab"
        );
        assert_eq!(
            read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\nd"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nabc"
        );
        for cut in [
            "",
            "HTTP/1.1 200",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na",
        ] {
            assert_eq!(read(cut.as_bytes()), cut);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_read(bytes: Vec<u8>, chunked: bool) {
            let head = if chunked { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" } else { "" };
            let bytes = [head.as_bytes(), &bytes].concat();
            proptest::prop_assert!(answer(&mut &bytes[..]).is_ok());
        }
    }
}
