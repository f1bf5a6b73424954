//! A PostgreSQL cluster is put to sleep: no identifier, no WAL, every database kept.

use std::path::{Path, PathBuf};

use spec::identity::reading::postgres::Control;

use crate::root::{Root, RootError, Tally, Visit};
use crate::strip::Change;

/// The most that is read of a control file; every version's has 8 KiB.
const CAP: u64 = 64 * 1024;

/// The control file, if there is one whose checksum fits. What is no control file is left to the judge.
pub(crate) fn control(root: &Root, path: &Path) -> Result<Option<Control>, RootError> {
    Ok(root.read(path, CAP)?.and_then(|bytes| Control::read(&bytes)))
}

/// The cluster's data directory: `…/global/pg_control` lies two levels below it.
pub(crate) fn data_directory(control: &Path) -> PathBuf {
    control.ancestors().nth(2).unwrap_or(Path::new("/")).to_owned()
}

/// The cluster's WAL, behind the link where it lies on another disk.
pub(crate) fn wal(root: &Root, data: &Path) -> Result<PathBuf, RootError> {
    let path = data.join("pg_wal");
    Ok(root.chain(&path)?.pop().unwrap_or(path))
}

/// Puts the cluster with this control file to sleep. One that was not shut down in order needs its WAL, and whoever
/// takes that away loses databases: it is refused.
pub(crate) fn put_to_sleep(root: &Root, path: &Path) -> Result<Option<Change>, RootError> {
    let Some(control) = control(root, path)? else { return Ok(None) };
    if !control.is_shut_down() {
        return Err(root.unfit(
            "put to sleep the PostgreSQL cluster of",
            path,
            "its server was not shut down in order, and its databases need the WAL",
        ));
    }
    let before = root.stat(path)?;
    let rewritten = control.identifier().is_some();
    if let Some(stat) = before.filter(|_| rewritten) {
        root.write(path, &control.asleep(), crate::root::NewFile::like(&stat))?;
    }
    // After the control file: a strip that is cut short here is finished by the next one.
    let wal = wal(root, &data_directory(path))?;
    let tally = root.remove_files_below(&wal, |_, _| Visit::Enter)?;
    Ok(if rewritten {
        Some(Change::Rewritten { lines: 1 })
    } else {
        Change::removed(Tally { directories: 0, ..tally })
    })
}
