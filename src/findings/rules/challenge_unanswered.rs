//! A challenge that the client has not answered.

use super::Hit;
use super::context::Late;

pub(super) fn late(late: &Late) -> Option<Hit> {
    if late.verb != "CHL" {
        return None;
    }
    Hit::new("CHL", "the challenge was not answered with QRY").map(|hit| hit.at(late.event))
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{fold, late_ids, story};

    #[test]
    fn a_challenge_without_an_answer_is_found_after_fifty_seconds() {
        let mut story = story();
        story.inject("CHL 0 22210219642164014968\r\n");
        assert_eq!(late_ids(&mut story, 30), Vec::<&str>::new());
        assert_eq!(late_ids(&mut story, 30), ["challenge-unanswered"]);
        story
            .c("QRY 9 PROD0090YUAUV{2B 32\r\n85ecb0db8f32113df79ce0892b9a102c")
            .s("QRY 9\r\n");
        assert_eq!(late_ids(&mut story, 60), Vec::<&str>::new());
    }

    #[test]
    fn whoever_has_patience_waits_longer_for_an_answer() {
        let mut story = story();
        story.inject("CHL 0 22210219642164014968\r\n");
        let (mut rules, _) = fold(&story);
        assert_eq!(rules.tick(story.wait(60), 2.0), []);
        assert_eq!(rules.tick(story.wait(60), 2.0).len(), 1);
        let (mut rules, _) = fold(&story);
        rules.paused(std::time::Duration::from_secs(100));
        assert_eq!(rules.tick(story.wait(0), 1.0), []);
        assert_eq!(rules.tick(story.wait(0), 0.1).len(), 1);
    }
}
