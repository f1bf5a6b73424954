//! The members of a tar stream, one after the other: the driver around `tar-core`, which itself reads nothing.

use tar_core::parse::{Limits as ParseLimits, ParseEvent, ParsedEntry, Parser};
use tar_core::{HEADER_SIZE, PaxExtensions};

use crate::error::{ArchiveError, Refusal};
use crate::extended;
use crate::limits::Limits;
use crate::member::{Attribute, Member, MemberKind, Part, shown};
use crate::piece::Piece;
use crate::stream::Pieces;

/// The most that headers of one member may take: long names, PAX records, sparse maps.
const MOST_METADATA: u32 = 1 << 20;
const BLOCK: u64 = HEADER_SIZE as u64;

/// Reads members. [`Members::next`] gives one; its content may then be read with [`Members::content`] and is skipped
/// otherwise.
pub struct Members<P> {
    input: P,
    parser: Parser,
    limits: Limits,
    /// What was read and not yet used.
    piece: Piece,
    /// Headers that lie across pieces, up to where more is needed.
    across: Vec<u8>,
    /// Bytes of tar before what was not yet used.
    at: u64,
    /// Bytes of the current member's content that were not read yet.
    content: u64,
    /// Bytes of padding behind it.
    padding: u64,
    count: u64,
}

/// What the parser makes of what there is.
enum Found {
    Member { consumed: usize, member: Member },
    End { consumed: usize },
    More { wanted: usize },
}

impl<P: Pieces> Members<P> {
    /// Reads from a tar stream: a [`Stream`](crate::Stream), or something around one.
    pub fn new(input: P, limits: Limits) -> Self {
        let parse_limits = ParseLimits {
            max_metadata_size: MOST_METADATA,
            max_path_len: Some(limits.path_bytes),
            ..ParseLimits::default()
        };
        Self {
            input,
            parser: Parser::new(parse_limits),
            limits,
            piece: Piece::empty(),
            across: Vec::new(),
            at: 0,
            content: 0,
            padding: 0,
            count: 0,
        }
    }

    /// What it reads from.
    pub fn input(&self) -> &P {
        &self.input
    }

    /// Gives back what it read from.
    pub fn into_inner(self) -> P {
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
            let headers = if self.across.is_empty() { &*self.piece } else { &self.across };
            match found(&mut self.parser, headers, self.at, self.count + 1)? {
                Found::More { wanted } => self.gather(wanted)?,
                Found::Member { consumed, member } => {
                    self.consume(consumed);
                    return self.begin(member).map(Some);
                }
                Found::End { consumed } => {
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
    pub fn content(&mut self) -> Result<Piece, ArchiveError> {
        if self.content == 0 {
            return Ok(Piece::empty());
        }
        if self.piece.is_empty() {
            self.refill()?;
        }
        let count = usize::try_from(self.content).map_or(self.piece.len(), |left| left.min(self.piece.len()));
        self.content -= count as u64;
        self.at += count as u64;
        Ok(self.piece.split_front(count))
    }

    /// Members read so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    fn begin(&mut self, member: Member) -> Result<Member, ArchiveError> {
        if self.count == self.limits.members {
            return Err(ArchiveError::TooMuch { what: "members", limit: self.limits.members });
        }
        if member.kind != MemberKind::File && member.stored > 0 {
            return Err(refused(&member.name, Refusal::ContentWithoutFile));
        }
        self.count += 1;
        self.content = member.stored;
        self.padding = (BLOCK - member.stored % BLOCK) % BLOCK;
        Ok(member)
    }

    /// Headers are used up, and what was gathered behind them is content again.
    fn consume(&mut self, count: usize) {
        self.at += count as u64;
        if self.across.is_empty() {
            self.piece.split_front(count);
        } else if count < self.across.len() {
            // Never more than the parser asked for, so that this is a block or two.
            let mut rest = self.across.split_off(count);
            rest.extend_from_slice(&self.piece);
            self.piece = Piece::from(rest);
        }
        self.across.clear();
    }

    /// Makes `wanted` bytes available in one place.
    fn gather(&mut self, wanted: usize) -> Result<(), ArchiveError> {
        let before = if self.across.is_empty() { self.piece.len() } else { self.across.len() };
        if wanted <= before {
            // The parser has what it asked for and asks for the same again: a number in a sparse map without an end.
            return Err(refused(b"a sparse file", Refusal::SparseMap));
        }
        while self.across.len() < wanted {
            if self.piece.is_empty() {
                self.refill()?;
            }
            let part = self.piece.split_front(wanted - self.across.len());
            self.across.extend_from_slice(&part);
        }
        Ok(())
    }

    /// The next piece; there must be one.
    fn refill(&mut self) -> Result<(), ArchiveError> {
        let at = self.at + self.across.len() as u64;
        self.piece = self.input.next_piece()?.ok_or(ArchiveError::Truncated { at })?;
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
            if let Some(offset) = self.piece.iter().position(|byte| *byte != 0) {
                return Err(ArchiveError::TrailingData { at: self.at + offset as u64 });
            }
            self.at += self.piece.len() as u64;
            match self.input.next_piece()? {
                Some(piece) => self.piece = piece,
                None => return Ok(()),
            }
        }
    }
}

fn found(parser: &mut Parser, headers: &[u8], at: u64, number: u64) -> Result<Found, ArchiveError> {
    let event = parser.parse(headers).map_err(|source| ArchiveError::Header { at, source: Box::new(source) })?;
    Ok(match event {
        ParseEvent::NeedData { min_bytes } => Found::More { wanted: min_bytes },
        ParseEvent::End { consumed } => Found::End { consumed },
        ParseEvent::GlobalExtensions { .. } => return Err(refused(b"pax_global_header", Refusal::GlobalHeader)),
        ParseEvent::Entry { consumed, entry } => {
            let attributes = extended::attributes(&entry, false).map_err(|refusal| refused(&entry.path, refusal))?;
            Found::Member { consumed, member: member(&entry, number, entry.size, entry.size, attributes) }
        }
        ParseEvent::SparseEntry { consumed, entry, sparse_map, real_size } => {
            let attributes = extended::attributes(&entry, true).map_err(|refusal| refused(&entry.path, refusal))?;
            let stored = sparse_map.iter().fold(0_u64, |sum, part| sum.saturating_add(part.length));
            let parts = sparse_map.iter().map(|part| Part { offset: part.offset, length: part.length });
            let parts: Vec<Part> = parts.filter(|part| part.length > 0).collect();
            if !fits(&parts, real_size) || !sizes_agree(&entry, stored, consumed) {
                return Err(refused(&entry.path, Refusal::SparseMap));
            }
            let mut member = member(&entry, number, real_size, stored, attributes);
            member.sparse = Some(parts);
            Found::Member { consumed, member }
        }
    })
}

/// In order, without overlap, inside of the file.
fn fits(parts: &[Part], size: u64) -> bool {
    let mut end = 0;
    parts.iter().all(|part| {
        let ordered = part.offset >= end;
        end = part.offset.saturating_add(part.length);
        ordered && end <= size
    })
}

pub(crate) fn refused(name: &[u8], refusal: Refusal) -> ArchiveError {
    ArchiveError::Refused { member: shown(name), refusal }
}

fn member(entry: &ParsedEntry<'_>, number: u64, size: u64, stored: u64, attributes: Vec<Attribute>) -> Member {
    let kind = MemberKind::from_byte(entry.entry_type.to_byte());
    let links = matches!(kind, MemberKind::Symlink | MemberKind::HardLink);
    let devices = matches!(kind, MemberKind::CharDevice | MemberKind::BlockDevice);
    Member {
        number,
        name: entry.path.to_vec(),
        kind,
        size,
        stored,
        sparse: None,
        mode: entry.mode & 0o7777,
        uid: entry.uid,
        gid: entry.gid,
        mtime: entry.mtime,
        link: entry.link_target.as_ref().filter(|_| links).map(|target| target.to_vec()),
        device: devices.then(|| (entry.dev_major.unwrap_or_default(), entry.dev_minor.unwrap_or_default())),
        attributes,
    }
}

/// The header's size counts the stored bytes; in PAX 1.0 with a `size` record also the map in front of them.
fn sizes_agree(entry: &ParsedEntry<'_>, stored: u64, consumed: usize) -> bool {
    let with_map = PaxExtensions::new(entry.pax.unwrap_or_default()).get_u64("size").is_some();
    let map = entry.size.checked_sub(stored);
    map == Some(0) || (with_map && map.is_some_and(|map| map % BLOCK == 0 && map <= consumed as u64))
}
