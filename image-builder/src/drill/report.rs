//! What a drill found: the details of a release's `drilled` gate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::ids::{GoldenName, Hostname, MacAddr, Sha256Hex, Vmid};

use super::compare::{Explained, TokenKind};

/// One drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillReport {
    /// The form's version.
    pub version: u32,
    /// The verdict over everything below.
    pub verdict: Verdict,
    /// The golden.
    pub golden: GoldenName,
    /// Its release.
    pub release: String,
    /// SHA-256 of the archive that the twins were restored from.
    pub archive: Sha256Hex,
    /// Version of the identity catalog that was judged by.
    pub catalog: u32,
    /// The bridge that the twins hung on.
    pub bridge: String,
    /// Whether nothing of an earlier drill was there before.
    pub clean_room: bool,
    /// The twins.
    pub twins: Vec<TwinFacts>,
    /// What was looked at in each twin and what came of it.
    pub checks: Vec<Check>,
    /// Every item that was there, in three columns.
    pub items: Vec<ItemRow>,
    /// Identities that the twins share and no row of the catalog names.
    pub shared: Vec<Suspect>,
    /// Identities that change at every boot.
    pub unstable: Vec<Suspect>,
    /// How much the comparison looked at.
    pub compared: Compared,
    /// Milliseconds by phase.
    pub durations: BTreeMap<String, u64>,
}

/// A throwaway guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwinFacts {
    /// `a` or `b`.
    pub twin: String,
    /// Its number.
    pub vmid: Vmid,
    /// The name that it was given.
    pub hostname: Hostname,
    /// The addresses that its NICs were given.
    pub macs: Vec<MacAddr>,
    /// The address that it got.
    pub address: Option<String>,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What, in kebab case (`sshd-answers`).
    pub check: String,
    /// The twin; none where both are meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why: what was seen, or why nothing was.
    pub why: String,
}

/// An item of the catalog at one place, from archive to second boot. Values are shortened as everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRow {
    /// The item.
    pub item: String,
    /// Where.
    pub place: String,
    /// As the archive has it.
    pub as_restored: String,
    /// As the guest was given it, before its first boot.
    pub after_reset: String,
    /// In each twin after its first boot.
    pub after_boot: [String; 2],
    /// In each twin after its second boot.
    pub after_second_boot: [String; 2],
    /// The verdict over the row.
    pub verdict: Verdict,
    /// Why.
    pub why: String,
}

/// An identity that nobody listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    /// The file, or the name, that holds it.
    pub path: String,
    /// What it looks like.
    pub looks_like: TokenKind,
    /// The beginning of the first value; never all of it, since it may be a secret.
    pub begins: String,
    /// How many such values stand there.
    pub values: usize,
    /// Why it is told.
    pub why: String,
    /// A row for the catalog, as a drop-in takes it.
    pub row: String,
}

/// How much the comparison looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Files that neither a package nor the catalog answers for.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Drawn-looking values in them.
    pub tokens: usize,
    /// Those that only one twin has.
    pub own: usize,
    /// Those that both have and that are explained, by reason.
    pub explained: BTreeMap<Explained, usize>,
    /// Files that could not be read, and why.
    pub unread: BTreeMap<String, String>,
}

impl Check {
    /// A check of both twins.
    pub(super) fn new(check: &str, verdict: Verdict, why: impl Into<String>) -> Self {
        Self { check: check.to_owned(), twin: None, verdict, why: why.into() }
    }

    /// A check that passes where `holds`.
    pub(super) fn that(check: &str, holds: bool, why: impl Into<String>) -> Self {
        Self::new(check, if holds { Verdict::Pass } else { Verdict::Fail }, why)
    }

    /// The same of one twin.
    pub(super) fn of(mut self, twin: &str) -> Self {
        self.twin = Some(twin.to_owned());
        self
    }
}

impl DrillReport {
    /// The verdict over checks, rows, suspects and what could not be read; nothing looked at is a failure.
    pub(super) fn judge(&self) -> Verdict {
        let checks = self.checks.iter().map(|check| check.verdict);
        let rows = self.items.iter().map(|row| row.verdict);
        let suspects = self.shared.iter().chain(&self.unstable).map(|_| Verdict::Fail);
        let unread = self.compared.unread.iter().map(|_| Verdict::Unverified);
        let looked = checks.chain(rows).chain(suspects).chain(unread).filter(|verdict| *verdict != Verdict::Skipped);
        looked.max().unwrap_or(Verdict::Fail)
    }

    /// The exit code that tells it.
    pub fn exit(&self) -> Exit {
        match self.verdict {
            Verdict::Pass => Exit::Done,
            Verdict::Unverified => Exit::Unverified,
            Verdict::Skipped | Verdict::Fail => Exit::Failed,
        }
    }
}
