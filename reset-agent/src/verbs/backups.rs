//! Which backups there are, for callers who name none, or whose name is not believed.

use spec::ids::{StorageId, Vmid, Volid};

use super::recover::owner;
use crate::agent::Agent;
use crate::ledger::Guest;
use crate::node::patiently;
use crate::stop::Stop;
use spec::pct::PctConf;

/// Older backups than so many of one VMID are named by an operator.
const MOST: usize = 20;

/// The latest backup that bears the mark of this guest's customer, out of those of the guest's VMID on every storage
/// that the token sees. A backup of another guest that had the number before, or has it now, is passed over.
///
/// # Errors
/// The node cannot be asked.
pub async fn latest(agent: &Agent, guest: &Guest) -> Result<Option<Volid>, Stop> {
    let pve = &agent.context.pve;
    let storages = patiently(|| pve.storages()).await.map_err(Stop::failed)?;
    let mut found: Vec<(u64, String)> = Vec::new();
    for storage in storages.iter().filter(|row| row.content.split(',').any(|kind| kind == "backup")) {
        let storage: StorageId = storage.storage.parse().map_err(Stop::failed)?;
        let rows = patiently(|| pve.archives(&storage)).await.map_err(Stop::failed)?;
        let own = rows.into_iter().filter(|row| is_of(&row.volid, row.vmid, guest.vmid));
        found.extend(own.map(|row| (row.ctime, row.volid)));
    }
    // Their names hold the time, too, and tell two of one second apart.
    found.sort_unstable_by(|a, b| b.cmp(a));
    for (_, volid) in found.into_iter().take(MOST) {
        let archive: Volid = volid.parse().map_err(Stop::failed)?;
        let text = patiently(|| pve.archived_config(&archive)).await.map_err(Stop::failed)?;
        if owner(agent, PctConf::parse(&text).description()).await?.as_ref() == Some(&guest.customer) {
            return Ok(Some(archive));
        }
    }
    Ok(None)
}

/// Refuses a volume id that the node does not list as an archive, before anything of it is read.
///
/// # Errors
/// Bad input, or the node cannot be asked.
pub async fn must_be_listed(agent: &Agent, archive: &Volid) -> Result<(), Stop> {
    let rows = patiently(|| agent.context.pve.archives(&archive.storage)).await.map_err(Stop::unusable)?;
    let wanted = archive.to_string();
    if rows.iter().any(|row| row.volid == wanted) {
        return Ok(());
    }
    Err(Stop::bad_input(format!("the node lists no backup {wanted}, or the token may not see it")))
}

/// Whether an archive is a container's backup of this number: by its row, or else by the name that vzdump gives.
fn is_of(volid: &str, vmid: Option<u64>, wanted: Vmid) -> bool {
    let name = volid.rsplit(['/', ':']).next().unwrap_or_default();
    let named = name.strip_prefix("vzdump-lxc-").and_then(|rest| rest.split('-').next()).and_then(|n| n.parse().ok());
    let is_container = named.is_some() || volid.contains(":backup/ct/");
    is_container && vmid.or(named) == Some(u64::from(wanted.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_known_by_its_row_or_by_its_name() {
        let of = |volid: &str, vmid| is_of(volid, vmid, "101".parse().unwrap());
        assert!(of("local:backup/vzdump-lxc-101-2026_11_20-02_00_00.tar.zst", None));
        assert!(of("local:backup/vzdump-lxc-101-2026_11_20-02_00_00.tar.zst", Some(101)));
        assert!(of("pbs:backup/ct/101/2026-11-20T02:00:00Z", Some(101)));
        assert!(!of("local:backup/vzdump-qemu-101-2026_11_20-02_00_00.vma.zst", Some(101)));
        assert!(!of("local:backup/vzdump-lxc-1010-2026_11_20-02_00_00.tar.zst", None));
        assert!(!of("pbs:backup/ct/102/2026-11-20T02:00:00Z", Some(102)));
    }
}
