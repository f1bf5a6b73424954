//! What stands at each path of an archive's tree.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use pve_archive::{ArchiveError, Attribute, Limits, Member, MemberKind, Members, Pieces, Stream};
use sha2::{Digest, Sha256};

use crate::digest;

/// Where vzdump puts the configuration.
const CONFIGURATION: &[u8] = b"etc/vzdump";

/// What stands at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: String,
    pub(super) mode: u32,
    pub(super) owner: (u64, u64),
    pub(super) size: u64,
    /// SHA-256 of a file's stored bytes and where they lie in it.
    pub(super) content: Option<String>,
    /// Where a symbolic link leads.
    pub(super) target: Option<Vec<u8>>,
    pub(super) device: Option<(u32, u32)>,
    pub(super) attributes: Vec<Attribute>,
}

/// A tree by path; any bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(pub(super) BTreeMap<Vec<u8>, Node>);

/// Why an archive's tree is not known.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// The file could not be opened.
    #[error("cannot open the archive {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// It does not read.
    #[error("the archive {path} does not read")]
    Archive {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ArchiveError,
    },
}

/// Reads an archive once.
pub fn inventory(path: &Path) -> Result<Inventory, InventoryError> {
    let file = File::open(path).map_err(|source| InventoryError::Open { path: path.to_owned(), source })?;
    read(file).map_err(|source| InventoryError::Archive { path: path.to_owned(), source })
}

pub(super) fn read(file: impl Read) -> Result<Inventory, ArchiveError> {
    let limits = Limits::default();
    let mut members = Members::new(Stream::open(file, limits)?, limits);
    let mut all = BTreeMap::new();
    while let Some(member) = members.next()? {
        let path = member.path();
        if path.starts_with(CONFIGURATION) {
            continue;
        }
        let node = match member.kind {
            // Which of a file's names comes first is the order of a directory on disk, and means nothing.
            MemberKind::HardLink => all.get(&target_of(&member)).cloned(),
            _ => None,
        };
        let content = if member.kind == MemberKind::File { Some(content(&mut members, &member)?) } else { None };
        all.insert(path, node.unwrap_or_else(|| of_member(member, content)));
    }
    Ok(Inventory(all))
}

/// The path that a hard link names, as members' paths are.
fn target_of(member: &Member) -> Vec<u8> {
    let link = member.link.as_deref().unwrap_or_default();
    link.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect::<Vec<_>>().join(&b'/')
}

fn of_member(member: Member, content: Option<String>) -> Node {
    let mut attributes = member.attributes;
    attributes.sort();
    Node {
        kind: member.kind.to_string(),
        mode: member.mode,
        owner: (member.uid, member.gid),
        size: if member.kind == MemberKind::File { member.size } else { 0 },
        content,
        target: member.link.filter(|_| member.kind != MemberKind::File),
        device: member.device,
        attributes,
    }
}

/// The digest of what is stored; zeros that are stored in one archive and a hole in the other are told apart, which
/// only matters when something else differs too.
fn content<P: Pieces>(members: &mut Members<P>, member: &Member) -> Result<String, ArchiveError> {
    let mut hasher = Sha256::new();
    for part in member.sparse.iter().flatten() {
        hasher.update(part.offset.to_le_bytes());
        hasher.update(part.length.to_le_bytes());
    }
    loop {
        let piece = members.content()?;
        if piece.is_empty() {
            break;
        }
        hasher.update(&*piece);
    }
    Ok(digest::hex(&hasher.finalize()).map(|digest| digest.to_string()).unwrap_or_default())
}
