//! The configuration that a backup carries.

use std::path::Path;

use crate::error::Die;
use crate::exec::Program;
use crate::state::VolumeFile;

/// The member that holds the guest's configuration; the `./` belongs to it.
const CONF: &str = "./etc/vzdump/pct.conf";

/// The configuration in a backup that is named as one.
pub fn read_conf(file: &VolumeFile) -> Result<String, Die> {
    file.must_exist()?;
    match kind_of(file.volid.file_name()) {
        Some("lxc") => recover(&file.path, &|_| ()),
        // What is searched for in another kind's archive is not what a container's holds.
        Some(_) => Err(none()),
        None => Err(Die::text(format!("ERROR: couldn't determine archive info from '{}'", file.path.display()))),
    }
}

/// The same, whatever the file's name says; tar's complaints go to `line`.
///
/// First the names are read, as far as the configuration, then that one member: tar tells the compression by itself.
pub(in crate::ops) fn recover(path: &Path, line: &(dyn Fn(&str) + Sync)) -> Result<String, Die> {
    let listing = Program::new("tar").arg("tf").arg(path);
    if !listing.seek(&|name| name.ends_with(CONF), line)? {
        return Err(none());
    }
    let reading = Program::new("tar").arg("-xpOf").arg(path).args([CONF, "--occurrence"]);
    let text = reading.read_telling(line)?;
    Ok(crate::exec::lines(&text).flat_map(|line| [line, "\n"]).collect())
}

fn none() -> Die {
    Die::text("ERROR: archive contains no configuration file")
}

/// The kind of guest in a backup's name: `vzdump-<kind>-….<ending>`.
fn kind_of(name: &str) -> Option<&str> {
    let (kind, rest) = name.strip_prefix("vzdump-")?.split_once(['-'])?;
    let named = rest.split_once('.').is_some_and(|(stem, _)| !stem.is_empty());
    (named && ["lxc", "openvz", "qemu"].contains(&kind)).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::kind_of;

    #[test]
    fn the_name_tells_the_kind() {
        assert_eq!(kind_of("vzdump-lxc-900-2026_01_01-00_00_01.tar.zst"), Some("lxc"));
        assert_eq!(kind_of("vzdump-lxc-900.tar.zst"), Some("lxc"));
        assert_eq!(kind_of("vzdump-qemu-900-x.tar.zst"), Some("qemu"));
        assert_eq!(kind_of("vzdump-lxc-.tar"), None);
        assert_eq!(kind_of("my-backup.tar.zst"), None);
    }
}
