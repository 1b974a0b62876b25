//! A client of lines, as bare as can be.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// A connection, without delay.
pub fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_nodelay(true).expect("no delay");
    BufReader::with_capacity(4096, stream)
}

/// Writes this.
pub fn say(stream: &mut BufReader<TcpStream>, text: &str) {
    stream
        .get_mut()
        .write_all(text.as_bytes())
        .expect("is read");
}

/// Reads a line.
pub fn hear(stream: &mut BufReader<TcpStream>, line: &mut String) {
    line.clear();
    stream.read_line(line).expect("a line");
    assert!(!line.is_empty(), "closed");
}

/// Signs in at MSNP16, and reads the initial list of the shipped roster.
pub fn sign_in(address: SocketAddr, account: &str, ticket: &str) -> BufReader<TcpStream> {
    let mut stream = connect(address);
    let mut line = String::new();
    for command in [
        "VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\r\n".to_owned(),
        format!("CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs {account}\r\n"),
        format!("USR 3 TWN I {account}\r\n"),
        format!("USR 4 TWN S {ticket} 235411cb78234a468feb6f1bccca43fd\r\n"),
        "BLP 7 AL\r\n".to_owned(),
        "CHG 8 NLN 1085276192:131088\r\n".to_owned(),
    ] {
        say(&mut stream, &command);
        hear(&mut stream, &mut line);
    }
    // Seven of the eight contacts are seen, each with its personal message.
    for _ in 0..7 {
        hear(&mut stream, &mut line);
        assert!(line.starts_with("ILN 8 "), "{line}");
        hear(&mut stream, &mut line);
        let length = line.trim_end().rsplit(' ').next().expect("a length");
        let mut payload = vec![0; length.parse().expect("a number")];
        stream.read_exact(&mut payload).expect("the payload");
    }
    stream
}

/// The same at MSNP12, with the list that SYN asks for.
pub fn sign_in_12(address: SocketAddr, account: &str, ticket: &str) -> BufReader<TcpStream> {
    let mut stream = connect(address);
    let mut line = String::new();
    let steps = [
        ("VER 1 MSNP12 CVR0\r\n".to_owned(), "VER 1 "),
        (
            format!("CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.5.0322 MSMSGS {account}\r\n"),
            "CVR 2 ",
        ),
        (format!("USR 3 TWN I {account}\r\n"), "USR 3 TWN S"),
        (format!("USR 4 TWN S {ticket}\r\n"), "USR 4 OK"),
        ("SYN 5 0 0\r\n".to_owned(), "SYN 5 "),
        ("CHG 6 NLN 0\r\nPNG\r\n".to_owned(), "QNG"),
    ];
    for (command, answer) in steps {
        say(&mut stream, &command);
        // A payload has no end of line of its own.
        loop {
            hear(&mut stream, &mut line);
            if line.contains(answer) {
                break;
            }
        }
    }
    stream
}
