//! What somebody may do at all: by path, and by the parts of the node that a user interface has. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::effective::{Privileges, privileges};
use super::path::AclPath;
use super::privileges::PERMISSIONS_MODIFY;
use super::users::UserConfig;

/// Paths that are looked at, granted on or not.
const ALWAYS: &[&str] = &["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/// Privileges by path, of those paths where there are any.
pub fn by_path(config: &UserConfig, id: &str) -> BTreeMap<String, Privileges> {
    let members = config.pools.values().flat_map(|pool| {
        let vms = pool.vms.iter().map(|vmid| format!("/vms/{vmid}"));
        vms.chain(pool.storage.iter().map(|storage| format!("/storage/{storage}"))).collect::<Vec<_>>()
    });
    let always = ALWAYS.iter().map(|path| (*path).to_owned());
    let all: BTreeSet<String> = always.chain(granted_paths(config)).chain(members).collect();
    let with = |path: String| {
        let privileges = privileges(config, id, &path);
        (!privileges.is_empty()).then_some((path, privileges))
    };
    all.into_iter().filter_map(with).collect()
}

/// The paths of all grants, and those on the way to them.
fn granted_paths(config: &UserConfig) -> impl Iterator<Item = String> {
    config.acl.keys().flat_map(AclPath::on_the_way)
}

/// The parts, and which privileges concern each.
const PARTS: &[(&str, &[&str])] = &[
    ("vms", &["VM.", PERMISSIONS_MODIFY]),
    ("access", &["User.", "Group.", PERMISSIONS_MODIFY]),
    ("storage", &["Datastore.", PERMISSIONS_MODIFY]),
    ("nodes", &["Sys.", PERMISSIONS_MODIFY]),
    ("sdn", &["SDN.", PERMISSIONS_MODIFY]),
    ("dc", &["Sys.Audit", "Sys.Modify", "SDN."]),
    ("mapping", &["Mapping.", PERMISSIONS_MODIFY]),
];

/// Privileges by part, wherever in it they are granted.
pub fn by_part(config: &UserConfig, id: &str) -> BTreeMap<&'static str, BTreeMap<&'static str, u8>> {
    let mut parts: BTreeMap<&'static str, BTreeMap<&'static str, u8>> =
        PARTS.iter().map(|(part, _)| (*part, BTreeMap::new())).collect();
    let always = ["/", "/nodes", "/access/groups", "/vms", "/storage", "/sdn", "/mapping"].map(str::to_owned);
    let paths: BTreeSet<String> = always.into_iter().chain(granted_paths(config)).collect();
    for path in paths {
        let top = AclPath::of(&path).top().unwrap_or("dc").to_owned();
        for name in privileges(config, id, &path).into_keys() {
            for (part, concerned) in PARTS {
                let here = match top.as_str() {
                    "pool" => matches!(*part, "vms" | "storage"),
                    top => top == *part,
                };
                if here && concerned.iter().any(|prefix| name.starts_with(prefix)) {
                    parts.entry(part).or_default().insert(name, 1);
                }
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::text::read;
    use super::*;

    #[test]
    fn the_parts_are_those_of_the_recorded_login() {
        let config = read(
            "user:ci@pve:1:0::::::\nrole:A:VM.Backup:\nrole:B:Datastore.AllocateSpace:\nrole:C:SDN.Use:\nacl:1:/vms/110:ci@pve:A:\nacl:1:/storage/local:ci@pve:B:\nacl:1:/sdn/zones/localnetwork/vmbr0:ci@pve:C:\n",
        );
        let told = serde_json::to_string(&by_part(&config, "ci@pve")).unwrap();
        assert_eq!(
            told,
            r#"{"access":{},"dc":{},"mapping":{},"nodes":{},"sdn":{"SDN.Use":1},"storage":{"Datastore.AllocateSpace":1},"vms":{"VM.Backup":1}}"#
        );
        let paths: Vec<String> = by_path(&config, "ci@pve").into_keys().collect();
        assert_eq!(paths, ["/sdn/zones/localnetwork/vmbr0", "/storage/local", "/vms/110"]);
        assert!(by_path(&config, "other@pve").is_empty());
    }

    #[test]
    fn a_pools_privileges_concern_guests_and_storages() {
        let config = read("user:a@pve:1:0::::::\npool:p::300::\nacl:1:/pool/p:a@pve:PVEVMUser,PVEPoolUser:\n");
        let parts = by_part(&config, "a@pve");
        assert!(parts["vms"].contains_key("VM.PowerMgmt") && parts["storage"].is_empty());
        assert!(by_path(&config, "a@pve")["/vms/300"].contains_key("VM.PowerMgmt"));
    }
}
