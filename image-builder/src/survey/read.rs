//! One pass over an archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pve_archive::{ArchiveError, Limits, Member, MemberKind, Members, Pieces, Stream};
use sha2::{Digest, Sha256};
use spec::ids::Sha256Hex;

use super::wanted::{Want, wanted};
use crate::digest;

/// The most bytes of one text that is kept; Debian's whole package database stays below this.
const MOST_TEXT: u64 = 16 << 20;
/// What says that a program may do more than who starts it.
const CAPABILITY: &str = "security.capability";
/// The most bytes of all texts.
const MOST_TEXTS: u64 = 256 << 20;

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its absolute path; bytes that are no UTF-8 are replaced.
    pub path: String,
    /// What it is.
    pub kind: MemberKind,
    /// Bytes of content.
    pub bytes: u64,
    /// Permission bits, with set-id and sticky.
    pub mode: u32,
    /// Owner inside the guest.
    pub uid: u64,
    /// Group inside the guest.
    pub gid: u64,
    /// Where a link leads, as written.
    pub link: Option<String>,
    /// The attribute `security.capability`, where it has one.
    pub capability: Option<Vec<u8>>,
    /// The content's digest, where the file was read.
    pub sha256: Option<Sha256Hex>,
}

/// A tree as an archive holds it.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Every entry, in the archive's order.
    pub entries: Vec<Entry>,
    /// The texts that were read, by path.
    pub texts: BTreeMap<String, String>,
    /// When the newest entry was written, seconds since 1970.
    pub newest: u64,
}

/// Why an archive could not be surveyed.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The file could not be opened.
    #[error("cannot open the archive {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is no archive.
    #[error("the archive {path} does not read")]
    Archive {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ArchiveError,
    },
    /// Its package database does not read.
    #[error("the archive {path} has a package database that does not read")]
    Software {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: spec::software::DpkgError,
    },
}

/// Reads an archive once.
pub fn survey(path: &Path) -> Result<Survey, SurveyError> {
    let file = File::open(path).map_err(|source| SurveyError::Open { path: path.to_owned(), source })?;
    read(file, Limits::default()).map_err(|source| SurveyError::Archive { path: path.to_owned(), source })
}

fn read(file: impl Read, limits: Limits) -> Result<Survey, ArchiveError> {
    let mut members = Members::new(Stream::open(file, limits)?, limits);
    let mut survey = Survey::default();
    let mut kept = 0;
    while let Some(member) = members.next()? {
        let path = format!("/{}", String::from_utf8_lossy(&member.path()));
        if path.starts_with("/etc/vzdump/") {
            continue;
        }
        let want =
            if member.kind == MemberKind::File && member.sparse.is_none() { wanted(&path) } else { Want::Nothing };
        let mut sha256 = None;
        if want != Want::Nothing {
            let (digest, text) = content(&mut members, want == Want::Text && member.stored <= MOST_TEXT)?;
            sha256 = Some(digest);
            kept += text.as_ref().map_or(0, |text| text.len() as u64);
            if kept > MOST_TEXTS {
                return Err(ArchiveError::TooMuch { what: "bytes of package databases", limit: MOST_TEXTS });
            }
            survey.texts.extend(text.map(|text| (path.clone(), text)));
        }
        survey.newest = survey.newest.max(member.mtime);
        survey.entries.push(entry(&member, path, sha256));
    }
    Ok(survey)
}

fn entry(member: &Member, path: String, sha256: Option<Sha256Hex>) -> Entry {
    let link = member.link.as_ref().map(|link| String::from_utf8_lossy(link).into_owned());
    let bytes = if member.kind == MemberKind::File { member.size } else { 0 };
    let capability = member.attributes.iter().find(|attribute| attribute.name == CAPABILITY);
    let capability = capability.map(|attribute| attribute.value.clone());
    let (mode, uid, gid) = (member.mode, member.uid, member.gid);
    Entry { path, kind: member.kind, bytes, mode, uid, gid, link, capability, sha256 }
}

/// The current member's digest, and its text where that is to be kept.
fn content<P: Pieces>(members: &mut Members<P>, keep: bool) -> Result<(Sha256Hex, Option<String>), ArchiveError> {
    let mut hasher = Sha256::new();
    let mut bytes = Vec::new();
    loop {
        let piece = members.content()?;
        if piece.is_empty() {
            break;
        }
        hasher.update(&*piece);
        if keep {
            bytes.extend_from_slice(&piece);
        }
    }
    let sha256 = digest::hex(&hasher.finalize()).map_err(|error| ArchiveError::NotAnArchive(error.to_string()))?;
    Ok((sha256, keep.then(|| String::from_utf8_lossy(&bytes).into_owned())))
}
