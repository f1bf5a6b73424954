//! Which volumes a new guest gets. Pure: parameters and the archived configuration in, a plan or Proxmox's refusal out.

use std::collections::BTreeMap;

use spec::ids::StorageId;
use spec::pct::{DiskSize, MountPoint, MountSource, PctConf, PropertyError};

use crate::error::Die;

/// A volume to be made, or a directory or device to be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    /// `rootfs` or `mpN`.
    pub(super) key: String,
    /// Its options; the volume is filled in once it is made.
    pub(super) mount: MountPoint,
    /// Where it is made and how large, bytes; none for directories and devices.
    pub(super) volume: Option<(StorageId, DiskSize)>,
}

/// The size of a new guest's root file system where nobody names one.
const DEFAULT_ROOTFS: &str = "4";

fn bad(error: &PropertyError) -> Die {
    Die::text(error.pve_text().trim_end().replace('\n', " "))
}

/// The plan from the caller's `rootfs` and `mpN`; none where there is neither.
pub(super) fn from_params(config: &BTreeMap<String, String>, storage: &str) -> Result<Option<Vec<Planned>>, Die> {
    let has_mounts = config.keys().any(|key| is_mount(key));
    match config.get("rootfs") {
        None if has_mounts => Err(Die::text("mount points configured, but 'rootfs' not set - aborting")),
        None => Ok(None),
        Some(rootfs) => {
            let mut plan = vec![allocation("rootfs", MountPoint::parse_rootfs(rootfs).map_err(|e| bad(&e))?, storage)?];
            for (key, value) in config.iter().filter(|(key, _)| is_mount(key)) {
                plan.push(allocation(key, value.parse::<MountPoint>().map_err(|e| bad(&e))?, storage)?);
            }
            Ok(Some(plan))
        }
    }
}

fn is_mount(key: &str) -> bool {
    key.strip_prefix("mp").is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The plan of a create without `rootfs`.
pub(super) fn default_plan(storage: &str) -> Result<Vec<Planned>, Die> {
    let rootfs = MountPoint::parse_rootfs(DEFAULT_ROOTFS).map_err(|e| bad(&e))?;
    Ok(vec![allocation("rootfs", rootfs, storage)?])
}

/// `STORAGE:GIBIBYTES`, or a bare number of gibibytes on the default storage.
fn allocation(key: &str, mount: MountPoint, default: &str) -> Result<Planned, Die> {
    if mount.source() != MountSource::Volume {
        return Ok(Planned { key: key.to_owned(), mount, volume: None });
    }
    let text = mount.volume();
    let (storage, size) = text.split_once(':').unwrap_or((default, text));
    let size = gibibytes(size)
        .ok_or_else(|| Die::text(format!("unable to use volume '{text}' for {key} - write STORAGE:SIZE_IN_GiB")))?;
    let storage = storage.parse().map_err(|_| Die::NoStorage { storage: storage.to_owned() })?;
    Ok(Planned { key: key.to_owned(), mount, volume: Some((storage, size)) })
}

/// A decimal number of GiB, cut to whole KiB.
fn gibibytes(text: &str) -> Option<DiskSize> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let valid = text.split_once('.').map_or_else(|| digits(text), |(whole, part)| digits(whole) && digits(part));
    let bytes = valid.then(|| format!("{text}G").parse::<DiskSize>().ok()).flatten()?.bytes();
    Some(DiskSize::from_bytes(bytes / DiskSize::KIB * DiskSize::KIB))
}

/// The plan of a restore without parameters: the archived volumes, all on one storage.
pub(super) fn from_archive(conf: &PctConf, storage: &str, is_root: bool) -> Result<Vec<Planned>, Die> {
    let unrecoverable = || Die::text("rootfs configuration could not be recovered, please check and specify manually!");
    let rootfs = conf.rootfs().map_err(|e| bad(&e))?.ok_or_else(unrecoverable)?;
    if rootfs.source() != MountSource::Volume {
        let kind = if rootfs.source() == MountSource::Bind { "bind" } else { "device" };
        let text = format!("restoring rootfs to {kind} mount is only possible by specifying -rootfs manually!");
        return Err(Die::text(text));
    }
    let mut plan = vec![recreated("rootfs", rootfs, storage)?];
    for (index, mount) in conf.mounts().map_err(|e| bad(&e))? {
        let key = format!("mp{index}");
        match mount.source() {
            MountSource::Volume => plan.push(recreated(&key, mount, storage)?),
            source if !is_root => {
                let kind = if source == MountSource::Bind { "bind" } else { "device" };
                return Err(Die::text(format!("restoring '{key}' to {kind} mount is only possible for root")));
            }
            MountSource::Bind | MountSource::Device => plan.push(Planned { key, mount, volume: None }),
        }
    }
    Ok(plan)
}

fn recreated(key: &str, mount: MountPoint, storage: &str) -> Result<Planned, Die> {
    let size = mount.size().ok_or_else(|| Die::text("unable to detect disk size - please specify rootfs (size)"))?;
    let storage = storage.parse().map_err(|_| Die::NoStorage { storage: storage.to_owned() })?;
    Ok(Planned { key: key.to_owned(), mount, volume: Some((storage, size)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_given_rootfs_is_the_whole_plan() {
        let plan = from_params(&params(&[("rootfs", "local:10"), ("net0", "name=eth0")]), "other").unwrap().unwrap();
        assert_eq!(plan.len(), 1);
        let (storage, size) = plan[0].volume.clone().unwrap();
        assert_eq!((storage.as_str(), size.to_string().as_str()), ("local", "10G"));
        let plan = from_params(&params(&[("rootfs", "0.5"), ("mp0", "local:0.1,mp=/data")]), "other").unwrap().unwrap();
        assert_eq!(plan[0].volume.clone().unwrap().0.as_str(), "other");
        assert_eq!(plan[1].volume.clone().unwrap().1.bytes() % 1024, 0);
    }

    #[test]
    fn refusals_are_proxmox_texts() {
        let refused = |pairs| from_params(&params(pairs), "local").unwrap_err().to_string();
        assert_eq!(refused(&[("mp0", "local:1,mp=/x")]), "mount points configured, but 'rootfs' not set - aborting");
        let archived = |text: &str| from_archive(&PctConf::parse(text), "local", false).unwrap_err().to_string();
        assert_eq!(
            archived("rootfs: local:1/vm-1-disk-0.raw\n"),
            "unable to detect disk size - please specify rootfs (size)"
        );
        assert_eq!(
            archived("arch: amd64\n"),
            "rootfs configuration could not be recovered, please check and specify manually!"
        );
        assert_eq!(
            archived("rootfs: l:1/x.raw,size=1G\nmp1: /srv,mp=/m\n"),
            "restoring 'mp1' to bind mount is only possible for root"
        );
        assert_eq!(
            archived("rootfs: /srv/x\n"),
            "restoring rootfs to bind mount is only possible by specifying -rootfs manually!"
        );
    }
}
