//! A release's own documents: manifest, verdict, records of its gates.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use spec::identity::Verdict;
use spec::release::{Evidence, Gate, Manifest, Missing, Sealed, Standing, Statement};

use super::files::sealed;
use super::refusal::Refusal;
use super::roles::Roles;
use crate::golden::shelf::Shelved;

/// What stands between an archive's name and that of its manifest.
const MANIFEST: &str = ".manifest.json";

/// The archive's file name, by which everything beside it is named.
fn archive_name(shelved: &Shelved) -> String {
    let name = shelved.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let archive = name.strip_suffix(MANIFEST).unwrap_or(&shelved.manifest.archive.file);
    Path::new(archive).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Manifest and verdict: a builder's, and of each other. The verdict is a pass.
pub(super) fn signed(
    shelved: &Shelved,
    roles: &Roles<'_>,
    now: Timestamp,
) -> Result<(Sealed<Manifest>, Sealed<Statement>), Refusal> {
    let manifest: Sealed<Manifest> = required(&shelved.path, roles, now)?;
    let title = title(&manifest.document);
    mixed("manifest", &title, &manifest.sha256, "the shelf", &shelved.sha256)?;
    let path = shelved.path.with_file_name(format!("{}.verdict.json", archive_name(shelved)));
    let verdict: Sealed<Statement> = required(&path, roles, now)?;
    mixed("verdict", &title, &verdict.sha256, "the manifest", &manifest.document.verdict.sha256)?;
    mixed("archive", &title, &manifest.document.archive.sha256, "the verdict", &verdict.document.archive)?;
    if verdict.document.result == Verdict::Pass { Ok((manifest, verdict)) } else { Err(Refusal::NotClean { title }) }
}

fn required<D: spec::release::Document>(path: &Path, roles: &Roles<'_>, now: Timestamp) -> Result<Sealed<D>, Refusal> {
    let found = sealed::<D>(path, &roles.signers, now)?;
    let found = found
        .ok_or_else(|| Refusal::Unreadable { path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() })?;
    roles.by_builder(path, found)
}

/// Golden and release, for people.
pub(super) fn title(manifest: &Manifest) -> String {
    format!("{}@{}", manifest.golden, manifest.release)
}

/// Two digests that must be one.
pub(super) fn mixed(
    what: &'static str,
    title: &str,
    found: &spec::ids::Sha256Hex,
    by: &'static str,
    expected: &spec::ids::Sha256Hex,
) -> Result<(), Refusal> {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (found.clone(), expected.clone());
    Err(Refusal::Mixed { what, title: title.to_owned(), found, by, expected })
}

/// Every one of these gates was passed, by the word of who may give it.
pub(super) fn passed(shelved: &Shelved, gates: &[Gate], roles: &Roles<'_>, now: Timestamp) -> Result<(), Refusal> {
    let mut records = Vec::new();
    let mut passed_over = Vec::new();
    for (gate, path) in record_paths(shelved)? {
        match sealed::<Evidence>(&path, &roles.signers, now) {
            Ok(Some(record)) if roles.may_record(record.document.gate, &record.signer) => records.push(record),
            Ok(Some(record)) => passed_over.push((gate, format!("{}'s word on it does not count here", record.signer))),
            Ok(None) => {}
            Err(refusal) => passed_over.push((gate, in_one_line(&refusal))),
        }
    }
    let missing = Standing::of(&shelved.sha256, &records, now).missing(gates);
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.iter().map(|missing| with_reason(missing, &passed_over)).collect();
    Err(Refusal::Gates { title: title(&shelved.manifest), missing })
}

/// Adds why a record that is there does not count.
fn with_reason(missing: &Missing, passed_over: &[(Gate, String)]) -> Missing {
    let reasons = passed_over.iter().filter(|(gate, _)| *gate == missing.gate).map(|(_, why)| why.as_str());
    let why = std::iter::once(missing.why.as_str()).chain(reasons).collect::<Vec<_>>().join(", ");
    Missing { gate: missing.gate, why }
}

fn in_one_line(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source()).map(|cause| format!(": {cause}"));
    format!("{error}{}", causes.collect::<String>())
}

/// The files named like records of this release.
fn record_paths(shelved: &Shelved) -> Result<Vec<(Gate, PathBuf)>, Refusal> {
    let folder = shelved.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = format!("{}.", archive_name(shelved));
    let unreadable = |source| Refusal::Unreadable { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let record = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".json")?.split_once('-'));
        if let Some(gate) = record.and_then(|(gate, _)| gate.parse().ok()) {
            paths.push((gate, entry.path()));
        }
    }
    paths.sort();
    Ok(paths)
}
