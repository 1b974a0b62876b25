//! Messages that go by no conversation: UUM to somebody of another network (MSNP14 and above), SDG, which its headers
//! address (MSNP18). They are carried to whoever is there, and told of as messages of conversation 0; what comes to a contact so it answers (`switchboard/apart.rs`).

use super::commands::Command;
use super::mail::Passed;
use super::session::{Output, Request, Session, Surroundings, finding, refuse};
use crate::event::{ConversationId, EventKind, ServiceFinding, Spoken, say};
use crate::msnp::directed::Directed;
use crate::msnp::message::Message;

impl Session {
    /// UUM and SDG.
    pub(super) fn pass(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        let mut arguments = c.arguments.iter();
        let (to, kind) = match c.verb {
            "UUM" => (arguments.next().cloned(), arguments.nth(1).cloned()),
            _ => {
                let to = Directed::read(c.payload).map(|directed| directed.to.to_owned());
                (to, Some(String::new()))
            }
        };
        let Some((to, kind)) = to.zip(kind) else {
            let why = match c.verb {
                "UUM" => "UUM needs an account, a network, a type and a length",
                _ => "its headers say nobody it is for (To), or not what it is (Message-Type)",
            };
            return refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
                c.verb,
                why,
                out,
            );
        };
        out.push(Output::Ask(Request::Pass(Box::new(Passed {
            transaction: c.transaction,
            verb: c.verb,
            to,
            kind,
            payload: c.payload.to_vec(),
        }))));
    }

    /// Whether it has come to anybody.
    pub(super) fn passed(&self, passed: Box<Passed>, taken: bool, out: &mut Vec<Output>) {
        let Passed {
            transaction,
            verb,
            to,
            payload,
            ..
        } = &*passed;
        let verb = *verb;
        if !taken {
            let code = match verb {
                "UUM" => "509",
                _ => "217",
            };
            let text =
                say!("{to} is not there, or cannot be reached by {verb}; {code} was answered");
            out.push(finding(ServiceFinding::Offline, verb, text));
            // 509 is followed by a length: what came back of it, which is nothing.
            let length = if verb == "UUM" { " 0" } else { "" };
            return out.push(Output::Send(
                format!("{code} {transaction}{length}\r\n").into(),
            ));
        }
        let directed = Directed::read(payload).filter(|_| verb != "UUM");
        let read = directed.map_or_else(|| Message::read(payload), |directed| directed.message);
        let Message { kind, text, format } = read;
        out.push(Output::Tell(EventKind::Message(Box::new(Spoken {
            conversation: ConversationId(0),
            from: self.info.account.clone().unwrap_or_default(),
            played: false,
            to: vec![to.clone()],
            others: 1,
            kind,
            text,
            format,
        }))));
        out.push(Output::Ask(Request::Written(passed)));
    }
}
