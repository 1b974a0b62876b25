//! What the client of the demonstration says: a greeting, so that a newcomer sees a conversation, and an answer to what
//! the operator has a contact say.

use crate::client::Order;
use crate::roster::schedule::{Act, Step};
use crate::roster::{Manner, Roster};
use crate::server::hub::Hub;
use std::time::Duration;

/// Before the greeting, and before what follows it.
const GREETS: Duration = Duration::from_secs(3);
const GOES_ON: Duration = Duration::from_secs(9);
/// How long it takes for an answer.
pub(super) const ANSWERS: Duration = Duration::from_millis(1_500);
/// What it answers, one after the other.
const ANSWERED: [&str; 4] = [
    "Really?",
    "Ha! I did not know that.",
    "Tell me more.",
    "I see. Back to work then?",
];

/// The greeting, to the first contact that answers by rules and can be seen.
pub(super) fn greeting(hub: &Hub) -> Vec<Order> {
    let roster = hub.roster();
    let talks = |manner: &Manner| matches!(manner, Manner::Reply(_));
    let mut contacts = roster.contacts();
    let contact = contacts.find(|c| talks(&c.manner) && c.status.is_visible());
    let Some(contact) = contact else {
        return Vec::new();
    };
    let say = |text: &str| Order::Say {
        account: contact.account.clone(),
        text: text.to_owned(),
    };
    vec![
        Order::Wait(GREETS),
        say("Hello! Are you there?"),
        Order::Wait(GOES_ON),
        say("What do they have for lunch today?"),
    ]
}

/// The answer number `turn` to what a contact said; none to what it says by itself, or two would talk without end.
pub(super) fn answer(roster: &Roster, account: &str, text: &str, turn: usize) -> Option<String> {
    let by_itself = match &roster.get(account)?.manner {
        Manner::Silent => false,
        Manner::Schedule(schedule) => {
            let says = |step: &Step| matches!(&step.act, Act::Say(said) if said == text);
            schedule.steps.iter().any(says)
        }
        Manner::Echo => true,
        Manner::Away(said) => said == text,
        Manner::Reply(rules) => {
            let mut answers = rules.rules.iter().flat_map(|rule| &rule.answers);
            answers.any(|said| said == text)
        }
    };
    (!by_itself).then(|| format!("say {account} {}", ANSWERED[turn % ANSWERED.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::Contact;
    use crate::roster::manner::Rules;
    use std::sync::Arc;

    #[test]
    fn only_what_the_operator_says_is_answered() {
        let of = |account: &str, manner| Contact {
            manner,
            ..Contact::new(account, None)
        };
        let roster = Roster::new(
            [
                of("silent@local", Manner::Silent),
                of("echo@local", Manner::Echo),
                of("away@local", Manner::Away("gone".into())),
                of(
                    "reply@local",
                    Manner::Reply(Arc::new(Rules::always("Hm.".into()))),
                ),
            ],
            [],
        )
        .expect("a roster");
        let answered = |account: &str, text: &str| answer(&roster, account, text, 5).is_some();
        assert!(answered("silent@local", "hi") && answered("reply@local", "hi"));
        assert!(answered("away@local", "back again"));
        assert!(!answered("echo@local", "hi") && !answered("nobody@local", "hi"));
        assert!(!answered("away@local", "gone") && !answered("reply@local", "Hm."));
        assert_eq!(
            answer(&roster, "silent@local", "hi", 4).as_deref(),
            Some("say silent@local Really?")
        );
    }
}
