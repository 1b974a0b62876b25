//! Details of findings: what exactly was found, where the id of a finding alone does not say what is to be checked.
//!
//! A detail stands in the field of its finding, in JSON and in recordings. [`Finding::detail`] reads it back there.

use super::{Finding, Sentence};

rows! {
    /// What exactly was found, where that decides what is to be checked. It stands in the field of the finding.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Detail {
        /// Its name in the field of a finding.
        pub fn name;
    }
    /// What was read never became a request: no request shows it.
    UnreadRequest "request";
    /// The ticket is none of this run.
    Ticket "USR ticket";
    /// The ticket is of this run, and not as it was given.
    TicketForm "USR ticket form";
    /// The ticket was good, and has ended.
    TicketLife "USR ticket life";
    /// An offer of dialects is written in another form than VER has.
    OfferForm "VER dialects";
    /// A command is written in another form than lines have.
    LineForm "verb form";
    /// The body of a request is whole though its length says more.
    BodyLength "Content-Length";
    /// The cookie is good no more: it was shown before, or too late, or its conversation is over.
    CookieUsed "cookie used";
    /// The cookie is good, for the other verb.
    CookieVerb "cookie verb";
    /// The cookie is good, of another account.
    CookieAccount "cookie account";
    /// A message reached nobody, since all others have left.
    AllLeft "MSG left";
    /// The proof is no whole word of base64, or stands where the ticket does.
    ProofForm "USR proof form";
    /// The proof of SSO is not the one that was due.
    Proof "USR proof";
}

impl From<Detail> for Sentence {
    fn from(detail: Detail) -> Self {
        detail.name().into()
    }
}

impl Finding {
    /// The detail that its field says, alone or behind a verb.
    pub fn detail(&self) -> Option<Detail> {
        let behind = self.field.split_once(' ').map(|(_, behind)| behind);
        let is_said = |name| self.field == name || behind == Some(name);
        let mut all = Detail::ALL.into_iter();
        all.find(|detail| is_said(detail.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::FindingId;

    #[test]
    fn every_detail_is_read_from_the_field_alone_or_behind_a_verb() {
        let read = |field: Sentence| Finding::new(FindingId::Ticket, field, "").detail();
        for detail in Detail::ALL {
            assert_eq!(read(detail.into()), Some(detail));
            assert_eq!(read(format!("ANS {}", detail.name()).into()), Some(detail));
        }
        assert_eq!(read("USR".into()), None);
        assert_eq!(read("".into()), None);
    }
}
