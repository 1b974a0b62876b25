//! What is answered where the body of a request is not taken.

use super::MAX_BODY;
use super::message::Answer;
use crate::event::{Finding, HttpAction, ServiceFinding, ours, say};
use hyper::StatusCode;
use std::time::Duration;

/// The most time for a request's body.
pub(super) const BODY_TIME: Duration = Duration::from_secs(60);

/// Why a body is not taken.
pub(super) enum Refused {
    TooLarge,
    TooSlow,
    Cut(String),
}

pub(super) fn refused_body(refused: Refused) -> Box<Answer> {
    let (id, status, text) = match refused {
        Refused::TooLarge => (
            ServiceFinding::BodyTooLarge,
            StatusCode::PAYLOAD_TOO_LARGE,
            say!("The request's body is longer than {MAX_BODY} bytes; answered 413 and closed."),
        ),
        Refused::TooSlow => (
            ServiceFinding::HttpTimeout,
            StatusCode::REQUEST_TIMEOUT,
            say!(
                "The request's body was not there after {} s; answered 408 and closed.",
                BODY_TIME.as_secs()
            ),
        ),
        Refused::Cut(error) => (
            ServiceFinding::HttpCut,
            StatusCode::BAD_REQUEST,
            say!(
                "The request's body could not be read: {}; closed.",
                ours(error)
            ),
        ),
    };
    let mut answer =
        Answer::new(HttpAction::Refused, status).finding(Finding::new(id, "body", text));
    answer.close = true;
    Box::new(answer)
}
