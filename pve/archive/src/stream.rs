//! From the file to the tar stream: inflate, and the caps on both.

use std::io::{BufRead, Read};

use crate::blocks::{Blocks, Onlooker};
use crate::error::ArchiveError;
use crate::limits::Limits;
use crate::piece::{PIECE, Piece, Pool};

/// How an archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// zstd, one frame or more.
    Zstd,
}

/// Where the tar stream comes from, piece by piece.
pub trait Pieces {
    /// The next piece; nothing at the end.
    ///
    /// # Errors
    /// The stream breaks off, or exceeds a cap.
    fn next_piece(&mut self) -> Result<Option<Piece>, ArchiveError>;
}

/// The tar stream of an archive.
pub struct Stream<R: Read> {
    reader: Inflater<R>,
    compression: Compression,
    limits: Limits,
    pool: Pool,
    tar_bytes: u64,
}

enum Inflater<R: Read> {
    Plain(Blocks<R>),
    Zstd(Box<zstd::Decoder<'static, Blocks<R>>>),
}

impl<R: Read> Stream<R> {
    /// Begins to read a file.
    ///
    /// # Errors
    /// The file does not read, is compressed with anything but zstd, or is no archive at all.
    pub fn open(file: R, limits: Limits) -> Result<Self, ArchiveError> {
        Self::open_before(file, limits, None)
    }

    /// The same, with somebody who is shown the file's own bytes as they are read.
    pub(crate) fn open_before(file: R, limits: Limits, onlooker: Option<Onlooker>) -> Result<Self, ArchiveError> {
        let mut file = Blocks::new(file, onlooker);
        let compression = compression_of(file.fill_buf().map_err(ArchiveError::Read)?)?;
        let reader = match compression {
            Compression::None => Inflater::Plain(file),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(file).map_err(ArchiveError::Read)?;
                decoder.window_log_max(limits.window_log).map_err(ArchiveError::Read)?;
                Inflater::Zstd(Box::new(decoder))
            }
        };
        Ok(Self { reader, compression, limits, pool: Pool::new(), tar_bytes: 0 })
    }

    /// How the file is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Bytes of the file that were used so far.
    pub fn file_bytes(&self) -> u64 {
        match &self.reader {
            Inflater::Plain(file) => file.bytes(),
            Inflater::Zstd(decoder) => decoder.get_ref().bytes(),
        }
    }

    /// Bytes of tar that came out so far.
    pub fn tar_bytes(&self) -> u64 {
        self.tar_bytes
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ArchiveError> {
        let at = self.tar_bytes;
        let count = match &mut self.reader {
            Inflater::Plain(plain) => plain.read(buffer).map_err(ArchiveError::Read),
            Inflater::Zstd(decoder) => decoder.read(buffer).map_err(|source| ArchiveError::Inflate { at, source }),
        }?;
        self.tar_bytes += count as u64;
        self.check()?;
        Ok(count)
    }

    fn check(&self) -> Result<(), ArchiveError> {
        if self.tar_bytes > self.limits.tar_bytes {
            return Err(ArchiveError::TooMuch { what: "bytes", limit: self.limits.tar_bytes });
        }
        let ratio_limit = self.file_bytes().saturating_mul(self.limits.ratio);
        if self.tar_bytes > Limits::RATIO_FROM && self.tar_bytes > ratio_limit {
            return Err(ArchiveError::TooMuch {
                what: "inflated bytes for each byte of the file",
                limit: self.limits.ratio,
            });
        }
        Ok(())
    }
}

impl<R: Read> Pieces for Stream<R> {
    fn next_piece(&mut self) -> Result<Option<Piece>, ArchiveError> {
        let mut memory = self.pool.take();
        let mut length = 0;
        while length < PIECE {
            match self.read(&mut memory[length..])? {
                0 => break,
                count => length += count,
            }
        }
        Ok((length > 0).then(|| self.pool.piece(memory, length)))
    }
}

fn compression_of(head: &[u8]) -> Result<Compression, ArchiveError> {
    const OTHERS: &[(&[u8], &str)] = &[
        (&[0x1f, 0x8b], "gzip"),
        (&[0x89, b'L', b'Z', b'O'], "lzop"),
        (b"BZh", "bzip2"),
        (&[0xfd, b'7', b'z', b'X', b'Z'], "xz"),
        (b"PK\x03\x04", "zip"),
    ];
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(ArchiveError::Compression(name));
    }
    let skippable = matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
    match head {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Compression::Zstd),
        _ if skippable => Ok(Compression::Zstd),
        _ if head.get(257..262) == Some(b"ustar") => Ok(Compression::None),
        [] => Err(ArchiveError::NotAnArchive("the file is empty".to_owned())),
        _ => Err(ArchiveError::NotAnArchive("it is neither tar nor zstd".to_owned())),
    }
}
