//! Every interface and the hostname written and read back, always, whatever the restore said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use pve_client::wire::GuestConfig;
use pve_client::{CallError, Class, ConfigChange, config_nets};
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{Hostname, MacAddr, Vmid};
use spec::pct::Net;

use super::reserve::Names;
use super::resolve::Golden;
use super::restore::Restored;
use crate::context::Context;
use crate::evidence::Column;
use crate::inventory::Inventory;
use crate::node::{called, patiently};

/// Writes identity into the configuration.
pub struct Reset;

/// A configuration that was read back and found to be nobody else's. The start step takes nothing else: a guest whose
/// reset was not proven cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenReset {
    vmid: Vmid,
    macs: BTreeMap<String, MacAddr>,
    hostname: Hostname,
    column: Column,
}

/// Why a configuration is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("guest {vmid} is not reset: {}", .reasons.join("; "))]
pub struct NotReset {
    /// The guest.
    pub vmid: Vmid,
    /// What is wrong, one line each.
    pub reasons: Vec<String>,
}

impl ProvenReset {
    /// Holds what was read back against what was asked, what is forbidden, and what others hold.
    ///
    /// # Errors
    /// [`NotReset`] with every reason.
    pub fn prove(
        vmid: Vmid,
        config: &GuestConfig,
        names: &Names,
        forbidden: &BTreeSet<Identity>,
        others: &BTreeSet<MacAddr>,
    ) -> Result<Self, NotReset> {
        let nets = config_nets(config).map_err(|error| NotReset { vmid, reasons: vec![error.to_string()] })?;
        let mut reasons = Vec::new();
        if config.get("hostname") != Some(names.hostname.as_str()) {
            let found = config.get("hostname").unwrap_or_default();
            reasons.push(format!("its hostname is {found:?}, not {}", names.hostname));
        }
        if nets.keys().ne(names.macs.keys()) {
            reasons.push("it has other interfaces than were asked for".to_owned());
        }
        for (key, net) in &nets {
            reasons.extend(net_reasons(key, net, names.macs.get(key), forbidden, others));
        }
        if reasons.is_empty() {
            let column = Column::of(Some(config), &[], &[]);
            Ok(Self { vmid, macs: names.macs.clone(), hostname: names.hostname.clone(), column })
        } else {
            Err(NotReset { vmid, reasons })
        }
    }

    /// The guest.
    pub fn vmid(&self) -> Vmid {
        self.vmid
    }

    /// Its interfaces' addresses by key.
    pub fn macs(&self) -> &BTreeMap<String, MacAddr> {
        &self.macs
    }

    /// Its hostname.
    pub fn hostname(&self) -> &Hostname {
        &self.hostname
    }

    /// What it was after the reset.
    pub fn column(&self) -> &Column {
        &self.column
    }

    /// Whether a configuration still is the proven one.
    pub fn holds(&self, config: &GuestConfig) -> bool {
        let macs = config_nets(config).map(|nets| {
            nets.into_iter().filter_map(|(key, net)| Some((key, net.hwaddr()?))).collect::<BTreeMap<_, _>>()
        });
        macs.is_ok_and(|macs| macs == self.macs) && config.get("hostname") == Some(self.hostname.as_str())
    }
}

fn net_reasons(
    key: &str,
    net: &Net,
    wanted: Option<&MacAddr>,
    forbidden: &BTreeSet<Identity>,
    others: &BTreeSet<MacAddr>,
) -> Vec<String> {
    let Some(mac) = net.hwaddr() else {
        return vec![format!("{key} has no MAC address: Proxmox would draw another at every start")];
    };
    let mut reasons = Vec::new();
    if Some(&mac) != wanted {
        reasons.push(format!("{key} has {mac}, which was not issued for it"));
    }
    if forbidden.contains(&Identity::new(IdentityKind::Mac, &mac.to_string())) {
        reasons.push(format!("{key} has the golden's address {mac}"));
    }
    if others.contains(&mac) {
        reasons.push(format!("{key} has {mac}, which another guest of the node has too"));
    }
    reasons
}

/// Another writer may come in between this often before it is called a fight.
const TRIES: u32 = 3;
/// How long a stale read is believed to be one.
const SETTLE: Duration = Duration::from_secs(30);

impl Step<Context> for Reset {
    fn name(&self) -> &'static str {
        "reset"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let golden: Golden = rec.output("resolve")?;
        let names: Names = rec.output("reserve")?;
        let restored: Restored = rec.output("restore")?;
        write(ctx, restored.vmid, &names, true).await?;
        let others =
            patiently(|| Inventory::of_others(&ctx.pve, restored.vmid)).await.map_err(|error| called(&error))?.macs;
        let began = Instant::now();
        loop {
            let config = patiently(|| ctx.pve.config(restored.vmid)).await.map_err(|error| called(&error))?;
            match ProvenReset::prove(restored.vmid, &config, &names, &golden.forbidden, &others) {
                Ok(proven) => return output(&with_tree(ctx, proven).await?),
                Err(error) if began.elapsed() > SETTLE => return Err(StepError::from_error(&error)),
                Err(error) => tracing::debug!(%error, "reading back again"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The guest goes as a whole, with the restore.
        Ok(())
    }
}

/// The second moment of the evidence: the tree of the stopped guest, where a helper can look into it.
async fn with_tree(ctx: &Context, mut proven: ProvenReset) -> Result<ProvenReset, StepError> {
    if let Some(helper) = &ctx.helper {
        let tree = helper.observe(proven.vmid).await.map_err(|error| StepError::from_error(&error))?;
        let seen = Column::of(None, &[], &tree.observations);
        proven.column.0.extend(seen.0);
    }
    Ok(proven)
}

/// Writes every interface and the hostname under the digest of what was read, so that a foreign change in between is
/// noticed and not overwritten.
pub(super) async fn write(ctx: &Context, vmid: Vmid, names: &Names, link_down: bool) -> Result<(), StepError> {
    for _ in 0..TRIES {
        let config = patiently(|| ctx.pve.config(vmid)).await.map_err(|error| called(&error))?;
        let change = change(&config, names, link_down)?;
        match patiently(|| ctx.pve.change_config(vmid, change.clone())).await {
            Ok(()) => return Ok(()),
            Err(error) if read_again(&error) => tracing::debug!(%error, "reading the configuration again"),
            Err(error) => return Err(called(&error)),
        }
    }
    Err(StepError::failed(format!("somebody else keeps changing the configuration of guest {vmid}")))
}

/// A digest that no longer fits, or an answer that was lost: either way the next read tells.
fn read_again(error: &CallError) -> bool {
    let modified = |r: &pve_client::Refusal| r.meaning() == pve_client::Meaning::ModifiedConfiguration;
    error.refusal().is_some_and(modified) || error.class() == Class::Ambiguous
}

fn change(config: &GuestConfig, names: &Names, link_down: bool) -> Result<ConfigChange, StepError> {
    let nets = config_nets(config).map_err(|error| StepError::from_error(&error))?;
    let change = ConfigChange::of(config).hostname(&names.hostname);
    nets.into_iter().try_fold(change, |change, (key, mut net)| {
        let mac = names.macs.get(&key);
        net.set_hwaddr(*mac.ok_or_else(|| StepError::failed(format!("{key} came up: no address was issued for it")))?);
        net.set_link_down(link_down);
        change.net(&key, &net).map_err(|_| StepError::failed(format!("{key} has no MAC address")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::GuestId;

    fn names() -> Names {
        Names {
            guest: GuestId(1),
            vmid: "200".parse().unwrap(),
            hostname: "acme".parse().unwrap(),
            macs: BTreeMap::from([("net0".to_owned(), "BC:24:11:00:00:01".parse().unwrap())]),
        }
    }

    fn config(hostname: &str, net0: &str) -> GuestConfig {
        let values = [("hostname", hostname), ("net0", net0)];
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        GuestConfig { values, ..GuestConfig::default() }
    }

    fn prove(config: &GuestConfig, others: &[&str]) -> Result<ProvenReset, NotReset> {
        let forbidden = BTreeSet::from([Identity::new(IdentityKind::Mac, "bc:24:11:aa:bb:cc")]);
        let others = others.iter().map(|mac| mac.parse().unwrap()).collect();
        ProvenReset::prove("200".parse().unwrap(), config, &names(), &forbidden, &others)
    }

    const GOOD: &str = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,link_down=1";

    #[test]
    fn s4_f1_only_what_was_issued_is_proof() {
        let proven = prove(&config("acme", GOOD), &[]).unwrap();
        assert!(proven.holds(&config("acme", &GOOD.replace(",link_down=1", ""))));
        assert!(!proven.holds(&config("acme", &GOOD.replace("00:01", "00:02"))));
        assert!(!proven.holds(&config("golden", GOOD)));
    }

    #[test]
    fn the_goldens_address_a_strangers_and_none_are_no_proof() {
        let golden = GOOD.replace("BC:24:11:00:00:01", "BC:24:11:AA:BB:CC");
        for (hostname, net0, others) in [
            ("golden", GOOD, &[][..]),
            ("acme", golden.as_str(), &[]),
            ("acme", "name=eth0,bridge=vmbr0", &[]),
            ("acme", GOOD, &["BC:24:11:00:00:01"]),
        ] {
            assert!(prove(&config(hostname, net0), others).is_err(), "{hostname} {net0}");
        }
    }

    #[test]
    fn an_interface_too_many_is_no_proof() {
        let mut two = config("acme", GOOD);
        two.values.insert("net1".into(), GOOD.replace("00:01", "00:09").replace("eth0", "eth1"));
        assert!(prove(&two, &[]).is_err());
    }
}
