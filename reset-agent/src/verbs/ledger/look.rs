//! What the cluster shows of its guests. Nothing is changed; what could not be looked at is told.

use std::collections::BTreeSet;

use pve_client::wire::{GuestConfig, GuestStatus};
use pve_client::{CallError, Client, Meaning, config_nets};
use spec::identity::{Identity, IdentityKind, Observation, item};
use spec::ids::{NodeName, Vmid};

use crate::context::Context;
use crate::guest::Helper;
use crate::ledger::{Configured, Discrepancy, Sighted};
use crate::mark;
use crate::node::failure::chain;
use crate::node::look::is_missing;

/// What was seen, and what could not be.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) sighted: Vec<Sighted>,
    pub(super) unread: Vec<Discrepancy>,
}

/// Looks at every container that the token sees; into those of this node that bear a mark of ours, where there is a
/// helper.
///
/// # Errors
/// The lists of guests cannot be had.
pub(super) async fn look(context: &Context) -> Result<World, CallError> {
    let pve = &context.pve;
    let mut world = World::default();
    for row in pve.guests().await? {
        if let Some(vmid) = u32::try_from(row.vmid).ok().and_then(|number| Vmid::try_from(number).ok()) {
            world.look_here(pve, context.helper.as_ref(), vmid, &row).await;
        }
    }
    for row in pve.cluster_guests().await?.iter().filter(|row| row.kind == "lxc") {
        let vmid = row.vmid.and_then(|number| u32::try_from(number).ok()).and_then(|n| Vmid::try_from(n).ok());
        let node: Option<NodeName> = row.node.as_deref().and_then(|node| node.parse().ok());
        let (Some(vmid), Some(node)) = (vmid, node) else { continue };
        // The node tells of its own guests itself, and later than this list.
        if node == *pve.node() || world.sighted.iter().any(|seen| seen.vmid == vmid) {
            continue;
        }
        match pve.config_of(row).await {
            Ok(config) => world.sighted.push(sighted(vmid, node, config.as_ref())),
            Err(error) if is_missing(&error) => {}
            Err(error) => {
                world.unread(vmid, format!("its configuration on {node} could not be read: {}", chain(&error)));
                world.sighted.push(sighted(vmid, node, None));
            }
        }
    }
    if context.helper.is_none() {
        let why = "no helper is configured (`helper.socket`): machine-ids, host keys and the like were not compared";
        world.unread.push(Discrepancy::Unread { vmid: None, why: why.to_owned() });
    }
    Ok(world)
}

impl World {
    fn unread(&mut self, vmid: Vmid, why: String) {
        self.unread.push(Discrepancy::Unread { vmid: Some(vmid), why });
    }

    async fn look_here(&mut self, pve: &Client, helper: Option<&Helper>, vmid: Vmid, row: &GuestStatus) {
        let config = match pve.config(vmid).await {
            Ok(config) => config,
            // It went away since the list was made.
            Err(error) if is_missing(&error) => return,
            Err(error) => {
                self.unread(vmid, format!("its configuration could not be read: {}", chain(&error)));
                self.sighted.push(sighted(vmid, pve.node().clone(), None));
                return;
            }
        };
        let mut seen = sighted(vmid, pve.node().clone(), Some(&config));
        let ours = seen.config.as_ref().is_some_and(|config| config.mark.is_some());
        // A template has no identity yet: its clones draw their own.
        if let Some(helper) = helper.filter(|_| ours && !row.template && !config.flag("template")) {
            match helper.observe(vmid).await {
                Ok(tree) => {
                    seen.identities.extend(unique(&tree.observations));
                    seen.looked_into = true;
                }
                Err(error) => self.unread(vmid, format!("its tree could not be looked into: {}", chain(&error))),
            }
        }
        self.sighted.push(seen);
    }

    /// Adds the live guests of the ledger that are there all the same, where the token sees nothing of them.
    ///
    /// # Errors
    /// The cluster cannot be asked.
    pub(super) async fn ask_after(&mut self, pve: &Client, missing: Vec<(Vmid, NodeName)>) -> Result<(), CallError> {
        for (vmid, node) in missing {
            match pve.check_free(vmid).await {
                Ok(_) => {}
                Err(error) if error.refusal().is_some_and(|refusal| refusal.meaning() == Meaning::GuestExists) => {
                    self.unread(vmid, "is somewhere on the cluster, and this token does not see it".to_owned());
                    self.sighted.push(sighted(vmid, node, None));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn sighted(vmid: Vmid, node: NodeName, config: Option<&GuestConfig>) -> Sighted {
    let nets = config.and_then(|config| config_nets(config).ok()).unwrap_or_default();
    let macs = nets.values().filter_map(spec::pct::Net::hwaddr);
    let identities: BTreeSet<Identity> = macs.map(|mac| Identity::new(IdentityKind::Mac, &mac.to_string())).collect();
    let config = config.map(|config| Configured {
        mark: mark::read(config.get("description")),
        hostname: config.get("hostname").and_then(|name| name.parse().ok()),
    });
    Sighted { vmid, node, config, identities, looked_into: false }
}

fn unique(observations: &[Observation]) -> impl Iterator<Item = Identity> {
    let unique = observations.iter().filter(|seen| item(&seen.item).is_some_and(|item| item.unique));
    unique.filter_map(|seen| seen.seen.identity().cloned())
}
