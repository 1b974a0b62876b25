//! The way to the switchboard: XFR SB for a client that begins a conversation, RNG for one that is called to it.

use super::commands::{Command, send};
use super::mail::MAX_COOKIES;
use super::mail::{Cookie, Ring};
use super::session::{Output, Request, Session, Surroundings, finding, refuse};
use crate::event::{ServiceFinding, say};
use crate::msnp::dialect::Referral;
use crate::msnp::{Status, TransactionId, percent};

impl Session {
    /// XFR SB. One that is hidden would be shown by it, and is refused.
    pub(super) fn referral(
        &mut self,
        c: Command<'_>,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let transaction = Some(c.transaction);
        match c.arguments.first().map(String::as_str) {
            Some("SB") => {}
            other => {
                let why = match other {
                    Some(other) => say!("{other:?} is no service to be referred to: SB is"),
                    None => "XFR needs SB, and has nothing".into(),
                };
                return refuse(
                    200,
                    transaction,
                    ServiceFinding::ArgumentCount,
                    "XFR service",
                    why,
                    out,
                );
            }
        }
        if self.info.status == Some(Status::Hidden) {
            let why = "a client that is hidden can begin no conversation";
            return refuse(913, transaction, ServiceFinding::Hidden, "XFR", why, out);
        }
        if around.switchboard.is_none() {
            let why = "this service has no switchboard";
            return refuse(280, transaction, ServiceFinding::NotServed, "XFR", why, out);
        }
        out.push(Output::Ask(Request::Switchboard(c.transaction)));
    }

    /// The answer to [`Request::Switchboard`].
    pub(super) fn referred(
        &self,
        transaction: TransactionId,
        cookie: Option<&Cookie>,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        match around.switchboard.zip(cookie) {
            Some((address, cookie)) => {
                let (text, tail) = (&cookie.text, self.tail());
                send(
                    format!("XFR {transaction} SB {address} CKI {text}{tail}\r\n"),
                    out,
                );
                crowded(cookie, "XFR", out);
            }
            None => {
                let why = "the client is in too many conversations";
                refuse(
                    713,
                    Some(transaction),
                    ServiceFinding::TooManyConversations,
                    "XFR",
                    why,
                    out,
                );
            }
        }
    }

    /// Somebody calls.
    pub(super) fn rung(&self, ring: &Ring, around: &Surroundings<'_>, out: &mut Vec<Output>) {
        let Some(address) = around.switchboard else {
            return;
        };
        let Ring {
            conversation,
            cookie,
            account,
            name,
        } = ring;
        let (name, tail) = (percent::encode(name), self.tail());
        send(
            format!(
                "RNG {conversation} {address} CKI {} {account} {name}{tail}\r\n",
                cookie.text
            ),
            out,
        );
        crowded(cookie, "RNG", out);
    }

    fn tail(&self) -> &'static str {
        match self.rules().referral {
            Referral::Bare => "",
            Referral::Domain => " U messenger.msn.com",
            Referral::Direct => " U messenger.msn.com 1",
        }
    }
}

/// Tells that an older cookie has given way to this one.
fn crowded(cookie: &Cookie, verb: &'static str, out: &mut Vec<Output>) {
    if cookie.crowded {
        let text = say!(
            "the client has shown none of the {MAX_COOKIES} cookies that it was given last: the oldest is good no more"
        );
        out.push(finding(ServiceFinding::TooManyCookies, verb, text));
    }
}
