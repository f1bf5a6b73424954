//! What two readers must agree on about a member.

use crate::member::{Member, MemberKind, shown};

/// A member without its times and its extended attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: MemberKind,
    /// Of a file.
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) link: Option<Vec<u8>>,
    pub(crate) device: Option<(u32, u32)>,
}

impl From<&Member> for Outline {
    fn from(member: &Member) -> Self {
        Self {
            name: member.name.clone(),
            kind: member.kind,
            size: if member.kind == MemberKind::File { member.size } else { 0 },
            mode: member.mode,
            uid: member.uid,
            gid: member.gid,
            link: member.link.clone(),
            device: member.device,
        }
    }
}

impl Outline {
    /// In words, for the message of a disagreement.
    pub(crate) fn describe(&self) -> String {
        let Self { kind, size, mode, uid, gid, .. } = self;
        let link = self.link.as_deref().map(|target| format!(" to {}", shown(target))).unwrap_or_default();
        let device = self.device.map(|(major, minor)| format!(" {major}:{minor}")).unwrap_or_default();
        format!("{kind} {}{link}{device} of {size} bytes, mode {mode:04o}, owner {uid}:{gid}", shown(&self.name))
    }
}
