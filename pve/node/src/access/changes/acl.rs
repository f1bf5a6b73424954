//! Grants.

use std::collections::BTreeMap;

use super::super::effective::Privileges;
use super::super::names::{split_list, split_token};
use super::super::path::AclPath;
use super::super::privileges::PERMISSIONS_MODIFY;
use super::super::users::{Roles, UserConfig};
use crate::error::Die;

/// Roles for users, groups and tokens on a path: all of them lists, but the path.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// The path, normalised.
    pub path: &'a str,
    /// The roles.
    pub roles: &'a str,
    /// The users.
    pub users: &'a str,
    /// The groups.
    pub groups: &'a str,
    /// The tokens.
    pub tokens: &'a str,
    /// Whether the roles hold below the path too.
    pub propagate: bool,
    /// Whether the roles are taken away.
    pub delete: bool,
}

/// Grants, or takes away.
pub fn change(config: &mut UserConfig, change: &Change<'_>) -> Result<(), Die> {
    for role in split_list(change.roles) {
        if config.role(role).is_none() {
            return Err(super::roles::unknown(role));
        }
        for group in split_list(change.groups) {
            if !config.groups.contains_key(group) {
                return Err(super::groups::unknown(group));
            }
        }
        for user in split_list(change.users) {
            if !config.users.contains_key(user) {
                return Err(Die::text(format!("user '{user}' does not exist")));
            }
        }
        for token in split_list(change.tokens) {
            let (user, name) = split_token(token).ok_or_else(|| not_a_token(token))?;
            super::tokens::require(config, user, name)?;
        }
        let grants = config.acl.entry(AclPath::of(change.path)).or_default();
        set(&mut grants.groups, change.groups, role, change);
        set(&mut grants.users, change.users, role, change);
        set(&mut grants.tokens, change.tokens, role, change);
    }
    Ok(())
}

fn not_a_token(token: &str) -> Die {
    Die::text(format!("'{token}' is not a valid token ID - not able to split into user and token parts"))
}

fn set(of: &mut BTreeMap<String, Roles>, ids: &str, role: &str, change: &Change<'_>) {
    for id in split_list(ids) {
        let roles = of.entry(id.to_owned()).or_default();
        if change.delete {
            roles.remove(role);
        } else {
            roles.insert(role.to_owned(), change.propagate);
        }
    }
}

/// Refuses who hands out, or takes away, more than they have themselves; `mine` is what they have on the path.
pub fn refuse_beyond(config: &UserConfig, mine: &Privileges, change: &Change<'_>) -> Result<(), Die> {
    if mine.contains_key(PERMISSIONS_MODIFY) {
        return Ok(());
    }
    let verb = if change.delete { "remove" } else { "add" };
    for role in split_list(change.roles) {
        let Some(privileges) = config.role(role) else { return Err(super::roles::unknown(role)) };
        let refused = |why: &str| {
            Err(Die::text(format!("400 Parameter verification failed.\nrole: Cannot {verb} role '{role}'{why}\n")))
        };
        if role == "NoAccess" {
            return refused(" - requires 'Permissions.Modify'");
        }
        for privilege in privileges {
            match mine.get(privilege) {
                None => return refused(" - requires 'Permissions.Modify' or superset of privileges."),
                Some(false) if change.propagate && !change.delete => {
                    let why = " with propagation - requires 'Permissions.Modify' or propagated superset of privileges.";
                    return refused(why);
                }
                Some(_) => (),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::text::{read, write};
    use super::*;

    const CONFIG: &str = "user:a@pve:1:0::::::\ntoken:a@pve!t1:0:1::\ngroup:g:a@pve::\nrole:R:VM.Audit:\n";

    #[test]
    fn grants_come_and_go() {
        let mut config = read(CONFIG);
        let grant = Change {
            path: "/vms",
            roles: "R,PVEAuditor",
            users: "a@pve",
            groups: "g",
            tokens: "a@pve!t1",
            propagate: true,
            delete: false,
        };
        change(&mut config, &grant).unwrap();
        assert!(write(&config).ends_with("acl:1:/vms:@g,a@pve,a@pve!t1:PVEAuditor,R:\n"));
        change(&mut config, &Change { roles: "R", propagate: false, groups: "", tokens: "", ..grant }).unwrap();
        assert!(write(&config).contains("acl:0:/vms:a@pve:R:\nacl:1:/vms:a@pve:PVEAuditor:\n"));
        change(&mut config, &Change { delete: true, ..grant }).unwrap();
        config.tidy();
        assert!(config.acl.is_empty());
    }

    #[test]
    fn what_there_is_not_is_named() {
        let mut config = read(CONFIG);
        let grant = Change { path: "/", roles: "R", ..Change::default() };
        let mut text = |changed: Change<'_>| change(&mut config, &changed).unwrap_err().to_string();
        assert_eq!(text(Change { roles: "X", ..grant }), "role 'X' does not exist");
        assert_eq!(text(Change { users: "b@pve", ..grant }), "user 'b@pve' does not exist");
        assert_eq!(text(Change { groups: "h", ..grant }), "group 'h' does not exist");
        assert_eq!(text(Change { tokens: "a@pve!t2", ..grant }), "no such token 't2' for user 'a@pve'");
    }

    #[test]
    fn nobody_hands_out_more_than_they_have() {
        let config = read(CONFIG);
        let grant = Change { path: "/vms/100", roles: "R", users: "a@pve", propagate: true, ..Change::default() };
        let text = |mine: &[(&'static str, bool)], change: Change<'_>| {
            refuse_beyond(&config, &mine.iter().copied().collect(), &change)
                .map_or_else(|e| e.to_string(), |()| "ok".into())
        };
        assert_eq!(text(&[("VM.Audit", true)], grant), "ok");
        assert_eq!(text(&[("Permissions.Modify", false)], grant), "ok");
        assert!(text(&[("VM.Allocate", true)], grant).contains("Cannot add role 'R' - requires"));
        assert!(text(&[("VM.Audit", false)], grant).contains("Cannot add role 'R' with propagation"));
        assert_eq!(text(&[("VM.Audit", false)], Change { delete: true, ..grant }), "ok");
        assert!(text(&[], Change { roles: "NoAccess", ..grant }).contains("requires 'Permissions.Modify'"));
    }
}
