//! How a contact behaves in a conversation by itself. What it says is worked out here; when it says it is the
//! switchboard's affair.

use super::schedule::{MAX_SAID, Schedule};
use super::{EditError, Part};
use regex::{Regex, RegexBuilder};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The most rules of one contact, and the most answers of one rule.
pub const MAX_RULES: usize = 100;
/// The longest time that a contact takes for an answer.
pub const MAX_DELAY: Duration = Duration::from_secs(600);
/// What a compiled pattern may take, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// How a contact behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Manner {
    /// It joins, acknowledges, and says nothing by itself.
    #[default]
    Silent,
    /// It says again what is said.
    Echo,
    /// It says this once to each person.
    Away(String),
    /// It answers by rules.
    Reply(Arc<Rules>),
    /// It shows and says things by time.
    Schedule(Arc<Schedule>),
}

/// The names of the behaviours.
pub const NAMES: &[&str] = &["silent", "echo", "away", "reply", "schedule"];

impl Manner {
    /// What its texts take, in bytes, about.
    pub fn bytes(&self) -> usize {
        match self {
            Manner::Silent | Manner::Echo => 0,
            Manner::Away(text) => text.len(),
            Manner::Reply(rules) => rules.rules.iter().map(Rule::bytes).sum(),
            Manner::Schedule(schedule) => schedule.bytes(),
        }
    }

    /// Whether every text in it can be said, and there are not too many.
    ///
    /// # Errors
    /// [`EditError::Invalid`] with what is wrong.
    pub fn check(&self) -> Result<(), EditError> {
        let said = |text: &str| match text.len() {
            0 => Err("an answer has to say something".to_owned()),
            long if long > MAX_SAID => Err(format!("longer than {MAX_SAID} bytes")),
            _ => Ok(()),
        };
        let checked = match self {
            Manner::Silent | Manner::Echo => Ok(()),
            Manner::Away(text) => said(text),
            Manner::Reply(rules) => rules.check(said),
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

/// What a contact answers: the first rule that a text meets says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The rules, in their order.
    pub rules: Vec<Rule>,
    /// Where chance begins.
    pub seed: u64,
}

/// When a rule is met, and what is answered then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What the text has to have.
    pub when: When,
    /// The answers.
    pub answers: Vec<String>,
    /// Whether one is taken by chance, and not each in its turn.
    pub by_chance: bool,
    /// How long the contact is seen typing before it answers.
    pub delay: Duration,
}

/// What a text has to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Nothing: any text is right.
    Always,
    /// One of these words, in whatever case.
    Words(Vec<String>),
    /// What this finds.
    Pattern(Pattern),
}

/// A regular expression that is equal to another where it is written the same.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Reads one; upper and lower case are the same.
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
            reason: format!("{text:?} is no regular expression: {error}"),
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

impl Rules {
    fn check(&self, said: impl Fn(&str) -> Result<(), String>) -> Result<(), String> {
        if self.rules.is_empty() || self.rules.len() > MAX_RULES {
            return Err(format!("there have to be 1 to {MAX_RULES} rules"));
        }
        for rule in &self.rules {
            if rule.answers.is_empty() || rule.answers.len() > MAX_RULES {
                return Err(format!("a rule has 1 to {MAX_RULES} answers"));
            }
            if rule.delay > MAX_DELAY {
                return Err(format!("a delay is at most {} s", MAX_DELAY.as_secs()));
            }
            rule.answers.iter().try_for_each(|answer| said(answer))?;
            if let When::Words(words) = &rule.when {
                if words.is_empty() || words.len() > MAX_RULES {
                    return Err(format!("a rule has 1 to {MAX_RULES} words"));
                }
                words.iter().try_for_each(|word| said(word))?;
            }
        }
        Ok(())
    }
}

impl When {
    fn is_met(&self, text: &str) -> bool {
        match self {
            When::Always => true,
            When::Words(words) => text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .any(|word| {
                    words
                        .iter()
                        .any(|wanted| wanted.to_lowercase() == word.to_lowercase())
                }),
            When::Pattern(pattern) => pattern.0.is_match(text),
        }
    }
}

impl Rules {
    /// One rule: whatever is said, this is answered.
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

    /// What is answered to a text, being the `count`th answer of this contact, and after how long.
    pub fn answer(&self, text: &str, count: u64) -> Option<(&str, Duration)> {
        let rule = self.rules.iter().find(|rule| rule.when.is_met(text))?;
        let number = match rule.by_chance {
            true => mixed(self.seed.wrapping_add(count)),
            false => count,
        };
        let at = usize::try_from(number % rule.answers.len().max(1) as u64).unwrap_or_default();
        rule.answers
            .get(at)
            .map(|answer| (answer.as_str(), rule.delay))
    }
}

/// A number that looks like chance and is always the same (SplitMix64).
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
        let said = |text, count| rules.answer(text, count).expect("an answer").0;
        assert_eq!(
            [said("Hello there", 0), said("oh, HI!", 1), said("hi", 2)],
            ["a", "b", "a"]
        );
        assert_eq!(said("What is the TIME", 0), "noon");
        assert_eq!(said("this", 0), "hm", "a word is a whole one");
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
            (0..20)
                .map(|n| rules(seed).answer("x", n).expect("one").0.to_owned())
                .collect()
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
