//! Numbers, times and sizes as they are typed. What is refused says an example.

use std::str::FromStr;
use std::time::Duration;

/// What is wanted in place of what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wanted {
    /// A number without a fraction.
    #[error("a whole number is wanted, such as 2")]
    Whole,
    /// Seconds, or with a unit.
    #[error("a time is wanted, such as 90s, 30m or 2h")]
    Time,
    /// Bytes, or with a unit.
    #[error("a size in bytes is wanted, such as 1000000, 64K, 256M or 2G")]
    Size,
}

/// A whole number.
pub(super) fn whole<T: FromStr>(text: &str) -> Result<T, Wanted> {
    text.parse().map_err(|_| Wanted::Whole)
}

/// A time: a number of seconds, or of seconds, minutes or hours where `s`, `m` or `h` follows.
pub(super) fn time(text: &str) -> Result<Duration, Wanted> {
    let seconds = with_unit(text, &[("", 1), ("s", 1), ("m", 60), ("h", 60 * 60)]);
    seconds.map(Duration::from_secs).ok_or(Wanted::Time)
}

/// A time of at least a second.
pub(super) fn interval(text: &str) -> Result<Duration, Wanted> {
    let time = time(text).ok().filter(|time| !time.is_zero());
    time.ok_or(Wanted::Time)
}

/// A size: a number of bytes, or of KiB, MiB or GiB where `K`, `M` or `G` follows.
pub(super) fn size<T: TryFrom<u64>>(text: &str) -> Result<T, Wanted> {
    let units = [("", 1), ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30)];
    let bytes = with_unit(&text.to_ascii_uppercase(), &units);
    let bytes = bytes.and_then(|bytes| T::try_from(bytes).ok());
    bytes.ok_or(Wanted::Size)
}

fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let (_, unit) = units.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_or_none_and_what_is_none_says_an_example() {
        assert_eq!(size("10M"), Ok(10_485_760_u64));
        assert_eq!(size("1k"), Ok(1_024_usize));
        assert_eq!(size("300"), Ok(300_u64));
        for wrong in ["", "M", "10MB", "x", "-1", "1.5M", "99999999999G"] {
            let error = size::<u64>(wrong).expect_err(wrong).to_string();
            assert!(error.contains("256M"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_time_has_a_unit_or_none_and_what_is_none_says_an_example() {
        assert_eq!(time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(time("2h"), Ok(Duration::from_secs(7_200)));
        for wrong in ["", "h", "2d", "x"] {
            let error = time(wrong).expect_err(wrong).to_string();
            assert!(error.contains("30m"), "{wrong}: {error}");
        }
        assert_eq!(interval("0"), Err(Wanted::Time));
    }

    #[test]
    fn a_number_that_is_none_says_what_is_wanted() {
        assert_eq!(whole("3"), Ok(3_u64));
        assert_eq!(whole::<u64>("x"), Err(Wanted::Whole));
    }
}
