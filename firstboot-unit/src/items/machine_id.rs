//! machine-id and D-Bus's copy of it.
//!
//! Measured on Debian 13 (`docs/decisions/0002-machine-id-states.md`): an *empty* file gets a new id but is no first
//! boot for systemd, an absent file or the word `uninitialized` is one.

use std::path::Path;

use spec::identity::MachineIdState;
use spec::identity::reading::machine_id::UNINITIALIZED;
use spec::ids::MachineId;

use super::plain::TEXT_CAP;
use crate::root::{Kind, NewFile, Root, RootError};
use crate::strip::Change;

/// As systemd makes the file.
const MODE: u32 = 0o444;

/// The id that a tree's `/etc/machine-id` holds, if it is one.
pub fn machine_id(root: &Root) -> Result<Option<MachineId>, RootError> {
    Ok(root.read_text("/etc/machine-id", TEXT_CAP)?.and_then(|text| text.trim().parse().ok()))
}

/// Brings a machine-id file into the state that an image has. A file that is there keeps owner, mode and inode.
pub(crate) fn put_to_sleep(root: &Root, path: &Path, state: MachineIdState) -> Result<Option<Change>, RootError> {
    let wanted = match state {
        MachineIdState::Empty => String::new(),
        MachineIdState::Uninitialized => format!("{UNINITIALIZED}\n"),
    };
    let before = root.stat(path)?;
    let is_file = before.is_some_and(|stat| stat.kind == Kind::File);
    if is_file && root.read_text(path, TEXT_CAP)?.is_some_and(|text| text == wanted) {
        return Ok(None);
    }
    if before.is_some_and(|stat| stat.kind == Kind::Directory) {
        root.remove(path)?;
    }
    match before {
        Some(_) if is_file && wanted.is_empty() => root.truncate(path)?,
        Some(stat) if is_file => root.write(path, wanted.as_bytes(), NewFile::like(&stat))?,
        _ => root.write(path, wanted.as_bytes(), NewFile::mode(MODE))?,
    }
    Ok(Some(if wanted.is_empty() { Change::Emptied } else { Change::Rewritten { lines: 1 } }))
}

/// Makes D-Bus's copy a link; where there is none, none is made: D-Bus follows `/etc/machine-id` by itself.
pub(crate) fn link_to(root: &Root, path: &Path, target: &str) -> Result<Option<Change>, RootError> {
    let Some(stat) = root.stat(path)? else { return Ok(None) };
    if stat.kind == Kind::Link && root.read_link(path)?.as_deref() == Some(Path::new(target)) {
        return Ok(None);
    }
    if stat.kind == Kind::Directory {
        root.remove(path)?;
    }
    root.symlink(target, path)?;
    Ok(Some(Change::Linked { target: target.to_owned() }))
}
