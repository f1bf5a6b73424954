//! Which releases go.

use jiff::{SignedDuration, Timestamp};

/// What stays in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// So many of a golden's newest releases; never fewer than one.
    pub newest: usize,
    /// Everything that is younger than this.
    pub younger_than: Option<SignedDuration>,
}

/// A release that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its golden.
    pub golden: String,
    /// Its name: `YYYYMMDDThhmmssZ`, so that names sort by time.
    pub release: String,
    /// When its build ended; none where its name does not say.
    pub made: Option<Timestamp>,
    /// Who needs it.
    pub needed_by: Option<String>,
}

/// What is to become of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It goes.
    Goes,
    /// It stays, and why.
    Stays(String),
}

/// Decides for each release, in the order given.
pub fn plan(candidates: &[Candidate], keep: Keep, now: Timestamp) -> Vec<Decision> {
    candidates.iter().map(|candidate| decide(candidate, newer(candidates, candidate), keep, now)).collect()
}

/// How many releases of the same golden are newer.
fn newer(candidates: &[Candidate], than: &Candidate) -> usize {
    candidates.iter().filter(|other| other.golden == than.golden && other.release > than.release).count()
}

fn decide(candidate: &Candidate, newer: usize, keep: Keep, now: Timestamp) -> Decision {
    if let Some(who) = &candidate.needed_by {
        return Decision::Stays(who.clone());
    }
    let newest = keep.newest.max(1);
    if newer < newest {
        return Decision::Stays(format!("one of the {newest} newest"));
    }
    let Some(least) = keep.younger_than else { return Decision::Goes };
    match candidate.made.map(|made| now.duration_since(made)) {
        None => Decision::Stays("its name does not tell its age".to_owned()),
        Some(age) if age < least => Decision::Stays(format!("{} days old", age.as_hours() / 24)),
        Some(_) => Decision::Goes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(golden: &str, day: u8, needed_by: Option<&str>) -> Candidate {
        Candidate {
            golden: golden.into(),
            release: format!("202601{day:02}T000000Z"),
            made: format!("2026-01-{day:02}T00:00:00Z").parse().ok(),
            needed_by: needed_by.map(str::to_owned),
        }
    }

    fn goes(candidates: &[Candidate], keep: Keep) -> Vec<bool> {
        let now = "2026-01-31T00:00:00Z".parse().unwrap();
        plan(candidates, keep, now).into_iter().map(|decision| decision == Decision::Goes).collect()
    }

    #[test]
    fn the_newest_of_each_golden_stay_and_whatever_is_needed() {
        let candidates = [
            candidate("a", 1, None),
            candidate("a", 2, Some("channel stable points at it")),
            candidate("a", 3, None),
            candidate("a", 4, None),
            candidate("b", 1, None),
        ];
        assert_eq!(goes(&candidates, Keep { newest: 1, younger_than: None }), [true, false, true, false, false]);
        assert_eq!(goes(&candidates, Keep { newest: 2, younger_than: None }), [true, false, false, false, false]);
        // Whoever asks for none keeps one.
        assert_eq!(goes(&candidates, Keep { newest: 0, younger_than: None }), [true, false, true, false, false]);
    }

    #[test]
    fn what_is_young_stays_and_what_tells_no_age_too() {
        let mut candidates = vec![candidate("a", 1, None), candidate("a", 20, None), candidate("a", 30, None)];
        let keep = Keep { newest: 1, younger_than: Some(SignedDuration::from_hours(24 * 14)) };
        assert_eq!(goes(&candidates, keep), [true, false, false]);
        candidates[0].made = None;
        assert_eq!(goes(&candidates, keep), [false, false, false]);
    }
}
