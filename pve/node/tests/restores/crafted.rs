//! A small backup, member by member; names are written as they are, however odd.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use tar::{Builder, EntryType, Header};

use crate::machine::Machine;

/// The configuration that a crafted backup carries unless a test says otherwise.
pub(crate) const CONF: &str = "arch: amd64\nfeatures: nesting=1\nhostname: crafted\nmemory: 128\n\
    net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:AA,ip=dhcp,type=veth\nostype: debian\n\
    rootfs: local:900/vm-900-disk-0.raw,size=20M\nswap: 0\nunprivileged: 1\n";

/// The volume id of the backup that [`Crafted::put`] leaves on the node.
pub(crate) const BACKUP: &str = "local:backup/vzdump-lxc-900-2026_01_01-00_00_00.tar";

/// An archive in the making.
pub(crate) struct Crafted(Builder<Vec<u8>>);

impl Crafted {
    /// Nothing yet.
    pub(crate) fn empty() -> Self {
        Self(Builder::new(Vec::new()))
    }

    /// A backup with this configuration and the tree of a tiny Debian.
    pub(crate) fn backup(conf: &str) -> Self {
        Self::empty().file("./etc/vzdump/pct.conf", conf).tree()
    }

    /// The tree of a tiny Debian.
    pub(crate) fn tree(self) -> Self {
        ["./", "./etc/", "./dev/", "./data/"]
            .into_iter()
            .fold(self, |made, name| made.member(name, EntryType::Directory, "", ""))
            .file("./etc/debian_version", "13.1\n")
            .file("./etc/os-release", "ID=debian\n")
            .file("./etc/machine-id", "0123456789abcdef0123456789abcdef\n")
            .file("./data/file", "payload\n")
    }

    /// A regular file.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        self.member(name, EntryType::Regular, "", text)
    }

    /// Any member of root's.
    pub(crate) fn member(self, name: &str, kind: EntryType, link: &str, text: &str) -> Self {
        self.owned(name, kind, link, text, 0)
    }

    /// A file of somebody's.
    pub(crate) fn file_of(self, name: &str, owner: u64) -> Self {
        self.owned(name, EntryType::Regular, "", "", owner)
    }

    fn owned(mut self, name: &str, kind: EntryType, link: &str, text: &str, owner: u64) -> Self {
        let mut header = Header::new_gnu();
        let old = header.as_old_mut();
        old.name[..name.len()].copy_from_slice(name.as_bytes());
        old.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(if kind == EntryType::Directory { 0o755 } else { 0o644 });
        header.set_uid(owner);
        header.set_gid(owner);
        header.set_size(text.len() as u64);
        if kind == EntryType::Char {
            header.set_device_major(1).unwrap();
            header.set_device_minor(3).unwrap();
        }
        header.set_cksum();
        self.0.append(&header, text.as_bytes()).unwrap();
        self
    }

    /// The bytes.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }

    /// Puts it on the node as [`BACKUP`], uncompressed.
    pub(crate) fn put(self, machine: &Machine) {
        put(machine, "tar", &self.bytes());
    }
}

/// Puts bytes on the node as a backup with that ending; returns its volume id.
pub(crate) fn put(machine: &Machine, ending: &str, bytes: &[u8]) -> String {
    let name = format!("vzdump-lxc-900-2026_01_01-00_00_00.{ending}");
    fs::write(machine.path("storage/local/dump").join(&name), bytes).unwrap();
    format!("local:backup/{name}")
}

/// What a program makes of its standard input.
pub(crate) fn filtered(program: &str, args: &[&str], bytes: &[u8]) -> Vec<u8> {
    let mut command = Command::new(program);
    let mut child = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

impl Machine {
    /// Restores [`BACKUP`] as guest 900; returns the log.
    pub(crate) fn restore(&self, options: &[&str]) -> String {
        self.ok(&[&["pct", "restore", "900", BACKUP][..], options].concat())
    }

    /// The same where it must fail: nothing may be left. Returns the reason, without its beginning.
    pub(crate) fn restore_refused(&self, options: &[&str]) -> String {
        let text = self.refused(&[&["pct", "restore", "900", BACKUP][..], options].concat());
        assert!(!self.path("lxc/900.conf").exists() && !self.path("storage/local/images/900").exists(), "{text}");
        let reason = text.lines().last().unwrap_or_default();
        reason.strip_prefix("unable to restore CT 900 - ").unwrap_or(reason).to_owned()
    }

    /// The guest's configuration.
    pub(crate) fn conf(&self) -> String {
        fs::read_to_string(self.path("lxc/900.conf")).unwrap()
    }

    /// Looks into the guest's tree.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&std::path::Path) -> T) -> T {
        self.ok(&["pct", "mount", "900"]);
        let seen = look(&self.path("mnt/900/rootfs"));
        self.ok(&["pct", "unmount", "900"]);
        seen
    }

    /// Removes the guest, whatever lock it bears.
    pub(crate) fn destroy(&self) {
        self.run(&["pct", "unlock", "900"]);
        self.ok(&["pct", "destroy", "900"]);
    }
}
