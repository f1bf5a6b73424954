//! Whether the token may do what a run is about to do: asked before anything is made.

use std::collections::BTreeSet;

use pve_client::{CallError, Client};
use spec::ids::{StorageId, Volid};

use super::examine::owner_in_name;
use super::privileges::{missing, needs, refusal};
use crate::config::Settings;
use crate::node::patiently;

/// Which privileges are missing for a guest from this archive, with disks on these storages, in words; nothing, where
/// none is.
///
/// # Errors
/// The node does not tell what the token may.
pub async fn preflight(
    settings: &Settings,
    pve: &Client,
    archive: &Volid,
    disks: &BTreeSet<StorageId>,
) -> Result<Option<String>, CallError> {
    let permissions = patiently(|| pve.permissions()).await?;
    let goldens = owner_in_name(&archive.to_string()).into_iter().collect();
    let named = [&archive.storage, &settings.guests.storage];
    let storages = named.into_iter().chain(disks).cloned().collect();
    let needs = needs(settings.guests.vmids.from, &goldens, &storages, &settings.guests.bridge);
    Ok(refusal(&missing(needs, &permissions)))
}
