//! Lock files: who works on a guest holds its lock for the whole length of the work.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::error::Die;
use crate::wait;

/// How long an operation waits for a guest's lock.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long a create or restore waits for it.
pub const CREATE_PATIENCE: Duration = Duration::from_secs(5);

/// A held lock; let go when dropped, and by the kernel when the process ends.
#[derive(Debug)]
pub struct Held {
    file: File,
}

impl Drop for Held {
    /// Closing the file is not enough: a child that another thread has just forked has it open too, until it runs its
    /// program, and would keep the lock that long.
    fn drop(&mut self) {
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

/// Takes the lock on `path`, waiting up to `patience`; contention is told to `line` in Proxmox's words.
pub fn acquire(path: &Path, patience: Duration, line: &dyn Fn(&str)) -> Result<Held, Die> {
    let file = File::options().create(true).append(true).open(path).map_err(Die::io("open", path))?;
    let attempt = || flock(&file, FlockOperation::NonBlockingLockExclusive).ok();
    if attempt().is_some() {
        return Ok(Held { file });
    }
    line("trying to acquire lock...");
    match wait::until(patience, Duration::from_millis(50), attempt) {
        Some(()) => {
            line(" OK");
            Ok(Held { file })
        }
        None => Err(Die::LockTimeout { path: proxmox_place(path) }),
    }
}

/// Where Proxmox keeps a guest's lock file: clients know the text by it.
fn proxmox_place(path: &Path) -> PathBuf {
    match path.file_name() {
        Some(name) if name.to_string_lossy().starts_with("pve-config-") => Path::new("/run/lock/lxc").join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_gives_up_with_proxmox_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pve-config-190.lock");
        let first = acquire(&path, PATIENCE, &|_| ()).unwrap();
        let error = acquire(&path, Duration::from_millis(60), &|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "can't lock file '/run/lock/lxc/pve-config-190.lock' - got timeout");
        drop(first);
        assert!(acquire(&path, Duration::ZERO, &|_| ()).is_ok());
    }
}
