//! What a client asks of the service: URL, GCF, SBS, QRY, notes to others, and what is not served.

use super::commands::{Command, echo, send};
use super::session::{Output, Request, Session, Surroundings, refuse};
use crate::event::{ServiceFinding, say};
use crate::msnp::TransactionId;
use crate::msnp::dialect::Book;
use crate::server::book::Note;
use md5::{Digest as _, Md5};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// What may be sent: everything.
const SHIELDS: &str = "<config><shield><cli maj=\"7\" min=\"0\" minbld=\"0\" maxbld=\"9999\" deny=\" \" /></shield><block></block></config>";

/// The policies that are pushed when a client signs in. The checksum is the MD5 of the policy's text, in capitals.
pub(super) fn policies() -> &'static str {
    static POLICIES: OnceLock<String> = OnceLock::new();
    POLICIES.get_or_init(|| {
        let digest = Md5::digest(SHIELDS.as_bytes());
        let checksum = digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        });
        format!("<Policies><Policy type=\"SHIELDS\" checksum=\"{checksum}\">{SHIELDS}</Policy></Policies>")
    })
}

impl Session {
    pub(super) fn url(&mut self, c: Command<'_>, around: &Surroundings<'_>, out: &mut Vec<Output>) {
        match c.arguments.first() {
            Some(service) => out.push(Output::Send(
                format!("URL {} {service} {}\r\n", c.transaction, around.pages).into(),
            )),
            None => refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
                "URL",
                "URL needs the name of a service, and has none",
                out,
            ),
        }
    }

    /// LKP: every phone number takes messages here, if it is one.
    pub(super) fn look_up(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        let is_phone = |text: &String| {
            let digits = text.strip_prefix("tel:+").unwrap_or_default();
            (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        };
        match c.arguments.as_slice() {
            [phone] if is_phone(phone) => send(echo(&c), out),
            _ => refuse(
                201,
                Some(c.transaction),
                ServiceFinding::PhoneNumber,
                "LKP",
                "LKP needs a phone number, not encoded, such as tel:+31123456789",
                out,
            ),
        }
    }

    /// UUN: to one's own account it is always taken; to others only where they are signed in, or can be seen.
    pub(super) fn notify(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        // Account, type and length; the length has been read by the codec.
        if c.arguments.len() < 3 {
            return refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
                "UUN",
                "UUN needs an account, a type and a length",
                out,
            );
        }
        let mut arguments = c.arguments.into_iter();
        let note = Note {
            to: arguments.next().unwrap_or_default(),
            kind: arguments.next().unwrap_or_default(),
            payload: c.payload.to_vec(),
        };
        out.push(Output::Ask(Request::Note(c.transaction, note)));
    }

    /// Whether a note was taken.
    pub(super) fn noted(
        &self,
        transaction: TransactionId,
        to: &str,
        taken: bool,
        out: &mut Vec<Output>,
    ) {
        if !taken {
            let why = say!("{to} is not online");
            return refuse(
                217,
                Some(transaction),
                ServiceFinding::Offline,
                "UUN account",
                why,
                out,
            );
        }
        send(
            match self.rules().ack {
                true => format!("ACK {transaction} UUN\r\n"),
                false => format!("UUN {transaction} OK\r\n"),
            },
            out,
        );
    }

    /// GCF: the policies of the service, as a file where a client asks for it. The Mac gets none, as in the article.
    pub(super) fn policy(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        let rules = self.rules();
        let text = match rules.book {
            Book::Soap if rules.policies => policies().to_owned(),
            Book::Soap => "<Policies></Policies>".to_owned(),
            _ => format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{SHIELDS}"),
        };
        let file = c.arguments.first().map_or("Shields.xml", String::as_str);
        let (transaction, length) = (c.transaction, text.len());
        send(format!("GCF {transaction} {file} {length}\r\n{text}"), out);
    }

    pub(super) fn echo(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        out.push(Output::Send(echo(&c).into()));
    }
}
