//! Archives: reading the configuration in one, and unpacking one, by GNU tar with Proxmox's flags.

use std::fs::File;
use std::path::Path;

use crate::containers::idmap::as_guest_root;
use crate::error::Die;
use crate::exec::Program;
use crate::state::{BackupName, VolumeFile};
use crate::tasks::TaskLog;

/// How files are packed and unpacked, wherever Proxmox runs tar.
pub(super) const COMMON: &[&str] = &[
    "--one-file-system",
    "-p",
    "--sparse",
    "--numeric-owner",
    "--acls",
    "--xattrs",
    "--xattrs-include=user.*",
    "--xattrs-include=security.capability",
    "--warning=no-file-ignored",
    "--warning=no-xattr-write",
];

/// The member that holds the guest's configuration; the `./` belongs to it.
const CONF: &str = "./etc/vzdump/pct.conf";

/// tar's option for a file's compression, by its name.
fn decompressor(path: &Path) -> Result<Option<&'static str>, Die> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let known = [(".tar", None), (".tar.gz", Some("-z")), (".tar.bz2", Some("-j")), (".tar.xz", Some("-J"))];
    let more = [(".tar.lzo", Some("--lzop")), (".tar.zst", Some("--zstd"))];
    let found = known.iter().chain(&more).find(|(ending, _)| name.ends_with(ending));
    found
        .map(|(_, option)| *option)
        .ok_or_else(|| Die::text(format!("file '{}' does not look like a template archive", path.display())))
}

/// The configuration in a backup: the first member of that name, read without the rest where tar can stop early.
pub fn read_conf(file: &VolumeFile) -> Result<String, Die> {
    file.must_exist()?;
    if BackupName::of(file.volid.file_name()).owner.is_none() {
        return Err(Die::text(format!("ERROR: couldn't determine archive info from '{}'", file.path.display())));
    }
    conf_of(&file.path)
}

/// The same, whatever the file's name says.
pub(super) fn conf_of(path: &Path) -> Result<String, Die> {
    let program = Program::new("tar").arg("-x").args(decompressor(path)?).arg("-O").arg("-f").arg(path);
    let output = program.args([CONF, "--occurrence"]).output()?;
    // tar's exit status is no guide: with `--occurrence` it may stop before a truncated end.
    if output.stdout.is_empty() {
        return Err(Die::text("ERROR: archive contains no configuration file"));
    }
    Ok(output.stdout)
}

/// Unpacks an archive into a mounted tree, in the guest's user namespace.
pub(super) fn unpack(archive: &Path, root: &Path, unprivileged: bool, forgive: bool, log: &TaskLog) -> Result<(), Die> {
    let input = File::open(archive).map_err(Die::io("open", archive))?;
    log.line(&format!("extracting archive '{}'", archive.display()));
    let program = as_guest_root(unprivileged, "tar")
        .args(["xpf", "-"])
        .args(decompressor(archive)?)
        .arg("--totals")
        .args(COMMON)
        .arg("-C")
        .arg(root)
        .args(["--skip-old-files", "--anchored", "--exclude", "./dev/*"])
        .stdin(input);
    match program.run(&|line| log.line(line)) {
        Err(Die::Command { .. }) if forgive => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_goes_by_the_name() {
        assert_eq!(decompressor(Path::new("/d/a.tar.zst")).unwrap(), Some("--zstd"));
        assert_eq!(decompressor(Path::new("/d/a.tar")).unwrap(), None);
        assert!(decompressor(Path::new("/d/a.tgz")).is_err());
    }
}
