//! Publish: the verdict, then the manifest appear beside the archive, whole or not at all. From then on it is a release.

use std::path::PathBuf;

use jiff::Timestamp;
use spec::identity::{Finding, Verdict, catalog};
use spec::ids::Sha256Hex;
use spec::release::{Archive, Bills, Builder, Document, Lock, Manifest, RowState, Statement, VerdictRef, rows};
use spec::sbom::{cyclonedx, spdx};

use super::inspect::Inspected;
use crate::bill::{CYCLONEDX, SPDX, Subject};
use crate::dump;
use crate::durable::{self, WriteError};
use crate::lock;
use crate::releases::manifest_path;
use crate::workshop::Workshop;

/// What a verdict's name has behind its archive's.
pub(crate) const VERDICT: &str = "verdict.json";

/// A release.
#[derive(Debug)]
pub struct Published {
    /// The manifest.
    pub manifest: Manifest,
    /// Where it lies.
    pub path: PathBuf,
    /// What it takes to build the same again.
    pub lock: Lock,
}

/// Why there is no release.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A document could not be written.
    #[error("the release stays unpublished")]
    Write(#[from] WriteError),
    /// A document could not be put into words.
    #[error("the release's documents have no JSON form")]
    Form(#[from] serde_json::Error),
}

impl Published {
    /// Writes verdict and manifest. Where this fails, the archive goes and takes whatever this has written with it.
    pub fn from(workshop: &Workshop<'_>, inspected: Inspected<'_>) -> Result<Self, PublishError> {
        let finished = Timestamp::now();
        let path = manifest_path(&inspected.archive.path);
        let verdict = verdict(workshop, &inspected, finished);
        let text = pretty(&verdict)?;
        durable::write(&dump::beside(&inspected.archive.path, VERDICT), &text)?;
        let verdict = VerdictRef { result: verdict.result, sha256: Sha256Hex::of(&text) };
        let lock = lock::of_build(workshop, &inspected.dossier, inspected.inspection.tree_sha256.clone());
        tell_other_tree(workshop, &inspected.inspection.tree_sha256);
        let text = pretty(&lock)?;
        durable::write(&dump::beside(&inspected.archive.path, lock::ENDING), &text)?;
        let bills = bills(workshop, &inspected, finished)?;
        let manifest = manifest(workshop, &inspected, verdict, Sha256Hex::of(&text), bills, finished);
        durable::write(&path, &pretty(&manifest)?)?;
        inspected.archive.publish();
        Ok(Self { manifest, path, lock })
    }
}

/// The golden is what its recipe and lock make of it; that it came out otherwise than last time is told, not refused.
fn tell_other_tree(workshop: &Workshop<'_>, tree: &Sha256Hex) {
    let locked = workshop.locking.lock().and_then(|lock| lock.tree.as_ref());
    if let Some(locked) = locked.filter(|locked| *locked != tree) {
        workshop.progress.warn(&format!(
            "the tree has digest {}, the lock's build had {}: rebuild-check tells where they differ",
            tree.short(),
            locked.short()
        ));
    }
}

/// A document as it lies on disk, and as it is signed.
pub(crate) fn pretty(document: &impl serde::Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    Ok(text)
}

/// Writes the bills of materials beside the archive.
fn bills(workshop: &Workshop<'_>, inspected: &Inspected<'_>, finished: Timestamp) -> Result<Bills, PublishError> {
    let (inspection, archive) = (&inspected.inspection, inspected.volid.file_name());
    let bill = inspected.contents.bill(Subject {
        name: workshop.recipe.name.to_string(),
        version: release_name(finished),
        archive: archive.to_owned(),
        sha256: inspection.file_sha256.clone(),
    });
    let write = |ending: &str, document: &serde_json::Value| -> Result<Sha256Hex, PublishError> {
        let text = pretty(document)?;
        durable::write(&dump::beside(&inspected.archive.path, ending), &text)?;
        Ok(Sha256Hex::of(&text))
    };
    Ok(Bills { cyclonedx: write(CYCLONEDX, &cyclonedx(&bill))?, spdx: write(SPDX, &spdx(&bill))? })
}

fn release_name(finished: Timestamp) -> String {
    finished.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn verdict(workshop: &Workshop<'_>, inspected: &Inspected<'_>, finished: Timestamp) -> Statement {
    let recipe = workshop.recipe;
    let rows = rows(workshop.catalog.items().map(|item| (item.id, item.unjudged())), &inspected.findings);
    let not_verified = rows.iter().filter_map(|(id, row)| match row {
        RowState::Unverified { why } => Some(format!("{id}: {why}")),
        _ => None,
    });
    Statement {
        version: Statement::VERSION,
        golden: recipe.name.clone(),
        release: release_name(finished),
        archive: inspected.inspection.file_sha256.clone(),
        catalog: catalog::VERSION,
        machine_id: recipe.clean.machine_id,
        result: result(&inspected.findings),
        not_verified: not_verified.collect(),
        checks: inspected.dossier.checks.clone(),
        rows,
    }
}

/// What was kept on purpose is told in its row and spoils nothing.
fn result(findings: &[Finding]) -> Verdict {
    let looked = findings.iter().map(|finding| finding.verdict).filter(|verdict| *verdict != Verdict::Skipped);
    looked.max().unwrap_or(Verdict::Fail)
}

fn manifest(
    workshop: &Workshop<'_>,
    inspected: &Inspected<'_>,
    verdict: VerdictRef,
    lock: Sha256Hex,
    bills: Bills,
    finished: Timestamp,
) -> Manifest {
    let Inspected { dossier, inspection, .. } = inspected;
    let inspection = inspection.clone();
    let archive = Archive {
        file: inspected.volid.file_name().to_owned(),
        volid: inspected.volid.to_string(),
        bytes: inspection.file_bytes,
        sha256: inspection.file_sha256,
        tar_bytes: inspection.tar_bytes,
        members: inspection.members,
        members_sha256: inspection.members_sha256,
        tree_sha256: inspection.tree_sha256,
    };
    Manifest {
        version: Manifest::VERSION,
        golden: workshop.recipe.name.clone(),
        release: release_name(finished),
        archive,
        recipe: workshop.recipe_digest.clone(),
        base: dossier.base.clone(),
        parent: dossier.parent.clone(),
        config: inspection.conf,
        catalog: catalog::VERSION,
        catalog_drop_ins: workshop.catalog.drop_ins().clone(),
        findings: inspected.findings.clone(),
        forbidden: dossier.forbidden.clone(),
        packages: inspection.packages,
        checks: dossier.checks.clone(),
        lock,
        access: workshop.login.lines(),
        host_keys: workshop.recipe.clean.host_keys.as_str().to_owned(),
        first_boot: dossier.first_boot.clone(),
        preconditions: dossier.preconditions.clone(),
        sizes: inspected.sizes.clone(),
        listening: dossier.listening.clone(),
        bills,
        verdict,
        builder: Builder { version: env!("CARGO_PKG_VERSION").to_owned(), started: dossier.started, finished },
    }
}
