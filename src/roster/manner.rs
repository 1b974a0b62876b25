//! What a contact does in a conversation by itself. What it says is worked out here. The switchboard says when.

use super::schedule::{MAX_SAID, Schedule};
use super::{EditError, Part, Unfit};
use regex::{Regex, RegexBuilder};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The most rules of one contact, and the most answers of one rule.
pub const MAX_RULES: usize = 100;
/// The longest time that a contact takes for an answer.
pub const MAX_DELAY: Duration = Duration::from_secs(600);
/// Bytes that a compiled pattern may take.
const MAX_PATTERN: usize = 1 << 20;

/// How a contact behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Manner {
    /// It joins, acknowledges, and says nothing by itself.
    #[default]
    Silent,
    /// It repeats what is said.
    Echo,
    /// It says this once to each person.
    Away(String),
    /// It answers by rules.
    Reply(Arc<Rules>),
    /// It changes its status and speaks at set times.
    Schedule(Arc<Schedule>),
}

/// The names of the behaviours.
pub const NAMES: &[&str] = &["silent", "echo", "away", "reply", "schedule"];

impl Manner {
    /// Bytes that its texts take, about.
    pub fn bytes(&self) -> usize {
        match self {
            Manner::Silent | Manner::Echo => 0,
            Manner::Away(text) => text.len(),
            Manner::Reply(rules) => rules.rules.iter().map(Rule::bytes).sum(),
            Manner::Schedule(schedule) => schedule.bytes(),
        }
    }

    /// Refuses texts that are empty or too long, and too many of them.
    ///
    /// # Errors
    /// [`EditError::Invalid`] with what is wrong.
    pub fn check(&self) -> Result<(), EditError> {
        let checked = match self {
            Manner::Silent | Manner::Echo => Ok(()),
            Manner::Away(text) => said(text),
            Manner::Reply(rules) => rules.check(),
            Manner::Schedule(schedule) => schedule.check(),
        };
        checked.map_err(|reason| EditError::Invalid {
            part: Part::Behaviour,
            reason,
        })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Manner::Silent => "silent",
            Manner::Echo => "echo",
            Manner::Away(_) => "away",
            Manner::Reply(_) => "reply",
            Manner::Schedule(_) => "schedule",
        }
    }
}

impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Manner::Away(text) => write!(f, "away: {text:?}"),
            Manner::Reply(rules) => match rules.rules.len() {
                1 => f.write_str("reply, by one rule"),
                many => write!(f, "reply, by {many} rules"),
            },
            Manner::Schedule(schedule) => match schedule.steps.len() {
                1 => f.write_str("schedule, of one step"),
                many => write!(f, "schedule, of {many} steps"),
            },
            other => f.write_str(other.name()),
        }
    }
}

/// What a contact answers. The first rule that fits a text gives the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The rules, in their order.
    pub rules: Vec<Rule>,
    /// The seed of chance.
    pub seed: u64,
}

/// Which texts a rule fits, and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What must be in the text.
    pub when: When,
    /// The answers.
    pub answers: Vec<String>,
    /// Whether the answer is picked by chance; else each comes in its turn.
    pub by_chance: bool,
    /// How long the contact types before it answers.
    pub delay: Duration,
}

/// What must be in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Nothing: the rule fits any text.
    Always,
    /// One of these words, in whatever case.
    Words(Vec<String>),
    /// A match of this pattern.
    Pattern(Pattern),
}

/// A regular expression. Two are equal if they are written the same.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Reads one. It takes upper and lower case as the same.
    ///
    /// # Errors
    /// [`EditError::Invalid`] with what is wrong in it.
    pub fn new(text: &str) -> Result<Self, EditError> {
        let built = RegexBuilder::new(text)
            .case_insensitive(true)
            .size_limit(MAX_PATTERN)
            .build();
        built.map(Self).map_err(|error| EditError::Invalid {
            part: Part::Reply,
            reason: Unfit::Pattern {
                text: text.to_owned(),
                wrong: error.to_string(),
            },
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Rule {
    fn bytes(&self) -> usize {
        let words = match &self.when {
            When::Always => 0,
            When::Words(words) => words
                .iter()
                .map(|word| word.len() + size_of::<String>())
                .sum(),
            // A compiled pattern takes some KiB.
            When::Pattern(pattern) => pattern.as_str().len() + 8 * 1024,
        };
        let answers = self
            .answers
            .iter()
            .map(|answer| answer.len() + size_of::<String>());
        size_of::<Self>() + words + answers.sum::<usize>()
    }
}

/// Refuses what says nothing, or too much.
fn said(text: &str) -> Result<(), Unfit> {
    match text.trim().len() {
        0 => Err(Unfit::SaysNothing),
        _ if text.len() > MAX_SAID => Err(Unfit::TooLong(MAX_SAID)),
        _ => Ok(()),
    }
}

/// Refuses none, and too many.
fn some(what: &'static str, count: usize) -> Result<(), Unfit> {
    let most = MAX_RULES;
    match count {
        1..=MAX_RULES => Ok(()),
        _ => Err(Unfit::Count { what, most }),
    }
}

impl Rule {
    /// Refuses one that cannot be kept.
    ///
    /// # Errors
    /// [`Unfit`] with the first that is wrong.
    pub(super) fn check(&self) -> Result<(), Unfit> {
        some("answers in a rule", self.answers.len())?;
        if self.delay > MAX_DELAY {
            return Err(Unfit::LongDelay(MAX_DELAY.as_secs()));
        }
        self.answers.iter().try_for_each(|answer| said(answer))?;
        if let When::Words(words) = &self.when {
            some("words in a rule", words.len())?;
            words.iter().try_for_each(|word| said(word))?;
        }
        Ok(())
    }
}

impl Rules {
    fn check(&self) -> Result<(), Unfit> {
        some("rules", self.rules.len())?;
        self.rules.iter().try_for_each(Rule::check)
    }
}

impl When {
    fn is_met(&self, text: &str) -> bool {
        match self {
            When::Always => true,
            When::Words(words) => {
                let text = text.to_lowercase();
                words
                    .iter()
                    .any(|word| has_word(&text, word.trim().to_lowercase().as_str()))
            }
            When::Pattern(pattern) => pattern.0.is_match(text),
        }
    }
}

/// Whether a text has this in it and not as a part of longer words. It may be several words, or a sign such as `:)`.
fn has_word(text: &str, word: &str) -> bool {
    let go_on = |one: Option<char>, other: Option<char>| {
        one.is_some_and(char::is_alphanumeric) && other.is_some_and(char::is_alphanumeric)
    };
    let (first, last) = (word.chars().next(), word.chars().next_back());
    text.match_indices(word).any(|(at, found)| {
        let (before, after) = (&text[..at], &text[at + found.len()..]);
        !go_on(before.chars().next_back(), first) && !go_on(last, after.chars().next())
    })
}

impl Rules {
    /// One rule that answers this, whatever is said.
    pub fn always(answer: String) -> Self {
        Self {
            rules: vec![Rule {
                when: When::Always,
                answers: vec![answer],
                by_chance: false,
                delay: Duration::ZERO,
            }],
            seed: 0,
        }
    }

    /// The answer to a text, and the time after which it comes. `given` is how many answers this contact gave by each
    /// rule; the one that answers is counted.
    pub fn answer(&self, text: &str, given: &mut Vec<u64>) -> Option<(&str, Duration)> {
        let of = self.rules.iter().position(|rule| rule.when.is_met(text))?;
        let rule = self.rules.get(of)?;
        given.resize(self.rules.len(), 0);
        let before: u64 = given.iter().sum();
        let turn = given.get_mut(of)?;
        let number = match rule.by_chance {
            true => mixed(self.seed.wrapping_add(before)),
            false => *turn,
        };
        *turn += 1;
        let at = usize::try_from(number % rule.answers.len().max(1) as u64).unwrap_or_default();
        rule.answers
            .get(at)
            .map(|answer| (answer.as_str(), rule.delay))
    }
}

/// A pseudo-random number, always the same for the same `number` (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(when: When, answers: &[&str]) -> Rule {
        Rule {
            when,
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
            by_chance: false,
            delay: Duration::ZERO,
        }
    }

    #[test]
    fn the_first_rule_that_is_met_answers_and_answers_take_turns() {
        let rules = Rules {
            rules: vec![
                rule(When::Words(vec!["hello".into(), "hi".into()]), &["a", "b"]),
                rule(
                    When::Pattern(Pattern::new("what.*time").expect("one")),
                    &["noon"],
                ),
                rule(When::Always, &["hm"]),
            ],
            seed: 0,
        };
        let mut given = Vec::new();
        let mut said = |text| rules.answer(text, &mut given).expect("an answer").0;
        assert_eq!(said("Hello there"), "a");
        assert_eq!(said("What is the TIME"), "noon");
        assert_eq!(said("oh, HI!"), "b", "each rule has its own turn");
        assert_eq!(said("this"), "hm", "a word is a whole one");
        assert_eq!(said("hi"), "a");
    }

    #[test]
    fn a_word_may_be_several_words_or_a_sign() {
        let rules = |word: &str| Rules {
            rules: vec![rule(When::Words(vec![word.into()]), &["yes"])],
            seed: 0,
        };
        for (word, text) in [
            ("how are you", "Hello. How are you?"),
            (":)", "fine :)"),
            (":)", ":)"),
            ("C++", "is it c++?"),
            (" tea ", "tea"),
            ("É", "oui, é"),
            ("you", "you'll"),
            ("a", "ba a"),
        ] {
            assert!(
                rules(word).answer(text, &mut Vec::new()).is_some(),
                "{word} in {text}"
            );
        }
        for (word, text) in [
            ("how are you", "how are yours"),
            (":)", ":("),
            ("tea", "team"),
            ("tea", "a steam"),
            ("é", "été"),
        ] {
            assert!(
                rules(word).answer(text, &mut Vec::new()).is_none(),
                "{word} in {text}"
            );
        }
        let blank = Manner::Reply(Arc::new(rules(" ")));
        assert!(blank.check().is_err(), "it would be in every text");
    }

    #[test]
    fn chance_is_the_same_each_time_for_one_seed() {
        let mut one = rule(When::Always, &["a", "b", "c"]);
        one.by_chance = true;
        let rules = |seed| Rules {
            rules: vec![one.clone()],
            seed,
        };
        let all = |seed| -> Vec<String> {
            let (rules, mut given) = (rules(seed), Vec::new());
            let mut one = || rules.answer("x", &mut given).expect("one").0.to_owned();
            (0..20).map(|_| one()).collect()
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        assert!(
            ["a", "b", "c"]
                .iter()
                .all(|answer| all(1).iter().any(|said| said == answer))
        );
    }

    #[test]
    fn a_pattern_that_is_none_or_that_is_huge_is_refused() {
        assert!(Pattern::new("(").is_err());
        assert!(Pattern::new("(a{1000}){1000}").is_err());
    }
}
