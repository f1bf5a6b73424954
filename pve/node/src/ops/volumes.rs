//! Volumes by themselves: removing, pruning, copying, making one.

use std::fs;

use spec::ids::{Vmid, Volid};

use super::Op;
use crate::error::Die;
use crate::exec::Program;
use crate::state::{BackupName, ImageFormat, Node, Retention, StorageKind, VolumeFile, VolumeKind};

/// What the removal of a volume works on, as it stands in its UPID.
pub(super) fn task_id(volid: &Volid) -> String {
    let owner = match VolumeKind::of(&volid.volume) {
        Some(VolumeKind::Image { owner }) => Some(owner),
        _ => BackupName::of(volid.file_name()).owner,
    };
    owner.map_or_else(|| volid.storage.to_string(), |owner| format!("{owner}@{}", volid.storage))
}

/// Removes a volume.
pub(super) fn free(op: &Op<'_>, volid: &Volid) -> Result<(), Die> {
    let storages = op.node.storages();
    let file = storages.file(volid)?;
    match storages.free(&file) {
        // What is gone already is no failure, but is told.
        Err(Die::NoVolume { .. }) => op.line(&format!("disk image '{}' does not exist", file.path.display())),
        result => result?,
    }
    op.line(&format!("Removed volume '{volid}'"));
    Ok(())
}

/// Removes the backups that a rule does not cover.
pub(super) fn prune(
    op: &Op<'_>,
    storage: &str,
    rule: Option<&str>,
    vmid: Option<Vmid>,
    kind: Option<&str>,
) -> Result<(), Die> {
    let plan = plan_pruning(op.node, storage, rule, vmid, kind)?;
    op.node.storages().prune(&plan, &|text, _| op.line(text)).map(drop)
}

/// What a rule, or the storage's own where none is given, says about the backups on a storage.
pub fn plan_pruning(
    node: &Node,
    storage: &str,
    rule: Option<&str>,
    vmid: Option<Vmid>,
    kind: Option<&str>,
) -> Result<Vec<crate::state::PruneRow>, Die> {
    let config = node.storages().get(storage)?;
    if !config.holds("backup") {
        return Err(Die::text(format!("storage '{storage}' does not support backups")));
    }
    let rule = match rule {
        Some(text) => Retention::parse(text).map_err(Die::text)?,
        None => config
            .retention()
            .ok_or_else(|| Die::text(format!("no prune-backups options configured for storage '{storage}'")))?,
    };
    node.storages().usable(storage)?;
    Ok(node.storages().prune_plan(&config, &rule, vmid, kind))
}

/// Copies a volume to one of another name that is not there yet.
pub(super) fn copy(op: &Op<'_>, from: &Volid, to: &Volid) -> Result<(), Die> {
    let storages = op.node.storages();
    let (from, to) = (storages.file(from)?, storages.file(to)?);
    from.must_exist()?;
    if to.path.exists() {
        return Err(Die::text(format!("volume '{}' already exists", to.volid)));
    }
    let storage = storages.usable(to.volid.storage.as_str())?;
    storages.refuse_full(&storage)?;
    if let Some(directory) = to.path.parent() {
        fs::create_dir_all(directory).map_err(Die::io("create", directory))?;
    }
    let done =
        Program::new("cp").args(["-a", "--sparse=always", "--reflink=auto", "--"]).arg(&from.path).arg(&to.path).read();
    done.map(drop).inspect_err(|_| {
        let _ = fs::remove_file(&to.path);
    })
}

/// The KiB that a size means: `1024`, `1M`, `1G`.
pub fn kib(text: &str) -> u64 {
    let (digits, shift) = match text.strip_suffix('M') {
        Some(digits) => (digits, 10),
        None => text.strip_suffix('G').map_or((text, 0), |digits| (digits, 20)),
    };
    digits.parse::<u64>().unwrap_or(0) << shift
}

/// Makes an empty disk of `kib` KiB, under a name of its own or a given one.
pub fn allocate(
    node: &Node,
    storage: &str,
    vmid: Vmid,
    name: &str,
    format: Option<&str>,
    kib: u64,
) -> Result<VolumeFile, Die> {
    let config = node.storages().usable(storage)?;
    let named = ImageFormat::of(name);
    let wanted = match format {
        None => named.unwrap_or(ImageFormat::Raw),
        Some("raw") => ImageFormat::Raw,
        Some("subvol") => ImageFormat::Subvol,
        Some(other) => {
            return Err(Die::text(format!("format '{other}' is not available on this node: use raw or subvol")));
        }
    };
    let file = if name.is_empty() {
        node.storages().next_image(&config, vmid, wanted)?
    } else {
        if named != Some(wanted) {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            return Err(Die::text(match named {
                Some(_) => {
                    format!("illegal name '{name}' - wrong extension for format ('{ending} != '{}')", wanted.word())
                }
                None => format!("unable to parse volume filename '{name}'"),
            }));
        }
        let volid = format!("{storage}:{vmid}/{name}").parse::<Volid>();
        node.storages().file(&volid.map_err(|error| Die::text(error.to_string()))?)?
    };
    if file.path.exists() {
        return Err(Die::text(format!("disk image '{}' already exists", file.path.display())));
    }
    if wanted == ImageFormat::Subvol && kib > 0 {
        let why = match config.kind {
            StorageKind::Dir => "storage does not support subvol quotas",
            StorageKind::Btrfs => "btrfs quotas are currently not supported, use an unsized subvolume or a raw file",
        };
        return Err(Die::text(why));
    }
    if let Some(directory) = file.path.parent() {
        fs::create_dir_all(directory).map_err(Die::io("create", directory))?;
    }
    file.allocate(kib << 10)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;

    #[test]
    fn sizes_are_kib_unless_they_say_otherwise() {
        assert_eq!((kib("1024"), kib("2M"), kib("1G")), (1024, 2048, 1 << 20));
    }

    #[test]
    fn disks_are_made_under_given_names_or_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let vmid: Vmid = "900".parse().unwrap();
        let made = |name: &str, format: Option<&str>, kib| {
            let made = allocate(&node, "local", vmid, name, format, kib);
            made.map(|file| file.volid.to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(made("", None, 1024).unwrap(), "local:900/vm-900-disk-0.raw");
        assert_eq!(made("", Some("raw"), 1024).unwrap(), "local:900/vm-900-disk-1.raw");
        assert_eq!(made("data.raw", None, 4).unwrap(), "local:900/data.raw");
        assert_eq!(made("", Some("subvol"), 0).unwrap(), "local:900/subvol-900-disk-0.subvol");
        assert!(made("data.raw", None, 4).unwrap_err().ends_with("/images/900/data.raw' already exists"));
        assert_eq!(made("x", None, 4).unwrap_err(), "unable to parse volume filename 'x'");
        let wrong = made("x.raw", Some("subvol"), 0).unwrap_err();
        assert_eq!(wrong, "illegal name 'x.raw' - wrong extension for format ('raw != 'subvol')");
        assert_eq!(made("", Some("subvol"), 4).unwrap_err(), "storage does not support subvol quotas");
    }
}
