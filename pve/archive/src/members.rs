//! The members of a tar stream, one after the other: the driver around `tar-core`, which itself reads nothing.

use std::io::Read;

use tar_core::parse::{Limits as ParseLimits, ParseEvent, ParsedEntry, Parser};
use tar_core::{HEADER_SIZE, PaxExtensions};

use crate::error::{ArchiveError, Refusal};
use crate::limits::Limits;
use crate::member::{Member, MemberKind, shown};
use crate::stream::Stream;

/// Bytes asked of the stream at a time.
const CHUNK: usize = 128 << 10;
/// The most that headers of one member may take: long names, PAX records, sparse maps.
const MOST_METADATA: u32 = 1 << 20;
const BLOCK: u64 = HEADER_SIZE as u64;

/// Reads members. [`Members::next`] gives one; its content may then be read with [`Members::content`] and is skipped
/// otherwise.
pub struct Members<R> {
    input: R,
    parser: Parser,
    limits: Limits,
    buffer: Vec<u8>,
    /// Where the unread part of the buffer begins.
    start: usize,
    /// Bytes of tar before `buffer[start]`.
    at: u64,
    /// Bytes of the current member's content that were not read yet.
    content: u64,
    /// Bytes of padding behind it.
    padding: u64,
    count: u64,
}

impl<R: Read> Members<R> {
    /// Reads from a tar stream: a [`Stream`], or something around one.
    pub fn new(input: R, limits: Limits) -> Self {
        let parse_limits = ParseLimits {
            max_metadata_size: MOST_METADATA,
            max_path_len: Some(limits.path_bytes),
            ..ParseLimits::default()
        };
        let parser = Parser::new(parse_limits);
        Self { input, parser, limits, buffer: Vec::new(), start: 0, at: 0, content: 0, padding: 0, count: 0 }
    }

    /// What it reads from.
    pub fn get_ref(&self) -> &R {
        &self.input
    }

    /// Gives back what it read from.
    pub fn into_inner(self) -> R {
        self.input
    }

    /// The next member; nothing once the end marker was read and only zeros follow it.
    ///
    /// # Errors
    /// The stream breaks off, goes on after its end, or holds a header that does not read.
    #[expect(clippy::should_implement_trait, reason = "an iterator could not lend the content between two members")]
    pub fn next(&mut self) -> Result<Option<Member>, ArchiveError> {
        self.skip_content()?;
        loop {
            let at = self.at;
            let event = self.parser.parse(&self.buffer[self.start..]);
            match event.map_err(|source| ArchiveError::Header { at, source: Box::new(source) })? {
                ParseEvent::NeedData { min_bytes } => self.fill(min_bytes)?,
                ParseEvent::GlobalExtensions { .. } => {
                    return Err(refused(b"pax_global_header", Refusal::GlobalHeader));
                }
                ParseEvent::Entry { consumed, entry } => {
                    let logical = pax_real_size(&entry).unwrap_or(entry.size);
                    let sparse = logical != entry.size || has_sparse_records(&entry);
                    let member = member(&entry, self.count + 1, logical, entry.size, sparse);
                    return self.begin(consumed, member).map(Some);
                }
                ParseEvent::SparseEntry { consumed, entry, sparse_map, real_size } => {
                    let stored = sparse_map.iter().fold(0_u64, |sum, part| sum.saturating_add(part.length));
                    let fits =
                        sparse_map.iter().all(|p| p.offset.checked_add(p.length).is_some_and(|end| end <= real_size));
                    if !fits || !sizes_agree(&entry, stored, consumed) {
                        return Err(refused(&entry.path, Refusal::SparseMap));
                    }
                    let member = member(&entry, self.count + 1, real_size, stored, true);
                    return self.begin(consumed, member).map(Some);
                }
                ParseEvent::End { consumed } => {
                    self.consume(consumed);
                    self.expect_zeros()?;
                    return Ok(None);
                }
            }
        }
    }

    /// Reads the next piece of the current member's content; empty at its end.
    ///
    /// # Errors
    /// The stream breaks off.
    pub fn content(&mut self) -> Result<&[u8], ArchiveError> {
        if self.content == 0 {
            return Ok(&[]);
        }
        if self.start == self.buffer.len() {
            self.fill(1)?;
        }
        let available = self.buffer.len() - self.start;
        let count = usize::try_from(self.content).map_or(available, |left| left.min(available));
        let from = self.start;
        self.content -= count as u64;
        self.consume(count);
        Ok(&self.buffer[from..from + count])
    }

    /// Members read so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    fn begin(&mut self, consumed: usize, member: Member) -> Result<Member, ArchiveError> {
        if self.count == self.limits.members {
            return Err(ArchiveError::TooMuch { what: "members", limit: self.limits.members });
        }
        if member.kind != MemberKind::File && member.stored > 0 {
            return Err(refused(&member.name, Refusal::ContentWithoutFile));
        }
        self.consume(consumed);
        self.count += 1;
        self.content = member.stored;
        self.padding = (BLOCK - member.stored % BLOCK) % BLOCK;
        Ok(member)
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        self.at += count as u64;
    }

    /// Makes at least `wanted` unread bytes available.
    fn fill(&mut self, wanted: usize) -> Result<(), ArchiveError> {
        self.buffer.drain(..self.start);
        self.start = 0;
        while self.buffer.len() < wanted {
            let before = self.buffer.len();
            self.buffer.resize(before + CHUNK, 0);
            let read = self.input.read(&mut self.buffer[before..]);
            self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Err(ArchiveError::Truncated { at: self.at + before as u64 }),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Stream::<R>::error(error)),
            }
        }
        Ok(())
    }

    fn skip_content(&mut self) -> Result<(), ArchiveError> {
        self.content += std::mem::take(&mut self.padding);
        while !self.content()?.is_empty() {}
        Ok(())
    }

    /// Behind the end marker stands padding to a full record, and nothing else.
    fn expect_zeros(&mut self) -> Result<(), ArchiveError> {
        loop {
            if let Some(offset) = self.buffer[self.start..].iter().position(|byte| *byte != 0) {
                return Err(ArchiveError::TrailingData { at: self.at + offset as u64 });
            }
            self.consume(self.buffer.len() - self.start);
            match self.fill(1) {
                Ok(()) => {}
                Err(ArchiveError::Truncated { .. }) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

pub(crate) fn refused(name: &[u8], refusal: Refusal) -> ArchiveError {
    ArchiveError::Refused { member: shown(name), refusal }
}

fn member(entry: &ParsedEntry<'_>, number: u64, size: u64, stored: u64, sparse: bool) -> Member {
    let kind = MemberKind::from_byte(entry.entry_type.to_byte());
    let links = matches!(kind, MemberKind::Symlink | MemberKind::HardLink);
    Member {
        number,
        name: entry.path.to_vec(),
        kind,
        size,
        stored,
        sparse,
        mode: entry.mode & 0o7777,
        uid: entry.uid,
        gid: entry.gid,
        mtime: entry.mtime,
        link: entry.link_target.as_ref().filter(|_| links).map(|target| target.to_vec()),
    }
}

fn pax<'a>(entry: &ParsedEntry<'a>) -> PaxExtensions<'a> {
    PaxExtensions::new(entry.pax.unwrap_or_default())
}

/// PAX sparse 0.0 and 0.1 come as ordinary entries; their real size stands in a record.
fn pax_real_size(entry: &ParsedEntry<'_>) -> Option<u64> {
    pax(entry).get_u64("GNU.sparse.realsize").or_else(|| pax(entry).get_u64("GNU.sparse.size"))
}

fn has_sparse_records(entry: &ParsedEntry<'_>) -> bool {
    pax(entry).flatten().any(|record| record.key_bytes().starts_with(b"GNU.sparse."))
}

/// The header's size counts the stored bytes; in PAX 1.0 with a `size` record also the map in front of them.
fn sizes_agree(entry: &ParsedEntry<'_>, stored: u64, consumed: usize) -> bool {
    let with_map = pax(entry).get_u64("size").is_some();
    let map = entry.size.checked_sub(stored);
    map == Some(0) || (with_map && map.is_some_and(|map| map % BLOCK == 0 && map <= consumed as u64))
}
