//! What came of a run of any plan, read from its journal: the same whether it ended just now or last year.
//!
//! Plans share the names of what they have in common: `customer`, `hostname` and `vmid` in the input; the steps `resolve`,
//! `reserve`, `restore`, `await`, `verify` and `record`. What a plan does not have stays empty.

use std::net::IpAddr;

use saga::{Log, Move, Outcome as LogOutcome, Rest, next_move};
use serde::Serialize;
use serde::de::DeserializeOwned;
use spec::exit::Exit;
use spec::identity::{Finding, Verdict};
use spec::ids::{CustomerId, Hostname, NodeName, Vmid};

use crate::evidence::Comparison;
use crate::guest::ssh::host_key::{PinnedKey, Trust};
use crate::ledger::GuestState;
use crate::rotation::Todo;
use crate::steps::{Certified, Golden, Looked, Names, Reached, Recorded, Restored, SshProof, Verified};

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    /// Every step succeeded.
    Done,
    /// It failed, and what it had done is undone.
    RolledBack {
        /// Why.
        reason: String,
    },
    /// A person must act.
    Parked {
        /// What is wrong.
        reason: String,
        /// What to run.
        command: String,
    },
    /// It was cut off, or another process works on it.
    Unfinished,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The run.
    pub run: String,
    /// Its plan.
    pub plan: String,
    /// How it stands.
    #[serde(flatten)]
    pub end: End,
    /// Whether the guest was there before this command.
    pub existing: bool,
    /// Whom its guest is for.
    pub customer: Option<CustomerId>,
    /// Its number.
    pub vmid: Option<Vmid>,
    /// Its node.
    pub node: Option<NodeName>,
    /// Its hostname.
    pub hostname: Option<Hostname>,
    /// Name and release of its golden.
    pub golden: Option<String>,
    /// Its state in the ledger.
    pub state: Option<GuestState>,
    /// Where it is reached.
    pub address: Option<IpAddr>,
    /// Who vouches for its host keys.
    pub trust: Option<Trust>,
    /// Its host keys.
    pub host_keys: Vec<PinnedKey>,
    /// How far SSH was proven.
    pub ssh: Option<SshProof>,
    /// What became of its host certificates; none where its plan knows of none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certified: Option<Certified>,
    /// The worst of the findings; none before they are there, and for a plan that judges nothing.
    pub verdict: Option<Verdict>,
    /// Who looked into the guest's tree.
    pub looked: Option<Looked>,
    /// The findings that are no pass.
    pub findings: Vec<Finding>,
    /// As restored, after reset, after boot.
    pub comparison: Option<Comparison>,
    /// What a person should change after a recovery.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<Todo>,
}

impl Outcome {
    /// Reads a run's journal. What it does not hold, or holds in a form that this program does not know, stays empty.
    pub fn of(log: &Log, existing: bool) -> Self {
        let names: Option<Names> = step(log, "reserve");
        let restored: Option<Restored> = step(log, "restore");
        let reached: Option<Reached> = step(log, "await");
        let verified: Option<Verified> = step(log, "verify");
        let guest = step::<Recorded>(log, "record").map(|recorded| recorded.guest);
        let vmid = guest.as_ref().map(|guest| guest.vmid).or(restored.map(|restored| restored.vmid));
        Self {
            run: log.header().run.clone(),
            plan: log.header().plan.clone(),
            end: end(log),
            existing,
            customer: input(log, "customer"),
            vmid: vmid.or_else(|| input(log, "vmid")),
            node: guest.as_ref().map(|guest| guest.node.clone()).or_else(|| input(log, "node")),
            hostname: names.map(|names| names.hostname).or_else(|| input(log, "hostname")),
            golden: step::<Golden>(log, "resolve").map(|golden| golden.title),
            state: guest.map(|guest| guest.state),
            address: reached.as_ref().map(|reached| reached.address),
            trust: reached.as_ref().map(|reached| reached.trust),
            host_keys: reached.as_ref().map(|reached| reached.host_keys.clone()).unwrap_or_default(),
            ssh: reached.map(|reached| reached.ssh),
            certified: step(log, "certify"),
            verdict: verdict(log, verified.as_ref()),
            looked: verified.as_ref().map(|verified| verified.looked),
            findings: verified.as_ref().map(notable).unwrap_or_default(),
            comparison: verified.map(|verified| verified.comparison),
            checklist: step(log, "rotation").unwrap_or_default(),
        }
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match (&self.end, self.verdict) {
            (End::Done, Some(Verdict::Pass) | None) => Exit::Done,
            (End::Done, Some(_)) => Exit::Unverified,
            (End::RolledBack { .. } | End::Unfinished, _) => Exit::Failed,
            (End::Parked { .. }, _) => Exit::Parked,
        }
    }
}

/// A plan that judges and whose judgement cannot be read has not passed.
fn verdict(log: &Log, verified: Option<&Verified>) -> Option<Verdict> {
    let judged = log.step("verify").is_some_and(|step| step.output.is_some());
    verified.map(|verified| verified.verdict).or(judged.then_some(Verdict::Unverified))
}

fn input<T: DeserializeOwned>(log: &Log, field: &str) -> Option<T> {
    serde_json::from_value(log.header().input.get(field)?.clone()).ok()
}

fn notable(verified: &Verified) -> Vec<Finding> {
    verified.findings.iter().filter(|finding| finding.verdict != Verdict::Pass).cloned().collect()
}

fn step<T: DeserializeOwned>(log: &Log, name: &str) -> Option<T> {
    let value = log.step(name)?.output.clone()?;
    serde_json::from_value(value).ok()
}

fn end(log: &Log) -> End {
    match (log.outcome(), log.rest()) {
        (Some(LogOutcome::Done), _) => End::Done,
        (Some(LogOutcome::RolledBack), _) => End::RolledBack { reason: reason(log) },
        (None, Some(rest)) => parked(log, rest),
        (None, None) => match next_move(log) {
            // Begun so often and never ended that it is not begun again by itself.
            Move::Parked(rest) => parked(log, &rest),
            _ => End::Unfinished,
        },
    }
}

fn parked(log: &Log, rest: &Rest) -> End {
    let run = &log.header().run;
    let command = rest.command.as_deref().unwrap_or("mend what the reason names, then: reset-agent resume");
    End::Parked { reason: rest.reason.clone(), command: naming(command, run) }
}

/// The command with its run named: whoever parks deep in a step does not know it, and without a name `resume` takes up
/// every unfinished run.
fn naming(command: &str, run: &str) -> String {
    const RESUME: &str = "reset-agent resume";
    let quoted = command.replace(&format!("`{RESUME}`"), &format!("`{RESUME} {run}`"));
    if quoted.ends_with(RESUME) { format!("{quoted} {run}") } else { quoted }
}

fn reason(log: &Log) -> String {
    match log.direction() {
        saga::log::Direction::Unwinding(failure) => failure.to_string(),
        saga::log::Direction::Forward => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parked_runs_command_names_the_run() {
        let told = |command: &str| naming(command, "0193");
        assert_eq!(told("pct stop 200; then: reset-agent resume"), "pct stop 200; then: reset-agent resume 0193");
        assert_eq!(told("grant it, then `reset-agent resume`"), "grant it, then `reset-agent resume 0193`");
        for whole in
            ["then: reset-agent resume 0193", "reset-agent resume 0193 (hand it over), or: reset-agent abort 0193"]
        {
            assert_eq!(told(whole), whole);
        }
        assert_eq!(told("look at it, then: reset-agent destroy 200"), "look at it, then: reset-agent destroy 200");
    }
}
