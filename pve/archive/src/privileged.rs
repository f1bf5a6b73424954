//! Files that give whoever runs them more than their own rights: set-user-id, set-group-id, capabilities.

use serde::Serialize;

use crate::dpkg::Dpkg;
use crate::error::{ArchiveError, Refusal};
use crate::md5::Md5Sum;
use crate::member::{Attribute, Member, MemberKind, shown};
use crate::members::refused;

/// Such files that are listed; a Debian has about twenty.
const MOST: usize = 10_000;
/// The attribute that holds capabilities.
const CAPABILITY: &str = "xattr.security.capability";

/// Such a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Privileged {
    /// The path inside the guest.
    pub path: String,
    /// Its permission bits, in octal.
    pub mode: String,
    /// Whether it has capabilities.
    pub capabilities: bool,
    /// The Debian package that brought it.
    pub package: Option<String>,
    /// Whether its content is the package's; nothing where the package has no sum of it, or the file is too large.
    pub unchanged: Option<bool>,
}

/// Collects them.
pub(crate) struct PrivilegedFiles(Vec<(Vec<u8>, u32, bool, Option<Md5Sum>)>);

/// Whether a member is one.
pub(crate) fn is_privileged(member: &Member) -> bool {
    member.kind == MemberKind::File && (member.mode & 0o6000 != 0 || has_capabilities(member))
}

fn has_capabilities(member: &Member) -> bool {
    member.attributes.iter().any(|attribute| attribute.name == CAPABILITY)
}

/// Attributes that programs read, so that they must be what they say: capabilities as the kernel writes them, ACLs as text.
pub(crate) fn check_attributes(member: &Member) -> Result<(), ArchiveError> {
    let malformed = member.attributes.iter().find(|attribute| !is_well_formed(attribute));
    let files = member.kind == MemberKind::File || !has_capabilities(member);
    match malformed {
        Some(attribute) => Err(refused(&member.name, Refusal::Attribute { name: attribute.name.clone() })),
        None if files => Ok(()),
        None => Err(refused(&member.name, Refusal::Attribute { name: CAPABILITY.to_owned() })),
    }
}

/// `struct vfs_cap_data` of revision 2 (20 bytes) or 3 (24, the last four the root user that they count for).
fn is_well_formed(attribute: &Attribute) -> bool {
    let Attribute { name, value } = attribute;
    if name == CAPABILITY {
        let revision = value.get(..4).map(|magic| magic[3]);
        return matches!((revision, value.len()), (Some(2), 20) | (Some(3), 24));
    }
    !name.starts_with("acl.") || value.iter().all(|byte| (0x20..0x7f).contains(byte) || *byte == b'\n')
}

impl PrivilegedFiles {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn note(&mut self, member: &Member, path: &[u8], sum: Option<Md5Sum>) -> Result<(), ArchiveError> {
        self.0.push((path.to_owned(), member.mode, has_capabilities(member), sum));
        if self.0.len() > MOST {
            return Err(ArchiveError::TooMuch { what: "files with set-id bits or capabilities", limit: MOST as u64 });
        }
        Ok(())
    }

    pub(crate) fn finish(self, dpkg: &Dpkg) -> Vec<Privileged> {
        let all = self.0.into_iter();
        all.map(|(path, mode, capabilities, sum)| Privileged {
            path: format!("/{}", shown(&path)),
            mode: format!("{mode:04o}"),
            capabilities,
            package: dpkg.owner(&path).map(str::to_owned),
            unchanged: sum.and_then(|sum| dpkg.has_sum(&path).then(|| dpkg.vouches(&path, sum).is_some())),
        })
        .collect()
    }
}
