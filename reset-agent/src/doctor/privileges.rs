//! Which privileges the work needs.
//!
//! The list is the least that was found on real Proxmox code by taking each privilege away.

use std::collections::BTreeSet;

use pve_client::wire::Permissions;
use serde::Serialize;
use spec::ids::{BridgeName, StorageId, Vmid};

use crate::node::rights::has;

/// A privilege at a path, and what cannot be done without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The path in Proxmox's permission tree.
    pub path: String,
    /// The privilege.
    pub privilege: &'static str,
    /// What it blocks.
    pub blocks: &'static str,
}

/// On the new guest itself.
pub(super) const ON_GUEST: &[(&str, &str)] = &[
    ("VM.Allocate", "restore and destroy"),
    ("VM.Audit", "reading back configuration and addresses"),
    ("VM.Config.Disk", "restore, resize"),
    ("VM.Config.Network", "restore, MAC and hostname reset"),
    ("VM.Config.Options", "restore (onboot, protection, description), resize"),
    ("VM.PowerMgmt", "start and stop"),
];

/// On the guest that a golden's archive is of.
pub(super) const AT_GOLDEN: &str = "VM.Backup";
/// On the storages of disks and archives.
pub(super) const AT_STORAGE: &str = "Datastore.AllocateSpace";
/// On warm goldens, where guests are cloned from them.
pub(super) const AT_TEMPLATE: &str = "VM.Clone";
/// On the guests' bridge.
pub(super) const AT_BRIDGE: &str = "SDN.Use";

/// Everything that provisioning needs: on a new guest, on the goldens' archives, on storage and bridge.
pub fn needs(
    guest: Vmid,
    golden_vmids: &BTreeSet<u64>,
    storages: &BTreeSet<StorageId>,
    bridge: &BridgeName,
) -> Vec<Need> {
    let need = |path: String, privilege, blocks| Need { path, privilege, blocks };
    let guest = ON_GUEST.iter().map(|(privilege, blocks)| need(format!("/vms/{guest}"), privilege, blocks));
    let goldens = golden_vmids
        .iter()
        .map(|vmid| need(format!("/vms/{vmid}"), AT_GOLDEN, "reading the golden's archive and its configuration"));
    let storages = storages
        .iter()
        .map(|storage| need(format!("/storage/{storage}"), AT_STORAGE, "disks of new guests, listing archives"));
    let bridge = need(format!("/sdn/zones/localnetwork/{bridge}"), AT_BRIDGE, "restore and reset of interfaces");
    guest.chain(goldens).chain(storages).chain([bridge]).collect()
}

/// What cloning warm goldens needs besides: no run is refused for want of it, its guest is restored.
pub fn cloning(guest: Vmid) -> Need {
    Need { path: format!("/vms/{guest}"), privilege: AT_TEMPLATE, blocks: "cloning warm goldens: guests are restored" }
}

/// The needs that are not met.
pub fn missing(needs: Vec<Need>, permissions: &Permissions) -> Vec<Need> {
    needs.into_iter().filter(|need| !has(permissions, &need.path, need.privilege)).collect()
}

/// What a run says that cannot begin; nothing, where nothing is missing.
pub fn refusal(missing: &[Need]) -> Option<String> {
    let told = missing.iter().map(|need| format!("{} on {} (for: {})", need.privilege, need.path, need.blocks));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| {
        format!("the token lacks {}; `reset-agent doctor --print-roles` prints what to grant", told.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_04_nine_privileges_are_enough_and_each_that_is_missing_is_named() {
        let all = needs(
            "200".parse().unwrap(),
            &BTreeSet::from([9000]),
            &BTreeSet::from(["local".parse().unwrap()]),
            &"vmbr0".parse().unwrap(),
        );
        assert_eq!(all.len(), 9);
        for need in &all {
            let granted: Permissions =
                all.iter().filter(|other| *other != need).fold(Permissions::new(), |mut granted, other| {
                    granted.entry(other.path.clone()).or_default().insert(other.privilege.to_owned(), 1);
                    granted
                });
            let lacking = missing(all.clone(), &granted);
            assert_eq!(lacking, std::slice::from_ref(need));
            let told = refusal(&lacking).unwrap();
            assert!(told.contains(need.privilege) && told.contains(&need.path), "{told}");
        }
        assert_eq!(refusal(&[]), None);
    }
}
