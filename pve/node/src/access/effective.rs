//! What somebody may do on a path, worked out of grants, groups, pools and the separation of tokens. Pure.

use std::collections::BTreeMap;

use super::names::{ROOT, split_token, split_user};
use super::path::AclPath;
use super::privileges::ALL_PRIVILEGES;
use super::users::{Grants, Roles, UserConfig};

/// Privileges, each with whether it holds below the path too.
pub type Privileges = BTreeMap<&'static str, bool>;

/// The role that takes everything away.
const NO_ACCESS: &str = "NoAccess";

/// What `id`, a user or a token, may do on `path`.
pub fn privileges(config: &UserConfig, id: &str, path: &str) -> Privileges {
    if id == ROOT {
        return ALL_PRIVILEGES.iter().map(|name| (*name, true)).collect();
    }
    let Some((user, name)) = split_token(id) else {
        return if split_user(id).is_ok() { granted(config, id, path) } else { Privileges::new() };
    };
    let Some(token) = config.token(user, name) else { return Privileges::new() };
    if !token.privsep {
        return privileges(config, user, path);
    }
    let own = granted(config, id, path);
    if user == ROOT {
        // A token of root's is not bounded by its user: there is no bound.
        return own;
    }
    let users = privileges(config, user, path);
    let both = own.into_iter().filter_map(|(name, propagate)| Some((name, *users.get(name)? && propagate)));
    both.collect()
}

/// The privileges of all roles that an id holds, through grants and pools.
fn granted(config: &UserConfig, id: &str, path: &str) -> Privileges {
    let mut roles = roles(config, id, path);
    let pool = pool_roles(config, id, path);
    // A pool takes access away, but gives none where it was taken away.
    if !roles.contains_key(NO_ACCESS) {
        if pool.contains_key(NO_ACCESS) {
            roles = Roles::from([(NO_ACCESS.to_owned(), false)]);
        }
        for role in pool.into_keys() {
            roles.entry(role).or_insert(false);
        }
    }
    let mut privileges = Privileges::new();
    for (role, propagate) in &roles {
        for name in config.role(role).into_iter().flatten() {
            *privileges.entry(name).or_default() |= propagate;
        }
    }
    privileges
}

/// The roles on a path: those of the deepest grant that applies. What stands deeper replaces what was inherited; on one
/// level a token's grant goes before a user's, and a user's before those of its groups.
fn roles(config: &UserConfig, id: &str, path: &str) -> Roles {
    let mut roles = Roles::new();
    let parts: Vec<&str> = match path.trim_end_matches('/') {
        "" => vec![""],
        path => path.split('/').collect(),
    };
    let mut place = AclPath::default();
    for (index, part) in parts.iter().enumerate() {
        if !part.is_empty() {
            place = place.below(part);
        }
        let last = index + 1 == parts.len();
        let new = config.acl.get(&place).and_then(|grants| at_level(config, grants, id, last));
        roles = new.unwrap_or(roles);
    }
    match roles.get(NO_ACCESS) {
        Some(propagate) => Roles::from([(NO_ACCESS.to_owned(), *propagate)]),
        None => roles,
    }
}

fn at_level(config: &UserConfig, grants: &Grants, id: &str, last: bool) -> Option<Roles> {
    let applying = |roles: &Roles| -> Roles {
        roles.iter().filter(|(_, propagate)| last || **propagate).map(|(role, p)| (role.clone(), *p)).collect()
    };
    let some = |roles: Roles| (!roles.is_empty()).then_some(roles);
    let own = |of: &BTreeMap<String, Roles>| of.get(id).map(applying).and_then(some);
    let groups = || {
        let member = |group: &str| config.groups.get(group).is_some_and(|group| group.users.contains(id));
        let of_groups = grants.groups.iter().filter(|(group, _)| member(group));
        some(of_groups.flat_map(|(_, roles)| applying(roles)).collect())
    };
    own(&grants.tokens).or_else(|| own(&grants.users)).or_else(groups)
}

/// The roles that an id holds on the pools of which `path`, a guest or a storage, is a member.
fn pool_roles(config: &UserConfig, id: &str, path: &str) -> Roles {
    let (vmid, storage) = (path.strip_prefix("/vms/"), path.strip_prefix("/storage/"));
    let vmid: Option<u64> = vmid.and_then(|text| text.parse().ok());
    let holds = config.pools.iter().filter(|(_, pool)| {
        vmid.is_some_and(|vmid| pool.vms.contains(&vmid)) || storage.is_some_and(|id| pool.storage.contains(id))
    });
    holds.flat_map(|(name, _)| roles(config, id, &format!("/pool/{name}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::text::read;
    use super::*;

    const CONFIG: &str = "\
user:a@pve:1:0::::::
token:a@pve!full:0:0::
token:a@pve!sep:0:1::
token:root@pam!ci:0:0::
token:root@pam!sep:0:1::
group:ops:a@pve::
pool:p::300:second:
role:Backup:VM.Backup:
acl:1:/:a@pve:PVEAuditor:
acl:1:/vms:@ops:PVEVMUser:
acl:0:/vms/100:a@pve:Backup:
acl:1:/vms/200:a@pve:NoAccess:
acl:1:/pool/p:@ops:PVEDatastoreUser,PVEVMAdmin:
acl:1:/:a@pve!sep:PVEVMUser:
acl:1:/vms:root@pam!sep:Backup:
";

    /// Who, where, what, whether they may: the rules one by one.
    const RULES: &[(&str, &str, &str, bool)] = &[
        // inherited from above
        ("a@pve", "/storage/local", "Datastore.Audit", true),
        ("a@pve", "/storage/local", "Datastore.AllocateSpace", false),
        // a group's grant further down replaces the user's own from above
        ("a@pve", "/vms/101", "VM.PowerMgmt", true),
        ("a@pve", "/vms/101", "Sys.Audit", false),
        ("a@pve", "/nodes/pve", "Sys.Audit", true),
        // deeper replaces, even when it is less
        ("a@pve", "/vms/100", "VM.Backup", true),
        ("a@pve", "/vms/100", "VM.PowerMgmt", false),
        // a grant that does not propagate ends at its path: below, what was inherited holds
        ("a@pve", "/vms/100/x", "VM.PowerMgmt", true),
        ("a@pve", "/vms/100/x", "VM.Backup", true),
        // taken away
        ("a@pve", "/vms/200", "VM.Audit", false),
        // through a pool: the members, not the pool's name alone
        ("a@pve", "/vms/300", "VM.Allocate", true),
        ("a@pve", "/vms/300", "VM.PowerMgmt", true),
        ("a@pve", "/vms/301", "VM.Allocate", false),
        ("a@pve", "/storage/second", "Datastore.AllocateSpace", true),
        // tokens: all of the user's, or what both have
        ("a@pve!full", "/vms/300", "VM.Allocate", true),
        ("a@pve!sep", "/vms/101", "VM.PowerMgmt", true),
        ("a@pve!sep", "/vms/100", "VM.PowerMgmt", false),
        ("a@pve!sep", "/storage/local", "Datastore.Audit", false),
        ("a@pve!none", "/vms/101", "VM.PowerMgmt", false),
        // root and root's tokens
        ("root@pam", "/nodes/pve", "Sys.Modify", true),
        ("root@pam!ci", "/nodes/pve", "Sys.Modify", true),
        ("root@pam!sep", "/vms/100", "VM.Backup", true),
        ("root@pam!sep", "/vms/100", "VM.Audit", false),
        ("nobody@pve", "/", "VM.Audit", false),
    ];

    #[test]
    fn the_rules_hold() {
        let config = read(CONFIG);
        for (who, path, privilege, may) in RULES {
            assert_eq!(privileges(&config, who, path).contains_key(privilege), *may, "{who} {path} {privilege}");
        }
    }

    #[test]
    fn propagation_is_told() {
        let config = read(CONFIG);
        assert_eq!(privileges(&config, "a@pve", "/vms/100"), Privileges::from([("VM.Backup", false)]));
        assert!(privileges(&config, "a@pve", "/vms")["VM.Backup"]);
        // What comes from a pool ends at its member.
        assert!(!privileges(&config, "a@pve", "/vms/300")["VM.Allocate"]);
    }
}
