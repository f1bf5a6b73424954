//! Somebody who asks, and whether they may. Pure.

use std::sync::Arc;

use super::effective::{Privileges, privileges};
use super::names::{ROOT, split_token};
use super::users::UserConfig;
use crate::api::ApiError;

/// Who asks, with what was known of users and grants when they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// `root@pam`, or `prov@pve!agent`; empty for somebody who did not say.
    pub auth_id: String,
    /// Whether a token was shown, whatever it is worth.
    pub by_token: bool,
    config: Arc<UserConfig>,
}

impl Principal {
    /// Somebody who proved to be `auth_id`.
    pub fn new(auth_id: &str, config: Arc<UserConfig>) -> Self {
        Self { auth_id: auth_id.to_owned(), by_token: split_token(auth_id).is_some(), config }
    }

    /// Somebody who need not say who they are.
    pub fn nobody(by_token: bool, config: Arc<UserConfig>) -> Self {
        Self { auth_id: String::new(), by_token, config }
    }

    /// Whether this is `root@pam` itself, which no token is.
    pub fn is_root(&self) -> bool {
        self.auth_id == ROOT
    }

    /// The users and grants as they were when this one came.
    pub fn config(&self) -> &UserConfig {
        &self.config
    }

    /// All that is granted on a path.
    pub fn privileges(&self, path: &str) -> Privileges {
        privileges(&self.config, &self.auth_id, path)
    }

    /// Whether a privilege is granted on a path.
    pub fn has(&self, path: &str, privilege: &str) -> bool {
        self.privileges(path).contains_key(privilege)
    }

    /// Whether one of these privileges is granted on a path.
    pub fn has_any(&self, path: &str, privileges: &[&str]) -> bool {
        let granted = self.privileges(path);
        privileges.iter().any(|privilege| granted.contains_key(privilege))
    }

    /// Refuses, in Proxmox's words, when a privilege is missing.
    pub fn require(&self, path: &str, privilege: &str) -> Result<(), ApiError> {
        self.require_any(path, &[privilege])
    }

    /// Refuses when one of these privileges is missing, and names the first.
    pub fn require_all(&self, path: &str, privileges: &[&str]) -> Result<(), ApiError> {
        privileges.iter().try_for_each(|privilege| self.require(path, privilege))
    }

    /// Refuses when all of these privileges are missing.
    pub fn require_any(&self, path: &str, privileges: &[&str]) -> Result<(), ApiError> {
        if self.has_any(path, privileges) {
            Ok(())
        } else {
            Err(ApiError::forbidden(&format!("{path}, {}", privileges.join("|"))))
        }
    }

    /// Refuses who has the privilege neither on the guest nor on the pool that it is, or is to be, in.
    pub fn require_vm(&self, vmid: u32, pool: Option<&str>, privilege: &str) -> Result<(), ApiError> {
        match pool {
            Some(pool) if self.has(&format!("/pool/{pool}"), privilege) => Ok(()),
            _ => self.require(&format!("/vms/{vmid}"), privilege),
        }
    }

    /// Refuses a pool that there is not.
    pub fn require_pool(&self, pool: &str) -> Result<(), ApiError> {
        if self.config.pools.contains_key(pool) {
            Ok(())
        } else {
            Err(ApiError::forbidden(&format!("pool '{pool}' does not exist")))
        }
    }

    /// Refuses who may not change permissions on a path: whoever may hand out what is there, or all of it.
    pub fn require_modify(&self, path: &str) -> Result<(), ApiError> {
        let below = |top: &str| path.strip_prefix(top).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'));
        let all = super::privileges::PERMISSIONS_MODIFY;
        match path {
            path if below("/storage") => self.require_any(path, &[all, "Datastore.Allocate"]),
            path if below("/vms") => self.require_any(path, &[all, "VM.Allocate"]),
            path if below("/pool") => self.require_any(path, &[all, "Pool.Allocate"]),
            path => self.require(path, all),
        }
    }

    /// The groups on which one of these privileges is granted.
    pub fn groups_with<'a>(&'a self, privileges: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let groups = self.config.groups.keys().map(String::as_str);
        groups.filter(move |group| self.has_any(&format!("/access/groups/{group}"), privileges))
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::read;
    use super::*;

    fn who(auth_id: &str) -> Principal {
        let config = read(
            "user:a@pve:1:0::::::\nrole:R:VM.Audit:\nrole:P:VM.Allocate:\nrole:D:Datastore.Allocate:\npool:p::::\nacl:1:/vms:a@pve:R:\nacl:1:/pool/p:a@pve:P:\nacl:1:/storage/x:a@pve:D:\n",
        );
        Principal::new(auth_id, Arc::new(config))
    }

    #[test]
    fn refusals_are_told_in_proxmox_words() {
        let text = |result: Result<(), ApiError>| result.unwrap_err().text;
        let a = who("a@pve");
        assert!(a.require("/vms/9101", "VM.Audit").is_ok());
        assert_eq!(text(a.require("/vms/9101", "VM.Clone")), "Permission check failed (/vms/9101, VM.Clone)");
        assert_eq!(
            text(a.require_any("/storage/local", &["Datastore.Audit", "Datastore.AllocateSpace"])),
            "Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)"
        );
        assert_eq!(text(a.require_pool("q")), "Permission check failed (pool 'q' does not exist)");
        assert_eq!(
            text(a.require_modify("/vms/100")),
            "Permission check failed (/vms/100, Permissions.Modify|VM.Allocate)"
        );
        assert_eq!(text(a.require_modify("/vms")), "Permission check failed (/vms, Permissions.Modify)");
        assert!(a.require_modify("/storage/x").is_ok());
    }

    #[test]
    fn a_pools_grant_will_do_for_a_guest_that_is_to_be_in_it() {
        let a = who("a@pve");
        assert!(a.require_vm(160, Some("p"), "VM.Allocate").is_ok());
        assert!(a.require_vm(160, None, "VM.Allocate").is_err());
    }

    #[test]
    fn root_is_root_and_its_token_is_not() {
        assert!(who("root@pam").is_root() && !who("root@pam!ci").is_root());
        assert!(who("root@pam!ci").by_token);
    }
}
