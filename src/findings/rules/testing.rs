//! What the tests of the rules share.

use super::Rules;
use crate::event::EventId;
use crate::findings::Told;
use crate::findings::story::Story;

/// A client of the article's that has signed in and said its lists.
pub fn story() -> Story {
    let mut story = Story::new();
    story.with_lists();
    story
}

pub fn fold(story: &Story) -> (Rules, Vec<Told>) {
    let mut rules = Rules::new();
    let mut told = Vec::new();
    for (id, event) in story.events.iter().enumerate() {
        told.extend(rules.take(event, EventId(id as u64)));
    }
    (rules, told)
}

pub fn told(story: &Story) -> Vec<Told> {
    fold(story).1
}

/// The ids that are told.
pub fn ids(story: &Story) -> Vec<&'static str> {
    names(&told(story))
}

/// How often this id is told.
pub fn ids_of(story: &Story, id: &str) -> usize {
    ids(story).iter().filter(|told| **told == id).count()
}

/// The ids of what is late after so many more seconds.
pub fn late_ids(story: &mut Story, seconds: u64) -> Vec<&'static str> {
    let now = story.wait(seconds);
    let (mut rules, _) = fold(story);
    names(&rules.tick(now, 1.0))
}

fn names(told: &[Told]) -> Vec<&'static str> {
    let about = told.iter().map(|told| told.finding.id.about());
    about
        .map(|about| about.expect("one of ours").name)
        .collect()
}
