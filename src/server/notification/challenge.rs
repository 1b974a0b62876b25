//! The challenge: CHL, and QRY that answers it.

use super::commands::{Command, send};
use super::session::{Output, Session, Surroundings, finding, refuse};
use crate::event::{Ending, Sentence, ServiceFinding, Step, say};
use crate::msnp::challenge;

/// The most challenges that wait for an answer; the oldest is forgotten for one more.
const MOST: usize = 8;

impl Session {
    /// Asks a client to answer this challenge, once it has signed in.
    pub(super) fn challenge(&mut self, text: String, out: &mut Vec<Output>) {
        if self.info.step < Step::SignedIn {
            return;
        }
        if self.challenges.len() == MOST {
            self.challenges.pop_front();
        }
        send(format!("CHL 0 {text}\r\n"), out);
        self.challenges.push_back(text);
    }

    /// QRY: the answer to the oldest challenge.
    pub(super) fn challenge_answer(
        &mut self,
        c: Command<'_>,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let taken = format!("QRY {}\r\n", c.transaction);
        let (Some(asked), Some(dialect)) = (self.challenges.pop_front(), self.dialect()) else {
            out.push(finding(
                ServiceFinding::UnaskedChallenge,
                "QRY",
                "QRY answers a challenge that the service did not send; it was acknowledged",
            ));
            return send(taken, out);
        };
        let product = c.arguments.first().map(String::as_str).unwrap_or_default();
        let Some(key) = challenge::key(product) else {
            out.push(finding(
                ServiceFinding::ChallengeProduct,
                "QRY product id",
                say!("{product:?} is no product whose key is known, so its answer cannot be checked; it was taken"),
            ));
            return send(taken, out);
        };
        let right = challenge::answer(dialect, &asked, product, key);
        if c.payload == right.as_bytes() {
            return send(taken, out);
        }
        let length = match c.payload.len() {
            32 => Sentence::default(),
            other => say!("; it has {other} letters, and 32 are due"),
        };
        let why = say!(
            "QRY answers the challenge wrongly: the answer of {product} to {asked} should be {right}{length:#}"
        );
        if around.strict {
            let (transaction, field) = (Some(c.transaction), "QRY payload");
            refuse(
                540,
                transaction,
                ServiceFinding::ChallengeRefused,
                field,
                why,
                out,
            );
            return out.push(Output::Close(Ending::other(
                "a wrong answer to a challenge (540)",
            )));
        }
        out.push(finding(
            ServiceFinding::ChallengeRefused,
            "QRY payload",
            say!("{why:#}; it was taken all the same, as the operator wants it"),
        ));
        send(taken, out);
    }
}
