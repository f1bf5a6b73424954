//! Somebody who asks, with what was granted to them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use pve_wire::api::{Check, Given, Parameters, Permission};

use crate::api::ApiError;

/// Privileges by path; a grant on a path holds for everything below it.
pub type Grants = BTreeMap<String, BTreeSet<String>>;

/// Every privilege that there is: an Administrator's.
pub const ALL_PRIVILEGES: &[&str] = &[
    "Datastore.Allocate",
    "Datastore.AllocateSpace",
    "Datastore.AllocateTemplate",
    "Datastore.Audit",
    "Mapping.Audit",
    "Permissions.Modify",
    "Pool.Allocate",
    "Pool.Audit",
    "SDN.Allocate",
    "SDN.Audit",
    "SDN.Use",
    "Sys.Audit",
    "Sys.Console",
    "Sys.Modify",
    "VM.Allocate",
    "VM.Audit",
    "VM.Backup",
    "VM.Clone",
    "VM.Config.CPU",
    "VM.Config.Disk",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.Options",
    "VM.Console",
    "VM.PowerMgmt",
    "VM.Snapshot",
];

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// `root@pam`, or `prov@pve!agent`.
    pub auth_id: String,
    grants: Grants,
}

impl Principal {
    /// The node's root, who may do anything and asks by the command line.
    pub fn root() -> Self {
        Self { auth_id: "root@pam".to_owned(), grants: administrator() }
    }

    /// A token with its grants. Tokens of `root@pam` are administrators, yet not `root@pam`.
    pub fn token(auth_id: &str, grants: Grants) -> Self {
        let grants = if auth_id.starts_with("root@pam!") { administrator() } else { grants };
        Self { auth_id: auth_id.to_owned(), grants }
    }

    /// Whether this is `root@pam` itself, which no token is.
    pub fn is_root(&self) -> bool {
        self.auth_id == "root@pam"
    }

    /// Whether a privilege is granted on a path or above it.
    pub fn has(&self, path: &str, privilege: &str) -> bool {
        let granted = |at: &str| self.grants.get(at).is_some_and(|privileges| privileges.contains(privilege));
        ancestors(path).any(granted)
    }

    /// Refuses, in Proxmox's words, who may not make a call. `given` fills the variables of the permission's paths.
    pub fn may(&self, permission: &Permission, given: &Parameters) -> Result<(), ApiError> {
        match permission {
            Permission::World | Permission::All => Ok(()),
            Permission::Root if self.is_root() => Ok(()),
            Permission::Root => Err(ApiError::forbidden("user != root@pam")),
            Permission::Of(check) => self.passes(check, given),
        }
    }

    fn passes(&self, check: &Check, given: &Parameters) -> Result<(), ApiError> {
        match check {
            Check::Privileges { needs: Some(name), .. } if !given.contains_key(*name) => {
                Err(ApiError::forbidden_somehow())
            }
            Check::Privileges { path, privileges, any: true, .. } => self.require_any(&filled(path, given), privileges),
            Check::Privileges { path, privileges, .. } => {
                privileges.iter().try_for_each(|privilege| self.require(&filled(path, given), privilege))
            }
            Check::And(checks) => checks.iter().try_for_each(|check| self.passes(check, given)),
            Check::Or(checks) if checks.iter().any(|check| self.passes(check, given).is_ok()) => Ok(()),
            Check::Or(_) | Check::Modify { .. } | Check::Oneself | Check::RealmOfUser | Check::GroupOfUser { .. } => {
                Err(ApiError::forbidden_somehow())
            }
        }
    }

    /// Refuses, in Proxmox's words, when a privilege is missing.
    pub fn require(&self, path: &str, privilege: &str) -> Result<(), ApiError> {
        self.require_any(path, &[privilege])
    }

    /// Refuses when all of these privileges are missing.
    pub fn require_any(&self, path: &str, privileges: &[&str]) -> Result<(), ApiError> {
        if privileges.iter().any(|privilege| self.has(path, privilege)) {
            Ok(())
        } else {
            Err(ApiError::forbidden(&format!("{path}, {}", privileges.join("|"))))
        }
    }

    /// The grants, as `access/permissions` shows them.
    pub fn permissions(&self) -> BTreeMap<String, BTreeMap<String, u8>> {
        let privileges = |set: &BTreeSet<String>| set.iter().map(|name| (name.clone(), 1)).collect();
        self.grants.iter().map(|(path, set)| (path.clone(), privileges(set))).collect()
    }
}

/// A path with its variables filled in: `/vms/{vmid}` → `/vms/9101`.
fn filled(path: &str, given: &Parameters) -> String {
    let segment = |segment: &str| {
        let variable = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match variable.map(|name| given.get(name)) {
            None => segment.to_owned(),
            Some(Some(Given::One(value))) => value.clone(),
            Some(_) => String::new(),
        }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn administrator() -> Grants {
    Grants::from([("/".to_owned(), ALL_PRIVILEGES.iter().map(|name| (*name).to_owned()).collect())])
}

/// `/vms/9101` → `/vms/9101`, `/vms`, `/`.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.match_indices('/').map(|(index, _)| index).rev().filter(|index| *index > 0);
    std::iter::once(path).chain(cuts.map(move |cut| &path[..cut])).chain(std::iter::once("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(path: &str, privilege: &str) -> Grants {
        Grants::from([(path.to_owned(), BTreeSet::from([privilege.to_owned()]))])
    }

    #[test]
    fn grants_hold_below_their_path_and_nowhere_else() {
        let who = Principal::token("prov@pve!agent", grants("/vms", "VM.Audit"));
        assert!(who.has("/vms/9101", "VM.Audit") && who.has("/vms", "VM.Audit"));
        assert!(!who.has("/", "VM.Audit") && !who.has("/vms/9101", "VM.Allocate"));
        let error = who.require("/vms/9101", "VM.Allocate").unwrap_err();
        assert_eq!((error.status, error.text.as_str()), (403, "Permission check failed (/vms/9101, VM.Allocate)"));
        let error = who.require_any("/storage/local", &["Datastore.Audit", "Datastore.AllocateSpace"]).unwrap_err();
        assert_eq!(error.text, "Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)");
    }

    #[test]
    fn a_token_of_root_is_an_administrator_but_not_root() {
        let who = Principal::token("root@pam!ci", Grants::new());
        assert!(who.has("/vms/9101", "VM.Allocate") && !who.is_root());
        assert!(Principal::root().is_root());
    }
}
