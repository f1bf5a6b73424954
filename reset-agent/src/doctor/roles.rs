//! The least roles, as lines that one runs on the node: `doctor --print-roles`.
//!
//! The guests' role stands at `/vms` and not at single VMIDs: Proxmox drops a guest's ACL entries with the guest, so
//! that a grant at a VMID lasts for one guest, and one at a golden's VMID until the next build. That the roles are
//! enough, and none of their privileges too much, a story shows by taking each away.

use std::collections::BTreeSet;

use serde::Serialize;
use spec::ids::{BridgeName, StorageId};

use super::privileges::{AT_BRIDGE, AT_GOLDEN, AT_STORAGE, AT_TEMPLATE, ON_GUEST};

/// What the roles are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// `user@realm!name` of the agent's token.
    pub token: String,
    /// Storages of disks and archives.
    pub storages: BTreeSet<StorageId>,
    /// The guests' bridge.
    pub bridge: BridgeName,
    /// Whether guests are cloned from warm goldens where there are any.
    pub warm: bool,
    /// Whether guests are placed on several nodes: their memory is looked at then.
    pub several_nodes: bool,
}

/// What `doctor --print-roles` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Roles {
    /// Format of this document.
    pub version: u32,
    /// The lines, comments included, in the order in which they are run.
    pub lines: Vec<String>,
}

/// A token's name where none is configured yet.
pub const DEFAULT_TOKEN: &str = "mintmark@pve!agent";
/// The token that only audits.
pub const AUDITOR_TOKEN: &str = "mintmark-auditor@pve!audit";

/// The lines.
pub fn roles(scope: &Scope) -> Roles {
    let mut lines = Vec::new();
    agent(scope, &mut lines);
    auditor(&mut lines);
    lines.push(
        "# builder: image-builder works as root on the node (keyctl is root's alone) and has no token".to_owned(),
    );
    Roles { version: 1, lines }
}

fn agent(scope: &Scope, lines: &mut Vec<String>) {
    let (user, name) = scope.token.split_once('!').unwrap_or((&scope.token, "agent"));
    let guest = ON_GUEST.iter().map(|(privilege, _)| *privilege).chain([AT_GOLDEN]);
    let guest: Vec<&str> = guest.collect();
    lines.push("# agent: makes, changes and destroys guests, and reads goldens' archives".to_owned());
    lines.push(role("MintmarkGuest", &guest.join(",")));
    lines.push(role("MintmarkStorage", AT_STORAGE));
    lines.push(role("MintmarkBridge", AT_BRIDGE));
    if scope.several_nodes {
        lines.push(role("MintmarkNodes", "Sys.Audit"));
    }
    lines.push(format!("pveum user add {user}"));
    lines.push(grant("/vms", user, "MintmarkGuest"));
    lines.extend(scope.storages.iter().map(|id| grant(&format!("/storage/{id}"), user, "MintmarkStorage")));
    lines.push(grant(&format!("/sdn/zones/localnetwork/{}", scope.bridge), user, "MintmarkBridge"));
    if scope.several_nodes {
        lines.push(grant("/nodes", user, "MintmarkNodes"));
    }
    lines.push(format!("pveum user token add {user} {name} --privsep 0  # prints the secret once"));
    if scope.warm {
        lines.push("# agent, where goldens are warmed: clones templates; without it guests are restored".to_owned());
        lines.push(role("MintmarkWarm", AT_TEMPLATE));
        lines.push(grant("/vms", user, "MintmarkWarm"));
    }
}

fn auditor(lines: &mut Vec<String>) {
    let (user, name) = AUDITOR_TOKEN.split_once('!').unwrap_or((AUDITOR_TOKEN, "audit"));
    lines.push("# auditor: sees all guests and changes none; for `reset-agent audit` by somebody else".to_owned());
    lines.push(role("MintmarkSight", "VM.Audit"));
    lines.push(format!("pveum user add {user}"));
    lines.push(grant("/vms", user, "MintmarkSight"));
    lines.push(format!("pveum user token add {user} {name} --privsep 0  # prints the secret once"));
}

fn role(name: &str, privileges: &str) -> String {
    format!("pveum role add {name} --privs {privileges}")
}

fn grant(path: &str, user: &str, role: &str) -> String {
    format!("pveum acl modify {path} --users {user} --roles {role}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            token: "mint@pve!agent".to_owned(),
            storages: BTreeSet::from(["local".parse().unwrap()]),
            bridge: "vmbr0".parse().unwrap(),
            warm: false,
            several_nodes: false,
        }
    }

    #[test]
    fn the_roles_hold_what_the_doctor_asks_for_and_nothing_else() {
        let text = roles(&scope()).lines.join("\n");
        let commands: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let roles: Vec<&str> = commands.iter().filter_map(|line| line.strip_prefix("pveum role add ")).collect();
        let privileges: BTreeSet<&str> =
            roles.iter().flat_map(|role| role.split(" --privs ").skip(1)).flat_map(|list| list.split(',')).collect();
        let asked = ON_GUEST.iter().map(|(privilege, _)| *privilege).chain([AT_GOLDEN, AT_STORAGE, AT_BRIDGE]);
        assert_eq!(privileges, asked.collect());
        // A grant at a VMID goes with the guest.
        assert!(!text.contains("/vms/"), "{text}");
        assert!(!text.contains("/nodes"), "one node needs no look at nodes");
    }

    #[test]
    fn clones_have_a_role_of_their_own() {
        let text = roles(&Scope { warm: true, ..scope() }).lines.join("\n");
        assert!(text.contains("pveum role add MintmarkWarm --privs VM.Clone\n"), "{text}");
        assert!(text.contains("pveum acl modify /vms --users mint@pve --roles MintmarkWarm\n"), "{text}");
        assert!(!roles(&scope()).lines.join("\n").contains("VM.Clone"));
    }

    #[test]
    fn several_nodes_are_looked_at() {
        let text = roles(&Scope { several_nodes: true, ..scope() }).lines.join("\n");
        assert!(text.contains("pveum acl modify /nodes --users mint@pve --roles MintmarkNodes"), "{text}");
    }
}
