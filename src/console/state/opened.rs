//! A recording that is looked at: how far it is taken, and how it goes on. A value with no clock of its own; what
//! moves it is in `update::playback`.

use super::super::panes::clients::state::Who;
use crate::command::FACTORS;
use crate::event::EventId;
use crate::event::Timestamp;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A silence takes no longer than this when it is played; what is left of it is passed over.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(3);

/// What is written of a recording that is followed is read so much later at the most: that nothing has come is known
/// only then.
const BEHIND: Duration = Duration::from_millis(500);

/// How fast a recording is played: 1 is as fast as it was.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Speed(f64);

impl Speed {
    /// As fast as it was.
    pub const REAL: Self = Self(1.0);
    /// As fast as it can be read.
    pub const MOST: Self = Self(f64::INFINITY);
    /// Twice as fast, or half as fast, within the bounds.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let (least, most) = (*FACTORS.start(), *FACTORS.end());
        Self((self.0.min(most) * factor).clamp(least, most))
    }

    /// Whether nothing is waited for.
    pub fn is_most(self) -> bool {
        self.0.is_infinite()
    }

    /// How much of the recording passes in this time.
    fn of(self, time: Duration) -> u64 {
        (time.as_micros() as f64 * self.0) as u64
    }

    /// How long this many microseconds of the recording take.
    fn takes(self, micros: u64) -> Duration {
        Duration::from_micros((micros as f64 / self.0).ceil() as u64)
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_most() {
            true => f.write_str("max"),
            // A hundredth is enough for anybody.
            false => write!(f, "{}×", (self.0 * 100.0).round() / 100.0),
        }
    }
}

/// What is no speed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no speed: a number from {} to {}, where 1 is as fast as it was, or max", FACTORS.start(), FACTORS.end())]
pub struct NoSpeed {
    text: String,
}

impl FromStr for Speed {
    type Err = NoSpeed;

    fn from_str(text: &str) -> Result<Self, NoSpeed> {
        if text.eq_ignore_ascii_case("max") {
            return Ok(Self::MOST);
        }
        let number = text.trim_end_matches(['x', '×']).parse::<f64>();
        match number {
            Ok(speed) if FACTORS.contains(&speed) => Ok(Self(speed)),
            _ => Err(NoSpeed {
                text: text.to_owned(),
            }),
        }
    }
}

/// Why nothing more can be read of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is at its end.
    Whole,
    /// It is damaged, which this says.
    Damaged(String),
    /// It was followed, and is not there any more, which this says.
    Lost(String),
}

/// How a recording goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// It does not.
    Held,
    /// To its end, as fast as it can be read.
    Through,
    /// With its own clock, at this speed.
    Playing,
    /// Until this many more lines are shown.
    Step(u64),
    /// Until this line is there.
    To(EventId),
}

/// A recording that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Its file.
    pub path: PathBuf,
    /// How much of it is taken, in hundredths; `None` when all is that can be.
    pub read: Option<u64>,
    /// How it goes on.
    pub pace: Pace,
    /// How fast it is played.
    pub speed: Speed,
    /// The first line of what was taken last: of an event, and of what it shows.
    pub unit: EventId,
    /// When the last event was that was taken; `None` before the first.
    pub last: Option<Timestamp>,
    /// Whether what is added to it is taken too.
    pub follows: bool,
    /// Whether it has been read to where its end was: what comes now comes as it happens.
    pub caught_up: bool,
    /// Who was selected before it was gone through once more.
    pub selected: Option<Who>,
    /// The clock of the recording, as it is played.
    head: Timestamp,
    /// What the true clock said when that was set.
    wall: Option<Timestamp>,
}

impl Opened {
    /// Its beginning; it is read through to its end.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            read: Some(0),
            pace: Pace::Through,
            speed: Speed::REAL,
            unit: EventId::default(),
            last: None,
            follows: false,
            caught_up: false,
            selected: None,
            head: Timestamp::default(),
            wall: None,
        }
    }

    /// Back to its beginning; how it goes on stays, and who is to be selected.
    pub fn start_over(&mut self) {
        *self = Self {
            pace: self.pace,
            speed: self.speed,
            selected: self.selected,
            follows: self.follows,
            ..Self::new(std::mem::take(&mut self.path))
        };
    }

    /// Whether it is at its end, or at the damage.
    pub fn is_over(&self) -> bool {
        self.read.is_none()
    }

    /// Whether time passes in it.
    pub fn is_playing(&self) -> bool {
        self.pace == Pace::Playing && !self.is_over()
    }

    /// Whether it is followed, and shows what happens as it happens.
    pub fn is_live(&self) -> bool {
        self.caught_up && self.pace == Pace::Through && !self.is_over()
    }

    /// Time passes while nothing comes. Gives the moment up to which it is known that nothing came.
    pub fn pass_live(&mut self, wall: Timestamp) -> Timestamp {
        let passed = wall.since(self.wall.replace(wall).unwrap_or(wall));
        let last = self.last.unwrap_or_default();
        self.head = match self.head < last {
            true => last,
            false => Timestamp(self.head.0.saturating_add(passed.as_micros() as u64)),
        };
        let known = self.head.0.saturating_sub(BEHIND.as_micros() as u64);
        last.max(Timestamp(known))
    }

    /// Plays it, from where it is, at its speed.
    pub fn play(&mut self) {
        self.pace = match self.speed.is_most() {
            true => Pace::Through,
            false => Pace::Playing,
        };
        self.head = self.last.unwrap_or_default();
        self.wall = None;
    }

    /// The true clock says `wall`, and the next event is of `next`, where that is known. Gives the moment up to which
    /// the recording is played, and how much of a silence was passed over.
    pub fn pass(&mut self, wall: Timestamp, next: Option<Timestamp>) -> (Timestamp, Duration) {
        let passed = wall.since(self.wall.replace(wall).unwrap_or(wall));
        let Some(next) = next else {
            // What comes next is not read yet: it waits.
            return (self.head, Duration::ZERO);
        };
        if self.last.is_none() {
            // Nothing was before the first.
            self.head = next;
        }
        self.head = Timestamp(self.head.0.saturating_add(self.speed.of(passed))).min(next);
        let left = next.0.saturating_sub(self.head.0);
        let most = self.speed.of(LONGEST_SILENCE);
        let over = left.saturating_sub(most);
        self.head.0 += over;
        (self.head, Duration::from_micros(over))
    }

    /// How long it takes until the recording is played up to this event.
    pub fn wait(&self, next: Timestamp) -> Duration {
        self.speed.takes(next.0.saturating_sub(self.head.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Timestamp {
        Timestamp(second * 1_000_000)
    }

    fn playing(speed: &str) -> Opened {
        let mut opened = Opened::new("a.nudge".into());
        opened.last = Some(at(100));
        opened.speed = speed.parse().expect("a speed");
        opened.play();
        opened
    }

    #[test]
    fn time_passes_at_its_speed_and_never_beyond_the_next_event() {
        for (speed, moment) in [
            ("1", at(101)),
            ("0.5", Timestamp(100_500_000)),
            ("2x", Timestamp(101_500_000)),
        ] {
            let next = Some(Timestamp(101_500_000));
            let mut opened = playing(speed);
            opened.pass(at(7), next);
            assert_eq!(opened.pass(at(8), next).0, moment, "{speed}");
            assert_eq!(opened.pass(at(90), next).0, Timestamp(101_500_000));
        }
    }

    #[test]
    fn what_is_not_read_yet_is_waited_for() {
        let mut opened = playing("1");
        opened.pass(at(7), None);
        assert_eq!(opened.pass(at(9), None).0, at(100));
        assert_eq!(opened.pass(at(10), Some(at(105))).0, at(102));
    }

    #[test]
    fn a_long_silence_is_passed_over_but_for_its_last_seconds() {
        let mut opened = playing("2");
        let (head, over) = opened.pass(at(7), Some(at(3_700)));
        assert_eq!(over, Duration::from_secs(3_594));
        assert_eq!(head, at(3_694));
        assert_eq!(opened.wait(at(3_700)), LONGEST_SILENCE);
        assert_eq!(
            opened.pass(at(8), Some(at(3_700))),
            (at(3_696), Duration::ZERO)
        );
    }

    #[test]
    fn a_hostile_time_is_played_without_overflow() {
        let mut opened = playing("10000");
        opened.pass(at(7), Some(Timestamp(u64::MAX)));
        opened.pass(at(9_000_000), Some(Timestamp(u64::MAX)));
        assert_eq!(opened.pass(at(9), Some(at(1))).0, at(1));
    }

    #[test]
    fn speeds_are_read_bounded_and_doubled() {
        for wrong in ["0", "-1", "nan", "inf", "20000", "fast", ""] {
            let error = wrong.parse::<Speed>().expect_err(wrong).to_string();
            assert!(error.contains("0.01 to 10000"), "{error}");
        }
        assert_eq!("MAX".parse(), Ok(Speed::MOST));
        assert_eq!(Speed::REAL.times(2.0).to_string(), "2×");
        assert_eq!(Speed::REAL.times(0.5).to_string(), "0.5×");
        assert_eq!(Speed::MOST.times(2.0).to_string(), "10000×");
        assert_eq!(Speed::REAL.times(0.0).to_string(), "0.01×");
    }
}
