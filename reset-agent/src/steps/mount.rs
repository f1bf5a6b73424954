//! The further volumes that were asked for: made on their storages and mounted, each exactly once.
//!
//! The guest is looked at before every call, and every call bears the digest of what was seen. So a volume whose answer
//! was lost is found and adopted, and a request that comes late is refused by the node: there is never a second one. Those
//! of a recovered guest came with its restore; here they are proven.

use std::collections::{BTreeMap, BTreeSet};

use pve_client::wire::GuestConfig;
use pve_client::{Class, ConfigChange, Meaning};
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::ids::{StorageId, Vmid, Volid};
use spec::pct::{DiskSize, MountPoint};

use super::proof::ProvenReset;
use super::reserve::run_id;
use crate::context::Context;
use crate::node::leftovers::{Listing, listings, volumes_of};
use crate::node::{called, must_be_ours, patiently};
use crate::request::Wanted;
use crate::volume::{Volume, Volumes};

/// Makes and mounts the volumes.
pub struct Mount;

/// What became of the volumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "volumes", rename_all = "kebab-case")]
pub enum Mounts {
    /// The guest has each of them once, and nothing else on their storages.
    Mounted {
        /// The volumes, in the order in which they were asked for.
        mounts: Vec<Mounted>,
        /// Why it could not be seen that nothing else bears the guest's number, where it could not.
        unproven: Option<String>,
    },
    /// There was nothing to do.
    Skipped {
        /// Why.
        why: String,
    },
}

/// A volume that the guest has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mounted {
    /// Its key in the configuration, `mp0`.
    pub key: String,
    /// Where it is mounted.
    pub path: String,
    /// Its id.
    pub volid: Volid,
    /// Its size, as the configuration states it.
    pub size: DiskSize,
}

/// Another writer may come in between, and an answer may be lost, this often for each volume.
const TRIES: usize = 3;

impl Step<Context> for Mount {
    fn name(&self) -> &'static str {
        "mount"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let request: Wanted = rec.input()?;
        if request.volumes.is_empty() {
            return output(&Mounts::Skipped { why: "none were asked for".to_owned() });
        }
        let proven: ProvenReset = rec.output("reset")?;
        let (vmid, run, root) = (proven.vmid(), run_id(rec)?, &ctx.settings.guests.storage);
        for _ in 0..=TRIES * request.volumes.iter().count() {
            let config = must_be_ours(&ctx.pve, vmid, &run).await?;
            let unfit = |why| StepError::failed(format!("guest {vmid}: {why}"));
            match standing(&config, &request.volumes, root).map_err(unfit)? {
                Standing::All(mounts) => {
                    let unproven = alone(ctx, vmid, &config, &request.volumes.storages(root)).await?;
                    return output(&Mounts::Mounted { mounts, unproven });
                }
                Standing::Missing { key, volume } => ask(ctx, vmid, mount_of(&config, &key, volume, root)).await?,
            }
        }
        Err(StepError::failed(format!("somebody else keeps changing the configuration of guest {vmid}")))
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // They go with the guest; the undo of the restore looks on their storages, too.
        Ok(())
    }
}

/// The change that makes a volume and mounts it.
pub(crate) fn mount_of(config: &GuestConfig, key: &str, volume: &Volume, root: &StorageId) -> ConfigChange {
    ConfigChange::of(config).set(key, &mount_value(volume, root))
}

/// A volume as Proxmox is asked to make it.
pub(super) fn mount_value(volume: &Volume, root: &StorageId) -> String {
    let (storage, gib, path) = (volume.storage_or(root), volume.size.gib_rounded_up(), &volume.path);
    let backup = if volume.backup { ",backup=1" } else { "" };
    format!("{storage}:{gib},mp={path}{backup}")
}

async fn ask(ctx: &Context, vmid: Vmid, change: ConfigChange) -> Result<(), StepError> {
    match patiently(|| ctx.pve.change_config(vmid, change.clone())).await {
        Ok(()) => Ok(()),
        Err(error) if error.refusal().is_some_and(|r| r.meaning() == Meaning::ModifiedConfiguration) => Ok(()),
        Err(error) if error.class() == Class::Ambiguous => {
            tracing::warn!(%error, "the answer was lost, looking whether the volume is there");
            Ok(())
        }
        Err(error) => Err(called(&error)),
    }
}

/// What a guest has of the volumes that were asked for.
#[derive(Debug, PartialEq, Eq)]
enum Standing<'a> {
    /// Each of them.
    All(Vec<Mounted>),
    /// Not this one yet; its key is free.
    Missing { key: String, volume: &'a Volume },
}

/// Holds a configuration against what was asked for; why it can never be that, where it cannot.
fn standing<'a>(config: &GuestConfig, volumes: &'a Volumes, root: &StorageId) -> Result<Standing<'a>, String> {
    if let Some((index, volid)) = config.family("unused").next() {
        return Err(format!("volume {volid} is mounted nowhere (unused{index})"));
    }
    let mut there = BTreeMap::new();
    for (index, text) in config.family("mp") {
        let mount = MountPoint::parse_mp(text).map_err(|error| format!("mp{index} cannot be read: {error}"))?;
        let path = mount.mp().to_owned();
        if !volumes.iter().any(|volume| volume.path.as_str() == path) {
            return Err(format!("mp{index} at {path} was not asked for"));
        }
        if let Some((first, _)) = there.insert(path.clone(), (index, mount)) {
            return Err(format!("{path} is mounted twice, as mp{first} and mp{index}"));
        }
    }
    let mut mounted = Vec::new();
    for volume in volumes.iter() {
        let Some((index, mount)) = there.get(volume.path.as_str()) else {
            let taken: BTreeSet<u16> = there.values().map(|(index, _)| *index).collect();
            let free = (0..=u16::MAX).find(|index| !taken.contains(index)).unwrap_or_default();
            return Ok(Standing::Missing { key: format!("mp{free}"), volume });
        };
        mounted.push(adopted(*index, mount, volume, root)?);
    }
    Ok(Standing::All(mounted))
}

/// A mounted volume as the one that was asked for.
fn adopted(index: u16, mount: &MountPoint, volume: &Volume, root: &StorageId) -> Result<Mounted, String> {
    let asked = DiskSize::from_bytes(volume.size.gib_rounded_up().saturating_mul(DiskSize::GIB));
    let storage = volume.storage_or(root);
    match (mount.volid(), mount.size()) {
        (Some(volid), Some(size)) if volid.storage == *storage && size == asked => {
            Ok(Mounted { key: format!("mp{index}"), path: volume.path.to_string(), volid, size })
        }
        _ => Err(format!("mp{index} is {mount}, not a volume of {asked} on {storage}")),
    }
}

/// Makes sure that nothing else bears the guest's number: what was made and never mounted is in no configuration. Why
/// nobody can tell, where nobody can.
async fn alone(
    ctx: &Context,
    vmid: Vmid,
    config: &GuestConfig,
    storages: &BTreeSet<StorageId>,
) -> Result<Option<String>, StepError> {
    let own = volumes_of(config);
    let listings = listings(&ctx.pve, vmid, storages).await;
    let listed = listings.iter().flat_map(Listing::volids);
    let is_own = |volid: &str| volid.parse().is_ok_and(|volid: Volid| own.contains(&volid));
    let strays: Vec<&str> = listed.map(String::as_str).filter(|volid| !is_own(volid)).collect();
    if !strays.is_empty() {
        let strays = strays.join(", ");
        return Err(StepError::failed(format!("{strays}: made for guest {vmid} and mounted nowhere")));
    }
    let blind: Vec<&str> = listings.iter().filter_map(Listing::blindness).collect();
    Ok((!blind.is_empty()).then(|| blind.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(values: &[(&str, &str)]) -> GuestConfig {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        GuestConfig { values, ..GuestConfig::default() }
    }

    fn asked(texts: &[&str]) -> Volumes {
        Volumes::new(texts.iter().map(|text| text.parse().unwrap()).collect()).unwrap()
    }

    fn judged(values: &[(&str, &str)], texts: &[&str]) -> Result<String, String> {
        let volumes = asked(texts);
        standing(&config(values), &volumes, &"local".parse().unwrap()).map(|standing| match standing {
            Standing::All(all) => {
                all.iter().map(|one| format!("{}={}", one.key, one.volid)).collect::<Vec<_>>().join(" ")
            }
            Standing::Missing { key, volume } => format!("{key} for {}", volume.path),
        })
    }

    #[test]
    fn a_volume_is_adopted_by_path_size_and_storage() {
        let srv = "local:200/vm-200-disk-1.raw,mp=/srv,backup=1,size=10G";
        assert_eq!(judged(&[("mp0", srv)], &["/srv=10G"]).unwrap(), "mp0=local:200/vm-200-disk-1.raw");
        // What is asked for in between is made as whole GiB.
        assert_eq!(judged(&[("mp0", srv)], &["/srv=9.5G"]).unwrap(), "mp0=local:200/vm-200-disk-1.raw");
        for other in ["/srv=11G", "/srv=8G", "/srv=10G,storage=fast"] {
            let why = judged(&[("mp0", srv)], &[other]).unwrap_err();
            assert!(why.contains("mp0 is local:200/vm-200-disk-1.raw") && why.contains("not a volume of"), "{why}");
        }
    }

    #[test]
    fn what_is_missing_gets_a_free_key() {
        let home = "local:200/vm-200-disk-1.raw,mp=/home,size=1G";
        assert_eq!(judged(&[], &["/srv=1G", "/home=1G"]).unwrap(), "mp0 for /srv");
        assert_eq!(judged(&[("mp0", home)], &["/srv=1G", "/home=1G"]).unwrap(), "mp1 for /srv");
        assert_eq!(judged(&[("mp1", home)], &["/srv=1G", "/home=1G"]).unwrap(), "mp0 for /srv");
    }

    #[test]
    fn anything_else_is_told_and_not_taken() {
        let srv = "local:200/vm-200-disk-1.raw,mp=/srv,size=1G";
        for (values, told) in [
            (
                vec![("mp0", srv), ("mp1", "local:200/vm-200-disk-2.raw,mp=/srv,size=1G")],
                "mounted twice, as mp0 and mp1",
            ),
            (vec![("mp0", srv), ("unused0", "local:200/vm-200-disk-2.raw")], "mounted nowhere (unused0)"),
            (vec![("mp4", "local:200/vm-200-disk-2.raw,mp=/data,size=1G")], "mp4 at /data was not asked for"),
            (vec![("mp0", "/srv/shared,mp=/srv")], "not a volume of 1G on local"),
        ] {
            let why = judged(&values, &["/srv=1G"]).unwrap_err();
            assert!(why.contains(told), "{why}");
        }
    }
}
