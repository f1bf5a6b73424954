//! The journal's directories carry the machine-id as their name, so they go although directories stay elsewhere.

use std::path::Path;

use spec::ids::MachineId;

use crate::root::{Kind, Root, RootError, Tally};

/// The catalog item.
pub(crate) const ITEM: &str = "journal";

/// Removes the directories below a journal's that are named by a machine-id.
pub(crate) fn remove_named_directories(root: &Root, journal: &Path) -> Result<Tally, RootError> {
    let mut removed = Tally::default();
    for entry in root.list(journal)?.unwrap_or_default() {
        let is_id = entry.name.to_str().is_some_and(|name| name.parse::<MachineId>().is_ok());
        if is_id && entry.kind == Kind::Directory {
            removed += root.remove(journal.join(entry.name))?;
        }
    }
    Ok(removed)
}
