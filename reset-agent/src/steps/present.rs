//! The guest as it is now, seen from the node, from the helper, or by itself.

use std::net::{IpAddr, SocketAddr};

use pve_client::wire::GuestConfig;
use saga::StepError;
use serde::{Deserialize, Serialize};
use spec::identity::{Identity, IdentityKind, Observation, item};
use spec::ids::Vmid;

use super::await_guest::Reached;
use super::login::credential;
use super::proof::ProvenReset;
use crate::context::Context;
use crate::guest::ssh::session::HostKeyCheck;
use crate::guest::visit::{enter, observe_itself};
use crate::guest::{GuestTree, addresses_on};
use crate::node::{called, patiently};

/// Who looked into a guest's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Looked {
    /// The helper, from outside.
    Helper,
    /// The guest itself, asked over SSH: only as good as the guest.
    Guest,
    /// Nobody: there is no helper, and no login or no program to ask.
    Nobody,
}

/// The guest as it is now.
pub(super) struct Present {
    pub(super) config: GuestConfig,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) looked: Looked,
    pub(super) observations: Vec<Observation>,
    /// Its tree, where the helper looked.
    pub(super) tree: Option<GuestTree>,
}

impl Present {
    /// Looks, from every side there is.
    ///
    /// # Errors
    /// The node, the helper or the guest cannot be asked.
    pub(super) async fn look(
        ctx: &Context,
        proven: &ProvenReset,
        reached: &Reached,
        run: &str,
    ) -> Result<Self, StepError> {
        let vmid = proven.vmid();
        let config = patiently(|| ctx.pve.config(vmid)).await.map_err(|error| called(&error))?;
        let interfaces =
            patiently(|| ctx.pve.interfaces(vmid)).await.map_err(|error| called(&error))?.unwrap_or_default();
        let addresses = addresses_on(&interfaces, proven.macs().values());
        if let Some(helper) = ctx.helper_of(vmid) {
            let tree = helper.observe(vmid).await.map_err(|error| StepError::from_error(&error))?;
            let observations = tree.observations.clone();
            return Ok(Self { config, addresses, looked: Looked::Helper, observations, tree: Some(tree) });
        }
        let (looked, observations) = ask_itself(ctx, vmid, reached, run).await?;
        Ok(Self { config, addresses, looked, observations, tree: None })
    }

    /// All by which the guest is known: configured, assigned, and observed where the catalog says unique.
    pub(super) fn identities(&self, reached: &Reached) -> Vec<Identity> {
        let nets = pve_client::config_nets(&self.config).unwrap_or_default();
        let macs = nets.values().filter_map(spec::pct::Net::hwaddr);
        let mut all: Vec<Identity> = macs.map(|mac| Identity::new(IdentityKind::Mac, &mac.to_string())).collect();
        all.extend(self.config.get("hostname").map(|name| Identity::new(IdentityKind::Hostname, name)));
        all.push(Identity::new(IdentityKind::Ip, &reached.address.to_string()));
        let unique = |observation: &&Observation| item(&observation.item).is_some_and(|item| item.unique);
        all.extend(self.observations.iter().filter(unique).filter_map(|o| o.seen.identity().cloned()));
        all.extend(
            reached
                .host_keys
                .iter()
                .map(|key| Identity::new(IdentityKind::SshHostKey(key.algorithm.clone()), &key.fingerprint)),
        );
        all.sort();
        all.dedup();
        all
    }
}

async fn ask_itself(
    ctx: &Context,
    guest: Vmid,
    reached: &Reached,
    run: &str,
) -> Result<(Looked, Vec<Observation>), StepError> {
    let failed = |error: &(dyn std::error::Error + 'static)| StepError::from_error(error);
    let Some(credential) = credential(ctx, run)? else { return Ok((Looked::Nobody, Vec::new())) };
    let socket = SocketAddr::new(reached.address, ctx.settings.ssh.port);
    let check = HostKeyCheck::Pinned { guest, keys: reached.host_keys.clone() };
    let mut session =
        enter(socket, check, &ctx.settings.ssh.user, Some(&credential)).await.map_err(|error| failed(&error))?;
    let observed = observe_itself(&mut session).await.map_err(|error| failed(&error))?;
    session.close().await;
    Ok(observed.map_or((Looked::Nobody, Vec::new()), |observations| (Looked::Guest, observations)))
}

/// Whether an identity may stand in the journal. systemd asks to treat machine-ids as confidential (machine-id(5)): the
/// ledger keeps a keyed digest of them, and nothing else of ours keeps them at all.
pub(super) fn may_be_journaled(identity: &Identity) -> bool {
    !matches!(identity.kind, IdentityKind::MachineId | IdentityKind::DbusMachineId)
}

#[cfg(test)]
mod tests {
    use spec::identity::{Catalog, Seen};

    use super::super::await_guest::SshProof;
    use super::*;
    use crate::guest::ssh::host_key::Trust;

    /// What `record` writes is what `identities` gives: no row of the catalog that is marked unique is left out.
    #[test]
    fn everything_that_the_catalog_calls_unique_is_recorded() {
        let observed = |item: &str| Observation {
            item: item.to_owned(),
            place: "/somewhere".to_owned(),
            seen: Seen::Identity {
                identity: Identity::new(IdentityKind::ContentOf(item.to_owned()), "of this guest"),
                modified: None,
            },
        };
        let (unique, shared): (Vec<_>, Vec<_>) = Catalog::builtin().looked_at().partition(|item| item.unique);
        let present = Present {
            config: GuestConfig::default(),
            addresses: Vec::new(),
            looked: Looked::Helper,
            observations: unique.iter().chain(&shared).map(|item| observed(item.id)).collect(),
            tree: None,
        };
        let address = IpAddr::from([192, 0, 2, 7]);
        let reached = Reached { address, trust: Trust::Tofu, host_keys: Vec::new(), ssh: SshProof::HostKey };
        let kinds: Vec<IdentityKind> = present.identities(&reached).into_iter().map(|identity| identity.kind).collect();
        for item in &unique {
            assert!(kinds.contains(&IdentityKind::ContentOf(item.id.to_owned())), "{} is left out", item.id);
        }
        assert_eq!(kinds.len(), unique.len() + 1, "its address, and nothing that may be shared");
    }
}
