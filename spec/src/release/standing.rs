//! Where a release stands: which gates count as passed, by whose word, and what the log says happened to it since.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::channel::EvidenceRef;
use super::document::Sealed;
use super::evidence::{Evidence, Gate};
use super::log::{Action, Line};
use crate::identity::Verdict;
use crate::ids::{Principal, Sha256Hex};

/// A second principal must look for himself within this time after the drill.
pub const VERIFY_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Clocks may differ by so much.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A gate that counts as passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// Whose word it is.
    pub principal: Principal,
    /// When it was given.
    pub at: Timestamp,
    /// SHA-256 of the record.
    pub evidence: Sha256Hex,
}

/// Which gates a release has passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    passed: BTreeMap<Gate, Passed>,
    refused: BTreeMap<Gate, String>,
}

/// A gate that does not count as passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The gate.
    pub gate: Gate,
    /// Why not.
    pub why: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.gate, self.why)
    }
}

impl Standing {
    /// What signed records say of the release with this manifest. A gate's newest record decides, whoever made it: who
    /// found a fault later is not outvoted by an earlier pass.
    pub fn of(manifest: &Sha256Hex, records: &[Sealed<Evidence>], now: Timestamp) -> Self {
        let mut standing = Self::default();
        for gate in Gate::ALL {
            let of_gate = records.iter().filter(|record| record.document.gate == gate);
            let Some(newest) = of_gate.max_by_key(|record| record.document.at) else { continue };
            match standing.counts(manifest, newest, now) {
                Ok(passed) => drop(standing.passed.insert(gate, passed)),
                Err(why) => drop(standing.refused.insert(gate, why)),
            }
        }
        standing
    }

    fn counts(&self, manifest: &Sha256Hex, record: &Sealed<Evidence>, now: Timestamp) -> Result<Passed, String> {
        let Sealed { document, sha256, signer } = record;
        let Evidence { gate, at, ref principal, result, .. } = *document;
        if document.manifest != *manifest {
            return Err(format!("the record is about another release, {}", document.release));
        }
        if principal != signer {
            return Err(format!("the record says that it is {principal}'s and is signed by {signer}"));
        }
        if at > now + SKEW {
            return Err(format!("the record is of {at}, which is to come"));
        }
        if result != Verdict::Pass {
            return Err(format!("{principal} recorded {} on {at}", word(result)));
        }
        if gate == Gate::Verified {
            self.is_second_look(principal, at)?;
        }
        Ok(Passed { principal: principal.clone(), at, evidence: sha256.clone() })
    }

    /// S2-15: by another than the builder, and soon after the drill.
    fn is_second_look(&self, principal: &Principal, at: Timestamp) -> Result<(), String> {
        let built = self.passed.get(&Gate::Built).ok_or("nobody stands to the build, so nobody is second to him")?;
        let drilled = self.passed.get(&Gate::Drilled).ok_or("there is no drill that it could follow")?;
        if built.principal == *principal {
            return Err(format!("{principal} built it: another principal must verify it"));
        }
        if at + SKEW < drilled.at {
            return Err(format!("it was verified on {at}, before its drill on {}", drilled.at));
        }
        if at.duration_since(drilled.at) > VERIFY_WITHIN {
            return Err(format!("it was verified on {at}, more than 24 hours after its drill: drill it again"));
        }
        Ok(())
    }

    /// The record behind a gate that counts as passed.
    pub fn passed(&self, gate: Gate) -> Option<&Passed> {
        self.passed.get(&gate)
    }

    /// The gates of these that do not count as passed, all of them.
    pub fn missing(&self, gates: &[Gate]) -> Vec<Missing> {
        let missing = gates.iter().filter(|gate| !self.passed.contains_key(gate));
        missing.map(|gate| Missing { gate: *gate, why: self.why_not(*gate) }).collect()
    }

    fn why_not(&self, gate: Gate) -> String {
        self.refused.get(&gate).cloned().unwrap_or_else(|| "there is no record of it that counts".to_owned())
    }

    /// The evidence of these gates, as a channel names it.
    pub fn evidence(&self, gates: &[Gate]) -> Vec<EvidenceRef> {
        let passed = gates.iter().filter_map(|gate| self.passed.get(gate).map(|passed| (*gate, passed)));
        passed
            .map(|(gate, passed)| EvidenceRef {
                gate,
                principal: passed.principal.clone(),
                sha256: passed.evidence.clone(),
            })
            .collect()
    }
}

/// Where a release is on its way. It never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A manifest, and nobody's word.
    Unsigned,
    /// Whoever built it stands to it.
    Built,
    /// Read as a stranger reads it.
    Linted,
    /// Throwaway guests did what they must.
    Drilled,
    /// A second principal looked.
    Verified,
    /// A channel points, or pointed, at it.
    Promoted,
    /// Withdrawn because it is old.
    Retired,
    /// Withdrawn because it is bad.
    Revoked,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unsigned => "unsigned",
            Self::Built => "built",
            Self::Linted => "linted",
            Self::Drilled => "drilled",
            Self::Verified => "verified",
            Self::Promoted => "promoted",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        })
    }
}

/// A state that was reached: who, when, by which evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The state.
    pub state: State,
    /// By whom.
    pub principal: Principal,
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the record, or of the log's line.
    pub evidence: Sha256Hex,
    /// The channel, or the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// All states that the release with this manifest reached, in their order.
pub fn history<'a>(
    manifest: &Sha256Hex,
    standing: &Standing,
    lines: impl IntoIterator<Item = &'a Line>,
) -> Vec<Reached> {
    let gates = standing.passed.iter().map(|(gate, passed)| Reached {
        state: of_gate(*gate),
        principal: passed.principal.clone(),
        at: passed.at,
        evidence: passed.evidence.clone(),
        about: None,
    });
    let mut history: Vec<Reached> = gates.collect();
    let lines = lines.into_iter().filter(|line| line.entry.manifest == *manifest);
    history.extend(lines.filter_map(|line| {
        let (state, about) = match &line.entry.action {
            Action::Promoted { channel, .. } => (State::Promoted, channel.to_string()),
            Action::Revoked { reason } => (State::Revoked, reason.clone()),
            Action::Retired { reason } => (State::Retired, reason.clone()),
            Action::Recorded { .. } | Action::Reissued { .. } => return None,
        };
        let entry = &line.entry;
        let principal = entry.principal.clone();
        Some(Reached { state, principal, at: entry.at, evidence: line.sha256.clone(), about: Some(about) })
    }));
    history.sort_by_key(|reached| reached.state);
    history
}

/// The furthest state of a history.
pub fn state(history: &[Reached]) -> State {
    history.iter().map(|reached| reached.state).max().unwrap_or(State::Unsigned)
}

fn of_gate(gate: Gate) -> State {
    match gate {
        Gate::Built => State::Built,
        Gate::Linted => State::Linted,
        Gate::Drilled => State::Drilled,
        Gate::Verified => State::Verified,
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "a pass",
        Verdict::Skipped => "that it was skipped",
        Verdict::Unverified => "that it could not look",
        Verdict::Fail => "a failure",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn manifest() -> Sha256Hex {
        Sha256Hex::of(b"manifest")
    }

    fn record(gate: Gate, principal: &str, hour: i64, result: Verdict) -> Sealed<Evidence> {
        let principal: Principal = principal.parse().unwrap();
        let document = Evidence {
            version: 1,
            golden: "g".parse().unwrap(),
            release: "r".into(),
            manifest: manifest(),
            gate,
            result,
            principal: principal.clone(),
            at: at(hour),
            details: Value::Null,
        };
        let sha256 = Sha256Hex::of(format!("{gate}{principal}{hour}").as_bytes());
        Sealed { document, sha256, signer: principal }
    }

    fn all() -> Vec<Sealed<Evidence>> {
        let pass = Verdict::Pass;
        vec![
            record(Gate::Built, "builder", 0, pass),
            record(Gate::Linted, "builder", 0, pass),
            record(Gate::Drilled, "builder", 1, pass),
            record(Gate::Verified, "ci", 2, pass),
        ]
    }

    fn standing(records: &[Sealed<Evidence>]) -> Standing {
        Standing::of(&manifest(), records, at(30))
    }

    #[test]
    fn s4_37_each_gate_names_who_when_and_its_evidence() {
        let standing = standing(&all());
        assert!(standing.missing(&Gate::ALL).is_empty());
        let evidence = standing.evidence(&Gate::ALL);
        assert_eq!(evidence.iter().map(|e| e.gate).collect::<Vec<_>>(), Gate::ALL);
        assert_eq!(evidence[3].principal.as_str(), "ci");
        assert_eq!(standing.passed(Gate::Drilled).unwrap().at, at(1));
    }

    #[test]
    fn s2_13_all_missing_gates_are_named_and_an_undrilled_release_misses_its_drill() {
        let standing = standing(&all()[..1]);
        let missing: Vec<Gate> = standing.missing(&Gate::ALL).into_iter().map(|missing| missing.gate).collect();
        assert_eq!(missing, [Gate::Linted, Gate::Drilled, Gate::Verified]);
    }

    #[test]
    fn s2_15_the_verifier_is_another_and_soon_or_does_not_count() {
        for (verified, why) in [
            (record(Gate::Verified, "builder", 2, Verdict::Pass), "builder built it"),
            (record(Gate::Verified, "ci", 26, Verdict::Pass), "more than 24 hours"),
            (record(Gate::Verified, "ci", 0, Verdict::Pass), "before its drill"),
            (record(Gate::Verified, "ci", 31, Verdict::Pass), "to come"),
        ] {
            let mut records = all();
            records[3] = verified;
            let missing = standing(&records).missing(&Gate::ALL);
            assert!(missing.len() == 1 && missing[0].why.contains(why), "{missing:?}");
        }
        let alone = [record(Gate::Verified, "ci", 2, Verdict::Pass)];
        assert!(standing(&alone).missing(&[Gate::Verified])[0].why.contains("nobody is second"));
    }

    #[test]
    fn replayed_evidence_of_another_release_and_under_another_name_does_not_count() {
        let mut records = all();
        records[2].document.manifest = Sha256Hex::of(b"another");
        records[1].signer = "ci".parse().unwrap();
        let missing = standing(&records).missing(&[Gate::Linted, Gate::Drilled]);
        assert!(missing[0].why.contains("is signed by ci"), "{missing:?}");
        assert!(missing[1].why.contains("another release"), "{missing:?}");
    }

    #[test]
    fn a_later_failure_is_not_outvoted_by_an_earlier_pass() {
        for result in [Verdict::Fail, Verdict::Unverified, Verdict::Skipped] {
            let mut records = all();
            records.push(record(Gate::Drilled, "ci", 3, result));
            assert!(standing(&records).passed(Gate::Drilled).is_none(), "{result:?}");
        }
        let mut records = all();
        records.push(record(Gate::Drilled, "ci", 0, Verdict::Fail));
        assert!(standing(&records).passed(Gate::Drilled).is_some());
    }

    #[test]
    fn s2_25_states_are_in_order_and_the_furthest_counts() {
        let history = history(&manifest(), &standing(&all()), []);
        let states: Vec<State> = history.iter().map(|reached| reached.state).collect();
        assert_eq!(states, [State::Built, State::Linted, State::Drilled, State::Verified]);
        assert_eq!((state(&history), state(&[])), (State::Verified, State::Unsigned));
        assert!(State::Revoked > State::Promoted && State::Revoked > State::Retired);
    }
}
