//! Records of guests that are mounted, for the helper that comes after one that was killed.
//!
//! A mounted guest is locked: it can neither start nor be destroyed. So its number is on disk before it is mounted and
//! until it is unmounted; what a dead helper left is unmounted by the next one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pve_host::Host;
use pve_host::process::{CommandError, ProcessId};
use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

/// The lock of a mounted guest, as Proxmox names it.
const LOCK: &str = "mounted";

/// The folder with the records of one node's guests.
#[derive(Debug, Clone)]
pub struct Mounts {
    dir: PathBuf,
}

/// Who mounted a guest.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    vmid: Vmid,
    owner: ProcessId,
}

/// What became of a guest that a dead helper had mounted.
#[derive(Debug)]
pub enum Leftover {
    /// It was mounted and is not any more.
    Unmounted(Vmid),
    /// It may still be mounted; the next start tries again.
    Stays {
        /// The guest.
        vmid: Vmid,
        /// Why.
        why: CommandError,
    },
}

/// Why the records could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} the record of a mounted guest {path:?}")]
pub struct MountsError {
    /// What was tried.
    pub action: &'static str,
    /// The record, or the folder.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

impl Mounts {
    /// The records in `dir`; it is made when the first one is written.
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Notes down that this process will mount a guest; it is on disk when this returns.
    pub(super) fn begin(&self, vmid: Vmid) -> Result<(), MountsError> {
        let path = self.path(vmid, std::process::id());
        write(&path, vmid).map_err(|source| MountsError { action: "write", path, source })
    }

    /// This process does not have the guest mounted any more.
    pub(super) fn end(&self, vmid: Vmid) -> Result<(), MountsError> {
        self.remove(vmid, std::process::id())
    }

    /// Unmounts what dead helpers left; guests that a living one looks at are left alone.
    pub fn sweep(&self, host: &Host) -> Result<Vec<Leftover>, MountsError> {
        let (living, dead): (Vec<_>, Vec<_>) = self.all()?.into_iter().partition(|record| record.owner.is_alive());
        let mut leftovers = Vec::new();
        for Record { vmid, owner } in dead {
            let is_held = living.iter().any(|record| record.vmid == vmid);
            match if is_held { Ok(false) } else { unmount(host, vmid) } {
                Ok(was_mounted) => {
                    self.remove(vmid, owner.pid)?;
                    leftovers.extend(was_mounted.then_some(Leftover::Unmounted(vmid)));
                }
                Err(why) => leftovers.push(Leftover::Stays { vmid, why }),
            }
        }
        Ok(leftovers)
    }

    fn all(&self) -> Result<Vec<Record>, MountsError> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| failed("read", &self.dir, source))?,
        };
        let mut records = Vec::new();
        for entry in entries {
            let path = entry.map_err(|source| failed("read", &self.dir, source))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match fs::read(&path) {
                Ok(text) => {
                    let record = serde_json::from_slice(&text).map_err(io::Error::other);
                    records.push(record.map_err(|source| failed("read", &path, source))?);
                }
                // Its helper has just finished.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed("read", &path, error)),
            }
        }
        Ok(records)
    }

    fn remove(&self, vmid: Vmid, pid: u32) -> Result<(), MountsError> {
        let path = self.path(vmid, pid);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &path, error)),
            _ => Ok(()),
        }
    }

    /// One file for each guest and process: of two that want the same guest, only one gets it.
    fn path(&self, vmid: Vmid, pid: u32) -> PathBuf {
        self.dir.join(format!("{vmid}-{pid}.json"))
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> MountsError {
    MountsError { action, path: path.to_owned(), source }
}

/// Unmounts a guest if it has that lock, and says whether it had. A guest with another lock, or none, is somebody
/// else's business by now.
fn unmount(host: &Host, vmid: Vmid) -> Result<bool, CommandError> {
    let listed = host.pct().list()?.into_iter().find(|guest| guest.vmid == vmid);
    if listed.is_none_or(|guest| guest.lock.as_deref() != Some(LOCK)) {
        return Ok(false);
    }
    host.pct().unmount(vmid).map(|()| true)
}

fn write(path: &Path, vmid: Vmid) -> io::Result<()> {
    let record = Record { vmid, owner: ProcessId::own()? };
    let dir = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(dir)?;
    let unfinished = path.with_extension("new");
    let mut file = File::create(&unfinished)?;
    file.write_all(&serde_json::to_vec(&record)?)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_this_process_and_ends_with_the_mount() {
        let dir = tempfile::tempdir().unwrap();
        let mounts = Mounts::in_dir(dir.path().join("mounts"));
        let vmid: Vmid = "101".parse().unwrap();
        assert_eq!(mounts.all().unwrap(), []);
        mounts.begin(vmid).unwrap();
        assert_eq!(mounts.all().unwrap(), [Record { vmid, owner: ProcessId::own().unwrap() }]);
        mounts.end(vmid).unwrap();
        mounts.end(vmid).unwrap();
        assert_eq!(mounts.all().unwrap(), []);
    }
}
