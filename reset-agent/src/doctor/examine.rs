//! The checks, carried out. Each stands alone: one that fails hides no other.

use std::collections::BTreeSet;

use pve_client::Client;
use pve_client::wire::Permissions;
use serde::Serialize;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::ids::{BridgeName, Principal, StorageId};

use super::privileges::{Need, cloning, needs};
use crate::config::{HostCaSettings, LoginSettings, Member, Settings, Warmth};
use crate::golden::shelf;
use crate::golden::trust::allowed_signers;
use crate::golden::warm::can_clone;
use crate::guest::Helper;
use crate::guest::ssh::host_ca::HostCa;
use crate::node::failure::chain;
use crate::node::rights::has;
use crate::placement::free_memory;

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub what: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found, and what to do where it is no pass.
    pub why: String,
    /// What cannot be done without it; empty where it passed.
    pub blocks: String,
}

/// All checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// In the order in which the work needs them.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// 0 where nothing is in the way, 3 where something could not be looked at, 1 where something is missing.
    pub fn exit(&self) -> Exit {
        match self.checks.iter().map(|check| check.verdict).max() {
            Some(Verdict::Pass | Verdict::Skipped) => Exit::Done,
            Some(Verdict::Unverified) => Exit::Unverified,
            Some(Verdict::Fail) | None => Exit::Failed,
        }
    }
}

impl Check {
    pub(super) fn pass(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Pass, why: why.into(), blocks: String::new() }
    }

    pub(super) fn fail(what: impl Into<String>, why: impl Into<String>, blocks: &str) -> Self {
        Self { what: what.into(), verdict: Verdict::Fail, why: why.into(), blocks: blocks.into() }
    }

    pub(super) fn skipped(what: impl Into<String>, why: impl Into<String>, blocks: &str) -> Self {
        Self { what: what.into(), verdict: Verdict::Skipped, why: why.into(), blocks: blocks.into() }
    }

    pub(super) fn unverified(what: impl Into<String>, why: impl Into<String>, blocks: &str) -> Self {
        Self { what: what.into(), verdict: Verdict::Unverified, why: why.into(), blocks: blocks.into() }
    }
}

/// Looks at everything that provisioning and auditing need.
pub async fn examine(settings: &Settings, pve: &Client, helper: Option<&Helper>) -> Diagnosis {
    let reachable = version(pve).await;
    let answers = reachable.verdict == Verdict::Pass;
    let mut checks = vec![reachable];
    if answers {
        for member in &settings.members {
            let (settings, pve) = (settings.at(&member.name), pve.at(&member.name));
            checks.push(node(&pve).await);
            checks.push(storage(&settings, &pve).await);
            checks.push(bridge(&settings, &pve).await);
        }
        checks.extend(privileges(settings, pve).await);
        checks.extend(memories(settings, pve).await);
    }
    checks.push(goldens(settings));
    checks.push(trust(settings));
    checks.push(login(settings).await);
    checks.extend(settings.ssh.host_ca.as_ref().map(host_ca));
    checks.push(helper_check(settings, pve, helper, answers).await);
    Diagnosis { checks }
}

const EVERYTHING: &str = "everything";

async fn version(pve: &Client) -> Check {
    match pve.version().await {
        Err(error) => Check::fail("node's API", chain(&error), EVERYTHING),
        Ok(version) => {
            let major = version.version.split('.').next().and_then(|part| part.parse::<u32>().ok());
            match major {
                Some(8 | 9) => {
                    Check::pass("node's API", format!("Proxmox VE {}, as {}", version.version, pve.token_id()))
                }
                _ => Check::fail(
                    "node's API",
                    format!("Proxmox VE {} is not one of 8 and 9, whose answers this program knows", version.version),
                    EVERYTHING,
                ),
            }
        }
    }
}

async fn node(pve: &Client) -> Check {
    let name = pve.node().to_string();
    match pve.nodes().await {
        Err(error) => Check::unverified("node", chain(&error), EVERYTHING),
        Ok(rows) if rows.iter().any(|row| row.node == name && row.status == "offline") => {
            Check::fail("node", format!("{name} is offline"), "guests there: none is made, and none is removed")
        }
        Ok(rows) if rows.iter().any(|row| row.node == name) => Check::pass("node", name),
        Ok(rows) => {
            let known: Vec<&str> = rows.iter().map(|row| row.node.as_str()).collect();
            let why = format!("`node.name` is {name}, the cluster has {}", known.join(", "));
            Check::fail("node", why, EVERYTHING)
        }
    }
}

async fn storage(settings: &Settings, pve: &Client) -> Check {
    let (what, blocks) = (on(settings, pve, "storage", settings.guests.storage.as_str()), "disks of new guests");
    let rows = match pve.storages().await {
        Err(error) => return Check::unverified(what, chain(&error), blocks),
        Ok(rows) => rows,
    };
    match rows.iter().find(|row| row.storage == settings.guests.storage.as_str()) {
        None => Check::fail(
            what,
            "the node does not show it: it is not there, or the token lacks Datastore.AllocateSpace",
            blocks,
        ),
        Some(row) if !row.content.split(',').any(|kind| kind == "rootdir") => {
            Check::fail(what, format!("it holds {}, not rootdir", row.content), blocks)
        }
        Some(row) if !row.active => Check::fail(what, "it is not active on this node", blocks),
        Some(row) => Check::pass(what, format!("{} GiB free", row.avail >> 30)),
    }
}

async fn bridge(settings: &Settings, pve: &Client) -> Check {
    let (what, blocks) = (
        on(settings, pve, "bridge", settings.guests.bridge.as_str()),
        "start: Proxmox accepts a bridge that is not there",
    );
    match pve.bridges().await {
        Err(error) => Check::unverified(what, chain(&error), blocks),
        Ok(rows) if rows.iter().any(|row| row.iface == settings.guests.bridge.as_str()) => {
            Check::pass(what, "it is there")
        }
        Ok(_) => Check::fail(what, "the node does not show it: it is not there, or the token lacks SDN.Use", blocks),
    }
}

/// What is looked at, with its node where there are several.
fn on(settings: &Settings, pve: &Client, kind: &str, name: &str) -> String {
    let several = settings.members.len() > 1;
    if several { format!("{kind} {name} on {}", pve.node()) } else { format!("{kind} {name}") }
}

/// Guests are placed by free memory: each node must tell how much that is.
async fn memories(settings: &Settings, pve: &Client) -> Vec<Check> {
    if settings.members.len() == 1 {
        return Vec::new();
    }
    let blocks = "placing guests there";
    let rows = match pve.resources().await {
        Ok(rows) => rows,
        Err(error) => return vec![Check::unverified("memory of the nodes", chain(&error), blocks)],
    };
    let check = |member: &Member| {
        let what = format!("memory of {}", member.name);
        match free_memory(&member.name, &rows) {
            Ok(free) => Check::pass(what, format!("{} GiB free", free >> 30)),
            Err(why) => Check::fail(what, why.to_string(), blocks),
        }
    };
    settings.members.iter().map(check).collect()
}

async fn privileges(settings: &Settings, pve: &Client) -> Vec<Check> {
    let permissions = match pve.permissions().await {
        Ok(permissions) => permissions,
        Err(error) => return vec![Check::unverified("privileges", chain(&error), EVERYTHING)],
    };
    let Archives { vmids, mut storages } = golden_archives(settings);
    storages.extend(settings.members.iter().map(|member| member.storage.clone()));
    let bridges: BTreeSet<&BridgeName> = settings.members.iter().map(|member| &member.bridge).collect();
    let guests = || settings.vmids.iter().map(|drawn| drawn.range.from);
    let mut all: Vec<Need> = Vec::new();
    for (guest, bridge) in guests().flat_map(|guest| bridges.iter().map(move |bridge| (guest, *bridge))) {
        let needs = needs(guest, &vmids, &storages, bridge);
        all.extend(needs.into_iter().filter(|need| !all.contains(need)).collect::<Vec<_>>());
    }
    if may_clone(settings, pve).await {
        all.extend(guests().map(cloning));
    }
    all.iter().map(|need| privilege(need, &permissions)).collect()
}

/// Whether guests are cloned where there is a warm golden: the configuration leaves it open, and a storage can. That a
/// storage does not answer is told by its own check.
async fn may_clone(settings: &Settings, pve: &Client) -> bool {
    if settings.guests.warm != Warmth::Auto {
        return false;
    }
    for member in &settings.members {
        let rows = pve.at(&member.name).storages().await.unwrap_or_default();
        if rows.iter().any(|row| row.storage == member.storage.as_str() && can_clone(&row.kind)) {
            return true;
        }
    }
    false
}

fn privilege(need: &Need, permissions: &Permissions) -> Check {
    let what = format!("{} on {}", need.privilege, need.path);
    if has(permissions, &need.path, need.privilege) {
        Check::pass(what, "granted")
    } else {
        Check::fail(what, "missing: `doctor --print-roles` prints the roles that hold it", need.blocks)
    }
}

/// What the goldens' archives are of, and where they lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archives {
    /// The guests that they are of.
    pub vmids: BTreeSet<u64>,
    /// Their storages.
    pub storages: BTreeSet<StorageId>,
}

/// Those of all manifests that can be read.
pub fn golden_archives(settings: &Settings) -> Archives {
    let manifests = shelf::all(&settings.manifests).unwrap_or_default();
    let archives = manifests.iter().map(|shelved| shelved.manifest.archive.volid.as_str());
    Archives {
        vmids: archives.clone().filter_map(owner_in_name).collect(),
        storages: archives.filter_map(|id| id.split(':').next()?.parse().ok()).collect(),
    }
}

/// The guest that an archive is of, as its file name says: `…/vzdump-lxc-9000-2026_….tar.zst`.
pub(super) fn owner_in_name(volid: &str) -> Option<u64> {
    let name = volid.rsplit('/').next()?;
    name.strip_prefix("vzdump-lxc-")?.split('-').next()?.parse().ok()
}

fn goldens(settings: &Settings) -> Check {
    let (what, blocks) = ("goldens' manifests", "provision by name, naming the golden that leaked a value");
    match shelf::all(&settings.manifests) {
        Err(error) => Check::fail(what, chain(&error), blocks),
        Ok(_) if settings.manifests.is_empty() => Check::skipped(what, "`goldens.manifests` names no folder", blocks),
        Ok(shelf) if shelf.is_empty() => Check::fail(what, "the folders of `goldens.manifests` hold none", blocks),
        Ok(shelf) => Check::pass(what, format!("{} releases", shelf.len())),
    }
}

fn trust(settings: &Settings) -> Check {
    let (what, blocks) = ("trust in goldens", "provision: nobody's goldens are restored without it");
    let Some(trust) = &settings.releases else {
        return Check::fail(what, "the configuration has no [trust] (docs/how-to/release.md)", blocks);
    };
    let signers = match allowed_signers(trust) {
        Ok(signers) => signers,
        Err(error) => return Check::fail(what, chain(&error), blocks),
    };
    let roles = [&trust.builders, &trust.verifiers, &trust.releasers];
    let unknown: Vec<&str> =
        roles.into_iter().flatten().filter(|name| !signers.names(name)).map(Principal::as_str).collect();
    if !unknown.is_empty() {
        let why = format!("{} has no line for {}", trust.allowed_signers.display(), unknown.join(", "));
        return Check::fail(what, why, blocks);
    }
    if !trust.channels.is_dir() {
        let why = format!("{} is no folder: nothing was promoted yet, or it is elsewhere", trust.channels.display());
        return Check::fail(what, why, blocks);
    }
    let gates: Vec<&str> = trust.gates.iter().map(|gate| gate.as_str()).collect();
    Check::pass(what, format!("every principal has a key; gates asked for: {}", gates.join(", ")))
}

async fn login(settings: &Settings) -> Check {
    let blocks = "logging in to new guests, `--check`";
    match &settings.ssh.login {
        None => {
            let why = "neither `ssh.user_ca` nor `ssh.agent` is set: host keys are checked, nobody logs in";
            Check::skipped("login", why, blocks)
        }
        Some(LoginSettings::UserCa(reference)) => match reference.read() {
            Ok(_) => {
                let told = format!("{} is readable and closed to others", reference.path().display());
                Check::pass("operator's user CA", told)
            }
            Err(error) => Check::fail("operator's user CA", chain(&error), blocks),
        },
        Some(LoginSettings::Agent(key)) => match key.held().await {
            Ok(keys) => Check::pass("ssh-agent", format!("it holds {}", keys.join(", "))),
            Err(error) => Check::fail("ssh-agent", chain(&error), blocks),
        },
    }
}

fn host_ca(settings: &HostCaSettings) -> Check {
    let (what, blocks) = ("fleet's host CA", "certify: provision, claim and recover are undone there");
    let text = match settings.key.read() {
        Ok(text) => text,
        Err(error) => return Check::fail(what, chain(&error), blocks),
    };
    match HostCa::read(&text) {
        Ok(ca) => Check::pass(what, format!("{} can be used", ca.fingerprint())),
        Err(error) => Check::fail(what, chain(&error), blocks),
    }
}

async fn helper_check(settings: &Settings, pve: &Client, helper: Option<&Helper>, answers: bool) -> Check {
    let (what, blocks) =
        ("helper", "looking into guests: first contact is trusted blindly and verification stays open");
    let Some(helper) = helper else {
        return Check::unverified(what, "`helper.socket` is not set", blocks);
    };
    let guests = if answers { pve.guests().await.unwrap_or_default() } else { Vec::new() };
    // Any guest will do; without one the socket at least must take a connection.
    let vmid = guests.first().and_then(|row| u32::try_from(row.vmid).ok()).and_then(|n| n.try_into().ok());
    match helper.observe(vmid.unwrap_or(settings.guests.vmids.from)).await {
        Ok(_) => Check::pass(what, "it answers"),
        Err(crate::guest::HelperError::Refused { .. }) if vmid.is_none() => Check::pass(what, "it answers"),
        Err(error) => Check::fail(what, chain(&error), blocks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archives_owner_stands_in_its_name() {
        assert_eq!(owner_in_name("local:backup/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst"), Some(9000));
        assert_eq!(owner_in_name("local:backup/my-backup.tar.zst"), None);
    }

    #[test]
    fn the_worst_check_decides() {
        let diagnosis = |checks| Diagnosis { checks };
        assert_eq!(diagnosis(vec![Check::pass("a", "")]).exit(), Exit::Done);
        assert_eq!(diagnosis(vec![Check::pass("a", ""), Check::unverified("b", "", "")]).exit(), Exit::Unverified);
        assert_eq!(diagnosis(vec![Check::fail("a", "", ""), Check::unverified("b", "", "")]).exit(), Exit::Failed);
        assert_eq!(diagnosis(Vec::new()).exit(), Exit::Failed);
    }
}
