//! Messages for somebody who is not there: kept until they are fetched and deleted, and told of to the clients of their
//! account. In memory only. Source: the NINA wiki, "Offline IM".

use crate::msnp::Frame;
use crate::msnp::mime::Mime;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use parking_lot::Mutex;
use quick_xml::escape::escape;
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// The most messages that wait for one account.
pub const MOST_OF_ONE: usize = 100;
/// The most messages that wait in all.
pub const MOST: usize = 2_000;
/// The longest message that is kept, in bytes with its headers.
pub const MOST_BYTES: usize = 8 * 1024;
/// With more than these, `Mail-Data` says `too-large`, and clients ask for the metadata over SOAP.
const MOST_TOLD: usize = 25;
/// The folder of offline messages, as clients know it.
const FOLDER: &str = "00000000-0000-0000-0000-000000000009";
/// The headers of a message that are kept; others are nobody's business.
const KEPT: &[&str] = &[
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "X-OIM-Message-Type",
    "X-OIM-Run-Id",
    "X-OIM-Sequence-Num",
];

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its GUID.
    pub id: String,
    /// The account of the sender.
    pub from: String,
    /// The sender's name, as the client encoded it: `=?utf-8?B?…?=`.
    pub name: String,
    /// The account that it is for.
    pub to: String,
    /// When it came: `2008-01-01T00:00:00.000Z`.
    pub received: String,
    /// Its headers and its body, as they came.
    pub content: String,
}

/// Why a message is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// More than [`MOST_BYTES`].
    #[error("it is longer than {MOST_BYTES} bytes")]
    Long,
    /// More than [`MOST_OF_ONE`].
    #[error("{MOST_OF_ONE} messages wait for that account already")]
    Account,
    /// More than [`MOST`].
    #[error("{MOST} messages wait already")]
    All,
}

/// Those that wait, oldest first.
#[derive(Debug, Default)]
pub struct Offline(Mutex<Vec<Arc<Waiting>>>);

impl Offline {
    /// Keeps a message.
    ///
    /// # Errors
    /// [`Full`], and it is not kept.
    pub fn keep(&self, message: Waiting) -> Result<Arc<Waiting>, Full> {
        if message.content.len() + message.name.len() > MOST_BYTES {
            return Err(Full::Long);
        }
        let mut held = self.0.lock();
        if held.len() >= MOST {
            return Err(Full::All);
        }
        let same = held.iter().filter(|other| other.is_for(&message.to));
        if same.count() >= MOST_OF_ONE {
            return Err(Full::Account);
        }
        let message = Arc::new(message);
        held.push(message.clone());
        Ok(message)
    }

    /// Those for an account.
    pub fn of(&self, account: &str) -> Vec<Arc<Waiting>> {
        let held = self.0.lock();
        held.iter().filter(|m| m.is_for(account)).cloned().collect()
    }

    /// Deletes one of an account; whether there was one.
    pub fn delete(&self, account: &str, id: &str) -> bool {
        let mut held = self.0.lock();
        let before = held.len();
        held.retain(|m| !(m.is_for(account) && m.id.eq_ignore_ascii_case(id)));
        held.len() < before
    }
}

impl Waiting {
    fn is_for(&self, account: &str) -> bool {
        self.to.eq_ignore_ascii_case(account)
    }

    /// What it says, decoded.
    pub fn text(&self) -> String {
        let message = Mime::read(self.content.as_bytes());
        let encoding = message.text("Content-Transfer-Encoding");
        if encoding.is_some_and(|word| word.eq_ignore_ascii_case("base64")) {
            let mut body = message.body.to_vec();
            body.retain(|byte| !byte.is_ascii_whitespace());
            if let Ok(bytes) = BASE64.decode(body) {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
        }
        String::from_utf8_lossy(message.body).into_owned()
    }

    /// As mail, the way GetMessage gives it.
    pub fn mail(&self) -> String {
        let message = Mime::read(self.content.as_bytes());
        let mut out = format!(
            "From: {} <{}>\r\nTo: {}\r\nSubject: \r\nX-OIM-originatingSource: 127.0.0.1\r\nX-OIMProxy: MSNMSGR\r\n",
            self.name, self.from, self.to
        );
        for name in KEPT {
            if let Some(value) = message.text(name) {
                out.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        let (arrived, date) = dates(&self.received);
        out.push_str(&format!(
            "Message-ID: <{}@nudge>\r\nX-OriginalArrivalTime: {arrived}\r\nDate: {date}\r\nReturn-Path: ndr@oim.messenger.msn.com\r\n\r\n",
            self.id,
        ));
        out.push_str(&String::from_utf8_lossy(message.body));
        out
    }

    fn metadata(&self) -> String {
        format!(
            "<M><T>11</T><S>6</S><RT>{}</RT><RS>0</RS><SZ>{}</SZ><E>{}</E><I>{}</I><F>{FOLDER}</F><N>{}</N></M>",
            escape(self.received.as_str()),
            self.content.len(),
            escape(self.from.as_str()),
            escape(self.id.as_str()),
            escape(self.name.as_str()),
        )
    }
}

/// A time as mail has it in `X-OriginalArrivalTime` and in `Date`: of the first some clients read the words, and others the
/// number behind `FILETIME`, the tenths of a microsecond since 1601 in two halves. One that is no time stays as it is.
fn dates(received: &str) -> (String, String) {
    let read = OffsetDateTime::parse(received, &Rfc3339).ok();
    let words = read.and_then(|time| {
        let day = format_description!("[day] [month repr:short] [year] [hour]:[minute]:[second]");
        Some((time, time.format(day).ok()?))
    });
    let Some((time, words)) = words else {
        return (received.to_owned(), received.to_owned());
    };
    let since = time.unix_timestamp_nanos() / 100 + 11_644_473_600 * 10_000_000;
    let (high, low) = (since >> 32, since & 0xffff_ffff);
    let part = time.millisecond();
    (
        format!("{words}.{part:03}0 (UTC) FILETIME=[{low:08X}:{high:08X}]"),
        format!("{words} +0000"),
    )
}

/// `MD`: how much mail there is, which is none, and the messages that wait.
pub fn metadata(waiting: &[Arc<Waiting>]) -> String {
    let messages: String = waiting.iter().map(|message| message.metadata()).collect();
    format!(
        "<MD><E><I>0</I><IU>0</IU><O>{0}</O><OU>{0}</OU></E><Q><QTM>409600</QTM><QNM>204800</QNM></Q>{messages}</MD>",
        waiting.len()
    )
}

/// The message by which a client is told of those that wait.
pub fn notification(waiting: &[Arc<Waiting>]) -> Frame {
    let data = match waiting.len() > MOST_TOLD {
        true => "too-large".to_owned(),
        false => metadata(waiting),
    };
    let text = format!(
        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsoimnotification; charset=UTF-8\r\n\r\nMail-Data: {data}\r\n"
    );
    let line = format!("MSG Hotmail Hotmail {}\r\n{text}", text.len());
    Frame::from_wire(line.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(to: &str, id: usize) -> Waiting {
        Waiting {
            id: id.to_string(),
            from: "a@b.c".into(),
            name: "=?utf-8?B?QQ==?=".into(),
            to: to.into(),
            received: "2008-01-01T00:00:00.000Z".into(),
            content: "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\nX-OIM-Message-Type: OfflineMessage\nX-OIM-Sequence-Num: 1\nX-Evil: 1\n\nSGVs\nbG8=".into(),
        }
    }

    #[test]
    fn a_message_is_kept_told_of_read_and_deleted() {
        let offline = Offline::default();
        offline.keep(waiting("Me@local", 1)).expect("kept");
        let held = offline.of("me@local");
        assert_eq!(held[0].text(), "Hello");
        let mail = held[0].mail();
        assert!(
            mail.starts_with("From: =?utf-8?B?QQ==?= <a@b.c>\r\nTo: Me@local\r\n"),
            "{mail}"
        );
        assert!(
            mail.ends_with("\r\n\r\nSGVs\nbG8=") && !mail.contains("Evil"),
            "{mail}"
        );
        let frame = notification(&held);
        let text = String::from_utf8_lossy(frame.wire()).into_owned();
        assert!(text.starts_with("MSG Hotmail Hotmail "), "{text}");
        assert!(
            text.contains("<O>1</O>") && text.contains("<M><T>11</T><S>6</S>"),
            "{text}"
        );
        assert!(!offline.delete("other@local", "1"));
        assert!(offline.delete("me@local", "1"));
        assert!(offline.of("me@local").is_empty());
    }

    #[test]
    fn its_time_is_written_as_mail_has_it() {
        // As it stood in a mail of those years.
        let (arrived, date) = dates("2006-01-13T00:13:22.565Z");
        assert_eq!(
            arrived,
            "13 Jan 2006 00:13:22.5650 (UTC) FILETIME=[2A3BF350:01C617D6]"
        );
        assert_eq!(date, "13 Jan 2006 00:13:22 +0000");
        assert_eq!(dates("then").0, "then");
    }

    #[test]
    fn what_waits_is_bounded() {
        let offline = Offline::default();
        for id in 0..MOST_OF_ONE {
            offline.keep(waiting("me@local", id)).expect("kept");
        }
        assert_eq!(offline.keep(waiting("me@local", 0)), Err(Full::Account));
        let long = Waiting {
            content: "x".repeat(MOST_BYTES + 1),
            ..waiting("o@local", 0)
        };
        assert_eq!(offline.keep(long), Err(Full::Long));
        for id in MOST_OF_ONE..MOST {
            offline
                .keep(waiting(&format!("{}@local", id / 50), id))
                .expect("kept");
        }
        assert_eq!(offline.keep(waiting("new@local", 0)), Err(Full::All));
        let frame = notification(&offline.of("me@local"));
        assert!(String::from_utf8_lossy(frame.wire()).contains("Mail-Data: too-large"));
    }
}
