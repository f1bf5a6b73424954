//! Packing a guest: its tree and its configuration into one archive, by GNU tar with Proxmox's flags.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use spec::ids::Vmid;
use spec::pct::{MountPoint, PctConf, SectionName};

use super::archive::COMMON;
use super::vzdump_text::{NoteFacts, archive_size, base_name, ending, excludes, notes, unfinished};
use super::{Op, VzdumpRequest};
use crate::containers::{idmap::as_guest_root, mount};
use crate::error::Die;
use crate::exec::Program;
use crate::state::{GuestFile, StorageConfig};

/// Writes the archive of a guest that does not run, and what belongs beside it.
pub(super) fn pack(
    op: &Op<'_>,
    request: &VzdumpRequest,
    storage: &StorageConfig,
    vmid: Vmid,
    guest: &GuestFile,
    included: &[MountPoint],
) -> Result<(), Die> {
    let base = base_name(vmid, &jiff::Zoned::now());
    let dump = op.node.storages().path(storage).join("dump");
    let target = dump.join(format!("{base}{}", ending(&request.compress)));
    op.info(&format!("creating vzdump archive '{}'", target.display()));
    let scratch = Scratch::make(dump.join(format!("{base}.tmp")), guest)?;
    let unfinished = unfinished(&target);
    let written = write_archive(op, request, vmid, guest, included, scratch.path(), &unfinished);
    let written = written.and_then(|()| fs::rename(&unfinished, &target).map_err(Die::io("rename", &unfinished)));
    written.inspect_err(|_| {
        let _ = fs::remove_file(&unfinished);
    })?;
    let size = fs::metadata(&target).map_err(Die::io("stat", &target))?.size();
    op.info(&format!("archive file size: {}", archive_size(size)));
    finish(op, request, vmid, guest, &target)
}

/// The directory with the archive's own members, gone when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn make(path: PathBuf, guest: &GuestFile) -> Result<Self, Die> {
        let inner = path.join("etc/vzdump");
        fs::create_dir_all(&inner).map_err(Die::io("create", &inner))?;
        let made = Self(path);
        let files = [("pct.conf", archived(&guest.conf)), ("pct.fw", String::new())];
        for (name, text) in files {
            let file = inner.join(name);
            fs::write(&file, text).map_err(Die::io("write", &file))?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).map_err(Die::io("chmod", &file))?;
        }
        Ok(made)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The configuration as it goes into an archive: what belongs to this guest's life on this node stays behind.
fn archived(conf: &PctConf) -> String {
    let mut conf = conf.clone();
    conf.remove("lock");
    conf.remove("parent");
    conf.remove_section(&SectionName::Pending);
    let names: Vec<String> = conf.snapshots().keys().map(|name| (*name).to_owned()).collect();
    for name in names {
        conf.remove_section(&SectionName::Snapshot(name));
    }
    conf.canonical()
}

fn write_archive(
    op: &Op<'_>,
    request: &VzdumpRequest,
    vmid: Vmid,
    guest: &GuestFile,
    included: &[MountPoint],
    scratch: &Path,
    target: &Path,
) -> Result<(), Die> {
    let mounted = mount::mount_guest(op.node, vmid, guest, true)?;
    let sink = File::create(target).map_err(Die::io("create", target))?;
    let tar = tar_command(request, guest.unprivileged(), included, scratch, mounted.root());
    let line = |text: &str| op.info(text);
    match request.compress.as_str() {
        "zstd" => {
            let threads = if request.threads == 0 { half_the_cores() } else { request.threads };
            tar.pipe(Program::new("zstd").args(["-q", "-c", &format!("--threads={threads}")]), sink, &line)?;
        }
        "gzip" => tar.pipe(Program::new("gzip").arg("--rsyncable"), sink, &line)?,
        _ => tar.pipe(Program::new("cat"), sink, &line)?,
    }
    mounted.release()
}

fn half_the_cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() as u64).div_ceil(2))
}

fn tar_command(
    request: &VzdumpRequest,
    unprivileged: bool,
    included: &[MountPoint],
    scratch: &Path,
    root: &Path,
) -> Program {
    let (anywhere, anchored) = excludes(request.stdexcludes, &request.exclude);
    let directory = |path: &Path| format!("--directory={}", path.display());
    let program = as_guest_root(unprivileged, "tar").args(["cpf", "-", "--totals"]).args(COMMON);
    let program = program.arg(directory(scratch)).args(["./etc/vzdump/pct.conf", "./etc/vzdump/pct.fw"]);
    let program = program.arg(directory(root)).arg("--no-anchored");
    let program = if unprivileged { program.arg("--exclude=lost+found") } else { program };
    let program = program.args(anywhere.iter().map(|pattern| format!("--exclude={pattern}"))).arg("--anchored");
    let program = program.args(anchored.iter().map(|pattern| format!("--exclude=.{pattern}"))).arg("./");
    program.args(included.iter().map(|volume| format!(".{}", volume.mp())))
}

fn finish(op: &Op<'_>, request: &VzdumpRequest, vmid: Vmid, guest: &GuestFile, target: &Path) -> Result<(), Die> {
    let volid = format!("{}:backup/{}", request.storage, target.file_name().unwrap_or_default().to_string_lossy());
    let volid = volid.parse().map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()))?;
    let file = op.node.storages().file(&volid)?;
    if let Some(template) = &request.notes_template {
        op.info("adding notes to backup");
        let name = guest.name(vmid);
        let facts = NoteFacts { guestname: &name, node: op.node.name(), vmid: vmid.to_string() };
        fs::write(file.notes(), notes(template, &facts)).map_err(Die::io("write", file.notes()))?;
    }
    if request.protected {
        op.info("marking backup as protected");
        fs::write(file.protection(), "").map_err(Die::io("write", file.protection()))?;
    }
    Ok(())
}
