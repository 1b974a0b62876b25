//! Why the user of a client sees nobody though every step of its sign-in went well: what the client was told by
//! presence, the address book and the operator's shape is compared with what it said in ADL and CVR.

use super::cause::CauseId;
use super::one::Ladder;
use super::stall::Kind;
use super::steps::StepId;
use crate::event::EventId;
use crate::findings::presence::hash;
use crate::findings::rules::elsewhere;
use crate::msnp::Family;
use crate::msnp::adl::Lists;

/// The first dialect in which ADL says whose presence a client wants.
pub(super) const ADL: u8 = 13;

impl Ladder {
    /// Presence was sent: whether its user can see it.
    pub(super) fn compare(&mut self, event: EventId) {
        if !self.is_done(StepId::Ticket) {
            // Its sign-in began before the events did.
            return;
        }
        let Some((id, text)) = self.blind() else {
            return;
        };
        self.remember(StepId::Presence, id, text, event);
        self.pending = Some((StepId::Presence, Kind::Nobody));
    }

    /// The cause, and its sentence.
    fn blind(&self) -> Option<(CauseId, String)> {
        if let (Some(shape), Some(family)) = (self.shape, self.family)
            && shape.family != family
        {
            let says = match family {
                Family::Mac => "Messenger for Mac",
                Family::Windows => "another client than Messenger for Mac",
            };
            return Some((
                CauseId::ShapeDiffers,
                format!(
                    "it is answered in the shape {shape}, and its CVR says that it is {says}: what it is sent it misreads or drops"
                ),
            ));
        }
        let roster = self.shown.roster.as_deref()?;
        let mine = || {
            roster
                .contacts()
                .filter(|c| c.lists.contains(Lists::FORWARD))
        };
        if mine().next().is_none() {
            return Some((
                CauseId::BookEmpty,
                "no contact of the roster is on the forward list: the address book hands out the user's own record (Me) alone".into(),
            ));
        }
        if mine().all(|contact| !contact.messenger_user) {
            return Some((
                CauseId::NoMessengerUser,
                "no contact of the roster is a Messenger user (messenger-user = false): clients show the presence of none".into(),
            ));
        }
        if self.shown.expected == Some(0) {
            return Some((
                CauseId::AllOffline,
                "every contact on the forward list is offline or hidden: there is nobody to be shown".into(),
            ));
        }
        if self.dialect < ADL || self.shown.sent == 0 {
            return None;
        }
        if self.row(StepId::Lists).is_some_and(|row| row.count == 0) {
            return Some((
                CauseId::NoAdl,
                "it sent no ADL before its CHG: it asked for the presence of nobody, and shows none of what it is sent".into(),
            ));
        }
        let listed = &self.lists;
        let dotless = |account: &str| account.split('@').nth(1).is_some_and(|d| !d.contains('.'));
        if listed.entries == 0
            && self.family == Some(Family::Windows)
            && mine().all(|contact| dotless(&contact.account))
        {
            return Some((
                CauseId::DomainWithoutDot,
                "its ADL lists nobody, and no contact has a dot in its domain: some clients throw such contacts away".into(),
            ));
        }
        if listed.entries == 0 {
            return Some((
                CauseId::AdlEmpty,
                "its ADL lists nobody: it took no contact out of the address book".into(),
            ));
        }
        if listed.forward == 0 {
            return Some((
                CauseId::AdlNotForward,
                "every entry of its ADL is without the forward list (l has no 1 in it, such as l=\"2\"): none of them is a contact whose presence it shows".into(),
            ));
        }
        let known = |account: &str| listed.networks.contains_key(&hash(account));
        if !listed.is_full() && !mine().any(|contact| known(&contact.account)) {
            let first = &listed.first;
            let text = match first.rsplit_once('@') {
                Some((whole, domain)) if whole.contains('@') => format!(
                    "its ADL names whole accounts: n=\"{whole}\" in d n=\"{domain}\" is {first}, and n is what stands before the @. It asked for the presence of nobody whom it knows"
                ),
                _ => format!(
                    "nobody in its ADL (the first is {first}) is a contact of the roster, and it asked for the presence of others{}",
                    elsewhere(first, roster)
                ),
            };
            return Some((CauseId::AdlStrangers, text));
        }
        let mut other = mine().filter(|c| c.is_seen()).filter_map(|contact| {
            let network = listed.networks.get(&hash(&contact.account))?;
            (*network != 0 && *network != contact.network).then_some((contact, *network))
        });
        let (contact, network) = other.next()?;
        let more = match other.count() {
            0 => String::new(),
            more => format!(", and {more} more so"),
        };
        Some((
            CauseId::NetworkDiffers,
            format!(
                "its ADL lists {} with the network id {network}, and presence is sent with {}{more}: to the client they are two people",
                contact.account, contact.network
            ),
        ))
    }
}
