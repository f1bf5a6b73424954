//! What the token may do, read from the node's own answer.

use pve_client::wire::Permissions;

/// Whether the token has a privilege at a path.
///
/// Permissions stand at the paths of their ACL entries. The deepest entry on the way counts, and above the path itself
/// only what propagates: a deeper entry replaces what would be inherited.
pub fn has(permissions: &Permissions, path: &str, privilege: &str) -> bool {
    let mut here = path;
    loop {
        if let Some(granted) = permissions.get(here) {
            return granted.get(privilege).is_some_and(|propagates| here == path || *propagates != 0);
        }
        here = match here.rsplit_once('/') {
            Some(("", _)) if here != "/" => "/",
            Some((parent, _)) if here != "/" => parent,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(text: &str) -> Permissions {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_deepest_entry_counts() {
        let granted = permissions(r#"{"/vms":{"VM.Audit":1,"VM.Allocate":0},"/vms/200":{"VM.PowerMgmt":0}}"#);
        assert!(has(&granted, "/vms/201", "VM.Audit"));
        assert!(!has(&granted, "/vms/201", "VM.Allocate"), "it does not propagate");
        assert!(has(&granted, "/vms", "VM.Allocate"));
        assert!(has(&granted, "/vms/200", "VM.PowerMgmt"), "granted at the path itself");
        assert!(!has(&granted, "/vms/200", "VM.Audit"), "replaced by the deeper entry");
        assert!(!has(&granted, "/storage/local", "Datastore.AllocateSpace"));
    }

    #[test]
    fn the_root_reaches_everywhere_it_propagates() {
        let granted = permissions(r#"{"/":{"SDN.Use":1}}"#);
        assert!(has(&granted, "/sdn/zones/localnetwork/vmbr0", "SDN.Use"));
        assert!(!has(&permissions("{}"), "/", "SDN.Use"));
    }
}
