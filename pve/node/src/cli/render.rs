//! Numbers as people like them. Pure, but for the local time zone.

use jiff::{Timestamp, tz::TimeZone};

/// `1.50 GiB`.
pub(super) fn bytes(number: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut left = number;
    let mut unit = 0;
    while left >= 1024.0 && unit + 1 < units.len() {
        left /= 1024.0;
        unit += 1;
    }
    format!("{left:.2} {}", units[unit])
}

/// `2d 3h 5s`.
pub(super) fn duration(seconds: u64) -> String {
    let mut left = seconds;
    let mut parts = Vec::new();
    for (unit, length) in [("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] {
        if left >= length {
            parts.push(format!("{}{unit}", left / length));
            left %= length;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

/// `2026-11-20 12:06:34`.
pub(super) fn time(seconds: i64) -> String {
    let local = |time: Timestamp| time.to_zoned(TimeZone::system()).strftime("%F %H:%M:%S").to_string();
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), local)
}

/// `12.50%`.
pub(super) fn share(of_one: f64) -> String {
    format!("{:.2}%", of_one * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(bytes(1023.0), "1023.00 B");
        assert_eq!(bytes(1_610_612_736.0), "1.50 GiB");
        assert_eq!(duration(0), "0s");
        assert_eq!(duration(694_865), "1w 1d 1h 1m 5s");
        assert_eq!(share(0.125), "12.50%");
    }
}
