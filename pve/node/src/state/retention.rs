//! Which backups are kept: `keep-last=3,keep-daily=7`, and what such a rule says about a guest's backups. Pure.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A rule's words, in the order in which they are applied.
const KEYS: [&str; 6] = ["keep-last", "keep-hourly", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly"];

/// A rule: how many backups of which spacing are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    keep_all: bool,
    /// By the order of [`KEYS`]; 0 where nothing is said.
    counts: [u64; 6],
    /// The words that were given, sorted, as they are printed.
    given: Vec<(String, u64)>,
}

/// What becomes of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// It stays.
    Keep,
    /// It goes.
    Remove,
    /// It stays, whatever the rule says: it is protected.
    Protected,
    /// It stays, because its name is not vzdump's own.
    Renamed,
}

impl Mark {
    /// The word in answers and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
            Self::Protected => "protected",
            Self::Renamed => "renamed",
        }
    }
}

impl Retention {
    /// The rule that keeps everything.
    pub fn keep_all() -> Self {
        Self { keep_all: true, counts: [0; 6], given: vec![("keep-all".to_owned(), 1)] }
    }

    /// Reads a rule; words that are none, or no numbers, are refused in Proxmox's manner.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rule = Self::default();
        let mut all = None;
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let (key, value) =
                part.trim().split_once('=').ok_or("value without key, but schema does not define a default key\n")?;
            let number = count(key, value)?;
            match KEYS.iter().position(|known| *known == key) {
                Some(index) => rule.counts[index] = number,
                None if key == "keep-all" => all = Some(number != 0),
                None => {
                    return Err(format!(
                        "format error\n{key}: property is not defined in schema and the schema does not allow additional properties\n"
                    ));
                }
            }
            rule.given.push((key.to_owned(), number));
        }
        rule.given.sort();
        if rule.counts.iter().all(|count| *count == 0) {
            return Ok(Self::keep_all());
        }
        if all == Some(true) {
            return Err("keep-all cannot be set together with other options.\n".to_owned());
        }
        Ok(rule)
    }

    /// Whether nothing is ever removed.
    pub fn keeps_all(&self) -> bool {
        self.keep_all
    }

    /// How many backups the rule can keep at most.
    pub fn limit(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The rule as logs tell it: `keep-daily=7, keep-last=3`.
    pub fn told(&self) -> String {
        self.joined(", ")
    }

    fn joined(&self, separator: &str) -> String {
        self.given.iter().map(|(key, count)| format!("{key}={count}")).collect::<Vec<_>>().join(separator)
    }

    /// Marks the backups of one guest. `backups` are their times and whether they are protected; the answer has the
    /// same order.
    pub fn mark(&self, backups: &[(i64, bool)], zone: &TimeZone) -> Vec<Mark> {
        let mut marks: Vec<Option<Mark>> =
            backups.iter().map(|(_, protected)| protected.then_some(Mark::Protected)).collect();
        if !self.keep_all {
            let mut newest_first: Vec<usize> = (0..backups.len()).collect();
            newest_first.sort_by_key(|index| std::cmp::Reverse(backups[*index].0));
            for (rule, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let period = |index: usize| period(rule, backups[index].0, zone);
                apply(&newest_first, *count, &period, &mut marks);
            }
        }
        let rest = if self.keep_all { Mark::Keep } else { Mark::Remove };
        marks.into_iter().map(|mark| mark.unwrap_or(rest)).collect()
    }
}

impl std::fmt::Display for Retention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.joined(","))
    }
}

fn count(key: &str, value: &str) -> Result<u64, String> {
    let truth = match value {
        "on" | "yes" | "true" if key == "keep-all" => Some(1),
        "off" | "no" | "false" if key == "keep-all" => Some(0),
        _ => value.parse().ok(),
    };
    truth.ok_or_else(|| format!("format error\n{key}: type check ('integer') failed - got '{value}'\n"))
}

/// The newest unmarked backup of each period is kept until `count` periods are served; others of a served period go. A
/// period of which an earlier rule keeps one needs no other, and older backups are left to the next rule.
fn apply(newest_first: &[usize], count: u64, period: &dyn Fn(usize) -> String, marks: &mut [Option<Mark>]) {
    let kept = |index: &&usize| marks[**index] == Some(Mark::Keep);
    let already: BTreeSet<String> = newest_first.iter().filter(kept).map(|index| period(*index)).collect();
    let mut served = BTreeSet::new();
    for index in newest_first {
        let of = period(*index);
        if marks[*index].is_some() || already.contains(&of) {
            continue;
        }
        if served.contains(&of) {
            marks[*index] = Some(Mark::Remove);
            continue;
        }
        if served.len() as u64 >= count {
            break;
        }
        served.insert(of);
        marks[*index] = Some(Mark::Keep);
    }
}

/// The name of the period that a time falls into, by the local clock; weeks are those of ISO 8601.
fn period(rule: usize, seconds: i64, zone: &TimeZone) -> String {
    let format = ["%s", "%Y-%m-%d-%H", "%Y-%m-%d", "%G-%V", "%Y-%m", "%Y"][rule];
    let time = Timestamp::from_second(seconds).unwrap_or_default();
    time.to_zoned(zone.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every second of the table's texts is one backup; the answer is one letter each: k, r, p.
    fn marks(rule: &str, times: &[&str]) -> String {
        let backup = |text: &&str| {
            let (text, protected) = text.strip_suffix('!').map_or((*text, false), |text| (text, true));
            (format!("{text}Z").parse::<Timestamp>().unwrap().as_second(), protected)
        };
        let backups: Vec<(i64, bool)> = times.iter().map(backup).collect();
        let marks = Retention::parse(rule).unwrap().mark(&backups, &TimeZone::UTC);
        marks.iter().map(|mark| &mark.word()[..1]).collect()
    }

    #[test]
    fn the_rules_hold() {
        let days = [
            "2020-01-01T01:00:00",
            "2020-01-01T02:00:00",
            "2020-01-02T01:00:00",
            "2020-01-03T01:00:00",
            "2020-01-03T01:30:00",
        ];
        for (rule, wanted) in [
            ("keep-all=1", "kkkkk"),
            ("keep-last=0,keep-daily=0", "kkkkk"),
            ("keep-last=1", "rrrrk"),
            ("keep-last=3", "rrkkk"),
            ("keep-last=9", "kkkkk"),
            ("keep-hourly=2", "rrkrk"),
            ("keep-daily=2", "rrkrk"),
            ("keep-daily=5", "rkkrk"),
            // The second rule begins where the first one ends.
            ("keep-last=1,keep-daily=1", "rrkrk"),
            ("keep-last=2,keep-daily=1", "rrkkk"),
            ("keep-weekly=1", "rrrrk"),
            ("keep-monthly=3", "rrrrk"),
            ("keep-yearly=2", "rrrrk"),
        ] {
            assert_eq!(marks(rule, &days), wanted, "{rule}");
        }
    }

    #[test]
    fn weeks_are_iso_weeks_and_years_end_where_they_do() {
        // 2019-12-30 is a Monday of 2020's first week.
        let times = ["2019-12-29T12:00:00", "2019-12-30T12:00:00", "2020-01-02T12:00:00"];
        assert_eq!(marks("keep-weekly=5", &times), "krk");
        assert_eq!(marks("keep-yearly=5", &times), "rkk");
        assert_eq!(marks("keep-monthly=1", &times), "rrk");
    }

    #[test]
    fn a_protected_backup_stays_and_serves_no_period() {
        let times = ["2020-01-01T01:00:00", "2020-01-02T01:00:00", "2020-01-03T01:00:00!"];
        assert_eq!(marks("keep-last=1", &times), "rkp");
        assert_eq!(marks("keep-all=1", &times), "kkp");
    }

    #[test]
    fn rules_are_read_and_told() {
        let rule = Retention::parse("keep-last=3,keep-daily=7").unwrap();
        assert_eq!((rule.limit(), rule.told().as_str(), rule.keeps_all()), (10, "keep-daily=7, keep-last=3", false));
        assert_eq!(Retention::parse("").unwrap(), Retention::keep_all());
        assert_eq!(
            Retention::parse("keep-all=1,keep-last=2").unwrap_err(),
            "keep-all cannot be set together with other options.\n"
        );
        for bad in ["keep-last=x", "keep-least=2", "3"] {
            assert!(Retention::parse(bad).is_err(), "{bad}");
        }
    }
}
