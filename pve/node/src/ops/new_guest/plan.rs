//! Which volumes a new guest gets. Pure: parameters and the archived configuration in, a plan or Proxmox's refusal out.

use std::collections::BTreeMap;

use spec::ids::StorageId;
use spec::pct::{DiskSize, MountPoint, MountSource, PctConf, PropertyError};

use super::merge::{is_mount, number};
use crate::error::Die;

/// A volume to be made, or one, a directory or a device to be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) struct Planned {
    /// `rootfs` or `mpN`.
    pub(in crate::ops) key: String,
    /// Its options; the volume is filled in once it is made.
    pub(in crate::ops) mount: MountPoint,
    /// Where it is made and how large, bytes; none for what is there already.
    pub(in crate::ops) volume: Option<(StorageId, DiskSize)>,
}

/// What a new guest gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What is mounted while the archive is unpacked: the root file system, then the mount points by number.
    pub(super) mounts: Vec<Planned>,
    /// Archived directories and devices of the host, which the guest gets only afterwards: key and value.
    pub(super) later: Vec<(String, String)>,
    /// What a person should know about it.
    pub(super) notes: Vec<String>,
}

/// The size of a new guest's root file system where nobody names one.
const DEFAULT_ROOTFS: &str = "4";

fn bad(error: &PropertyError) -> Die {
    Die::text(error.pve_text().trim_end().replace('\n', " "))
}

fn parse(key: &str, value: &str) -> Result<MountPoint, Die> {
    let parsed = if key == "rootfs" { MountPoint::parse_rootfs(value) } else { value.parse() };
    parsed.map_err(|error| bad(&error))
}

/// The caller's `rootfs` and `mpN` in their order, a bare size put on the default storage; none where there is neither.
pub(super) fn mount_params(
    config: &BTreeMap<String, String>,
    storage: &str,
) -> Result<Option<Vec<(String, MountPoint)>>, Die> {
    let mut given: Vec<(&String, &String)> = config.iter().filter(|(key, _)| is_mount(key)).collect();
    given.sort_by_key(|(key, _)| number("mp", key));
    match given.first() {
        None => return Ok(None),
        Some((key, _)) if *key != "rootfs" => {
            return Err(Die::text("mount points configured, but 'rootfs' not set - aborting"));
        }
        Some(_) => (),
    }
    let on_storage = |value: &str| if is_size(value) { format!("{storage}:{value}") } else { value.to_owned() };
    given
        .into_iter()
        .map(|(key, value)| Ok((key.clone(), parse(key, &on_storage(value))?)))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The plan from the caller's `rootfs` and `mpN`; none where there is neither.
pub(super) fn from_params(config: &BTreeMap<String, String>, storage: &str) -> Result<Option<Vec<Planned>>, Die> {
    let given = mount_params(config, storage)?;
    given.map(|given| given.into_iter().map(|(key, mount)| planned(key, mount)).collect()).transpose()
}

/// The plan of a create without `rootfs`.
pub(super) fn default_plan(storage: &str) -> Result<Plan, Die> {
    let rootfs = parse("rootfs", &format!("{storage}:{DEFAULT_ROOTFS}"))?;
    Ok(Plan { mounts: vec![planned("rootfs".to_owned(), rootfs)?], ..Plan::default() })
}

/// Whether a volume's text asks for a new one: `STORAGE:GIBIBYTES`.
pub fn is_allocation(text: &str) -> bool {
    allocation(text).is_some()
}

/// The storage and the size of a volume that is to be made: of `STORAGE:GIBIBYTES`.
pub fn allocation(text: &str) -> Option<(&str, DiskSize)> {
    let (storage, size) = text.split_once(':')?;
    let plain = !storage.is_empty() && !storage.contains(char::is_whitespace);
    plain.then(|| gibibytes(size)).flatten().map(|size| (storage, size))
}

fn planned(key: String, mount: MountPoint) -> Result<Planned, Die> {
    let asked = allocation(mount.volume()).filter(|_| mount.source() == MountSource::Volume);
    let volume = asked.map(|(storage, size)| Ok::<_, Die>((storage_id(storage)?, size))).transpose()?;
    Ok(Planned { key, mount, volume })
}

fn storage_id(name: &str) -> Result<StorageId, Die> {
    name.parse().map_err(|_| Die::NoStorage { storage: name.to_owned() })
}

fn is_size(text: &str) -> bool {
    gibibytes(text).is_some()
}

/// A decimal number of GiB, cut to whole MiB.
fn gibibytes(text: &str) -> Option<DiskSize> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let valid = text.split_once('.').map_or_else(|| digits(text), |(whole, part)| digits(whole) && digits(part));
    let bytes = valid.then(|| format!("{text}G").parse::<DiskSize>().ok()).flatten()?.bytes();
    Some(whole_mebibytes(bytes))
}

fn whole_mebibytes(bytes: u64) -> DiskSize {
    DiskSize::from_bytes(bytes / DiskSize::MIB * DiskSize::MIB)
}

/// The plan of a restore without parameters: the archived volumes, all on one storage.
pub(super) fn from_archive(conf: &PctConf, storage: &str, is_root: bool) -> Result<Plan, Die> {
    let unrecoverable = || Die::text("rootfs configuration could not be recovered, please check and specify manually!");
    let rootfs = conf.rootfs().map_err(|e| bad(&e))?.ok_or_else(unrecoverable)?;
    let mounts = conf.mounts().map_err(|e| bad(&e))?.into_iter().map(|(index, mount)| (format!("mp{index}"), mount));
    let mut plan = Plan::default();
    for (key, mount) in std::iter::once(("rootfs".to_owned(), rootfs)).chain(mounts) {
        let kind = match mount.source() {
            MountSource::Volume => {
                plan.mounts.push(recreated(key, mount, storage)?);
                continue;
            }
            MountSource::Bind => "bind",
            MountSource::Device => "device",
        };
        if key == "rootfs" {
            let text = format!("restoring rootfs to {kind} mount is only possible by specifying -rootfs manually!");
            return Err(Die::text(text));
        }
        if !is_root {
            return Err(Die::text(format!("restoring '{key}' to {kind} mount is only possible for root")));
        }
        if mount.backup() {
            plan.notes.extend(misplaced(&key, kind, mount.mp()));
        }
        plan.later.push((key, mount.to_string()));
    }
    Ok(plan)
}

/// What was backed up of a directory of the host is unpacked into the root file system instead.
fn misplaced(key: &str, kind: &str, mp: &str) -> [String; 4] {
    [
        "WARNING - unsupported configuration!".to_owned(),
        format!("backup was enabled for {kind} mount point {key} ('{mp}')"),
        "mount point configuration will be restored after archive extraction!".to_owned(),
        "contained files will be restored to wrong directory!".to_owned(),
    ]
}

fn recreated(key: String, mount: MountPoint, storage: &str) -> Result<Planned, Die> {
    let unknown = || Die::text(format!("unable to detect disk size - please specify {key} (size)"));
    let size = whole_mebibytes(mount.size().ok_or_else(unknown)?.bytes());
    Ok(Planned { volume: Some((storage_id(storage)?, size)), key, mount })
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
        assert_eq!(from_params(&params(&[("net0", "name=eth0")]), "other").unwrap(), None);
    }

    #[test]
    fn sizes_are_gibibytes_cut_to_whole_mebibytes() {
        for (text, bytes) in [
            ("0.05", 53_477_376),
            ("0.01", 10_485_760),
            ("0.3", 321_912_832),
            ("0", 0),
            ("1", 1 << 30),
            ("0.25", 1 << 28),
        ] {
            let plan = from_params(&params(&[("rootfs", text)]), "other").unwrap().unwrap();
            let (storage, size) = plan[0].volume.clone().unwrap();
            assert_eq!((storage.as_str(), size.bytes()), ("other", bytes), "{text}");
        }
    }

    #[test]
    fn mount_points_come_by_number_and_what_is_there_is_taken_as_it_is() {
        let given = params(&[
            ("mp10", "local:1,mp=/j"),
            ("mp2", "/srv,mp=/b"),
            ("rootfs", "local:9101/vm-9101-disk-0.raw,size=1G"),
        ]);
        let plan = from_params(&given, "local").unwrap().unwrap();
        let shown: Vec<(&str, bool)> = plan.iter().map(|p| (p.key.as_str(), p.volume.is_some())).collect();
        assert_eq!(shown, [("rootfs", false), ("mp2", false), ("mp10", true)]);
    }

    #[test]
    fn a_restore_makes_the_archived_volumes_anew() {
        let conf = PctConf::parse(
            "rootfs: elsewhere:1/vm-1-disk-0.raw,size=1G\nmp0: l:1/x.raw,mp=/d,backup=1,size=64M\n\
             mp1: /srv,mp=/b,backup=1\n",
        );
        let plan = from_archive(&conf, "local", true).unwrap();
        assert_eq!(plan.mounts.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["rootfs", "mp0"]);
        assert_eq!(plan.later, [("mp1".to_owned(), "/srv,mp=/b,backup=1".to_owned())]);
        assert_eq!(plan.notes[1], "backup was enabled for bind mount point mp1 ('/b')");
    }

    #[test]
    fn refusals_are_proxmox_texts() {
        let refused = |pairs| from_params(&params(pairs), "local").unwrap_err().to_string();
        assert_eq!(refused(&[("mp0", "local:1,mp=/x")]), "mount points configured, but 'rootfs' not set - aborting");
        let archived = |text: &str| from_archive(&PctConf::parse(text), "local", false).unwrap_err().to_string();
        for (conf, text) in [
            ("rootfs: local:1/vm-1-disk-0.raw\n", "unable to detect disk size - please specify rootfs (size)"),
            (
                "rootfs: local:1/a.raw,size=1G\nmp3: local:1/b.raw,mp=/x\n",
                "unable to detect disk size - please specify mp3 (size)",
            ),
            ("arch: amd64\n", "rootfs configuration could not be recovered, please check and specify manually!"),
            ("rootfs: l:1/x.raw,size=1G\nmp1: /srv,mp=/m\n", "restoring 'mp1' to bind mount is only possible for root"),
            ("rootfs: /srv/x\n", "restoring rootfs to bind mount is only possible by specifying -rootfs manually!"),
        ] {
            assert_eq!(archived(conf), text);
        }
    }
}
