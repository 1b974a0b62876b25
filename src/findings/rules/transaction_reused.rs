//! A transaction id that the client used before.

use super::context::has_transaction;
use super::{Context, Hit};
use crate::msnp::{Direction, dictionary};

pub(super) fn take(context: &Context<'_>) -> Option<Hit> {
    let frame = context.frame()?;
    let transaction = frame.frame.transaction()?;
    if !context.client?.seen.contains(&transaction.0) {
        return None;
    }
    let verb = dictionary::lookup(frame.frame.verb(), Direction::In)?;
    if !has_transaction(verb) {
        return None;
    }
    let hit = Hit::new(
        format!("{} transaction id", verb.name),
        format!(
            "{} has the transaction id {transaction}, which was used before",
            verb.name
        ),
    )?;
    // Where the other was answered, nobody takes the one's answer for the other's.
    let open = context.client.into_iter().flat_map(|facts| &facts.open);
    let mixes = open.into_iter().any(|open| open.transaction == transaction);
    Some(if mixes { hit } else { hit.informing() })
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{ids, story};

    #[test]
    fn an_id_that_comes_again_is_found_and_one_that_counts_up_is_not() {
        let mut story = story();
        story.c("URL 9 MOBILE\r\n").c("URL 10 MOBILE\r\n");
        assert!(!ids(&story).contains(&"transaction-reused"));
        story.c("URL 9 CHGMOB\r\n");
        assert!(ids(&story).contains(&"transaction-reused"));
    }

    #[test]
    fn the_numbers_of_pings_are_nobodys() {
        let mut story = story();
        story.c("PNG 9\r\n").c("PNG 9\r\n");
        assert!(!ids(&story).contains(&"transaction-reused"));
    }
}
