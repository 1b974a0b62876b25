//! Why an order of the operator is not carried out.

use super::refusal::Refusal;
use crate::event::ClientId;

/// Why an order is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The contact cannot be seen.
    #[error("{0} is offline or hidden, and so can call nobody: change its status first")]
    Unseen(String),
    /// The contact is a client.
    #[error("{0} is signed in as client {1}, and speaks for itself")]
    Real(String, ClientId),
    /// Nobody could ask the contact for it.
    #[error("no contact can be seen that could ask client {0}: change the status of one first")]
    Nobody(ClientId),
    /// The client is not signed in.
    #[error("client {0} is not signed in")]
    Absent(ClientId),
    /// The client's dialect has no UBM.
    #[error("client {0} has no UBM, by which somebody of another network speaks (MSNP14)")]
    NoUbm(ClientId),
    /// UBM does not carry what the contact is to do.
    #[error("{0} is of another network, and can do that in no conversation")]
    OnlyTogether(String),
    /// The two are in no conversation.
    #[error("the two are in no conversation")]
    Apart,
    /// The board refuses.
    #[error("{0}")]
    Refused(Refusal),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Over => Trouble::Apart,
            other => Trouble::Refused(other),
        }
    }
}
