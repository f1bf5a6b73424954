//! machine-id and D-Bus's copy of it.
//!
//! Measured on Debian 13 (`docs/decisions/0002-machine-id-states.md`): an *empty* file gets a new id but is no first
//! boot for systemd, an absent file or the word `uninitialized` is one.

use std::path::Path;

use spec::identity::{IdentityKind, MachineIdState, Seen};
use spec::ids::MachineId;

use super::plain::{TEXT_CAP, identity};
use crate::root::{Kind, NewFile, Root, RootError};
use crate::strip::Change;

/// The word by which an image asks systemd for a first boot (machine-id(5)).
const UNINITIALIZED: &str = "uninitialized";
/// As systemd makes the file.
const MODE: u32 = 0o444;

/// Reads the content of a machine-id file that is not empty.
pub fn reading(text: &str, kind: IdentityKind, modified: i64) -> Seen {
    let word = text.trim();
    if word == UNINITIALIZED {
        return Seen::Present {
            bytes: u64::try_from(text.len()).unwrap_or(u64::MAX),
            note: Some(UNINITIALIZED.into()),
        };
    }
    match word.parse::<MachineId>() {
        Ok(id) => identity(kind, &id.to_string(), modified),
        // The value is not repeated: what is almost an id may be somebody's.
        Err(error) => Seen::Malformed { why: error.rule.to_owned() },
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_24_ids_the_word_and_dummies_are_told_apart() {
        let seen = |text: &str| reading(text, IdentityKind::MachineId, 0);
        assert!(seen("0123456789abcdef0123456789abcdef\n").identity().is_some());
        assert_eq!(seen("uninitialized\n"), Seen::Present { bytes: 14, note: Some("uninitialized".into()) });
        for dummy in ["0".repeat(32), "f".repeat(32), "x".repeat(32), "0123".into()] {
            assert!(matches!(seen(&dummy), Seen::Malformed { .. }), "{dummy}");
        }
    }
}
