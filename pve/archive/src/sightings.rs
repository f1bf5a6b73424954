//! What stood at the catalog's places: the raw material of observations.
//!
//! What their content says is read in [`spec::identity::reading`]; here only files are collected.

use std::collections::BTreeMap;

use spec::identity::{Catalog, Reading};

use crate::error::ArchiveError;
use crate::member::{Member, MemberKind, shown};
use crate::places::{Hit, directory, hits};

/// Something at a place of the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// The catalog item's id.
    pub(crate) item: &'static str,
    /// The path inside the guest.
    pub(crate) place: String,
    /// What stands there.
    pub(crate) what: Sighted,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sighted {
    /// A file.
    File {
        /// Its size.
        size: u64,
        /// Its modification time, in seconds since 1970.
        modified: i64,
        /// Its content, where the item's reading needs it and it is not too large.
        content: Option<Vec<u8>>,
    },
    /// A symbolic link.
    Link {
        /// Its target as written.
        target: String,
    },
    /// Another name of a file elsewhere in the archive, whose content was not kept.
    HardLink {
        /// That file's name.
        target: String,
    },
    /// A directory, device or FIFO.
    Other(MemberKind),
    /// Everything below a directory, taken together.
    Tree {
        /// Files, links and anything else that is no directory.
        files: u64,
        /// Their sizes.
        bytes: u64,
    },
}

/// A guest has some hundred; more are an attack on the reader's memory.
const MOST_SIGHTINGS: usize = 20_000;
/// The most content that is kept of all of them together.
const MOST_CONTENT: u64 = 16 << 20;

/// Collects sightings while an archive passes.
pub(crate) struct Sightings<'a> {
    catalog: &'a Catalog,
    found: Vec<Sighting>,
    /// Item and directory → files and bytes.
    trees: BTreeMap<(&'static str, String), (u64, u64)>,
    content: u64,
}

impl<'a> Sightings<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, found: Vec::new(), trees: BTreeMap::new(), content: 0 }
    }

    /// Notes a member and, where there is one, its content.
    pub(crate) fn note(&mut self, member: &Member, path: &[u8], content: Option<&[u8]>) -> Result<(), ArchiveError> {
        for hit in hits(self.catalog, path) {
            match hit {
                // What is read line by line is a file.
                Hit::At(item) if member.kind == MemberKind::Directory && matches!(item.reading, Reading::Lines(_)) => {}
                Hit::At(item) => {
                    let content = content.filter(|_| item.reading != Reading::Presence);
                    self.allow(content.map_or(0, <[u8]>::len))?;
                    let place = format!("/{}", String::from_utf8_lossy(path));
                    self.found.push(Sighting { item: item.id, place, what: sighted(member, content) });
                }
                Hit::Below(item, _)
                    if member.kind == MemberKind::Directory && self.catalog.holds_nothing_of(path, item) => {}
                Hit::Below(item, components) => {
                    let place = directory(path, components);
                    if !self.trees.contains_key(&(item.id, place.clone())) {
                        self.allow(0)?;
                    }
                    let (files, bytes) = self.trees.entry((item.id, place)).or_default();
                    if member.kind != MemberKind::Directory {
                        *files += 1;
                        *bytes = bytes.saturating_add(member.size);
                    }
                }
            }
        }
        Ok(())
    }

    fn allow(&mut self, bytes: usize) -> Result<(), ArchiveError> {
        self.content += bytes as u64;
        if self.found.len() + self.trees.len() >= MOST_SIGHTINGS || self.content > MOST_CONTENT {
            let limit = MOST_SIGHTINGS as u64;
            return Err(ArchiveError::TooMuch { what: "files, or 16 MiB of them, at places of identity", limit });
        }
        Ok(())
    }

    pub(crate) fn into_vec(self) -> Vec<Sighting> {
        let mut found = self.found;
        for ((item, place), (files, bytes)) in self.trees {
            found.push(Sighting { item, place, what: Sighted::Tree { files, bytes } });
        }
        found
    }
}

fn sighted(member: &Member, content: Option<&[u8]>) -> Sighted {
    let target = || shown(member.link.as_deref().unwrap_or_default());
    match member.kind {
        MemberKind::File => Sighted::File {
            size: member.size,
            modified: i64::try_from(member.mtime).unwrap_or(i64::MAX),
            content: content.map(<[u8]>::to_vec),
        },
        MemberKind::Symlink => Sighted::Link { target: target() },
        MemberKind::HardLink => Sighted::HardLink { target: target() },
        other => Sighted::Other(other),
    }
}
