//! What a member may be, given the members before it. Each rule has one [`Refusal`].

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::CONF_NAME;
use crate::error::{ArchiveError, Refusal};
use crate::limits::Limits;
use crate::member::{Member, MemberKind, normal, shown};
use crate::members::refused;

/// User and group ids of an unprivileged container end here.
const IDS: u64 = 65_536;

/// The members so far, as far as the rules ask for them. Names are kept as keyed 64-bit hashes: what an archive of two
/// million members costs must not depend on the length of its names. Nobody can choose names that collide, and two
/// that do by chance (one archive in ten million) are refused as one name given twice.
pub(crate) struct Rules {
    limits: Limits,
    keys: RandomState,
    seen: HashMap<u64, Place>,
    conf_seen: bool,
}

/// What stands at a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A directory that only its members speak of.
    ImpliedDirectory,
    Directory,
    /// A file, device or FIFO: something a hard link may lead to.
    Node,
    Symlink,
}

impl Rules {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, keys: RandomState::new(), seen: HashMap::new(), conf_seen: false }
    }

    /// Looks at the next member.
    pub(crate) fn check(&mut self, member: &Member) -> Result<(), ArchiveError> {
        self.count_components(&member.name)?;
        self.look(member).map_err(|refusal| refused(&member.name, refusal))
    }

    fn look(&mut self, member: &Member) -> Result<(), Refusal> {
        check_name(&member.name)?;
        self.check_conf(member)?;
        let path = member.path();
        check_kind(member, &path)?;
        if member.uid >= IDS || member.gid >= IDS {
            return Err(Refusal::Owner { ids: (member.uid, member.gid) });
        }
        self.check_parents(&path)?;
        if member.kind == MemberKind::HardLink {
            self.check_hard_link(member.link.as_deref().unwrap_or_default())?;
        }
        self.enter(&path, member.kind)
    }

    fn count_components(&self, name: &[u8]) -> Result<(), ArchiveError> {
        let most = self.limits.depth as usize;
        if name.split(|byte| *byte == b'/').count() > most {
            return Err(ArchiveError::TooMuch { what: "components in a name", limit: most as u64 });
        }
        if name.split(|byte| *byte == b'/').any(|part| part.len() > Limits::COMPONENT_BYTES) {
            let limit = Limits::COMPONENT_BYTES as u64;
            return Err(ArchiveError::TooMuch { what: "bytes in one component of a name", limit });
        }
        Ok(())
    }

    /// One plain file under exactly that name, and nothing that Proxmox would also take for it: it looks for names
    /// that end so.
    fn check_conf(&mut self, member: &Member) -> Result<(), Refusal> {
        let endings: [&[u8]; 2] = [CONF_NAME.as_bytes(), b"./etc/vzdump/vps.conf"];
        let takes_for_conf =
            endings.iter().any(|ending| member.name.ends_with(ending)) || member.path() == normal(CONF_NAME.as_bytes());
        if !takes_for_conf {
            return Ok(());
        }
        let proper = member.name == CONF_NAME.as_bytes() && member.kind == MemberKind::File && !self.conf_seen;
        self.conf_seen = true;
        if proper { Ok(()) } else { Err(Refusal::SecondConfiguration) }
    }

    /// Every component on the way must be a directory; those that were not mentioned are so from now on.
    fn check_parents(&mut self, path: &[u8]) -> Result<(), Refusal> {
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        for (end, _) in slashes {
            let parent = &path[..end];
            let key = self.key(parent);
            match self.seen.get(&key) {
                None => {
                    self.seen.insert(key, Place::ImpliedDirectory);
                }
                Some(Place::Directory | Place::ImpliedDirectory) => {}
                Some(_) => return Err(Refusal::ThroughNonDirectory { parent: shown(parent) }),
            }
        }
        Ok(())
    }

    fn check_hard_link(&mut self, target: &[u8]) -> Result<(), Refusal> {
        let refusal = || Refusal::HardLinkTarget { target: shown(target) };
        check_name(target).map_err(|_| refusal())?;
        let path = normal(target);
        self.check_parents(&path)?;
        match self.seen.get(&self.key(&path)) {
            Some(Place::Node | Place::Symlink) => Ok(()),
            _ => Err(refusal()),
        }
    }

    /// A directory may come again (vzdump lists mount points twice), nothing else.
    fn enter(&mut self, path: &[u8], kind: MemberKind) -> Result<(), Refusal> {
        let place = match kind {
            MemberKind::Directory => Place::Directory,
            MemberKind::Symlink => Place::Symlink,
            _ => Place::Node,
        };
        let before = self.seen.insert(self.key(path), place);
        let again = matches!(before, Some(Place::Directory | Place::ImpliedDirectory)) && place == Place::Directory;
        if before.is_none() || again { Ok(()) } else { Err(Refusal::Duplicate) }
    }

    fn key(&self, path: &[u8]) -> u64 {
        self.keys.hash_one(path)
    }
}

fn check_name(name: &[u8]) -> Result<(), Refusal> {
    if name.is_empty() || name.contains(&0) || name.contains(&b'\n') {
        return Err(Refusal::UnusableName);
    }
    if name.starts_with(b"/") {
        return Err(Refusal::AbsoluteName);
    }
    if name.split(|byte| *byte == b'/').any(|part| part == b"..") {
        return Err(Refusal::ParentInName);
    }
    Ok(())
}

fn check_kind(member: &Member, path: &[u8]) -> Result<(), Refusal> {
    let in_dev = path.starts_with(b"dev/");
    match member.kind {
        MemberKind::File if member.name.ends_with(b"/") => Err(Refusal::Type(b'0')),
        MemberKind::Symlink if member.link.is_none() => Err(Refusal::UnusableName),
        MemberKind::CharDevice | MemberKind::BlockDevice | MemberKind::Fifo if !in_dev => Err(Refusal::SpecialFile),
        MemberKind::Other(byte) => Err(Refusal::Type(byte)),
        _ => Ok(()),
    }
}
