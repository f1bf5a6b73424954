//! What a principal says of a gate: its record beside the archive, then its line in the log.

use jiff::Timestamp;
use serde_json::Value;
use spec::identity::Verdict;
use spec::release::{Action, Gate};

use super::beside::{RecordError, Recorded, record};
use super::folder::{Folder, FolderError};
use super::log_file::{Log, LogFileError};
use crate::releases::Release;
use crate::signing::Signatory;

/// Why a gate has no record.
#[derive(Debug, thiserror::Error)]
pub enum TestifyError {
    /// The folder with the log.
    #[error("the release log is out of reach")]
    Folder(#[from] FolderError),
    /// The log.
    #[error("the gate's line is not in the log")]
    Log(#[from] LogFileError),
    /// The record itself.
    #[error("the gate is not recorded")]
    Record(#[from] RecordError),
}

/// Signs and writes what one principal says of one gate of a release, and adds its line to the log.
///
/// # Errors
/// [`TestifyError`]. A record without its line counts as one with it: lines say when, records say what.
pub fn testify(
    release: &Release,
    gate: Gate,
    result: Verdict,
    details: Value,
    signatory: &Signatory,
    now: Timestamp,
) -> Result<Recorded, TestifyError> {
    let golden = &release.manifest.golden;
    let folder = Folder::of_archive(&release.archive());
    let alone = folder.lock(golden)?;
    let mut log = Log::read(folder.log(golden))?;
    let recorded = record(release, gate, result, details, signatory, now)?;
    let action = Action::Recorded { gate, result, evidence: recorded.sha256.clone() };
    log.append(&alone, release, action, signatory, now)?;
    Ok(recorded)
}
