//! The way to a place, looked at before anything is created.

use std::path::{Path, PathBuf};

use firstboot_unit::root::{Kind, Root, Stat};

use super::error::DeliverError;
use super::places::PlaceRules;

/// Holds that every directory on the way is a real one of the guest's root alone, or missing, and that at each of the
/// place's names there is a regular file or nothing.
pub(super) fn survey(root: &Root, rules: &PlaceRules, owner: u32) -> Result<(), DeliverError> {
    let mut way: Vec<&Path> = Path::new(rules.directory).ancestors().collect();
    way.reverse();
    for directory in way {
        // What is above has been looked at: nothing on the way here is a link.
        let Some(stat) = root.stat(directory)? else { return Ok(()) };
        directory_is_safe(directory, &stat, owner)?;
    }
    for path in rules.names.iter().map(|name| rules.path(name)) {
        match root.stat(&path)? {
            None => {}
            Some(stat) if stat.kind == Kind::File => {}
            Some(stat) => return Err(DeliverError::Escape { path, found: stat.kind.in_words() }),
        }
    }
    Ok(())
}

fn directory_is_safe(path: &Path, stat: &Stat, owner: u32) -> Result<(), DeliverError> {
    const OTHERS_WRITE: u32 = 0o022;
    let shared = |why: String| DeliverError::Shared { path: PathBuf::from(path), why };
    if stat.kind != Kind::Directory {
        return Err(DeliverError::Escape { path: path.to_owned(), found: stat.kind.in_words() });
    }
    if stat.uid != owner {
        return Err(shared(format!("does not belong to the guest's root ({owner} on the node), but to {}", stat.uid)));
    }
    if stat.mode & OTHERS_WRITE != 0 {
        return Err(shared(format!("may be written by others (mode {:o})", stat.mode)));
    }
    Ok(())
}
