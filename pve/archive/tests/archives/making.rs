//! Archives made member by member, names and all taken as given.

use std::fmt::Write as _;
use std::io::Cursor;

use pve_archive::{ArchiveError, Inspection, Limits, SecondReader, Terms, inspect};
use pve_host::tar::{Lister, lister};
use spec::identity::Catalog;
use tar::{EntryType, Header};

/// A configuration that a golden may bring.
pub(crate) const CONF: &str = "arch: amd64\nfeatures: keyctl=1,nesting=1\nhostname: golden\nmemory: 512\n\
    net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth\nostype: debian\n\
    rootfs: local:9000/vm-9000-disk-0.raw,size=1G\nunprivileged: 1\n";

/// A tar archive in the making.
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    /// As vzdump begins: configuration, firewall, root.
    pub(crate) fn vzdump() -> Self {
        Self(Vec::new()).file("./etc/vzdump/pct.conf", CONF.as_bytes()).file("./etc/vzdump/pct.fw", b"").directory("./")
    }

    /// Nothing yet.
    pub(crate) fn empty() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn file(self, name: &str, content: &[u8]) -> Self {
        self.member(name, EntryType::Regular, content, |_| {})
    }

    pub(crate) fn directory(self, name: &str) -> Self {
        self.member(name, EntryType::Directory, b"", |_| {})
    }

    pub(crate) fn symlink(self, name: &str, target: &str) -> Self {
        self.member(name, EntryType::Symlink, b"", |header| header.set_link_name_literal(target).unwrap())
    }

    pub(crate) fn hard_link(self, name: &str, target: &str) -> Self {
        self.member(name, EntryType::Link, b"", |header| header.set_link_name_literal(target).unwrap())
    }

    /// Any member; `change` has the last word on its header.
    pub(crate) fn member(
        mut self,
        name: &str,
        kind: EntryType,
        content: &[u8],
        change: impl FnOnce(&mut Header),
    ) -> Self {
        let mut header = Header::new_ustar();
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        change(&mut header);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.bytes(content)
    }

    /// PAX records for the next member.
    pub(crate) fn pax(self, records: &[(&str, &str)]) -> Self {
        let mut text = String::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let mut length = rest + 1;
            while length.to_string().len() + rest != length {
                length += 1;
            }
            writeln!(text, "{length} {key}={value}").unwrap();
        }
        self.member("./PaxHeaders/x", EntryType::XHeader, text.as_bytes(), |_| {})
    }

    /// Raw bytes, filled up to a block.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// The archive without its end marker, as plain tar.
    pub(crate) fn without_end(self) -> Vec<u8> {
        self.0
    }

    /// The archive with its end marker, as plain tar.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.resize((self.0.len() + 1024).next_multiple_of(10240), 0);
        self.0
    }

    /// The archive with its end marker, compressed.
    pub(crate) fn zstd(self) -> Vec<u8> {
        zstd::encode_all(self.end().as_slice(), 3).unwrap()
    }
}

/// A whole inspection of bytes, by one reader.
pub(crate) fn inspected(bytes: &[u8]) -> Result<Inspection, ArchiveError> {
    inspect(Cursor::new(bytes.to_vec()), Catalog::builtin(), Terms::new(Limits::default()))
}

/// A whole inspection of bytes, with GNU tar as the second reader.
pub(crate) fn inspected_by_two(bytes: &[u8]) -> Result<Inspection, ArchiveError> {
    let Lister { name, stdin, stdout, program } = lister().unwrap();
    let end = move || program.wait().map_err(|error| error.said().to_owned());
    let reader = SecondReader { name, input: Box::new(stdin), listing: Box::new(stdout), end: Box::new(end) };
    inspect(Cursor::new(bytes.to_vec()), Catalog::builtin(), Terms::new(Limits::default()).second(reader))
}
