//! What a contact does at set times: a list of steps. A step is a line such as `12:00 lunch`, `+30 say Still there?` or
//! `13:00 message Back again`. The contact's file and the command have the same lines.

use super::unfit::StepError;
use super::{EditError, Part, Unfit};
use crate::msnp::Status;
use std::fmt;
use std::str::FromStr;

/// Bytes of the longest text of a behaviour: what is said, a pattern, a word.
pub const MAX_SAID: usize = 1_024;
/// The most steps of one contact.
pub const MAX_STEPS: usize = 100;
/// Seconds from the beginning to the latest step, and of the longest round: a week.
pub const MAX_SECONDS: u32 = 7 * 24 * 3_600;
/// Seconds of a day.
const DAY: u32 = 24 * 3_600;

/// When a step comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Every day at this minute.
    Minute(u16),
    /// This many seconds after the schedule began.
    Second(u32),
}

/// What a contact does then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// It takes this status.
    Status(Status),
    /// It takes this personal message. An empty text takes the message away.
    Message(String),
    /// It says this in each of its conversations.
    Say(String),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: At,
    /// What.
    pub act: Act,
}

/// All steps, and the seconds after which the steps that count from the beginning begin again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// The steps.
    pub steps: Vec<Step>,
    /// Seconds of a round; 0 for no second round.
    pub repeat: u32,
}

/// A moment, as a schedule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Whole seconds since the schedule began.
    pub since: u32,
    /// Seconds since midnight, where the service runs.
    pub day: u32,
}

impl Schedule {
    /// The steps after one moment, up to and with another; `None` stands for before the first moment.
    pub fn due(&self, before: Option<Moment>, now: Moment) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| match step.at {
            At::Minute(minute) => before.is_some_and(|before| {
                let at = u32::from(minute) * 60;
                let is_later = before.day < at && at <= now.day;
                match before.day <= now.day {
                    true => is_later,
                    // Midnight lies between the two.
                    false => before.day < at || at <= now.day,
                }
            }),
            At::Second(second) => {
                let count = |moment: Moment| match (moment.since.checked_sub(second), self.repeat) {
                    (None, _) => 0,
                    (Some(_), 0) => 1,
                    (Some(over), round) => 1 + over / round,
                };
                count(now) > before.map_or(0, count)
            }
        })
    }

    /// Refuses a schedule without steps, with too many, or with one that cannot be done.
    ///
    /// # Errors
    /// [`Unfit`] with the first that is wrong.
    pub(super) fn check(&self) -> Result<(), Unfit> {
        if self.steps.is_empty() || self.steps.len() > MAX_STEPS {
            return Err(Unfit::Count {
                what: "steps in a schedule",
                most: MAX_STEPS,
            });
        }
        if self.repeat > MAX_SECONDS {
            return Err(Unfit::LongRound(MAX_SECONDS));
        }
        self.steps.iter().try_for_each(Step::check)
    }

    /// What its texts take, in bytes, about.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.steps.iter().map(|step| match &step.act {
            Act::Status(_) => 0,
            Act::Message(text) | Act::Say(text) => text.len(),
        });
        self.steps.len() * size_of::<Step>() + texts.sum::<usize>()
    }
}

impl Step {
    /// Refuses one that cannot be done.
    ///
    /// # Errors
    /// [`Unfit`] with what is wrong.
    pub(super) fn check(&self) -> Result<(), Unfit> {
        match (&self.act, self.at) {
            (_, At::Second(second)) if second > MAX_SECONDS => Err(Unfit::LateStep(MAX_SECONDS)),
            (Act::Say(text), _) if text.trim().is_empty() => Err(Unfit::SaysNothing),
            (Act::Say(text) | Act::Message(text), _) if text.len() > MAX_SAID => {
                Err(Unfit::TooLong(MAX_SAID))
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for Step {
    type Err = StepError;

    fn from_str(line: &str) -> Result<Self, StepError> {
        let line = line.trim();
        let (at, act) = line.split_once(' ').unwrap_or((line, ""));
        let act = act.trim_start();
        let (word, text) = act.split_once(' ').unwrap_or((act, ""));
        let act = match word {
            "say" => Act::Say(text.to_owned()),
            "message" => Act::Message(text.to_owned()),
            _ => Act::Status(act.parse().map_err(|wrong| StepError::Act {
                line: line.to_owned(),
                wrong,
            })?),
        };
        let wrong = || StepError::Time(line.to_owned());
        let number = |text: &str, most: u32| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|number| digits && *number <= most);
            number.ok_or_else(wrong)
        };
        let at = match (at.strip_prefix('+'), at.split_once(':')) {
            (Some(seconds), _) => At::Second(number(seconds, MAX_SECONDS)?),
            (None, Some((hour, minute))) => {
                let minute = number(hour, 23)? * 60 + number(minute, 59)?;
                At::Minute(minute.try_into().map_err(|_| wrong())?)
            }
            (None, None) => return Err(wrong()),
        };
        Ok(Step { at, act })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            At::Minute(minute) => write!(f, "{:02}:{:02} ", minute / 60, minute % 60)?,
            At::Second(second) => write!(f, "+{second} ")?,
        }
        match &self.act {
            Act::Status(status) => f.write_str(status.word()),
            Act::Message(text) => write!(f, "message {text}"),
            Act::Say(text) => write!(f, "say {text}"),
        }
    }
}

impl FromStr for Schedule {
    type Err = EditError;

    /// Reads steps with semicolons between them. `repeat SECONDS` may be one of them.
    fn from_str(text: &str) -> Result<Self, EditError> {
        let invalid = |reason| EditError::Invalid {
            part: Part::Schedule,
            reason,
        };
        let mut schedule = Schedule::default();
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part.strip_prefix("repeat ") {
                Some(seconds) => {
                    let wrong = || invalid(Unfit::NoSeconds(seconds.to_owned()));
                    schedule.repeat = seconds.trim().parse().map_err(|_| wrong())?;
                }
                None => schedule.steps.push(
                    part.parse()
                        .map_err(|wrong: StepError| invalid(wrong.into()))?,
                ),
            }
        }
        schedule.check().map_err(invalid)?;
        Ok(schedule)
    }
}

/// The seconds since midnight, from the seconds since 1970 and the seconds east of Greenwich.
pub fn second_of_day(since_1970: u64, utc_offset: i32) -> u32 {
    let local = since_1970.cast_signed() + i64::from(utc_offset);
    u32::try_from(local.rem_euclid(i64::from(DAY))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(schedule: &str, before: Option<(u32, u32)>, now: (u32, u32)) -> Vec<String> {
        let schedule: Schedule = schedule.parse().expect("a schedule");
        let moment = |(since, day)| Moment { since, day };
        let steps = schedule.due(before.map(moment), moment(now));
        steps.map(ToString::to_string).collect()
    }

    #[test]
    fn steps_come_once_in_their_order_and_again_in_the_next_round() {
        let steps = "+0 online; +5 say Hello; there; +10 busy";
        assert!(
            steps.parse::<Schedule>().is_err(),
            "a text has no semicolon"
        );
        let steps = "+0 online; +5 say Hello there; +10 busy";
        assert_eq!(due(steps, None, (0, 0)), ["+0 online"]);
        assert_eq!(due(steps, Some((0, 0)), (4, 4)), [""; 0]);
        assert_eq!(
            due(steps, Some((4, 4)), (10, 10)),
            ["+5 say Hello there", "+10 busy"]
        );
        assert_eq!(due(steps, Some((10, 10)), (1_000, 1_000)), [""; 0]);
        let again = format!("{steps}; repeat 20");
        assert_eq!(due(&again, Some((10, 10)), (20, 20)), ["+0 online"]);
        assert_eq!(
            due(&again, Some((20, 20)), (30, 30)),
            ["+5 say Hello there", "+10 busy"]
        );
    }

    #[test]
    fn a_time_of_day_comes_every_day_and_over_midnight() {
        let steps = "12:00 lunch; 00:00 offline; 23:59 message Good night";
        let noon = 12 * 3_600;
        assert_eq!(
            due(steps, None, (0, noon)),
            [""; 0],
            "what was before the beginning is over"
        );
        assert_eq!(due(steps, Some((0, noon - 1)), (1, noon)), ["12:00 lunch"]);
        assert_eq!(due(steps, Some((0, noon)), (1, noon + 1)), [""; 0]);
        assert_eq!(
            due(steps, Some((0, DAY - 120)), (121, 1)),
            ["00:00 offline", "23:59 message Good night"]
        );
        assert_eq!(second_of_day(86_400 + 5, -10), DAY - 5);
    }

    #[test]
    fn a_step_reads_back_what_it_prints_and_what_is_none_is_named() {
        for text in ["12:05 lunch", "+0 message ", "+604800 say a b", "00:00 brb"] {
            let step: Step = text.parse().expect("a step");
            assert_eq!(step.to_string(), text);
        }
        for bad in [
            "",
            "lunch",
            "12:60 busy",
            "24:00 busy",
            "+x busy",
            "+-1 busy",
            "12:00 gone",
            "+604801 busy",
            "12:00",
        ] {
            assert!(bad.parse::<Step>().is_err(), "{bad}");
        }
        for bad in ["", "+1 say", "+1 busy; repeat x", "+1 busy; repeat 700000"] {
            assert!(bad.parse::<Schedule>().is_err(), "{bad}");
        }
    }
}
