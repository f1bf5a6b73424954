//! Privileges, and the roles that are made of them without anybody writing them down. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// For whom a privilege is meant; each kind of built-in role takes some of these levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Administrators alone.
    Root,
    /// Those who administer a category.
    Admin,
    /// Those who use it.
    User,
    /// Those who look.
    Audit,
}

use Level::{Admin, Audit, Root, User};

/// Privileges by the category that names their roles, and by level.
const CATEGORIES: &[(&str, &[(Level, &str)])] = &[
    (
        "VM",
        &[
            (Admin, "VM.Allocate"),
            (Admin, "VM.Clone"),
            (Admin, "VM.Config.CPU"),
            (Admin, "VM.Config.Disk"),
            (Admin, "VM.Config.HWType"),
            (Admin, "VM.Config.Memory"),
            (Admin, "VM.Config.Network"),
            (Admin, "VM.Config.Options"),
            (Admin, "VM.GuestAgent.Unrestricted"),
            (Admin, "VM.Migrate"),
            (Admin, "VM.Replicate"),
            (Admin, "VM.Snapshot"),
            (Admin, "VM.Snapshot.Rollback"),
            (User, "VM.Backup"),
            (User, "VM.Config.CDROM"),
            (User, "VM.Config.Cloudinit"),
            (User, "VM.Console"),
            (User, "VM.GuestAgent.FileRead"),
            (User, "VM.GuestAgent.FileSystemMgmt"),
            (User, "VM.GuestAgent.FileWrite"),
            (User, "VM.PowerMgmt"),
            (Audit, "VM.Audit"),
            (Audit, "VM.GuestAgent.Audit"),
        ],
    ),
    (
        "Sys",
        &[
            (Root, "Sys.AccessNetwork"),
            (Root, "Sys.Incoming"),
            (Root, "Sys.Modify"),
            (Root, "Sys.PowerMgmt"),
            (Admin, "Sys.Console"),
            (Admin, "Sys.Syslog"),
            (Audit, "Sys.Audit"),
        ],
    ),
    (
        "Datastore",
        &[
            (Admin, "Datastore.Allocate"),
            (Admin, "Datastore.AllocateTemplate"),
            (User, "Datastore.AllocateSpace"),
            (Audit, "Datastore.Audit"),
        ],
    ),
    ("SDN", &[(Admin, "SDN.Allocate"), (User, "SDN.Use"), (Audit, "SDN.Audit")]),
    (
        "User",
        &[(Root, "Realm.Allocate"), (Admin, "Group.Allocate"), (Admin, "Realm.AllocateUser"), (Admin, "User.Modify")],
    ),
    // Whoever uses pools sees them: the same privilege on two levels.
    ("Pool", &[(Admin, "Pool.Allocate"), (User, "Pool.Audit"), (Audit, "Pool.Audit")]),
    ("Mapping", &[(Admin, "Mapping.Modify"), (User, "Mapping.Use"), (Audit, "Mapping.Audit")]),
];

/// The privilege that belongs to no category: to hand out privileges.
pub(super) const PERMISSIONS_MODIFY: &str = "Permissions.Modify";

/// Every privilege that there is, sorted: an Administrator's.
pub use pve_wire::api::PRIVILEGES as ALL_PRIVILEGES;

/// A privilege by its name; none when there is no such privilege.
pub(super) fn privilege(name: &str) -> Option<&'static str> {
    ALL_PRIVILEGES.binary_search(&name).ok().map(|index| ALL_PRIVILEGES[index])
}

/// The roles that nobody can change.
pub static BUILT_IN_ROLES: LazyLock<BTreeMap<String, BTreeSet<&'static str>>> = LazyLock::new(built_in);

fn built_in() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut roles: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    roles.insert("Administrator".to_owned(), ALL_PRIVILEGES.iter().copied().collect());
    roles.insert("NoAccess".to_owned(), BTreeSet::new());
    roles.insert("PVETemplateUser".to_owned(), BTreeSet::from(["VM.Audit", "VM.Clone"]));
    for (category, list) in CATEGORIES {
        let of = |levels: &'static [Level]| {
            list.iter().filter(move |(level, _)| levels.contains(level)).map(|(_, name)| *name)
        };
        roles.entry(format!("PVE{category}Admin")).or_default().extend(of(&[Admin, User, Audit]));
        roles.entry("PVEAdmin".to_owned()).or_default().extend(of(&[Admin, User, Audit]));
        roles.entry("PVEAuditor".to_owned()).or_default().extend(of(&[Audit]));
        if of(&[User]).next().is_some() {
            roles.entry(format!("PVE{category}User")).or_default().extend(of(&[User, Audit]));
        }
    }
    // Mappings reach the host's hardware: a PVEAdmin gets them shown, not changed.
    if let Some(admin) = roles.get_mut("PVEAdmin") {
        admin.remove("Mapping.Modify");
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Vec<&'static str> {
        BUILT_IN_ROLES[name].iter().copied().collect()
    }

    #[test]
    fn every_privilege_has_its_category() {
        let named = CATEGORIES.iter().flat_map(|(_, list)| list.iter().map(|(_, name)| *name));
        let named: BTreeSet<&str> = named.chain([PERMISSIONS_MODIFY]).collect();
        assert_eq!(named.into_iter().collect::<Vec<_>>(), ALL_PRIVILEGES);
        assert_eq!(privilege("VM.Audit"), Some("VM.Audit"));
        assert_eq!(privilege("VM.Monitor"), None);
    }

    #[test]
    fn built_in_roles_follow_the_levels() {
        assert_eq!(role("PVEDatastoreUser"), ["Datastore.AllocateSpace", "Datastore.Audit"]);
        assert_eq!(role("PVESDNUser"), ["SDN.Audit", "SDN.Use"]);
        assert_eq!(role("PVEPoolUser"), ["Pool.Audit"]);
        assert_eq!(role("PVETemplateUser"), ["VM.Audit", "VM.Clone"]);
        assert_eq!(role("PVESysAdmin"), ["Sys.Audit", "Sys.Console", "Sys.Syslog"]);
        assert_eq!(role("PVEAuditor").len(), 7);
        assert_eq!(role("PVEVMAdmin").len(), 23);
        assert!(!role("PVEAdmin").contains(&"Sys.Modify") && !role("PVEAdmin").contains(&"Mapping.Modify"));
        assert!(!BUILT_IN_ROLES.contains_key("PVESysUser") && !BUILT_IN_ROLES.contains_key("PVEUserUser"));
        assert_eq!(BUILT_IN_ROLES.len(), 17);
    }
}
