//! A release read back as a stranger would, and held against its own manifest and verdict.

use serde_json::{Value, json};
use spec::identity::{Catalog, Kept, Verdict};
use spec::release::{RowState, Statement};

use crate::examination::{Examination, ExamineError, examine};
use crate::releases::Release;

/// What was found.
#[derive(Debug)]
pub struct Linted {
    /// Over everything.
    pub result: Verdict,
    /// Everything that is not as it must be, one line each.
    pub complaints: Vec<String>,
    /// For the gate's record.
    pub details: Value,
}

/// Reads a release's archive and judges it. What the recipe kept on purpose is taken from the verdict.
///
/// # Errors
/// The archive cannot be read, or is refused altogether.
pub fn lint(release: &Release, verdict: &Statement, catalog: &Catalog) -> Result<Linted, ExamineError> {
    let kept = kept(verdict);
    let examination = examine(&release.archive(), catalog, Some(verdict.machine_id), &kept)?;
    let mut complaints = examination.complaints();
    complaints.extend(differences(release, verdict, &examination));
    let result = match examination.verdict {
        Verdict::Pass if !complaints.is_empty() => Verdict::Fail,
        verdict => verdict,
    };
    let details = json!({
        "archive": examination.inspection.file_sha256,
        "members": examination.inspection.members,
        "catalog": spec::identity::catalog::VERSION,
        "kept": kept,
        "complaints": complaints,
    });
    Ok(Linted { result, complaints, details })
}

/// What the recipe left on purpose.
fn kept(verdict: &Statement) -> Vec<Kept> {
    let rows = verdict.rows.iter();
    rows.filter_map(|(item, row)| match row {
        RowState::Kept { reason } => Some(Kept { item: item.clone(), reason: reason.clone() }),
        _ => None,
    })
    .collect()
}

/// Where archive, manifest and verdict say different things.
fn differences(release: &Release, verdict: &Statement, examination: &Examination) -> Vec<String> {
    let manifest = &release.manifest;
    let found = &examination.inspection;
    let pairs = [
        ("the archive's SHA-256", found.file_sha256.as_str(), manifest.archive.sha256.as_str()),
        ("the SHA-256 of the tree", found.tree_sha256.as_str(), manifest.archive.tree_sha256.as_str()),
        ("the archive's configuration", found.conf.trim_end(), manifest.config.trim_end()),
        ("the verdict's archive", verdict.archive.as_str(), manifest.archive.sha256.as_str()),
        ("the verdict's release", &verdict.release, &manifest.release),
        ("the verdict's golden", verdict.golden.as_str(), manifest.golden.as_str()),
    ];
    let differ = pairs.into_iter().filter(|(_, found, said)| found != said);
    differ.map(|(what, found, said)| format!("{what} is {found:?}, the manifest says {said:?}")).collect()
}
