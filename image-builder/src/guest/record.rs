//! Records of what a build or drill that runs, or was killed, has outside of its own process: one small file for each.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pve_host::process::ProcessId;
use serde::{Deserialize, Serialize};
use spec::ids::Vmid;
use uuid::Uuid;

/// Something that exists, or may exist, until its maker removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The form's version.
    pub version: u32,
    /// The nonce: of a build, or of one twin of a drill.
    pub nonce: Uuid,
    /// What it is.
    #[serde(flatten)]
    pub thing: Thing,
    /// The process that made it.
    pub owner: ProcessId,
}

/// What a build or a drill has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Thing {
    /// A guest.
    Guest {
        /// Its number.
        vmid: Vmid,
    },
    /// An archive that is no release yet.
    Archive {
        /// Its file.
        archive: PathBuf,
    },
}

impl Record {
    /// The number of the guest that it stands for, if it stands for one.
    pub fn vmid(&self) -> Option<Vmid> {
        match &self.thing {
            Thing::Guest { vmid } => Some(*vmid),
            Thing::Archive { .. } => None,
        }
    }
}

/// The folder with the records of one node.
#[derive(Debug, Clone)]
pub struct Records {
    dir: PathBuf,
}

/// Why the records could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} the record {path}")]
pub struct RecordError {
    /// What was tried.
    pub action: &'static str,
    /// The record, or the folder.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

impl Records {
    /// The records in `dir`; it is made when the first one is written.
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Writes or replaces a record; it is on disk when this returns.
    pub fn write(&self, record: &Record) -> Result<(), RecordError> {
        let path = self.path(record);
        write_by_rename(&path, record).map_err(|source| RecordError { action: "write", path, source })
    }

    /// Removes a record; twice is harmless.
    pub fn remove(&self, record: &Record) -> Result<(), RecordError> {
        let path = self.path(record);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(RecordError { action: "remove", path, source: error })
            }
            _ => Ok(()),
        }
    }

    /// All records. A file that cannot be read as one is an error: it may stand for a guest.
    pub fn all(&self) -> Result<Vec<Record>, RecordError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| RecordError { action: "read", path, source }
        };
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed(&self.dir))?,
        };
        let mut records = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed(&self.dir))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let text = fs::read(&path).map_err(failed(&path))?;
                records.push(serde_json::from_slice(&text).map_err(io::Error::other).map_err(failed(&path))?);
            }
        }
        // Guests before archives: while a guest is there, something may still write its archive.
        records.sort_by_key(|record: &Record| (record.vmid().is_none(), record.vmid()));
        Ok(records)
    }

    fn path(&self, record: &Record) -> PathBuf {
        let nonce = record.nonce;
        self.dir.join(match record.thing {
            Thing::Guest { .. } => format!("{nonce}.json"),
            Thing::Archive { .. } => format!("{nonce}.archive.json"),
        })
    }
}

fn write_by_rename(path: &Path, record: &Record) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(&serde_json::to_vec_pretty(record)?)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(nonce: Uuid, vmid: u32) -> Record {
        let thing = Thing::Guest { vmid: Vmid::try_from(vmid).unwrap() };
        Record { version: 1, nonce, thing, owner: ProcessId::own().unwrap() }
    }

    #[test]
    fn records_come_back_until_they_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let records = Records::in_dir(dir.path().join("builds"));
        assert_eq!(records.all().unwrap(), Vec::new());
        let (a, b) = (record(Uuid::new_v4(), 9001), record(Uuid::new_v4(), 9000));
        records.write(&a).unwrap();
        records.write(&b).unwrap();
        assert_eq!(records.all().unwrap(), [b.clone(), a.clone()]);
        let archive = Record { thing: Thing::Archive { archive: "/dump/a.tar.zst".into() }, ..a.clone() };
        records.write(&archive).unwrap();
        records.remove(&a).unwrap();
        records.remove(&a).unwrap();
        assert_eq!(records.all().unwrap(), [b, archive]);
    }

    #[test]
    fn a_spoiled_record_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("x.json"), "{").unwrap();
        let error = Records::in_dir(dir.path()).all().unwrap_err();
        assert!(error.to_string().contains("x.json"), "{error}");
    }
}
