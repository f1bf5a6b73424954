//! Whose a guest with a mark is, and whether it may be removed.

use serde::Serialize;

/// What is known of a guest, apart from its mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// It runs, or nobody can say.
    pub runs: bool,
    /// Somebody started it since its run began.
    pub was_started: bool,
    /// A task of this agent's token made it since its run began.
    pub made_by_us: bool,
    /// Interfaces whose link is not down.
    pub links_up: Vec<String>,
    /// Switches that a guest gets from somebody who wants it: `onboot`, `protection`, `template`.
    pub switched_on: Vec<&'static str>,
    /// Snapshots of it, or a lock.
    pub held_by: Option<String>,
}

/// What ledger and journal say of the run whose mark a guest bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A live guest of the ledger is that run's.
    Live,
    /// The run goes on, or rests.
    Unfinished,
    /// It is closed, and what it had done is undone.
    Undone,
    /// It came to its end, and its guest is gone as far as the ledger knows.
    Gone,
    /// This ledger never had such a run.
    Unknown,
}

/// Whose a guest is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// Of a run that is over: nobody's any more.
    Orphan {
        /// Why it is left alone all the same; where there is nothing, it may be removed.
        hindrances: Vec<String>,
    },
    /// A guest of this ledger, or one that a run works on.
    Ours,
    /// It bears a mark, and not of a run of this ledger.
    Theirs,
}

impl Standing {
    /// Whether it may be removed.
    pub fn is_removable(&self) -> bool {
        matches!(self, Self::Orphan { hindrances } if hindrances.is_empty())
    }
}

/// Decides. Only what a run that was undone left behind, and nobody has touched since, may be removed; everything else is
/// told.
pub fn judge(facts: &Facts, answer: Answer) -> Standing {
    match answer {
        Answer::Live | Answer::Unfinished => Standing::Ours,
        Answer::Unknown => Standing::Theirs,
        Answer::Undone => Standing::Orphan { hindrances: hindrances(facts) },
        Answer::Gone => {
            let mut hindrances = hindrances(facts);
            hindrances.insert(0, "its run was not undone, it came to its end".to_owned());
            Standing::Orphan { hindrances }
        }
    }
}

fn hindrances(facts: &Facts) -> Vec<String> {
    let said = [
        (facts.runs, "it runs"),
        (facts.was_started, "it was started"),
        (!facts.made_by_us, "the node knows no task of this agent's token that made it"),
    ];
    let said = said.into_iter().filter(|(holds, _)| *holds).map(|(_, what)| what.to_owned());
    let links = facts.links_up.iter().map(|key| format!("the link of {key} is not down"));
    let switches = facts.switched_on.iter().map(|key| format!("{key} is set"));
    said.chain(links).chain(switches).chain(facts.held_by.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untouched() -> Facts {
        Facts { made_by_us: true, ..Facts::default() }
    }

    #[test]
    fn only_what_an_undone_run_left_is_an_orphan_that_may_go() {
        assert!(judge(&untouched(), Answer::Undone).is_removable());
        for (answer, standing) in
            [(Answer::Live, Standing::Ours), (Answer::Unfinished, Standing::Ours), (Answer::Unknown, Standing::Theirs)]
        {
            assert_eq!(judge(&untouched(), answer), standing, "{answer:?}");
        }
        let gone = judge(&untouched(), Answer::Gone);
        assert!(matches!(&gone, Standing::Orphan { .. }) && !gone.is_removable(), "{gone:?}");
    }

    #[test]
    fn whatever_somebody_did_with_it_keeps_it() {
        let touched = [
            Facts { runs: true, ..untouched() },
            Facts { was_started: true, ..untouched() },
            Facts { made_by_us: false, ..untouched() },
            Facts { links_up: vec!["net0".into()], ..untouched() },
            Facts { switched_on: vec!["protection"], ..untouched() },
            Facts { held_by: Some("it is locked (backup)".into()), ..untouched() },
        ];
        for facts in touched {
            let Standing::Orphan { hindrances } = judge(&facts, Answer::Undone) else { panic!("{facts:?}") };
            assert_eq!(hindrances.len(), 1, "{hindrances:?}");
        }
    }
}
