//! The guests' configurations: one file each, replaced whole.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha1::{Digest, Sha1};
use spec::ids::Vmid;
use spec::pct::PctConf;

use super::Node;
use crate::error::{Die, chain};

/// A guest's configuration as it was read.
#[derive(Debug, Clone)]
pub struct GuestFile {
    /// The document.
    pub conf: PctConf,
    /// SHA-1 of the file's bytes: changes with every write.
    pub digest: String,
}

impl GuestFile {
    /// Reads a configuration's text. A `digest` that stands in it is taken for its own, as Proxmox takes it.
    fn of(text: &str) -> Self {
        let conf = PctConf::parse(text);
        let digest = conf.get("digest").map_or_else(|| digest_of(text), str::to_owned);
        Self { conf, digest }
    }

    /// Refuses when the configuration bears a lock, but for the locks in `tolerated`.
    pub fn refuse_locked(&self, tolerated: &[&str]) -> Result<(), Die> {
        match self.conf.get("lock") {
            Some(lock) if !tolerated.contains(&lock) => Err(Die::Locked { lock: lock.to_owned() }),
            _ => Ok(()),
        }
    }

    /// Refuses when a caller's digest is not this one.
    pub fn refuse_modified(&self, digest: Option<&str>) -> Result<(), Die> {
        match digest {
            Some(theirs) if theirs != self.digest => Err(Die::Modified),
            _ => Ok(()),
        }
    }

    /// The guest's name in lists: its hostname, or `CT<vmid>`.
    pub fn name(&self, vmid: Vmid) -> String {
        self.conf.get("hostname").map_or_else(|| format!("CT{vmid}"), str::to_owned)
    }

    /// Whether the guest's root is an ordinary user of the host.
    pub fn unprivileged(&self) -> bool {
        self.conf.flag("unprivileged")
    }
}

/// SHA-1 of a configuration's text, as Proxmox shows it.
pub fn digest_of(text: &str) -> String {
    Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The guests of a node.
pub struct Guests<'a> {
    node: &'a Node,
}

impl<'a> Guests<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self { node }
    }

    /// Whether there is such a guest.
    pub fn exists(&self, vmid: Vmid) -> bool {
        self.node.layout.conf(vmid).exists()
    }

    /// The node of the cluster that has a guest of this number.
    pub fn owner(&self, vmid: Vmid) -> Result<Option<String>, Die> {
        let nodes = self.node.cluster().map_err(|error| Die::text(chain(&error)))?;
        Ok(nodes.iter().find(|node| node.guests().exists(vmid)).map(|node| node.name().to_owned()))
    }

    /// Refuses a number that is taken, wherever in the cluster.
    pub fn refuse_taken(&self, vmid: Vmid) -> Result<(), Die> {
        match self.owner(vmid)? {
            Some(node) => Err(Die::Exists { node, vmid }),
            None => Ok(()),
        }
    }

    /// A guest's configuration.
    pub fn read(&self, vmid: Vmid) -> Result<GuestFile, Die> {
        let path = self.node.layout.conf(vmid);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(GuestFile::of(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Die::NoGuest { node: self.node.name().to_owned(), vmid })
            }
            Err(error) => Err(Die::io("read", &path)(error)),
        }
    }

    /// Replaces a guest's configuration, in Proxmox's own form, by rename.
    pub fn write(&self, vmid: Vmid, conf: &PctConf) -> Result<(), Die> {
        replace(&self.node.layout.conf(vmid), conf.canonical().as_bytes(), 0o640)
    }

    /// Replaces a guest's firewall configuration. The node has no firewall; it is kept for backups.
    pub fn write_firewall(&self, vmid: Vmid, text: &str) -> Result<(), Die> {
        let path = self.node.layout.firewall(vmid);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(Die::io("create", directory))?;
        }
        replace(&path, text.as_bytes(), 0o640)
    }

    /// Removes a guest's configuration.
    pub fn remove(&self, vmid: Vmid) -> Result<(), Die> {
        let path = self.node.layout.conf(vmid);
        fs::remove_file(&path).map_err(Die::io("unlink", &path))
    }

    /// The numbers of all guests, ascending.
    pub fn list(&self) -> Result<Vec<Vmid>, Die> {
        let path = self.node.layout.guests();
        let entries = fs::read_dir(&path).map_err(Die::io("read", &path))?;
        let vmid = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".conf")?.parse().ok();
        let mut found: Vec<Vmid> = entries.filter_map(Result::ok).filter_map(vmid).collect();
        found.sort_unstable();
        Ok(found)
    }
}

/// Writes a file beside `path` and puts it in its place, so that a reader sees the old or the new, never a half.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Die> {
    let temp = path.with_extension(format!("tmp{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&temp)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temp, path)
    };
    write().map_err(Die::io("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;

    #[test]
    fn a_written_guest_reads_back_with_its_digest() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let vmid: Vmid = "9101".parse().unwrap();
        assert!(matches!(node.guests().read(vmid), Err(Die::NoGuest { .. })));
        node.guests().write(vmid, &PctConf::parse("hostname: acme\nlock: backup\n")).unwrap();
        let read = node.guests().read(vmid).unwrap();
        assert_eq!(read.digest, digest_of("hostname: acme\nlock: backup\n"));
        assert_eq!(read.refuse_locked(&[]).unwrap_err().to_string(), "CT is locked (backup)");
        assert!(read.refuse_locked(&["backup"]).is_ok());
        assert!(matches!(read.refuse_modified(Some("x")), Err(Die::Modified)));
        assert_eq!(node.guests().list().unwrap(), [vmid]);
    }

    #[test]
    fn digests_are_proxmox_s() {
        let recorded = include_str!("../../../../spec/tests/fixtures/pve-observed/pct-conf.jsonl");
        let rows = recorded.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let wrong = rows.filter(|row| GuestFile::of(row["in"].as_str().unwrap()).digest != row["conf"]["digest"]);
        assert_eq!(wrong.count(), 0);
    }
}
