//! The embedded configuration, and nothing else of the archive.

use std::io::Read;

use crate::CONF_NAME;
use crate::error::{ArchiveError, Refusal};
use crate::limits::Limits;
use crate::member::MemberKind;
use crate::members::{Members, refused};
use crate::stream::{Pieces, Stream};

/// Proxmox's own configurations have a few KiB; a description may have 8 KiB.
const MOST_CONF_BYTES: u64 = 512 << 10;

/// Reads the embedded `pct.conf` and stops behind it. In an archive of vzdump's it is the first member, so that the
/// cost does not grow with the archive; elsewhere it is looked for, as Proxmox does.
///
/// # Errors
/// The archive does not read as far as that, or holds no configuration.
pub fn read_conf(file: impl Read, limits: Limits) -> Result<String, ArchiveError> {
    let mut members = Members::new(Stream::open(file, limits)?, limits);
    while let Some(member) = members.next()? {
        if member.name == CONF_NAME.as_bytes() {
            if member.kind != MemberKind::File || member.sparse.is_some() {
                return Err(refused(&member.name, Refusal::SecondConfiguration));
            }
            return read_text(&mut members);
        }
    }
    Err(ArchiveError::NoConfiguration)
}

/// The current member's content as text.
pub(crate) fn read_text<P: Pieces>(members: &mut Members<P>) -> Result<String, ArchiveError> {
    let mut bytes = Vec::new();
    loop {
        let piece = members.content()?;
        if piece.is_empty() {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > MOST_CONF_BYTES {
            return Err(ArchiveError::TooMuch { what: "bytes of configuration", limit: MOST_CONF_BYTES });
        }
    }
}
