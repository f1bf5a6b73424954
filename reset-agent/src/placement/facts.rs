//! The nodes as they are now: what the cluster says of them, and their storages.

use pve_client::CallError;
use pve_client::wire::Resource;
use spec::ids::NodeName;

use super::place::{Candidate, Room, Unfit};
use crate::context::Context;
use crate::ledger::{GuestState, LedgerError, Scope, WarmGolden, WarmState};
use crate::node::failure::chain;
use crate::node::patiently;
use crate::steps::{Carriers, Golden};

/// Why nothing is known of any node.
#[derive(Debug, thiserror::Error)]
pub enum Unobserved {
    /// The ledger does not tell what is being made.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No door leads to the cluster.
    #[error("the cluster does not tell of its nodes")]
    Cluster(#[from] CallError),
}

/// Every configured node as it is now.
///
/// # Errors
/// [`Unobserved`]; what of a single node cannot be seen is its own reason not to be chosen.
pub async fn observe(ctx: &Context, golden: &Golden, carriers: &Carriers) -> Result<Vec<Candidate>, Unobserved> {
    let resources = patiently(|| ctx.pve.resources()).await?;
    let guests = ctx.ledger.list(Scope::Live).await?;
    let warm = ctx.ledger.warm().await?;
    let mut candidates = Vec::new();
    for there in ctx.everywhere() {
        let node = there.pve.node().clone();
        let is_made = |state| matches!(state, GuestState::Reserved | GuestState::Provisioned);
        let in_flight = guests.iter().filter(|guest| guest.node == node && is_made(guest.state)).count() as u64;
        let room = match free_memory(&node, &resources) {
            Ok(_) if !carriers.nodes.contains(&node) => Err(Unfit::NoArchive),
            Ok(memory) => {
                let warm = warm.iter().any(|warm| is_ready(&there, golden, warm));
                free_disk(&there).await.map(|disk| Room { memory, disk, warm, in_flight })
            }
            Err(unfit) => Err(unfit),
        };
        candidates.push(Candidate { node, room });
    }
    Ok(candidates)
}

/// Memory of a node that nothing uses, bytes; what the cluster told last, some ten seconds ago.
///
/// # Errors
/// [`Unfit`]: the node is not online, or does not tell.
pub fn free_memory(node: &NodeName, resources: &[Resource]) -> Result<u64, Unfit> {
    let own = |row: &&Resource| row.kind == "node" && row.node.as_deref() == Some(node.as_str());
    let row = resources.iter().find(own).ok_or(Unfit::Unknown)?;
    let status = row.status.as_deref().unwrap_or("unknown");
    if status != "online" {
        return Err(Unfit::NotOnline(status.to_owned()));
    }
    match (row.maxmem, row.mem) {
        (Some(all), Some(used)) => Ok(all.saturating_sub(used)),
        _ => Err(Unfit::MemoryHidden(node.clone())),
    }
}

async fn free_disk(there: &Context) -> Result<u64, Unfit> {
    let storage = &there.settings.guests.storage;
    let rows = there.pve.storages().await.map_err(|error| Unfit::NoStorage(chain(&error)))?;
    let row = rows.into_iter().find(|row| row.storage == storage.as_str());
    match row {
        Some(row) if row.active => Ok(row.avail),
        Some(_) => Err(Unfit::NoStorage(format!("storage {storage} is not active there"))),
        None => Err(Unfit::NoStorage(format!("it does not show storage {storage}"))),
    }
}

fn is_ready(there: &Context, golden: &Golden, warm: &WarmGolden) -> bool {
    let release = golden.release.as_ref().map(|release| &release.manifest);
    warm.state == WarmState::Ready
        && Some(&warm.manifest) == release
        && warm.node == *there.pve.node()
        && warm.storage == there.settings.guests.storage
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(row: &str) -> Result<u64, Unfit> {
        free_memory(&"pve2".parse().unwrap(), &[serde_json::from_str(row).unwrap()])
    }

    #[test]
    fn only_a_node_that_is_online_and_tells_its_memory_is_looked_at_further() {
        let row = r#"{"id":"node/pve2","type":"node","node":"pve2","status":"online","maxmem":4096,"mem":1096}"#;
        assert_eq!(told(row), Ok(3000));
        assert_eq!(told(&row.replace("online", "offline")), Err(Unfit::NotOnline("offline".into())));
        assert!(matches!(told(&row.replace(r#","mem":1096"#, "")), Err(Unfit::MemoryHidden(_))));
        assert_eq!(told(&row.replace("pve2", "pve3")), Err(Unfit::Unknown));
    }
}
