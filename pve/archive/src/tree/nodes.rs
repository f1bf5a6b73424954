//! The tree, collected name by name: fixed records, the names in one place.

use std::ops::Range;

use crate::digests::{Sum, sum_of};
use crate::error::ArchiveError;
use crate::limits::Limits;
use crate::member::{Member, MemberKind};

/// What stands at a name.
pub(super) struct Node {
    pub(super) name: Range<u32>,
    pub(super) kind: MemberKind,
    pub(super) mode: u16,
    pub(super) uid: u16,
    pub(super) gid: u16,
    pub(super) size: u64,
    /// Extended attributes and ACLs, hashed.
    pub(super) attributes: Option<Box<Sum>>,
    pub(super) what: What,
}

/// What a node is made of.
pub(super) enum What {
    /// A file: the number of its content, from 0.
    Content(u32),
    /// A symbolic link: its target, hashed.
    Target(Box<Sum>),
    /// Another name of the file at this one.
    SameAs(Range<u32>),
    /// A device.
    Device(u32, u32),
    /// A directory or FIFO.
    Nothing,
}

/// All of them.
pub(crate) struct Nodes {
    pub(super) names: Vec<u8>,
    pub(super) all: Vec<Node>,
    contents: u32,
    tree_bytes: u64,
    limits: Limits,
}

impl Nodes {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { names: Vec::new(), all: Vec::new(), contents: 0, tree_bytes: 0, limits }
    }

    /// Notes a member; of a file the content with the next number is to be hashed.
    pub(crate) fn note(&mut self, member: &Member, path: &[u8]) -> Result<(), ArchiveError> {
        let name = self.keep(path)?;
        let link = member.link.as_deref().unwrap_or_default();
        let what = match member.kind {
            MemberKind::File => What::Content(self.next_content(member.size)?),
            MemberKind::Symlink => What::Target(Box::new(sum_of(link))),
            MemberKind::HardLink => What::SameAs(self.keep(&crate::member::normal(link))?),
            _ => member.device.map_or(What::Nothing, |(major, minor)| What::Device(major, minor)),
        };
        self.all.push(Node {
            name,
            kind: member.kind,
            mode: narrow(u64::from(member.mode)),
            uid: narrow(member.uid),
            gid: narrow(member.gid),
            size: member.size,
            attributes: attributes(member).map(Box::new),
            what,
        });
        Ok(())
    }

    pub(super) fn name(&self, name: &Range<u32>) -> &[u8] {
        &self.names[name.start as usize..name.end as usize]
    }

    fn keep(&mut self, path: &[u8]) -> Result<Range<u32>, ArchiveError> {
        let limit = self.limits.names_bytes.min(u64::from(u32::MAX));
        let too_much = ArchiveError::TooMuch { what: "bytes of names", limit };
        let end = self.names.len() + path.len();
        if end as u64 > limit {
            return Err(too_much);
        }
        let (Ok(start), Ok(end)) = (u32::try_from(self.names.len()), u32::try_from(end)) else { return Err(too_much) };
        self.names.extend_from_slice(path);
        Ok(start..end)
    }

    fn next_content(&mut self, size: u64) -> Result<u32, ArchiveError> {
        self.tree_bytes = self.tree_bytes.saturating_add(size);
        if self.tree_bytes > self.limits.tree_bytes {
            return Err(ArchiveError::TooMuch { what: "bytes once unpacked", limit: self.limits.tree_bytes });
        }
        self.contents += 1;
        Ok(self.contents - 1)
    }
}

/// The rules let no mode or owner pass that does not fit.
fn narrow(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

/// `NAME=VALUE` for each in order of names, the value in hexadecimal, each with a line end.
fn attributes(member: &Member) -> Option<Sum> {
    if member.attributes.is_empty() {
        return None;
    }
    let mut text = String::new();
    for attribute in &member.attributes {
        let value = spec::identity::reading::digest::hex(&attribute.value);
        text.extend([attribute.name.as_str(), "=", &value, "\n"]);
    }
    Some(sum_of(text.as_bytes()))
}
