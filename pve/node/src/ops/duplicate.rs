//! Copying a disk: a new one of the same size, and everything in the tree.

use std::fs;
use std::path::PathBuf;

use spec::ids::Vmid;

use super::Op;
use crate::containers::{image, mount};
use crate::error::Die;
use crate::exec::Program;
use crate::state::{ImageFormat, VolumeFile};

/// What is copied, and where to.
pub(super) struct Duplicate<'a> {
    /// The disk.
    pub(super) from: &'a VolumeFile,
    /// Its snapshot, where not the disk itself is copied.
    pub(super) snapshot: Option<&'a str>,
    /// The new disk's guest.
    pub(super) vmid: Vmid,
    /// The new disk's storage.
    pub(super) storage: &'a str,
    /// Whether the new disk's guest has its root in a user namespace.
    pub(super) unprivileged: bool,
    /// How much may be read in a second, KiB.
    pub(super) bwlimit: Option<&'a str>,
}

/// Makes the copy. Whatever was made is taken back when it fails.
pub(super) fn duplicate(op: &Op<'_>, what: &Duplicate<'_>) -> Result<VolumeFile, Die> {
    let storages = op.node.storages();
    what.from.must_exist()?;
    let bytes = what.from.bytes()?;
    let storage = storages.usable(what.storage)?;
    if !storage.holds("rootdir") {
        let why = format!("content type 'rootdir' is not available or configured on storage '{}'", storage.id);
        return Err(Die::text(why));
    }
    let to = storages.next_disk(&storage, what.vmid, bytes)?;
    image::make(&to, bytes, what.unprivileged, op.log)?;
    match transfer(op, what, &to) {
        Ok(()) => Ok(to),
        Err(error) => {
            storages.free(&to)?;
            Err(error)
        }
    }
}

fn transfer(op: &Op<'_>, what: &Duplicate<'_>, to: &VolumeFile) -> Result<(), Die> {
    let from = match what.snapshot {
        Some(_) if what.from.format() == ImageFormat::Subvol => {
            let kind = what.from.on.word();
            return Err(Die::text(format!("cannot mount subvol snapshots for storage type '{kind}'")));
        }
        Some(snapshot) => what.from.at(snapshot),
        None => what.from.clone(),
    };
    let beside = op.node.layout.rootfs(what.vmid);
    let (source, target) = (Place::make(beside.with_file_name("from"))?, Place::make(beside.with_file_name("to"))?);
    let source_mounted = mount::mount_disk(&from, &source.0, true)?;
    let target_mounted = mount::mount_disk(to, &target.0, false)?;
    let mut tree = source.0.as_os_str().to_owned();
    tree.push("/");
    let rsync = Program::new("rsync")
        .args(["--stats", "-X", "-A", "--numeric-ids", "-aH", "--whole-file", "--sparse", "--one-file-system"])
        .arg(format!("--bwlimit={}", what.bwlimit.unwrap_or("0")));
    rsync.arg(&tree).arg(&target.0).run(&|line| op.line(line))?;
    target_mounted.release()?;
    source_mounted.release()
}

/// A directory to mount on, gone again when dropped.
struct Place(PathBuf);

impl Place {
    fn make(path: PathBuf) -> Result<Self, Die> {
        fs::create_dir_all(&path).map_err(Die::io("create", &path))?;
        Ok(Self(path))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
        if let Some(parent) = self.0.parent() {
            // Fails while something else lies there, as it should.
            let _ = fs::remove_dir(parent);
        }
    }
}
