//! Moments, and the clock of one run.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment in microseconds since the Unix epoch: the machine's clock at the start, plus a monotonic clock since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The time from an earlier moment to this one; zero if that moment is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// `12:04:31.207`, this many seconds east of UTC.
    pub fn time_of_day(self, utc_offset: i32) -> String {
        let millis = (self.0 / 1_000) as i64 + i64::from(utc_offset) * 1_000;
        let day = millis.rem_euclid(86_400_000);
        format!(
            "{:02}:{:02}:{:02}.{:03}",
            day / 3_600_000,
            day / 60_000 % 60,
            day / 1_000 % 60,
            day % 1_000
        )
    }
}

/// Where the times of day are those, this many seconds east of UTC: `UTC`, `UTC-05:00`.
pub fn zone(utc_offset: i32) -> String {
    let minutes = utc_offset.unsigned_abs() / 60;
    match (minutes, utc_offset < 0) {
        (0, _) => "UTC".to_owned(),
        (_, west) => {
            let sign = if west { '-' } else { '+' };
            format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// The clock of one run. It never goes back, even if the machine's clock does.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    unix_micros: u64,
}

impl Clock {
    /// Reads the machine's clock once.
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            unix_micros: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| d.as_micros() as u64),
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.unix_micros + self.start.elapsed().as_micros() as u64)
    }
}
