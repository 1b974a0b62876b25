//! Reads and writes the behaviour in a contact file: `"echo"`, `{ away = "…" }`, `{ reply = [ … ], seed = 1 }`, or
//! `{ schedule = ["12:00 lunch", … ], repeat = 60 }`.

use super::manner::{Manner, NAMES, Pattern, Rule, Rules, When};
use super::mistake::Span;
use super::schedule::{Schedule, Step};
use super::unfit::StepError;
use super::{EditError, Unfit};
use std::sync::Arc;
use std::time::Duration;
use toml_edit::{Array, InlineTable, Item, TableLike, Value};

/// The keys of one rule.
const RULE_KEYS: &[&str] = &["words", "regex", "answers", "order", "delay"];

/// What is wrong with a behaviour in a contact file, and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("write {{ away = \"what it says\" }}")]
    Away,
    #[error("write {{ reply = [{{ answers = [\"what it says\"] }}] }}")]
    Reply,
    #[error("write {{ schedule = [\"12:00 lunch\", \"13:00 online\"] }}")]
    Schedule,
    #[error("{0:?} is no behaviour: one of {names}", names = NAMES.join(", "))]
    Unknown(String),
    #[error("{key} has to be {is}")]
    Type { key: &'static str, is: &'static str },
    /// Two keys exclude each other.
    #[error("{0}")]
    Either(&'static str),
    #[error("unknown key {key:?}: there are {}", keys.join(", "))]
    Key {
        key: String,
        keys: &'static [&'static str],
    },
    #[error("a rule needs answers = [\"…\"]")]
    NoAnswers,
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    Refused(#[from] EditError),
    #[error("{0}")]
    Unfit(Unfit),
}

/// Where it is wrong: the place of the rule or the step, where it is in one.
pub(super) type Misplaced = (Wrong, Span);

impl From<Wrong> for Misplaced {
    fn from(wrong: Wrong) -> Self {
        (wrong, None)
    }
}

impl Wrong {
    fn text(key: &'static str) -> Self {
        let is = "a text in quotes";
        Wrong::Type { key, is }
    }

    fn seconds(key: &'static str) -> Self {
        let is = "a number of seconds";
        Wrong::Type { key, is }
    }
}

/// Reads a behaviour.
///
/// # Errors
/// [`Wrong`] with the first that is wrong, and its place.
pub(super) fn read(item: &Item) -> Result<Manner, Misplaced> {
    if let Some(name) = item.as_str() {
        return match name {
            "silent" => Ok(Manner::Silent),
            "echo" => Ok(Manner::Echo),
            "away" => Err(Wrong::Away.into()),
            "reply" => Err(Wrong::Reply.into()),
            "schedule" => Err(Wrong::Schedule.into()),
            other => Err(Wrong::Unknown(other.to_owned()).into()),
        };
    }
    let table = item.as_table_like().ok_or(Wrong::Type {
        key: "behaviour",
        is: "a text, { away = … }, { reply = […] } or { schedule = […] }",
    })?;
    known(table, &["away", "reply", "seed", "schedule", "repeat"])?;
    if let Some(steps) = table.get("schedule") {
        known(table, &["schedule", "repeat"])?;
        return schedule(steps, table.get("repeat"));
    }
    known(table, &["away", "reply", "seed"])?;
    match (table.get("away"), table.get("reply")) {
        (Some(away), None) => {
            let text = away.as_str().ok_or(Wrong::text("away"))?;
            Ok(Manner::Away(text.to_owned()))
        }
        (None, Some(reply)) => {
            let rules = each(reply)?
                .map(|(span, table)| rule(table).map_err(|wrong| (wrong, span)))
                .collect::<Result<_, _>>()?;
            let seed = match table.get("seed") {
                None => 0,
                Some(seed) => seed
                    .as_integer()
                    .and_then(|seed| u64::try_from(seed).ok())
                    .ok_or(Wrong::Type {
                        key: "seed",
                        is: "a whole number",
                    })?,
            };
            Ok(Manner::Reply(Arc::new(Rules { rules, seed })))
        }
        _ => Err(Wrong::Either("a behaviour has either away or reply").into()),
    }
}

fn schedule(steps: &Item, repeat: Option<&Item>) -> Result<Manner, Misplaced> {
    let wrong = || Wrong::Type {
        key: "schedule",
        is: "a list of texts, such as \"12:00 lunch\"",
    };
    let lines = steps.as_array().ok_or_else(wrong)?.iter();
    let step = |line: &Value| -> Result<Step, Wrong> {
        let step: Step = line.as_str().ok_or_else(wrong)?.parse()?;
        step.check().map_err(Wrong::Unfit)?;
        Ok(step)
    };
    let steps = lines.map(|line| step(line).map_err(|wrong| (wrong, line.span())));
    let steps = steps.collect::<Result<_, Misplaced>>()?;
    let repeat = match repeat {
        None => 0,
        Some(repeat) => repeat
            .as_integer()
            .and_then(|repeat| u32::try_from(repeat).ok())
            .ok_or(Wrong::seconds("repeat"))?,
    };
    Ok(Manner::Schedule(Arc::new(Schedule { steps, repeat })))
}

/// Tables with their places.
type Tables<'a> = Box<dyn Iterator<Item = (Span, &'a dyn TableLike)> + 'a>;

/// The tables of a list, with their places: `[{…}, {…}]`, or `[[contact.behaviour.reply]]`.
fn each(item: &Item) -> Result<Tables<'_>, Wrong> {
    if let Some(tables) = item.as_array_of_tables() {
        let tables = tables.iter();
        return Ok(Box::new(
            tables.map(|table| (table.span(), table as &dyn TableLike)),
        ));
    }
    let wrong = || Wrong::Type {
        key: "reply",
        is: "a list of { answers = […] }",
    };
    let array = item.as_array().ok_or_else(wrong)?;
    if array.iter().any(|value| value.as_inline_table().is_none()) {
        return Err(wrong());
    }
    let tables = array.iter().filter_map(Value::as_inline_table);
    Ok(Box::new(
        tables.map(|table| (table.span(), table as &dyn TableLike)),
    ))
}

fn known(table: &dyn TableLike, keys: &'static [&'static str]) -> Result<(), Wrong> {
    match table.iter().find(|(key, _)| !keys.contains(key)) {
        None => Ok(()),
        Some((key, _)) => Err(Wrong::Key {
            key: key.to_owned(),
            keys,
        }),
    }
}

fn rule(table: &dyn TableLike) -> Result<Rule, Wrong> {
    known(table, RULE_KEYS)?;
    let texts = |key: &'static str| -> Result<Option<Vec<String>>, Wrong> {
        let Some(item) = table.get(key) else {
            return Ok(None);
        };
        let is = "a list of texts";
        let wrong = || Wrong::Type { key, is };
        let array = item.as_array().ok_or_else(wrong)?;
        let texts = array.iter().map(|value| value.as_str().map(str::to_owned));
        texts.collect::<Option<_>>().map(Some).ok_or_else(wrong)
    };
    let when = match (texts("words")?, table.get("regex")) {
        (Some(_), Some(_)) => return Err(Wrong::Either("a rule has either words or a regex")),
        (Some(words), None) => When::Words(words),
        (None, Some(regex)) => {
            let regex = regex.as_str().ok_or(Wrong::text("regex"))?;
            When::Pattern(Pattern::new(regex)?)
        }
        (None, None) => When::Always,
    };
    let by_chance = match table.get("order").map(|order| order.as_str()) {
        None | Some(Some("turn")) => false,
        Some(Some("chance")) => true,
        Some(_) => {
            return Err(Wrong::Type {
                key: "order",
                is: "\"turn\" or \"chance\"",
            });
        }
    };
    let delay = match table.get("delay") {
        None => 0.0,
        Some(delay) => delay
            .as_float()
            .or_else(|| delay.as_integer().map(|seconds| seconds as f64))
            .ok_or(Wrong::seconds("delay"))?,
    };
    let rule = Rule {
        when,
        answers: texts("answers")?.ok_or(Wrong::NoAnswers)?,
        by_chance,
        delay: Duration::try_from_secs_f64(delay).map_err(|_| Wrong::seconds("delay"))?,
    };
    rule.check().map_err(Wrong::Unfit)?;
    Ok(rule)
}

/// A behaviour as it is written.
pub(super) fn value(manner: &Manner) -> Value {
    match manner {
        Manner::Silent | Manner::Echo => manner.name().into(),
        Manner::Away(text) => {
            let mut table = InlineTable::new();
            table.insert("away", text.as_str().into());
            Value::InlineTable(table)
        }
        Manner::Reply(rules) => {
            let mut table = InlineTable::new();
            let all: Array = rules.rules.iter().map(written).collect();
            table.insert("reply", Value::Array(all));
            if rules.seed != 0 {
                let seed = i64::try_from(rules.seed).unwrap_or(i64::MAX);
                table.insert("seed", seed.into());
            }
            Value::InlineTable(table)
        }
        Manner::Schedule(schedule) => {
            let mut table = InlineTable::new();
            let steps: Array = schedule.steps.iter().map(ToString::to_string).collect();
            table.insert("schedule", Value::Array(steps));
            if schedule.repeat != 0 {
                table.insert("repeat", i64::from(schedule.repeat).into());
            }
            Value::InlineTable(table)
        }
    }
}

fn written(rule: &Rule) -> Value {
    let mut table = InlineTable::new();
    match &rule.when {
        When::Always => {}
        When::Words(words) => {
            table.insert("words", Value::Array(words.iter().collect()));
        }
        When::Pattern(pattern) => {
            table.insert("regex", pattern.as_str().into());
        }
    }
    table.insert("answers", Value::Array(rule.answers.iter().collect()));
    if rule.by_chance {
        table.insert("order", "chance".into());
    }
    if !rule.delay.is_zero() {
        table.insert("delay", rule.delay.as_secs_f64().into());
    }
    Value::InlineTable(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Manner, Wrong> {
        let document: toml_edit::DocumentMut = text.parse().expect("TOML");
        read(document.get("behaviour").expect("a behaviour")).map_err(|(wrong, _)| wrong)
    }

    #[test]
    fn every_behaviour_is_read_and_written_as_it_is_read() {
        for text in [
            "behaviour = \"silent\"",
            "behaviour = \"echo\"",
            "behaviour = { away = \"Gone to lunch\" }",
            "behaviour = { reply = [{ answers = [\"hm\"] }] }",
            "behaviour = { reply = [{ words = [\"hi\", \"hello\"], answers = [\"a\", \"b\"], order = \"chance\", delay = 1.5 }, { regex = \"^who\", answers = [\"me\"] }], seed = 7 }",
            "behaviour = { schedule = [\"12:00 lunch\", \"+5 say Hello there\", \"+6 message \"], repeat = 60 }",
            "behaviour = { schedule = [\"00:00 offline\"] }",
            "[behaviour]\nseed = 7\n[[behaviour.reply]]\nanswers = [\"x\"]\ndelay = 2",
        ] {
            let manner = of(text).expect("a behaviour");
            let again = format!("behaviour = {}", value(&manner));
            assert_eq!(of(&again), Ok(manner), "{again}");
        }
    }

    #[test]
    fn what_is_none_says_what_to_write() {
        for (text, wrong) in [
            ("behaviour = \"rude\"", "no behaviour"),
            ("behaviour = \"away\"", "{ away"),
            ("behaviour = 1", "has to be"),
            ("behaviour = \"schedule\"", "{ schedule"),
            ("behaviour = { schedule = [1] }", "a list of texts"),
            (
                "behaviour = { schedule = [\"noon lunch\"] }",
                "begins with no time",
            ),
            (
                "behaviour = { schedule = [\"12:00 soup\"] }",
                "unknown status",
            ),
            ("behaviour = { schedule = [], seed = 1 }", "unknown key"),
            ("behaviour = { reply = [], repeat = 1 }", "unknown key"),
            ("behaviour = { away = 1 }", "a text in quotes"),
            ("behaviour = { mood = \"x\" }", "unknown key"),
            ("behaviour = { reply = [1] }", "a list of"),
            (
                "behaviour = { reply = [{ words = [\"a\"], regex = \"b\", answers = [\"c\"] }] }",
                "either",
            ),
            (
                "behaviour = { reply = [{ regex = \"(\", answers = [\"c\"] }] }",
                "no regular expression",
            ),
            (
                "behaviour = { reply = [{ answers = [\"c\"], delay = -1 }] }",
                "seconds",
            ),
            (
                "behaviour = { reply = [{ words = [\"a\"] }] }",
                "needs answers",
            ),
        ] {
            let error = of(text).expect_err(text);
            assert!(error.to_string().contains(wrong), "{text}: {error}");
        }
    }
}
