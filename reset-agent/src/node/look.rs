//! Is there a guest of this number, and is it ours? One that was migrated is looked for on the other nodes, by its mark.

use pve_client::wire::{GuestConfig, Resource};
use pve_client::{CallError, Client, Finder, Meaning};
use saga::StepError;
use spec::ids::{NodeName, RunId, Vmid};

use super::failure::called;
use super::patience::patiently;
use crate::mark;

/// What stands at a VMID: of the client's node, or of another where our guest has moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// No guest.
    Absent,
    /// A guest that bears the run's mark.
    Ours(GuestConfig),
    /// A guest being made: during a restore the configuration is exactly `lock: create`, and tells nobody whose it is.
    InCreation,
    /// Somebody else's guest.
    Foreign,
}

/// Looks.
///
/// # Errors
/// [`CallError`] where the node cannot tell; a missing guest is an answer, not an error.
pub async fn look(pve: &Client, vmid: Vmid, run: &RunId) -> Result<Found, CallError> {
    let pve = following(pve, run);
    match patiently(|| pve.config(vmid)).await {
        Ok(config) => Ok(recognise(config, run)),
        Err(error) if is_missing(&error) => Ok(Found::Absent),
        Err(error) => Err(error),
    }
}

/// The same client, whose calls go after a guest with the run's mark where it was migrated to another node. Clones of
/// one client learn it together.
#[must_use]
pub fn following(pve: &Client, run: &RunId) -> Client {
    let (asking, run) = (pve.staying(), run.clone());
    pve.following(Finder::new(move |vmid| {
        let (pve, run) = (asking.clone(), run.clone());
        async move { elsewhere(&pve, vmid, &run).await }
    }))
}

/// The node on which the cluster has a guest of this number that bears the mark. A node that is down is no proof that
/// it is not there: its answer is an error.
async fn elsewhere(pve: &Client, vmid: Vmid, run: &RunId) -> Result<Option<NodeName>, CallError> {
    let rows = patiently(|| pve.cluster_guests()).await?;
    let is_meant = |row: &&Resource| row.kind == "lxc" && row.vmid == Some(u64::from(vmid.get()));
    let Some(row) = rows.iter().find(is_meant) else { return Ok(None) };
    match patiently(|| pve.config_of(row)).await {
        Ok(Some(config)) if mark::is_of(config.get("description"), run) => {
            Ok(row.node.as_deref().and_then(|node| node.parse().ok()))
        }
        Ok(_) => Ok(None),
        // It moved on since the list was made, or is gone by now.
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The configuration of a guest that must be ours: a run that rested for days may find another's guest at its VMID.
///
/// # Errors
/// It is not, or the node cannot tell.
pub async fn must_be_ours(pve: &Client, vmid: Vmid, run: &RunId) -> Result<GuestConfig, StepError> {
    match look(pve, vmid, run).await.map_err(|error| called(&error))? {
        Found::Ours(config) => Ok(config),
        Found::Absent => Err(StepError::failed(format!("guest {vmid} is gone: somebody removed it"))),
        Found::InCreation | Found::Foreign => {
            Err(StepError::failed(format!("guest {vmid} does not bear this run's mark: it is somebody else's")))
        }
    }
}

/// Whether an error says that there is no such guest.
pub fn is_missing(error: &CallError) -> bool {
    error.refusal().is_some_and(|refusal| refusal.meaning() == Meaning::GuestMissing)
}

fn recognise(config: GuestConfig, run: &RunId) -> Found {
    let only_lock = config.values.len() == 1 && config.get("lock") == Some("create");
    match () {
        () if mark::is_of(config.get("description"), run) => Found::Ours(config),
        () if only_lock => Found::InCreation,
        () => Found::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(values: &[(&str, &str)]) -> GuestConfig {
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        GuestConfig { values, ..GuestConfig::default() }
    }

    #[test]
    fn only_the_runs_own_mark_makes_it_ours() {
        let run: RunId = "0193f2a4-0000-7000-8000-000000000001".parse().unwrap();
        let marked = mark::description(&"acme".parse().unwrap(), "g", &run);
        assert!(matches!(recognise(config(&[("description", &marked)]), &run), Found::Ours(_)));
        assert_eq!(recognise(config(&[("lock", "create")]), &run), Found::InCreation);
        assert_eq!(recognise(config(&[("lock", "create"), ("hostname", "x")]), &run), Found::Foreign);
        assert_eq!(recognise(config(&[("description", "mine")]), &run), Found::Foreign);
    }
}
