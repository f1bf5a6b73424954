//! An archive looked at as a stranger would, and judged: the same for a build's own archive and for anybody's.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use pve_archive::{ArchiveError, Inspection, Limits, Privileged, Terms, inspect};
use pve_host::tar::ListerError;
use serde::Serialize;
use spec::identity::{Catalog, Finding, Kept, MachineIdState, Observation, Seen, Verdict, judge_image, overall};

use crate::{printable, second_reader};

/// An archive and what is to be said of it.
#[derive(Debug, Serialize)]
pub struct Examination {
    /// The verdict over everything.
    pub verdict: Verdict,
    /// The identity catalog, item by item.
    pub findings: Vec<Finding>,
    /// The program that read the same bytes and saw the same members; or why there was none.
    #[serde(serialize_with = "as_text")]
    pub second_reader: Result<String, ListerError>,
    /// The archive itself.
    #[serde(flatten)]
    pub inspection: Inspection,
}

/// Why an archive could not be examined, or is refused altogether.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// The file could not be opened.
    #[error("cannot open the archive {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is no archive that may be used.
    #[error("the archive {path} is refused")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ArchiveError,
    },
}

/// Examines an archive. Without `machine_id`, whichever of the two states the archive has is taken for the one meant.
pub fn examine(
    path: &Path,
    catalog: &Catalog,
    machine_id: Option<MachineIdState>,
    kept: &[Kept],
) -> Result<Examination, ExamineError> {
    let file = File::open(path).map_err(|source| ExamineError::Open { path: path.to_owned(), source })?;
    let (second_reader, terms) = match second_reader::start() {
        Ok(reader) => (Ok(reader.name.clone()), Terms::new(Limits::default()).second(reader)),
        Err(error) => (Err(error), Terms::new(Limits::default())),
    };
    let inspection = inspect(file, catalog, terms);
    let inspection = inspection.map_err(|source| ExamineError::Refused { path: path.to_owned(), source })?;
    let machine_id = machine_id.unwrap_or_else(|| machine_id_of(&inspection.observations));
    let findings = judge_image(catalog, &inspection.observations, machine_id, kept);
    let looked = second_reader.is_ok() && owners_told(&inspection);
    let seen = if looked { Verdict::Pass } else { Verdict::Unverified };
    let verdict = if is_sound(&inspection) { overall_but_kept(&findings).max(seen) } else { Verdict::Fail };
    Ok(Examination { verdict, findings, second_reader, inspection })
}

impl Examination {
    /// Everything that is not as it must be, one line each.
    pub fn complaints(&self) -> Vec<String> {
        let bad = self.findings.iter().filter(|finding| finding.verdict > Verdict::Skipped);
        let bad = bad.map(|finding| format!("{} at {}: {}", finding.item, finding.place, finding.why));
        let config = self.inspection.config_findings.iter();
        let config = config.map(|finding| format!("pct.conf {} = {}: {}", finding.key, finding.value, finding.why));
        let secrets = self.inspection.secrets.iter().map(|secret| format!("{}: {}", secret.path, secret.what));
        let alone = self.second_reader.as_ref().err();
        let alone = alone.map(|error| format!("only one reader looked at the members: {}", in_full(error)));
        let privileged = self.inspection.privileged.iter().filter_map(|file| privileged(file, &self.inspection));
        // One line each, whatever names an archive has.
        bad.chain(config)
            .chain(secrets)
            .chain(privileged)
            .chain(alone)
            .map(|complaint| printable::line(&complaint).into_owned())
            .collect()
    }
}

fn in_full(error: &ListerError) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

/// The reader's name, or null.
fn as_text<S: serde::Serializer>(reader: &Result<String, ListerError>, serializer: S) -> Result<S::Ok, S::Error> {
    reader.as_ref().ok().serialize(serializer)
}

fn is_sound(inspection: &Inspection) -> bool {
    let strange = inspection.owners_known && inspection.privileged.iter().any(is_strange);
    inspection.config_findings.is_empty() && inspection.secrets.is_empty() && !strange
}

/// Without dpkg's database nobody can say where a file with privileges comes from.
fn owners_told(inspection: &Inspection) -> bool {
    inspection.owners_known || inspection.privileged.is_empty()
}

/// From no package, or not as its package has it.
fn is_strange(file: &Privileged) -> bool {
    file.package.is_none() || file.unchanged == Some(false)
}

/// What is to be said of a file with set-id bits or capabilities.
fn privileged(file: &Privileged, inspection: &Inspection) -> Option<String> {
    let Privileged { path, mode, package, .. } = file;
    let what = if file.capabilities { "has capabilities".to_owned() } else { format!("has mode {mode}") };
    match package {
        _ if !inspection.owners_known => {
            Some(format!("{path}: {what}, and without dpkg's database its origin is not known"))
        }
        None => Some(format!("{path}: {what} and comes from no package; take that away, or ship it in a package")),
        Some(package) if file.unchanged == Some(false) => {
            Some(format!("{path}: {what} and is not what the package {package} has"))
        }
        Some(_) => None,
    }
}

/// What a recipe keeps on purpose is no blemish, as long as something was looked at.
fn overall_but_kept(findings: &[Finding]) -> Verdict {
    match overall(findings) {
        Verdict::Skipped => Verdict::Pass,
        verdict => verdict,
    }
}

fn machine_id_of(observations: &[Observation]) -> MachineIdState {
    let uninitialized = observations.iter().any(|observation| {
        let note = if let Seen::Present { note, .. } = &observation.seen { note.as_deref() } else { None };
        observation.item == "machine-id" && note == Some("uninitialized")
    });
    if uninitialized { MachineIdState::Uninitialized } else { MachineIdState::Empty }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(verdict: Verdict) -> Finding {
        Finding { item: "machine-id".into(), place: "/etc/machine-id".into(), verdict, why: String::new() }
    }

    #[test]
    fn what_is_kept_on_purpose_does_not_spoil_the_verdict_but_nothing_at_all_does() {
        assert_eq!(overall_but_kept(&[finding(Verdict::Pass), finding(Verdict::Skipped)]), Verdict::Pass);
        assert_eq!(overall_but_kept(&[finding(Verdict::Pass), finding(Verdict::Unverified)]), Verdict::Unverified);
        assert_eq!(overall_but_kept(&[finding(Verdict::Skipped)]), Verdict::Fail);
        assert_eq!(overall_but_kept(&[]), Verdict::Fail);
    }

    #[test]
    fn an_archive_that_is_not_there_is_named() {
        let error = examine(Path::new("/nowhere/x.tar.zst"), Catalog::builtin(), None, &[]).unwrap_err();
        assert_eq!(error.to_string(), "cannot open the archive /nowhere/x.tar.zst");
    }
}
