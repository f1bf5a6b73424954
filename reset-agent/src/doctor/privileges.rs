//! Which privileges the work needs.
//!
//! The list is the least that was found on real Proxmox code by taking each privilege away.

use std::collections::BTreeSet;

use serde::Serialize;
use spec::ids::{BridgeName, StorageId, Vmid};

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
const ON_GUEST: &[(&str, &str)] = &[
    ("VM.Allocate", "restore and destroy"),
    ("VM.Audit", "reading back configuration and addresses"),
    ("VM.Config.Disk", "restore, resize"),
    ("VM.Config.Network", "restore, MAC and hostname reset"),
    ("VM.Config.Options", "restore (onboot, protection, description), resize"),
    ("VM.PowerMgmt", "start and stop"),
];

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
        .map(|vmid| need(format!("/vms/{vmid}"), "VM.Backup", "reading the golden's archive and its configuration"));
    let storages = storages.iter().map(|storage| {
        need(format!("/storage/{storage}"), "Datastore.AllocateSpace", "disks of new guests, listing archives")
    });
    let bridge = need(format!("/sdn/zones/localnetwork/{bridge}"), "SDN.Use", "restore and reset of interfaces");
    guest.chain(goldens).chain(storages).chain([bridge]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_privileges_are_enough() {
        let all = needs(
            "200".parse().unwrap(),
            &BTreeSet::from([9000]),
            &BTreeSet::from(["local".parse().unwrap()]),
            &"vmbr0".parse().unwrap(),
        );
        assert_eq!(all.len(), 9);
    }
}
