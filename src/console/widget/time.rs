//! Times and amounts, short.

use crate::event::Timestamp;
use std::time::Duration;

/// `12:04:31.207`, that many seconds east of UTC.
pub fn clock(time: Timestamp, utc_offset: i32) -> String {
    time.time_of_day(utc_offset)
}

/// `0.4ms`, `12ms`, `3.1s`, `12m`, `3h20`.
pub fn short(duration: Duration) -> String {
    let micros = duration.as_micros();
    match micros {
        0..10_000 => format!("{:.1}ms", micros as f64 / 1e3),
        10_000..1_000_000 => format!("{}ms", micros / 1_000),
        1_000_000..10_000_000 => format!("{:.1}s", micros as f64 / 1e6),
        10_000_000..120_000_000 => format!("{}s", micros / 1_000_000),
        120_000_000..7_200_000_000 => format!("{}m", micros / 60_000_000),
        _ => format!("{}h{:02}", micros / 3_600_000_000, micros / 60_000_000 % 60),
    }
}

/// Whole seconds, minutes or hours: for what is said once a second.
pub fn coarse(duration: Duration) -> String {
    match duration.as_secs() {
        s @ 0..120 => format!("{s}s"),
        s @ 120..7_200 => format!("{}m", s / 60),
        s => format!("{}h{:02}", s / 3_600, s / 60 % 60),
    }
}

/// `12,310`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `812 B`, `12.3 kB`, `4.0 MB`.
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{:.1} kB", number as f64 / 1e3),
        _ => format!("{:.1} MB", number as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_counts_are_grouped() {
        assert_eq!(clock(Timestamp(43_471_207_000), 0), "12:04:31.207");
        assert_eq!(clock(Timestamp(0), -3_600), "23:00:00.000");
        assert_eq!(short(Duration::from_micros(400)), "0.4ms");
        assert_eq!(short(Duration::from_millis(3_100)), "3.1s");
        assert_eq!(short(Duration::from_secs(12_000)), "3h20");
        assert_eq!(count(12_310), "12,310");
        assert_eq!(count(100), "100");
        assert_eq!(bytes(12_345), "12.3 kB");
    }
}
