//! A command that the service has not answered.

use super::Hit;
use super::context::Late;

pub(super) fn late(late: &Late) -> Option<Hit> {
    let transaction = late.transaction?;
    let hit = Hit::new(
        late.verb,
        format!("{} {transaction} has had no answer", late.verb),
    )?;
    Some(hit.at(late.event))
}

#[cfg(test)]
mod tests {
    use crate::findings::rules::testing::{late_ids, story};

    #[test]
    fn a_command_without_an_answer_is_found_once_it_is_late() {
        let mut story = story();
        story.c("URL 9 MOBILE\r\n");
        assert_eq!(late_ids(&mut story, 5), Vec::<&str>::new());
        assert_eq!(late_ids(&mut story, 60), ["transaction-unanswered"]);
        story.s("200 9\r\n");
        assert_eq!(late_ids(&mut story, 60), Vec::<&str>::new());
    }

    #[test]
    fn what_carries_the_same_number_is_no_answer() {
        let mut story = story();
        story.c("CHG 9 NLN 0\r\n").s("ILN 9 NLN a@b 1 a 0 x\r\n");
        assert_eq!(late_ids(&mut story, 60), ["transaction-unanswered"]);
        story.s("CHG 9 NLN 0\r\n");
        assert_eq!(late_ids(&mut story, 60), Vec::<&str>::new());
    }

    #[test]
    fn what_has_no_answer_is_not_waited_for() {
        let mut story = story();
        story.c("PNG\r\n").c("OUT\r\n").c("UUM 5 a@b 1 1 2\r\nhi");
        assert_eq!(late_ids(&mut story, 60), Vec::<&str>::new());
    }
}
