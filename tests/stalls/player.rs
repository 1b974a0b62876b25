//! Plays the lines of a stall against the real binary.

#[path = "later.rs"]
mod later;
#[path = "wire.rs"]
mod wire;

use super::program;
use super::proof::proof;
use nudge::msnp::escape;
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode, SslVersion};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wire::{Connection, Wire};

/// Ends a play that would hang.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long an answer may take that does not come: then the play goes on, as a client does.
const ANSWER: Duration = Duration::from_secs(10);

/// The service, as a user starts it.
pub struct Nudge {
    child: Child,
    lines: Receiver<String>,
    all: Vec<Value>,
    recording: PathBuf,
}

impl Nudge {
    pub fn start(folder: &Path, more: &[String]) -> Self {
        let certs = certificates();
        let recording = folder.join("stall.nudge");
        let files = ["--record", "--certs"]
            .into_iter()
            .zip([recording.as_path(), certs])
            .flat_map(|(option, path)| [option.to_owned(), path.display().to_string()]);
        let (child, lines) = program::start(folder, files.chain(more.iter().cloned()));
        Self {
            child,
            lines,
            all: Vec::new(),
            recording,
        }
    }

    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(found) = self.all.iter().find(|line| wanted(line)) {
                return found.clone();
            }
            let line = self.lines.recv_timeout(PATIENCE).expect("the line comes");
            self.all.push(serde_json::from_str(&line).expect("JSON"));
        }
    }

    fn address(&mut self, service: &str) -> SocketAddr {
        let line = self.until(|line| line["event"] == "listening" && line["service"] == service);
        line["address"]
            .as_str()
            .expect("text")
            .parse()
            .expect("an address")
    }

    /// Waits until it is told that a line was sent that begins so.
    fn told(&mut self, begin: &str) {
        self.until(|line| {
            let text = line["line"].as_str().unwrap_or_default();
            line["direction"] == "out" && text.starts_with(begin)
        });
    }

    pub fn command(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("its input");
        writeln!(stdin, "{line}").expect("it reads");
    }

    /// Ends it, and gives back all that it told.
    pub fn quit(&mut self) -> Vec<Value> {
        self.command("quit");
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.all.push(serde_json::from_str(&line).expect("JSON"));
        }
        let _ = self.child.wait();
        // What is told of its own end is no longer of the stall.
        let end = self
            .all
            .iter()
            .rposition(|line| line["event"] == "reply" && line["text"] == "ending");
        self.all.truncate(end.unwrap_or(self.all.len()));
        std::mem::take(&mut self.all)
    }

    pub fn explain(&self, patience: f64) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(["explain", &self.recording.display().to_string()])
            .args(["--patience", &patience.to_string()])
            .output()
            .expect("it runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// One root for all: a key takes its time.
fn certificates() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = || {
        let folder = tempfile::tempdir().expect("a folder");
        let status = Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args([
                "certs",
                "init",
                "--certs",
                &folder.path().display().to_string(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("it runs").success());
        folder
    };
    FOLDER.get_or_init(made).path()
}

impl Drop for Nudge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Open(BTreeMap<String, Connection>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.clear();
    }
}

/// One play.
pub struct Player<'a> {
    nudge: &'a mut Nudge,
    connections: BTreeMap<String, Connection>,
    at: String,
    known: BTreeMap<String, String>,
    account: String,
    /// Where its connections come from.
    from: String,
}

/// What stands for several lines. `$ticket`, `$params` and the like are filled in.
const WORDS: &[(&str, &str)] = &[
    (
        "greet",
        "> VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\n< VER 1\n\
         > CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\n< CVR 2\n\
         > USR 3 TWN I me@local\n< USR 3 TWN S {params}",
    ),
    (
        "usr",
        "> USR 4 TWN S $ticket 235411cb78234a468feb6f1bccca43fd\n< USR 4 OK",
    ),
    (
        "adl",
        "> ADL 5 245\n>> <ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /><c n=\"brb\" l=\"3\" t=\"1\" /><c n=\"busy\" l=\"3\" t=\"1\" /><c n=\"hidden\" l=\"3\" t=\"1\" /><c n=\"idle\" l=\"3\" t=\"1\" /><c n=\"lunch\" l=\"3\" t=\"1\" /><c n=\"online\" l=\"3\" t=\"1\" /><c n=\"phone\" l=\"3\" t=\"1\" /></d></ml>\n< ADL 5",
    ),
    (
        "prp",
        "> PRP 6 MFN Me%20Myself\n< ACK 6\n> BLP 7 AL\n< ACK 7",
    ),
    ("chg", "> CHG 8 NLN 1085276192:131088\n< CHG 8\nwait 3"),
];

impl<'a> Player<'a> {
    pub fn new(nudge: &'a mut Nudge) -> Self {
        Self {
            nudge,
            connections: BTreeMap::new(),
            at: String::new(),
            known: BTreeMap::new(),
            account: "me@local".into(),
            from: "127.0.0.1".into(),
        }
    }

    pub fn play(&mut self, lines: &str) {
        for line in lines
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.is_empty())
        {
            self.one(line);
        }
    }

    /// What is open still.
    pub fn connections(self) -> impl Drop + use<> {
        Open(self.connections)
    }

    fn here(&mut self) -> &mut Connection {
        self.connections.get_mut(&self.at).expect("it is open")
    }

    fn bytes(&self, text: &str) -> Vec<u8> {
        let mut text = text.to_owned();
        for (name, value) in &self.known {
            text = text.replace(&format!("${name}"), value);
        }
        escape::unescape(&text)
    }

    fn one(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "open" => self.open(rest),
            "on" => self.at = rest.to_owned(),
            ">" => {
                let bytes = [self.bytes(rest), b"\r\n".to_vec()].concat();
                self.here().write(&bytes);
            }
            ">>" => {
                let bytes = measured(&self.bytes(rest));
                self.here().write(&bytes);
            }
            "<" => {
                let (begin, names) = rest.split_once('{').unwrap_or((rest, ""));
                let got = self.here().line(begin.as_bytes()).unwrap_or_default();
                // A client goes on to another connection with it. On one machine it can do so before the answer is
                // told of, which no client by a network can.
                let verb = begin
                    .as_bytes()
                    .get(..4)
                    .is_some_and(|b| b[3] == b' ' && b[..3].iter().all(u8::is_ascii_alphanumeric));
                if verb && !names.is_empty() && !got.is_empty() {
                    self.nudge.told(begin);
                }
                self.names(names, &got);
            }
            "wait" => {
                let tenths: u64 = rest.parse().expect("a number");
                std::thread::sleep(Duration::from_millis(tenths * 100));
            }
            "close" => self.here().wire = Wire::Gone,
            "reset" => {
                if let Some(socket) = self.here().socket() {
                    let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
                }
                self.here().wire = Wire::Gone;
            }
            "tls" => self.tls(rest),
            "!" => self.nudge.command(rest),
            _ => self.word(word.strip_prefix('@').expect("a word"), rest),
        }
    }

    /// Keeps each `NAME}` of a pattern: the text up to what stands behind it, or all that is left.
    fn names(&mut self, pattern: &str, mut text: &str) {
        for name in pattern.split('{') {
            let Some((name, behind)) = name.split_once('}') else {
                return;
            };
            let end = match behind {
                "" => text.len(),
                _ => text.find(behind).unwrap_or(text.len()),
            };
            let value = &text[..end];
            if name == "cookie" {
                let cut = value.get(..value.len().saturating_sub(4));
                self.known
                    .insert("cutcookie".into(), cut.unwrap_or_default().to_owned());
            }
            self.known.insert(name.to_owned(), value.to_owned());
            text = text.get(end + behind.len()..).unwrap_or_default();
        }
    }

    fn word(&mut self, word: &str, rest: &str) {
        if let Some((_, lines)) = WORDS.iter().find(|(name, _)| *name == word) {
            return self.lines(lines);
        }
        if self.later(word, rest) {
            return;
        }
        match word {
            "mac" => {
                let dialect = if rest.is_empty() { "MSNP16" } else { rest };
                self.lines(&WORDS[0].1.replace(
                    "VER 1 MSNP16 MSNP15 MSNP14 MSNP13",
                    &format!("VER 1 {dialect}"),
                ));
                self.play("@nexus\n@login\n@usr\n@login\n@members\n@login\n@book\n@adl\n@prp\n@chg\n> UUX 9 53\n>> <Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>\n< ACK 9");
            }
            "nexus" => {
                self.request(b"GET /rdr/pprdr.asp HTTP/1.1\r\nHost: nexus.passport.com\r\nConnection: close\r\n\r\n");
            }
            "login" => {
                let request = format!(
                    "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 {},OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger.msn.com,sign-in={},pwd=secret\r\nConnection: close\r\n\r\n",
                    self.known.get("params").cloned().unwrap_or_default(),
                    self.account.replace('@', "%40"),
                );
                let answer = self.request(request.as_bytes());
                let ticket = between(&answer, "from-PP='", "'").to_owned();
                self.ticket(ticket);
            }
            "request" => {
                let bytes = measured(&self.bytes(rest));
                self.request(&bytes);
            }
            "members" => {
                self.soap(
                    "FindMembership",
                    "SharingService",
                    "<View>Full</View><deltasOnly>false</deltasOnly>",
                );
            }
            "book" => {
                self.soap("ABFindAll", "abservice", "<abId>00000000-0000-0000-0000-000000000000</abId><abView>Full</abView><deltasOnly>false</deltasOnly><lastChange>0001-01-01T00:00:00.0000000-08:00</lastChange>");
            }
            "delta" => {
                self.soap("ABFindAll", "abservice", "<abId>00000000-0000-0000-0000-000000000000</abId><abView>Full</abView><deltasOnly>true</deltasOnly><lastChange>2009-01-01T00:00:00.0000000-08:00</lastChange>");
            }
            "long" => {
                let line = format!("PRP 6 MFN {}\r\n", "x".repeat(20_000));
                self.here().write(line.as_bytes());
            }
            "rst" => self.rst(),
            "forget" => {
                self.known
                    .insert("ticket".into(), "t=EwAgAk6hBwAUjKZ&p=".into());
            }
            "sso" => self.sso(rest),
            "wlm" => {
                self.sso(rest);
                self.play(
                    "@members\n@book\n> BLP 6 AL\n< BLP 6\n@adl\n> PRP 7 MFN Me%20Myself\n< PRP 7",
                );
                let capabilities = if matches!(rest, "MSNP14" | "MSNP15") {
                    "2416181284"
                } else {
                    "2416181284:0"
                };
                self.play(&format!("> UUX 8 53\n>> <Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>\n< UUX 8\n> CHG 9 NLN {capabilities} 0\n< CHG 9\nwait 3\n> PNG\n< QNG"));
            }
            other => panic!("@{other} is no word"),
        }
    }

    fn open(&mut self, rest: &str) {
        let mut words = rest.split(' ');
        let name = words.next().expect("a name");
        let to = self.nudge.address(words.next().expect("a door"));
        let from = words
            .next()
            .map_or_else(|| self.from.clone(), str::to_owned);
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)
            .expect("a socket");
        let from: SocketAddr = format!("{from}:0").parse().expect("an address");
        socket.bind(&from.into()).expect("loopback is wide");
        socket.connect(&to.into()).expect("it listens");
        let socket: TcpStream = socket.into();
        socket.set_read_timeout(Some(ANSWER)).expect("it is one");
        let connection = Connection {
            wire: Wire::Plain(socket),
            buffer: Vec::new(),
        };
        self.connections.insert(name.to_owned(), connection);
        self.at = name.to_owned();
    }

    /// A request over a TLS connection of its own, which is closed behind it.
    fn request(&mut self, bytes: &[u8]) -> String {
        let before = std::mem::take(&mut self.at);
        self.open("request https");
        self.tls("");
        self.here().write(bytes);
        let answer = self.here().rest();
        self.connections.remove("request");
        self.at = before;
        answer
    }

    fn soap(&mut self, action: &str, service: &str, body: &str) -> String {
        let ticket = self
            .known
            .get("ticket")
            .cloned()
            .unwrap_or_default()
            .replace('&', "&amp;");
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><ABAuthHeader xmlns=\"http://www.msn.com/webservices/AddressBook\"><TicketToken>{ticket}</TicketToken></ABAuthHeader></soap:Header><soap:Body><{action} xmlns=\"http://www.msn.com/webservices/AddressBook\">{body}</{action}></soap:Body></soap:Envelope>"
        );
        self.request(
            format!(
                "POST /abservice/{service}.asmx HTTP/1.1\r\nHost: byrdr.omega.contacts.msn.com\r\nSOAPAction: \"http://www.msn.com/webservices/AddressBook/{action}\"\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
    }

    fn sso(&mut self, dialect: &str) {
        self.lines(&format!(
            "> VER 1 {dialect} CVR0\n< VER 1\n> CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 8.5.1302 msmsgs me@local\n< CVR 2\n> USR 3 SSO I me@local\n< USR 3 SSO S MBI_KEY_OLD {{question}}"
        ));
        self.rst();
        let usual = "{b6cf6cc0-4ac9-4a4c-8f0a-8b4e7f4f5c4a}";
        let guid = self.known.get("guid").map_or(usual, String::as_str);
        let guid = match dialect {
            "MSNP14" | "MSNP15" => String::new(),
            _ => format!(" {guid}"),
        };
        self.play(&format!("> USR 4 SSO S $ticket $proof{guid}\n< USR 4 OK"));
    }

    /// Keeps a ticket, and as clients may spoil it.
    fn ticket(&mut self, ticket: String) {
        let value = ticket.trim_start_matches("t=").trim_end_matches("&p=");
        for (name, form) in [
            ("xticket", ticket.replace('&', "&amp;")),
            ("pctticket", ticket.replace('=', "%3D").replace('&', "%26")),
            ("valueticket", value.to_owned()),
            ("cutticket", ticket.chars().take(40).collect()),
            ("lowticket", ticket.to_ascii_lowercase()),
        ] {
            self.known.insert(name.into(), form);
        }
        self.known.insert("ticket".into(), ticket);
    }

    /// The tokens of RST: the ticket, and the proof of the question.
    fn rst(&mut self) {
        let token = |n: usize, address: &str, policy: &str| {
            format!(
                "<wst:RequestSecurityToken Id=\"RST{n}\"><wst:RequestType>http://schemas.xmlsoap.org/ws/2004/04/security/trust/Issue</wst:RequestType><wsp:AppliesTo><wsa:EndpointReference><wsa:Address>{address}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo><wsse:PolicyReference URI=\"{policy}\"></wsse:PolicyReference></wst:RequestSecurityToken>"
            )
        };
        let tokens = [
            token(0, "http://Passport.NET/tb", ""),
            token(1, "messengerclear.live.com", "MBI_KEY_OLD"),
            token(2, "contacts.msn.com", "MBI"),
        ]
        .concat();
        let body = format!(
            "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsse=\"http://schemas.xmlsoap.org/ws/2003/06/secext\" xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2002/12/policy\" xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/03/addressing\" xmlns:wst=\"http://schemas.xmlsoap.org/ws/2004/04/trust\"><Header><wsse:Security><wsse:UsernameToken Id=\"user\"><wsse:Username>{}</wsse:Username><wsse:Password>secret</wsse:Password></wsse:UsernameToken></wsse:Security></Header><Body><ps:RequestMultipleSecurityTokens xmlns:ps=\"http://schemas.microsoft.com/Passport/SoapServices/PPCRL\" Id=\"RSTS\">{tokens}</ps:RequestMultipleSecurityTokens></Body></Envelope>",
            self.account
        );
        let answer = self.request(
            format!(
                "POST /RST.srf HTTP/1.1\r\nHost: loginnet.passport.com\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
        let ticket = between(&answer, "Id=\"Compact1\">", "</").replace("&amp;", "&");
        let proof = proof(
            between(&answer, "<wst:BinarySecret>", "</"),
            &self.known.get("question").cloned().unwrap_or_default(),
        );
        self.ticket(ticket);
        self.known.insert("proof".into(), proof);
    }

    fn tls(&mut self, options: &str) {
        let connection = self.here();
        let Wire::Plain(socket) = std::mem::replace(&mut connection.wire, Wire::Gone) else {
            panic!("it is plain");
        };
        let option = |name: &str| options.split(' ').find_map(|o| o.strip_prefix(name));
        if let Some(time) = option("time=") {
            let alert = option("alert=").unwrap_or("48");
            connection.wire = Wire::Plain(refused_by_hand(socket, time, alert.parse().ok()));
            return;
        }
        let mut builder = SslConnector::builder(SslMethod::tls_client()).expect("a connector");
        builder.set_security_level(0);
        let verify = options.contains("verify");
        builder.set_verify(if verify {
            SslVerifyMode::PEER
        } else {
            SslVerifyMode::NONE
        });
        if options.contains("old") {
            builder
                .set_min_proto_version(Some(SslVersion::TLS1))
                .expect("it is one");
            builder
                .set_max_proto_version(Some(SslVersion::TLS1))
                .expect("it is one");
        } else {
            builder
                .set_max_proto_version(Some(SslVersion::TLS1_2))
                .expect("it is one");
        }
        let sni = option("sni=");
        let mut configured = builder.build().configure().expect("configured");
        configured.set_use_server_name_indication(sni.is_some());
        configured.set_verify_hostname(sni.is_some() && verify);
        match configured.connect(sni.unwrap_or("localhost"), socket) {
            Ok(tls) => connection.wire = Wire::Tls(tls),
            Err(error) => assert!(verify, "{error}"),
        }
    }
}

/// A hello of TLS 1.0 whose random begins with this time, and an alert, such as that of a client that knows no such root.
fn refused_by_hand(mut socket: TcpStream, time: &str, alert: Option<u8>) -> TcpStream {
    let time = match time {
        "now" => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| u32::try_from(since.as_secs()).ok())
            .expect("it is before 2106"),
        time => u32::from_str_radix(time, 16).expect("hexadecimal"),
    };
    let mut hello = vec![3, 1];
    hello.extend_from_slice(&time.to_be_bytes());
    hello.extend_from_slice(&[0x5a; 28]);
    hello.extend_from_slice(&[0, 0, 4, 0, 0x2f, 0, 0x35, 1, 0]);
    let length = u8::try_from(hello.len()).expect("it is short");
    let mut record = vec![0x16, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    let _ = socket.write_all(&record);
    let begun = Instant::now();
    let mut bytes = Vec::new();
    // Up to ServerHelloDone.
    while !bytes.windows(4).any(|w| w == [14, 0, 0, 0]) && begun.elapsed() < ANSWER {
        let mut some = [0; 4096];
        match socket.read(&mut some) {
            Ok(n) if n > 0 => bytes.extend_from_slice(&some[..n]),
            _ => break,
        }
    }
    if let Some(alert) = alert {
        let _ = socket.write_all(&[0x15, 3, 1, 0, 2, 2, alert]);
    }
    socket
}

/// With the length of the body of an HTTP request where it says LENGTH.
fn measured(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.to_vec();
    };
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    text.replace(": LENGTH\r", &format!(": {}\r", body.len()))
        .into_bytes()
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or("", |(found, _)| found)
}
