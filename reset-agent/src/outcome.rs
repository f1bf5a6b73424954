//! What came of a provision, read from its journal: the same whether it ended just now or last year.

use std::net::IpAddr;

use saga::{Log, Outcome as LogOutcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use spec::exit::Exit;
use spec::identity::{Finding, Verdict};
use spec::ids::{Hostname, NodeName, Vmid};

use crate::evidence::Comparison;
use crate::guest::ssh::host_key::{PinnedKey, Trust};
use crate::ledger::GuestState;
use crate::request::ProvisionRequest;
use crate::steps::{Golden, Looked, Reached, Recorded, Restored, SshProof, Verified};

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
        command: Option<String>,
    },
    /// It was cut off, or another process works on it.
    Unfinished,
}

/// What came of a provision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The run.
    pub run: String,
    /// How it stands.
    #[serde(flatten)]
    pub end: End,
    /// Whether the guest was there before this command.
    pub existing: bool,
    /// Whom it is for.
    pub customer: String,
    /// Its number.
    pub vmid: Option<Vmid>,
    /// Its node.
    pub node: Option<NodeName>,
    /// Its hostname.
    pub hostname: Hostname,
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
    /// The worst of the findings.
    pub verdict: Option<Verdict>,
    /// Who looked into the guest's tree.
    pub looked: Option<Looked>,
    /// The findings that are no pass.
    pub findings: Vec<Finding>,
    /// As restored, after reset, after boot.
    pub comparison: Option<Comparison>,
}

impl Outcome {
    /// Reads a run's journal. `None` where it is not a provision of a form that this program knows.
    pub fn of(log: &Log, existing: bool) -> Option<Self> {
        let request: ProvisionRequest = serde_json::from_value(log.header().input.clone()).ok()?;
        let restored: Option<Restored> = step(log, "restore");
        let reached: Option<Reached> = step(log, "await");
        let verified: Option<Verified> = step(log, "verify");
        let recorded: Option<Recorded> = step(log, "record");
        let guest = recorded.map(|recorded| recorded.guest);
        Some(Self {
            run: log.header().run.clone(),
            end: end(log),
            existing,
            customer: request.customer.to_string(),
            vmid: guest.as_ref().map(|guest| guest.vmid).or(restored.map(|restored| restored.vmid)),
            node: guest.as_ref().map(|guest| guest.node.clone()),
            hostname: request.hostname,
            golden: step::<Golden>(log, "resolve").map(|golden| golden.title),
            state: guest.map(|guest| guest.state),
            address: reached.as_ref().map(|reached| reached.address),
            trust: reached.as_ref().map(|reached| reached.trust),
            host_keys: reached.as_ref().map(|reached| reached.host_keys.clone()).unwrap_or_default(),
            ssh: reached.map(|reached| reached.ssh),
            verdict: verified.as_ref().map(|verified| verified.verdict),
            looked: verified.as_ref().map(|verified| verified.looked),
            findings: verified.as_ref().map(notable).unwrap_or_default(),
            comparison: verified.map(|verified| verified.comparison),
        })
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match (&self.end, self.verdict) {
            (End::Done, Some(Verdict::Pass)) => Exit::Done,
            (End::Done, _) => Exit::Unverified,
            (End::RolledBack { .. } | End::Unfinished, _) => Exit::Failed,
            (End::Parked { .. }, _) => Exit::Parked,
        }
    }
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
        (None, Some(rest)) => End::Parked { reason: rest.reason.clone(), command: rest.command.clone() },
        (None, None) => End::Unfinished,
    }
}

fn reason(log: &Log) -> String {
    match log.direction() {
        saga::log::Direction::Unwinding(failure) => failure.to_string(),
        saga::log::Direction::Forward => String::new(),
    }
}
