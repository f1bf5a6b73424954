//! The temporary directory of a backup: the archive's own members, and in suspend mode the guest's tree.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use spec::ids::Vmid;
use spec::pct::{PctConf, SectionName};

use crate::error::Die;
use crate::exec::Program;
use crate::state::{GuestFile, Node};

/// File systems that keep owners, links and attributes: only there may a guest's tree be copied.
const FAITHFUL: [&str; 6] = ["ext3", "ext4", "nfs", "nfs4", "reiserfs", "xfs"];

/// Where temporary files go, and what the log is told about it.
pub(super) fn place(
    dumpdir: &Path,
    tmpdir: Option<&str>,
    base: &str,
    vmid: Vmid,
) -> Result<(PathBuf, Option<String>), Die> {
    let name = format!("vzdumptmp{}_{vmid}", std::process::id());
    if let Some(tmpdir) = tmpdir {
        return Ok((Path::new(tmpdir).join(name), None));
    }
    let kind = Program::new("df").arg("--output=fstype").arg(dumpdir).read()?;
    let kind = kind.lines().nth(1).unwrap_or_default().trim().to_owned();
    if FAITHFUL.contains(&kind.as_str()) {
        return Ok((dumpdir.join(format!("{base}.tmp")), None));
    }
    let path = Path::new("/var/tmp").join(name);
    let told = format!("filesystem type on dumpdir is '{kind}' -using {} for temporary files", path.display());
    Ok((path, Some(told)))
}

/// Makes the directory, empty.
pub(super) fn make(path: &Path) -> Result<(), Die> {
    let _ = fs::remove_dir_all(path);
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o755)))
        .map_err(|_| Die::text(format!("unable to create temporary directory '{}'", path.display())))
}

/// Writes the members that tell about the guest.
pub(super) fn assemble(node: &Node, vmid: Vmid, path: &Path) -> Result<(), Die> {
    let inner = path.join("etc/vzdump");
    fs::create_dir_all(&inner).map_err(Die::io("create", &inner))?;
    let guest: GuestFile = node.guests().read(vmid)?;
    let firewall = fs::read(node.layout.firewall(vmid)).unwrap_or_default();
    for (name, bytes) in [("pct.conf", archived(&guest.conf).into_bytes()), ("pct.fw", firewall)] {
        let file = inner.join(name);
        fs::write(&file, bytes).map_err(Die::io("write", &file))?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).map_err(Die::io("chmod", &file))?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archived_configuration_is_without_this_life() {
        let text =
            "hostname: a\nlock: backup\nparent: s1\n\n[pve:pending]\nmemory: 64\n\n[s1]\nhostname: b\nsnaptime: 1\n";
        assert_eq!(archived(&PctConf::parse(text)), "hostname: a\n");
    }

    #[test]
    fn a_given_directory_is_taken_and_an_unfaithful_one_told() {
        let vmid = "100".parse().unwrap();
        let (path, told) = place(Path::new("/x"), Some("/scratch"), "base", vmid).unwrap();
        assert!(path.starts_with("/scratch") && told.is_none());
        let (path, told) = place(Path::new("/proc"), None, "base", vmid).unwrap();
        assert!(path.starts_with("/var/tmp"));
        assert!(told.unwrap().starts_with("filesystem type on dumpdir is 'proc' -using /var/tmp/vzdumptmp"));
    }
}
