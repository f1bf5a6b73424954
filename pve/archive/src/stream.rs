//! From the file to the tar stream: inflate, and the caps on both.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use crate::error::ArchiveError;
use crate::limits::Limits;

/// Bytes read from the file at a time.
const READ_SIZE: usize = 256 << 10;
/// Enough to tell every compression and a tar header's magic.
const HEAD_SIZE: usize = 512;

/// How an archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// zstd, one frame or more.
    Zstd,
}

/// The tar stream of an archive. As a [`Read`] it gives the inflated bytes; its errors carry an [`ArchiveError`],
/// which [`Stream::error`] takes out again.
pub struct Stream<R: Read> {
    reader: Inflater<R>,
    compression: Compression,
    file_bytes: Rc<Cell<u64>>,
    limits: Limits,
    tar_bytes: u64,
}

enum Inflater<R: Read> {
    Plain(Counted<R>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Counted<R>>>>),
}

/// A reader that counts what passes, the looked-at head first.
struct Counted<R> {
    head: io::Cursor<Vec<u8>>,
    inner: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.head.read(buffer)? {
            0 => self.inner.read(buffer)?,
            count => count,
        };
        self.bytes.set(self.bytes.get() + count as u64);
        Ok(count)
    }
}

impl<R: Read> Stream<R> {
    /// Begins to read a file.
    ///
    /// # Errors
    /// The file does not read, is compressed with anything but zstd, or is no archive at all.
    pub fn open(mut file: R, limits: Limits) -> Result<Self, ArchiveError> {
        let mut head = Vec::with_capacity(HEAD_SIZE);
        file.by_ref().take(HEAD_SIZE as u64).read_to_end(&mut head).map_err(ArchiveError::Read)?;
        let compression = compression_of(&head)?;
        let file_bytes = Rc::new(Cell::new(0));
        let file = Counted { head: io::Cursor::new(head), inner: file, bytes: Rc::clone(&file_bytes) };
        let reader = match compression {
            Compression::None => Inflater::Plain(file),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(READ_SIZE, file))
                    .map_err(ArchiveError::Read)?;
                decoder.window_log_max(limits.window_log).map_err(ArchiveError::Read)?;
                Inflater::Zstd(Box::new(decoder))
            }
        };
        Ok(Self { reader, compression, file_bytes, limits, tar_bytes: 0 })
    }

    /// How the file is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Bytes of the file that were read so far.
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes.get()
    }

    /// Bytes of tar that came out so far.
    pub fn tar_bytes(&self) -> u64 {
        self.tar_bytes
    }

    /// The [`ArchiveError`] inside an error of this stream's `read`.
    pub fn error(error: io::Error) -> ArchiveError {
        match error.downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(error) => ArchiveError::Read(error),
        }
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

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.tar_bytes;
        let read = match &mut self.reader {
            Inflater::Plain(plain) => plain.read(buffer).map_err(ArchiveError::Read),
            Inflater::Zstd(decoder) => decoder.read(buffer).map_err(|source| ArchiveError::Inflate { at, source }),
        };
        let count = read.map_err(Carried::wrap)?;
        self.tar_bytes += count as u64;
        self.check().map_err(Carried::wrap)?;
        Ok(count)
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

/// An [`ArchiveError`] on its way through [`Read`].
struct Carried(ArchiveError);

impl Carried {
    fn wrap(error: ArchiveError) -> io::Error {
        io::Error::other(Self(error))
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Carried {}
