//! Which contacts nudge plays in which conversation.

use crate::event::{Chapter, ConversationChange, ConversationId};
use std::collections::VecDeque;

/// The most contacts in conversations that are remembered.
const MAX_PLAYED: usize = 256;

/// Which contacts nudge plays in which conversation.
#[derive(Debug, Default)]
pub(super) struct Cast(VecDeque<(ConversationId, String)>);

impl Cast {
    pub(super) fn change(&mut self, told: &ConversationChange) {
        let id = told.conversation;
        let is_it = |(of, who): &(ConversationId, String)| *of == id && *who == told.account;
        match told.change {
            Chapter::Began | Chapter::Joined if told.played => {
                if self.0.len() == MAX_PLAYED {
                    self.0.pop_front();
                }
                self.0.push_back((id, told.account.clone()));
            }
            Chapter::Left => self.0.retain(|one| !is_it(one)),
            Chapter::Ended => self.0.retain(|(of, _)| *of != id),
            _ => {}
        }
    }

    pub(super) fn has(&self, id: ConversationId, account: &str) -> bool {
        let mut all = self.0.iter();
        all.any(|(of, who)| *of == id && who.eq_ignore_ascii_case(account))
    }
}
