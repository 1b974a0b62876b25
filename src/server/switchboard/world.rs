//! The world around the board, as the hub knows it.

use super::people::{People, Person};
use crate::event::{ClientId, ClientInfo, Step, Timestamp};
use crate::msnp::Status;
use crate::roster::Contact;
use crate::server::hub::Hub;
use std::sync::Arc;

/// The hub's world at one moment.
pub(super) struct World<'a> {
    pub(super) hub: &'a Hub,
    pub(super) now: Timestamp,
}

impl World<'_> {
    fn person(&self, info: ClientInfo) -> Option<Person> {
        let account = info.account.filter(|_| info.step >= Step::SignedIn)?;
        let name = info.name.unwrap_or_else(|| self.hub.me(&account).name);
        Some(Person {
            client: info.id,
            name,
            account,
            shape: info.shape?,
            capabilities: info.capabilities.unwrap_or_default(),
            visible: info.step == Step::Online && info.status.is_some_and(Status::is_visible),
        })
    }
}

impl People for World<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&self) -> u64 {
        uuid::Uuid::new_v4().as_u64_pair().0
    }

    fn contact(&self, account: &str) -> Option<Arc<Contact>> {
        let contact = self.hub.roster().get(account).cloned();
        contact.filter(|_| self.hub.real(account).is_none())
    }

    fn is_out(&self, account: &str) -> Option<&'static str> {
        match self.hub.roster().get(account) {
            Some(contact) if contact.status != Status::Offline => None,
            Some(_) => Some("it went offline"),
            None => Some("it was removed from the contacts"),
        }
    }

    fn company(&self, account: &str) -> Option<Arc<Contact>> {
        let roster = self.hub.roster();
        let mut seen = roster.contacts().filter(|c| c.status.is_visible());
        let takes = |contact: &&Arc<Contact>| {
            self.hub.real(&contact.account).is_none() && !self.hub.blocks(account, &contact.account)
        };
        seen.find(takes).cloned()
    }

    fn client(&self, client: ClientId) -> Option<Person> {
        let (info, _) = self.hub.client(client)?;
        self.person(info)
    }

    fn clients_of(&self, account: &str) -> Vec<Person> {
        let clients = self.hub.clients_of(account).into_iter();
        let clients = clients.filter(|info| info.step == Step::Online);
        clients.filter_map(|info| self.person(info)).collect()
    }

    fn is_known(&self, account: &str) -> bool {
        self.hub.is_known(account)
    }

    fn is_removed(&self, account: &str) -> bool {
        self.hub.is_removed(account)
    }

    fn blocks(&self, who: &str, other: &str) -> bool {
        self.hub.blocks(who, other)
    }

    fn is_closed(&self, who: &str, other: &str) -> bool {
        self.hub.is_closed(who, other)
    }

    fn named(&self, name: &str) -> Option<String> {
        let roster = self.hub.roster();
        let mut contacts = roster.contacts();
        let found = contacts.find(|contact| contact.name.eq_ignore_ascii_case(name))?;
        Some(found.account.clone())
    }
}
