//! A guest's volumes: how full, checked, trimmed.

use std::path::{Path, PathBuf};

use pve_wire::api::Params;
use rustix::fs::statvfs;
use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource};

use super::mounts::{hold, remove_lock, set_lock, vmid};
use crate::cli::dispatch::{Failure, out};
use crate::cli::exit;
use crate::containers::{lxc, mount};
use crate::error::{Die, chain};
use crate::exec::Program;
use crate::state::{GuestFile, Node};

/// Looks at a guest's tree: where it is while the guest runs, else mounted for the while, the guest locked.
fn with_tree(node: &Node, vmid: Vmid, look: impl FnOnce(&GuestFile, &Path) -> Result<(), Die>) -> Result<(), Die> {
    if let Some(init) = lxc::init_pid(&node.layout, vmid).filter(|_| lxc::is_running(&node.layout, vmid)) {
        return look(&node.guests().read(vmid)?, &PathBuf::from(format!("/proc/{init}/root")));
    }
    let guest = set_lock(node, vmid, "mounted")?;
    let done = mount::mount_guest(node, vmid, &guest, true).and_then(|mounted| {
        look(&guest, mounted.root()).unwrap_or_else(|error| eprintln!("{}", chain(&error)));
        mounted.release()
    });
    done.and(remove_lock(node, vmid, Some("mounted")))
}

/// How full the guest's volumes are.
pub(super) fn df(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let _held = hold(node, vmid)?;
    with_tree(node, vmid, |guest, root| {
        let mut rows = vec![["MP", "Volume", "Size", "Used", "Avail", "Use%", "Path"].map(str::to_owned)];
        for (key, volume) in mount::volumes(guest)? {
            rows.push(usage(&key, &volume, root)?);
        }
        out(&table(&rows));
        Ok(())
    })?;
    Ok(exit::OK)
}

#[expect(clippy::cast_precision_loss, reason = "a share of a disk is shown to a tenth")]
fn usage(key: &str, volume: &MountPoint, root: &Path) -> Result<[String; 7], Die> {
    let path = root.join(volume.mp().trim_start_matches('/'));
    let stat = statvfs(&path).map_err(Die::sys("stat", &path))?;
    let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
    let used = bytes(stat.f_blocks.saturating_sub(stat.f_bfree));
    let share = 100.0 * used as f64 / bytes(stat.f_blocks).max(1) as f64;
    Ok([
        key.to_owned(),
        volume.volume().to_owned(),
        size(bytes(stat.f_blocks)),
        size(used),
        size(bytes(stat.f_bavail)),
        format!("{share:.1}"),
        volume.mp().to_owned(),
    ])
}

/// Bytes for people.
#[expect(clippy::cast_precision_loss, reason = "a size is shown to a tenth")]
fn size(bytes: u64) -> String {
    let mut number = bytes as f64;
    if number < 1024.0 {
        return bytes.to_string();
    }
    for unit in ["K", "M", "G"] {
        number /= 1024.0;
        if number < 1024.0 {
            return format!("{number:.1}{unit}");
        }
    }
    format!("{:.1}T", number / 1024.0)
}

fn table(rows: &[[String; 7]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let [mp, volume, total, used, avail, share] = [0, 1, 2, 3, 4, 5].map(width);
    let line = |[key, path, all, taken, left, percent, place]: &[String; 7]| {
        format!("{key:<mp$} {path:<volume$} {all:>total$} {taken:>used$} {left:>avail$} {percent:>share$} {place}\n")
    };
    rows.iter().map(line).collect()
}

/// Checks a volume's file system.
pub(super) fn fsck(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let device = params.get("device").unwrap_or("rootfs");
    let _held = hold(node, vmid)?;
    let guest = node.guests().read(vmid)?;
    let missing = || Die::text(format!("cannot run command on non-existing mount point {device}"));
    let volume = match (guest.conf.get(device), device) {
        (None, _) => return Err(missing().into()),
        (Some(text), "rootfs") => MountPoint::parse_rootfs(text),
        (Some(text), key) if key.starts_with("mp") => MountPoint::parse_mp(text),
        (Some(text), _) => MountPoint::parse_unused(text),
    };
    let volume = volume.map_err(|error| Die::text(error.pve_text()))?;
    if lxc::is_running(&node.layout, vmid) {
        return Err(Die::text("cannot run fsck when container is running").into());
    }
    let path = checkable(node, &volume)?;
    let program = Program::new("fsck").args(["-a", "-l"]);
    let program = if params.flag("force") { program.arg("-f") } else { program };
    program.arg(path).run(&|line| out(&format!("{line}\n")))?;
    Ok(exit::OK)
}

/// A volume's image, or a device that is named itself.
fn checkable(node: &Node, volume: &MountPoint) -> Result<PathBuf, Die> {
    match volume.source() {
        MountSource::Device => Ok(PathBuf::from(volume.volume())),
        MountSource::Bind => Err(Die::text(format!("path '{}' does not point to a block device", volume.volume()))),
        MountSource::Volume => {
            let unparsed = || Die::text(format!("unable to parse volume ID '{}'", volume.volume()));
            let volid = volume.volid().ok_or_else(unparsed)?;
            let file = node.storages().file(&volid)?;
            file.must_exist()?;
            if file.path.is_dir() {
                return Err(Die::text(format!("unable to run fsck for '{volid}' (format == subvol)")));
            }
            Ok(file.path)
        }
    }
}

/// Gives unused blocks back to the storage.
pub(super) fn fstrim(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    let _held = hold(node, vmid)?;
    let guest = set_lock(node, vmid, "fstrim")?;
    let wanted = |key: &str, volume: &MountPoint| {
        let skipped = key != "rootfs" && params.flag("ignore-mountpoints");
        !skipped && volume.source() != MountSource::Bind && !volume.read_only()
    };
    let done = mount::volumes(&guest).map(|volumes| {
        for (key, volume) in volumes.iter().filter(|(key, volume)| wanted(key, volume)) {
            // One that cannot be trimmed does not keep the others from it.
            trim(node, vmid, volume).unwrap_or_else(|error| eprintln!("{key}: {}", chain(&error)));
        }
    });
    done.and(remove_lock(node, vmid, Some("fstrim")))?;
    Ok(exit::OK)
}

/// A file system may be mounted a second time from the device that a running guest has it on, never from its image.
fn trim(node: &Node, vmid: Vmid, volume: &MountPoint) -> Result<(), Die> {
    let image = checkable(node, volume)?;
    let root = node.layout.rootfs(vmid);
    std::fs::create_dir_all(&root).map_err(Die::io("create", &root))?;
    let program = Program::new("mount");
    match mount::loop_device(&image) {
        Some(device) => program.arg(device).arg(&root).read()?,
        None => program.args(["-o", "loop"]).arg(&image).arg(&root).read()?,
    };
    let trimmed = Program::new("fstrim").arg("-v").arg(&root).run(&|line| out(&format!("{line}\n")));
    trimmed.and(Program::new("umount").arg(&root).read().map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        assert_eq!([1000, 1536, 973_400_000, 1 << 42].map(size), ["1000", "1.5K", "928.3M", "4.0T"]);
    }

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let head = ["MP", "Volume", "Size", "Used", "Avail", "Use%", "Path"].map(str::to_owned);
        let row = ["rootfs", "local:1/a.raw", "973.4M", "1.0M", "905.2M", "0.1", "/"].map(str::to_owned);
        assert_eq!(
            table(&[head, row]),
            "MP     Volume          Size Used  Avail Use% Path\nrootfs local:1/a.raw 973.4M 1.0M 905.2M  0.1 /\n"
        );
    }
}
