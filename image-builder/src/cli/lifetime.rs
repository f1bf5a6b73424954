//! Times on the command line.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A time span: `30d`, `12h`, `45m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lifetime(SignedDuration);

impl From<Lifetime> for SignedDuration {
    fn from(lifetime: Lifetime) -> Self {
        lifetime.0
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no time span: write 30d, 12h, 45m or 90s");
        let unit = text.chars().last().ok_or_else(wrong)?;
        let seconds: i64 = match unit {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return Err(wrong()),
        };
        let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        let seconds = number.checked_mul(seconds).filter(|seconds| (1..=10 * 365 * 86_400).contains(seconds));
        seconds
            .map(|seconds| Self(SignedDuration::from_secs(seconds)))
            .ok_or_else(|| format!("{text:?} is no time span between a second and ten years"))
    }
}

/// A day (its begin, UTC) or a moment.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let day: Date = text.parse().map_err(|_| format!("{text:?} is no date: write YYYY-MM-DD, or a moment in UTC"))?;
    day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_days() {
        assert_eq!("30d".parse::<Lifetime>().map(|lifetime| lifetime.0.as_secs()), Ok(30 * 86_400));
        for text in ["", "d", "0d", "-1d", "30", "30y", "99999d", "9999999999999999999d", "é"] {
            assert!(text.parse::<Lifetime>().is_err(), "{text}");
        }
        assert_eq!(moment("2028-06-30").unwrap().to_string(), "2028-06-30T00:00:00Z");
        assert!(moment("soon").is_err());
    }
}
