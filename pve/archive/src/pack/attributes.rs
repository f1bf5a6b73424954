//! Extended attributes of an open file or directory, as the PAX records that vzdump's tar writes for them.

use std::collections::BTreeMap;
use std::os::fd::AsFd;

use rustix::io::Errno;

use super::acl;

/// The capability attribute with the id of a user namespace's root in it.
const CAPABILITY_V3: u32 = 0x0300_0000;
const CAPABILITY_V2: u32 = 0x0200_0000;
/// Everything but the version: the "effective" flag.
const CAPABILITY_FLAGS: u32 = 0x00ff_ffff;
/// Bytes of a capability without and with that id.
const V2_BYTES: usize = 20;
const V3_BYTES: usize = 24;

/// The most that the kernel gives (xattr(7)).
const LARGEST: usize = 64 << 10;

/// PAX records by key.
pub(super) type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// Why attributes could not be taken.
pub(super) enum AttributesError {
    System(Errno),
    /// The attribute of that name makes no sense.
    Value(String),
}

impl From<Errno> for AttributesError {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

/// The records of an open file. A file system without attributes has none.
pub(super) fn records(file: impl AsFd, id_base: u32) -> Result<Records, AttributesError> {
    let file = file.as_fd();
    // The kernel lists at most this much, and no value is longer.
    let mut buffer = vec![0; LARGEST];
    let names = match rustix::fs::flistxattr(file, &mut buffer) {
        Err(Errno::NOTSUP) => return Ok(Records::new()),
        listed => buffer[..listed?].to_vec(),
    };
    let mut records = Records::new();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let Some(key) = key(name) else { continue };
        let name = String::from_utf8_lossy(name).into_owned();
        let count = rustix::fs::fgetxattr(file, &*name, &mut buffer)?;
        let value = buffer[..count].to_vec();
        let value = carried(&name, value, id_base).ok_or(AttributesError::Value(name))?;
        records.insert(key, value);
    }
    Ok(records)
}

/// The record's key; `None` for what stays behind.
fn key(name: &[u8]) -> Option<Vec<u8>> {
    match name {
        b"system.posix_acl_access" => Some(b"SCHILY.acl.access".to_vec()),
        b"system.posix_acl_default" => Some(b"SCHILY.acl.default".to_vec()),
        b"security.capability" => Some([b"SCHILY.xattr.", name].concat()),
        _ if name.starts_with(b"user.") => Some([b"SCHILY.xattr.", name].concat()),
        _ => None,
    }
}

/// The record's value.
fn carried(name: &str, value: Vec<u8>, id_base: u32) -> Option<Vec<u8>> {
    match name {
        "system.posix_acl_access" | "system.posix_acl_default" => {
            acl::text(&value, |id| id.checked_sub(id_base)).map(String::into_bytes)
        }
        "security.capability" => capability(value, id_base),
        _ => Some(value),
    }
}

/// A capability as the guest's own root sees it: one that belongs to its user namespace loses the namespace's id.
fn capability(value: Vec<u8>, id_base: u32) -> Option<Vec<u8>> {
    let magic = u32::from_le_bytes(*value.first_chunk()?);
    match (magic & !CAPABILITY_FLAGS, value.len()) {
        (CAPABILITY_V3, V3_BYTES) if id_base > 0 => {
            let root = u32::from_le_bytes(*value.last_chunk()?);
            let magic = (CAPABILITY_V2 | magic & CAPABILITY_FLAGS).to_le_bytes();
            (root == id_base).then(|| [&magic[..], &value[4..V2_BYTES]].concat())
        }
        (CAPABILITY_V2, V2_BYTES) | (CAPABILITY_V3, V3_BYTES) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_vzdump_keeps_is_kept() {
        assert_eq!(key(b"user.note").as_deref(), Some(&b"SCHILY.xattr.user.note"[..]));
        assert!(key(b"security.capability").is_some() && key(b"system.posix_acl_default").is_some());
        assert_eq!((key(b"trusted.overlay.opaque"), key(b"security.selinux")), (None, None));
    }

    #[test]
    fn a_guests_capability_is_written_as_the_guest_sees_it() {
        let mut v3 = vec![1, 0, 0, 3];
        v3.extend([0, 0x20, 0, 0].iter().chain(&[0; 12]));
        v3.extend(100_000_u32.to_le_bytes());
        let v2 = capability(v3.clone(), 100_000).unwrap();
        assert_eq!((v2.len(), &v2[..8]), (V2_BYTES, &[1, 0, 0, 2, 0, 0x20, 0, 0][..]));
        assert_eq!(capability(v2.clone(), 100_000), Some(v2));
        assert_eq!(capability(v3.clone(), 200_000), None);
        assert_eq!(capability(v3.clone(), 0), Some(v3));
        assert_eq!(capability(vec![1, 0], 0), None);
    }
}
