//! MSNSLP: the text by which a session is invited, taken, refused and ended. A start line, headers, a blank line, a
//! body of fields, a zero byte. It looks like SIP and is read as strictly as clients wrote it: not very.

use super::super::mime::{Mime, write};
use std::fmt;

/// What an invitation is for, by its `EUF-GUID`.
pub const PURPOSES: &[(&str, &str)] = &[
    (OBJECT, "object"),
    (FILE, "file transfer"),
    (
        "{1C9AA97E-9C05-4583-A3BD-908A196F1E92}",
        "webcam, to be seen",
    ),
    ("{4BD96FC0-AB17-4425-A14A-439185962DC8}", "webcam, to show"),
];
/// The GUID of display pictures, emoticons and other objects.
pub const OBJECT: &str = "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}";
/// The GUID of file transfers.
pub const FILE: &str = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}";

/// The body of an invitation, or of an answer to it.
pub const SESSION_REQUEST: &str = "application/x-msnmsgr-sessionreqbody";
/// The body of BYE.
pub const SESSION_CLOSE: &str = "application/x-msnmsgr-sessionclosebody";
/// The body of an invitation to a direct connection.
pub const TRANSPORT_REQUEST: &str = "application/x-msnmsgr-transreqbody";

/// Bytes of the longest message that is read: its context holds a preview at most.
pub const MOST: usize = 32 * 1024;

/// What a message wants or says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// To begin a session, or to change it.
    Invite,
    /// To end one.
    Bye,
    /// Another method.
    Other(String),
    /// An answer: 200 takes an invitation, 603 refuses it.
    Status(u16, String),
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slp {
    /// What it wants or says.
    pub start: Start,
    /// `To`, between `<msnmsgr:` and `>`: `mail` or `mail;{guid}`.
    pub to: String,
    /// `From`, likewise.
    pub from: String,
    /// `branch` in `Via`: one exchange.
    pub branch: String,
    /// `CSeq`: 0 in a request, 1 in its answer.
    pub sequence: u32,
    /// `Call-ID`: the conversation about one session.
    pub call: String,
    /// `Content-Type`.
    pub content: String,
    /// The fields of the body, in order.
    pub fields: Vec<(String, String)>,
}

/// Why a text is not MSNSLP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlpError {
    /// Longer than [`MOST`].
    #[error("it has {0} bytes, more than {MOST}")]
    Long(usize),
    /// A start line that is neither a request nor an answer.
    #[error("its first line is neither a request nor an answer")]
    Start,
    /// A header that must be there is not, or says nothing.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// The body is shorter than its length says.
    #[error("its body has {has} bytes, and Content-Length says {says}")]
    Body {
        /// What the header says.
        says: u64,
        /// What is there.
        has: usize,
    },
}

impl Slp {
    /// Reads one.
    ///
    /// # Errors
    /// [`SlpError`] where it could not be answered.
    pub fn read(bytes: &[u8]) -> Result<Self, SlpError> {
        if bytes.len() > MOST {
            return Err(SlpError::Long(bytes.len()));
        }
        let end = memchr::memchr(b'\n', bytes).ok_or(SlpError::Start)?;
        let line = std::str::from_utf8(&bytes[..end]).map_err(|_| SlpError::Start)?;
        let start = start(line.trim()).ok_or(SlpError::Start)?;
        let message = Mime::read(&bytes[end + 1..]);
        let header = |name: &'static str| {
            let value = message.text(name).filter(|value| !value.is_empty());
            value.ok_or(SlpError::Missing(name))
        };
        let body = match message.text("Content-Length").map(str::parse::<u64>) {
            Some(Ok(says)) => {
                let length = usize::try_from(says).unwrap_or(usize::MAX);
                let has = message.body.len();
                // Some clients count the zero at the end but do not send it.
                if length > has + 1 {
                    return Err(SlpError::Body { says, has });
                }
                &message.body[..length.min(has)]
            }
            _ => message.body,
        };
        let via = header("Via")?;
        let branch = via.split("branch=").nth(1).unwrap_or_default();
        let body = body.strip_suffix(b"\0").unwrap_or(body);
        let fields = Mime::read(body);
        Ok(Self {
            start,
            to: endpoint(header("To")?),
            from: endpoint(header("From")?),
            branch: branch
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
            sequence: header("CSeq")?.trim().parse().unwrap_or_default(),
            call: header("Call-ID")?.to_owned(),
            content: message.text("Content-Type").unwrap_or_default().to_owned(),
            fields: fields
                .headers
                .iter()
                .map(|field| {
                    let value = String::from_utf8_lossy(&field.value).into_owned();
                    (field.name.to_owned(), value)
                })
                .collect(),
        })
    }

    /// A field of the body, by its name in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        let named = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields.iter().find(named).map(|field| field.1.as_str())
    }

    /// A field that is a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.field(name)?.trim().parse().ok()
    }

    /// The answer to this request: its own fields but those, with this status.
    pub fn answer(&self, status: u16, reason: &str, fields: &[(&str, &str)]) -> Self {
        Self {
            start: Start::Status(status, reason.to_owned()),
            to: self.from.clone(),
            from: self.to.clone(),
            branch: self.branch.clone(),
            sequence: self.sequence.saturating_add(1),
            call: self.call.clone(),
            content: SESSION_REQUEST.into(),
            fields: owned(fields),
        }
    }

    /// The message as bytes, with the zero at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = match &self.start {
            Start::Invite => format!("INVITE MSNMSGR:{} MSNSLP/1.0", self.to),
            Start::Bye => format!("BYE MSNMSGR:{} MSNSLP/1.0", self.to),
            Start::Other(method) => format!("{method} MSNMSGR:{} MSNSLP/1.0", self.to),
            Start::Status(code, reason) => format!("MSNSLP/1.0 {code} {reason}"),
        };
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut body = write(&fields, b"\0");
        // A body without fields is a blank line.
        if fields.is_empty() {
            body = b"\r\n\0".to_vec();
        }
        let head = write(
            &[
                ("To", &format!("<msnmsgr:{}>", self.to)),
                ("From", &format!("<msnmsgr:{}>", self.from)),
                ("Via", &format!("MSNSLP/1.0/TLP ;branch={}", self.branch)),
                ("CSeq", &format!("{} ", self.sequence)),
                ("Call-ID", &self.call),
                ("Max-Forwards", "0"),
                ("Content-Type", &self.content),
                ("Content-Length", &body.len().to_string()),
            ],
            &body,
        );
        let line: String = first.chars().filter(|c| !c.is_control()).collect();
        [line.as_bytes(), b"\r\n", &head].concat()
    }
}

impl fmt::Display for Slp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.start {
            Start::Invite => f.write_str("INVITE")?,
            Start::Bye => f.write_str("BYE")?,
            Start::Other(method) => f.write_str(method)?,
            Start::Status(code, reason) => write!(f, "{code} {reason}")?,
        }
        if let Some(session) = self.field("SessionID") {
            write!(f, ", session {session}")?;
        }
        if let Some(purpose) = self.field("EUF-GUID").and_then(purpose) {
            write!(f, ", {purpose}")?;
        }
        Ok(())
    }
}

/// What a GUID of [`PURPOSES`] stands for.
pub fn purpose(guid: &str) -> Option<&'static str> {
    let found = PURPOSES.iter().find(|row| row.0.eq_ignore_ascii_case(guid));
    found.map(|row| row.1)
}

/// Fields as a message owns them.
pub fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let fields = fields.iter();
    fields
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn start(line: &str) -> Option<Start> {
    let mut words = line.splitn(3, ' ');
    let (first, second, third) = (words.next()?, words.next()?, words.next());
    if first.starts_with("MSNSLP/") {
        let code = second.parse().ok()?;
        return Some(Start::Status(code, third.unwrap_or_default().to_owned()));
    }
    third.filter(|version| version.starts_with("MSNSLP/"))?;
    Some(match first {
        "INVITE" => Start::Invite,
        "BYE" => Start::Bye,
        other => Start::Other(other.to_owned()),
    })
}

/// What stands between `<msnmsgr:` and `>`.
fn endpoint(value: &str) -> String {
    let inner = value.trim().trim_start_matches('<').trim_end_matches('>');
    let prefix = inner
        .get(..8)
        .filter(|prefix| prefix.eq_ignore_ascii_case("msnmsgr:"));
    inner[prefix.map_or(0, str::len)..].to_owned()
}

#[cfg(test)]
#[path = "slp/tests.rs"]
mod tests;
