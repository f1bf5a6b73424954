//! A running guest with somebody else's address.

use std::collections::BTreeSet;

use pve_client::wire::GuestState;
use pve_client::{CallError, Client};
use spec::ids::{MacAddr, Vmid};

use super::survey::{is_here, macs, vmid};
use crate::node::look::is_missing;

/// A guest that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Its number.
    pub vmid: Vmid,
    /// Its node.
    pub node: String,
}

/// The first guest of the cluster that runs with one of these addresses; `except` is the guest that may.
///
/// # Errors
/// The node cannot tell. Of a node that is down nothing runs as far as anybody knows; that is told in the log.
pub async fn running_twin(
    pve: &Client,
    except: Vmid,
    addresses: &BTreeSet<MacAddr>,
) -> Result<Option<Twin>, CallError> {
    let shares = |config: &_| !macs(config).is_disjoint(addresses);
    for row in pve.guests().await?.into_iter().filter(|row| row.status == GuestState::Running) {
        let Some(vmid) = vmid(row.vmid).filter(|vmid| *vmid != except) else { continue };
        match pve.config(vmid).await {
            Ok(config) if shares(&config) => return Ok(Some(Twin { vmid, node: pve.node().to_string() })),
            Ok(_) => {}
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let runs = |status: Option<&str>| status == Some("running");
    for row in pve.cluster_guests().await?.iter().filter(|row| !is_here(pve, row) && runs(row.status.as_deref())) {
        let Some(vmid) = row.vmid.and_then(vmid) else { continue };
        match pve.config_of(row).await {
            Ok(Some(config)) if shares(&config) => {
                return Ok(Some(Twin { vmid, node: row.node.clone().unwrap_or_default() }));
            }
            Ok(_) => {}
            Err(error) if is_missing(&error) => {}
            Err(error) => tracing::warn!(guest = row.id, %error, "whether it is an original is not known"),
        }
    }
    Ok(None)
}
