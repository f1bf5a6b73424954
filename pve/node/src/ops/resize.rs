//! Growing disks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;
use spec::pct::{DiskSize, MountPoint, PctConf};

use super::Op;
use crate::api::ApiError;
use crate::containers::{image, lxc};
use crate::error::{Die, chain};
use crate::state::{GuestFile, ImageFormat, Node, StorageKind, VolumeFile, VolumeKind};

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResizeRequest {
    /// The guest.
    pub vmid: Vmid,
    /// `rootfs` or `mpN`.
    pub disk: String,
    /// The new size, or `+` what is added.
    pub size: String,
    /// The configuration's digest, as the caller knows it.
    pub digest: Option<String>,
}

/// A resize that may be done.
pub struct Resize {
    conf: PctConf,
    mount: MountPoint,
    file: VolumeFile,
    size: DiskSize,
}

/// What somebody must be allowed for a resize.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// To change a disk of this guest.
    Disk(&'a GuestFile),
    /// To take more of this storage.
    Storage(&'a str),
}

/// Whether somebody is.
pub type May<'a> = &'a dyn Fn(Asked<'_>) -> Result<(), ApiError>;

/// Why a disk is not grown.
#[derive(Debug, thiserror::Error)]
pub enum ResizeError {
    /// It died.
    #[error(transparent)]
    Die(#[from] Die),
    /// The guest has no such disk: what its line would have had to hold.
    #[error("format error")]
    NoDisk(BTreeMap<String, String>),
    /// Whoever asks may not.
    #[error("{}", .0.text)]
    Forbidden(ApiError),
}

impl From<ResizeError> for ApiError {
    fn from(error: ResizeError) -> Self {
        match error {
            ResizeError::Die(die) => die.into(),
            ResizeError::NoDisk(errors) => Self { errors, ..Self::new(500, "format error") },
            ResizeError::Forbidden(error) => error,
        }
    }
}

impl From<ResizeError> for Die {
    fn from(error: ResizeError) -> Self {
        match error {
            ResizeError::Die(die) => die,
            other => Self::text(other.to_string()),
        }
    }
}

/// Looks whether the disk may grow to that size.
pub fn admit(node: &Node, request: &ResizeRequest, may: May<'_>) -> Result<Resize, ResizeError> {
    let may = |asked| may(asked).map_err(ResizeError::Forbidden);
    let guest = node.guests().read(request.vmid)?;
    guest.refuse_locked(&[])?;
    may(Asked::Disk(&guest))?;
    guest.refuse_modified(request.digest.as_deref())?;
    let mount = mount_of(&guest, &request.disk)?;
    let volid = mount.volid();
    let volid = volid.ok_or_else(|| Die::text(format!("unable to parse volume ID '{}'", mount.volume())))?;
    let file = node.storages().file(&volid)?;
    if let VolumeKind::Image { owner } = file.kind
        && owner != request.vmid
    {
        let why = format!("can't resize mount point owned by another container ({owner})");
        return Err(Die::text(why).into());
    }
    may(Asked::Storage(volid.storage.as_str()))?;
    file.must_exist()?;
    let size = target(&request.size, file.bytes()?)?;
    Ok(Resize { conf: guest.conf, mount, file, size })
}

fn mount_of(guest: &GuestFile, disk: &str) -> Result<MountPoint, ResizeError> {
    let missing = || {
        let keys: &[&str] = if disk == "rootfs" { &["volume"] } else { &["volume", "mp"] };
        let why = "property is missing and it is not optional";
        ResizeError::NoDisk(keys.iter().map(|key| ((*key).to_owned(), why.to_owned())).collect())
    };
    let text = guest.conf.get(disk).ok_or_else(missing)?;
    let parsed = if disk == "rootfs" { MountPoint::parse_rootfs(text) } else { text.parse() };
    Ok(parsed.map_err(|error| Die::text(error.pve_text()))?)
}

fn target(text: &str, now: u64) -> Result<DiskSize, Die> {
    let size: DiskSize = text.trim_start_matches('+').parse().map_err(|_| Die::text("invalid size string"))?;
    let bytes = if text.starts_with('+') { now.saturating_add(size.bytes()) } else { size.bytes() };
    match bytes.cmp(&now) {
        std::cmp::Ordering::Less => Err(Die::text("unable to shrink disk size")),
        std::cmp::Ordering::Equal => Err(Die::text("disk is already at specified size")),
        std::cmp::Ordering::Greater => Ok(DiskSize::from_bytes(bytes)),
    }
}

/// The work. As on Proxmox, a file system that cannot be grown is told in the log and fails nothing.
pub(super) fn run(op: &Op<'_>, request: &ResizeRequest) -> Result<(), Die> {
    let _lock = op.lock(request.vmid)?;
    let Resize { mut conf, mut mount, file, size } = admit(op.node, request, &|_| Ok(()))?;
    if file.format() == ImageFormat::Subvol {
        let why = match file.on {
            StorageKind::Dir => "can't resize this image format",
            StorageKind::Btrfs => "cannot resize subvolume - btrfs quotas are currently not supported",
        };
        return Err(Die::text(why));
    }
    image::grow(&file.path, size.bytes())?;
    op.line("Image resized.");
    mount.set_size(size);
    conf.set(&request.disk, &mount.to_string()).map_err(|error| Die::text(error.to_string()))?;
    op.node.guests().write(request.vmid, &conf)?;
    let running = lxc::is_running(&op.node.layout, request.vmid);
    let fit = if running { image::fit_mounted_filesystem } else { image::fit_filesystem };
    if let Err(error) = fit(&file.path, op.log) {
        op.line(&format!("Failed to update the container's filesystem: {}", chain(&error)));
        op.line("");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;

    #[test]
    fn sizes_are_absolute_or_added_and_only_grow() {
        let gib = DiskSize::GIB;
        let bytes = |text: &str| target(text, gib).map(DiskSize::bytes).map_err(|error| error.to_string());
        assert_eq!(bytes("10G"), Ok(10 * gib));
        assert_eq!(bytes("+0.5G"), Ok(gib + gib / 2));
        assert_eq!(bytes("+100K"), Ok(gib + 102_400));
        assert_eq!(bytes("1073741825"), Ok(gib + 1));
        assert_eq!(bytes("1024M"), Err("disk is already at specified size".to_owned()));
        assert_eq!(bytes("1M"), Err("unable to shrink disk size".to_owned()));
        assert_eq!(bytes("x"), Err("invalid size string".to_owned()));
    }

    #[test]
    fn checks_come_in_proxmox_order() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let vmid: Vmid = "9101".parse().unwrap();
        let ask = |disk: &str, conf: &str| {
            node.guests().write(vmid, &PctConf::parse(conf)).unwrap();
            let request = ResizeRequest { vmid, disk: disk.to_owned(), size: "+1G".to_owned(), digest: None };
            let may = |asked: Asked<'_>| match asked {
                Asked::Storage("local") => Err(ApiError::forbidden("storage")),
                _ => Ok(()),
            };
            ApiError::from(admit(&node, &request, &may).map(drop).unwrap_err())
        };
        assert_eq!(ask("mp9", "lock: backup\n").text, "CT is locked (backup)");
        let missing = ask("mp9", "hostname: a\n");
        assert_eq!((missing.status, missing.text.as_str(), missing.errors.len()), (500, "format error", 2));
        assert_eq!(ask("rootfs", "hostname: a\n").errors.len(), 1);
        let other = "rootfs: local:9102/vm-9102-disk-0.raw\n";
        assert_eq!(ask("rootfs", other).text, "can't resize mount point owned by another container (9102)");
        assert_eq!(ask("rootfs", "rootfs: local:9101/vm-9101-disk-0.raw\n").status, 403);
    }
}
