//! The archive, written member by member.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use spec::identity::reading::digest::hex;

use super::error::PackError;
use super::header::{BLOCK, Header};
use super::member::Headers;
use super::options::{PackOptions, Packed};
use super::sparse::{self, Part};
use super::walk::{Found, Node, walk};
use crate::{CONF_NAME, FIREWALL_NAME};

/// zstd's own default, which vzdump uses too.
const LEVEL: i32 = 3;
/// tar fills up to records of this size.
const RECORD: u64 = 10240;
const BUFFER: usize = 256 << 10;
/// Where the tree itself may have a configuration.
const CONF_FOLDER: &str = "etc/vzdump";
const CONF_PATH: &str = "etc/vzdump/pct.conf";
const FIREWALL_PATH: &str = "etc/vzdump/pct.fw";
/// What a file system has in its root for its own use.
const LOST_AND_FOUND: &str = "lost+found";

/// Packs the tree below `root`, with `conf` as its configuration, or the one that lies in it.
///
/// # Errors
/// Something in the tree does not read, or changes meanwhile; the archive cannot be written.
pub fn pack(root: &Path, conf: Option<&[u8]>, options: PackOptions, out: impl Write) -> Result<Packed, PackError> {
    let (conf, firewall) = front(root, conf)?;
    let sums = Summed { inner: out, digest: Sha256::new(), bytes: 0 };
    let mut writer = Writer::new(sums, options).map_err(PackError::Write)?;
    for (name, content) in [(CONF_NAME, &conf), (FIREWALL_NAME, &firewall)] {
        writer.given(name, content).map_err(PackError::Write)?;
    }
    walk(root, &mut |found| writer.take(&found))?;
    writer.finish()
}

/// The configuration and the firewall's rules, which come first; those of a given configuration are none.
fn front(root: &Path, conf: Option<&[u8]>) -> Result<(Vec<u8>, Vec<u8>), PackError> {
    if let Some(conf) = conf {
        return Ok((conf.to_vec(), Vec::new()));
    }
    let conf = read(root, CONF_PATH)?.ok_or(PackError::NoConfiguration)?;
    Ok((conf, read(root, FIREWALL_PATH)?.unwrap_or_default()))
}

/// A file of the tree's own folder for it; nothing where a link stands there, which could lead anywhere.
fn read(root: &Path, path: &str) -> Result<Option<Vec<u8>>, PackError> {
    let file = root.join(path);
    match std::fs::symlink_metadata(&file) {
        Ok(metadata) if metadata.is_file() => {
            std::fs::read(&file).map(Some).map_err(|source| PackError::Read { path: path.into(), source })
        }
        _ => Ok(None),
    }
}

struct Writer<W: Write> {
    out: zstd::Encoder<'static, Summed<W>>,
    headers: Headers,
    tar_bytes: u64,
    members: u64,
    sockets: u64,
}

impl<W: Write> Writer<W> {
    fn new(out: Summed<W>, options: PackOptions) -> io::Result<Self> {
        let mut out = zstd::Encoder::new(out, LEVEL)?;
        out.include_checksum(true)?;
        // With one worker or more the frame is cut into jobs by size alone; without any it would be another frame.
        out.multithread(options.threads.max(1))?;
        Ok(Self { out, headers: Headers::new(options), tar_bytes: 0, members: 0, sockets: 0 })
    }

    fn take(&mut self, found: &Found) -> Result<(), PackError> {
        // vzdump writes the two files without their folder, which is not the guest's.
        let given = [CONF_FOLDER, CONF_PATH, FIREWALL_PATH, LOST_AND_FOUND].map(Path::new);
        if given.contains(&&*found.path) {
            return Ok(());
        }
        let Some(header) = self.headers.header(found)? else {
            self.sockets += 1;
            return Ok(());
        };
        match &found.node {
            Node::File(file) if header.kind == b'0' => self.file(header, file, &found.path),
            _ => self.header(&header).map_err(PackError::Write),
        }
    }

    fn given(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.header(&self.headers.given(name, content.len() as u64))?;
        self.write(content)?;
        self.pad()
    }

    fn file(&mut self, header: Header, file: &File, path: &Path) -> Result<(), PackError> {
        let unreadable = |source| PackError::Read { path: path.to_owned(), source };
        let size = header.size;
        let mut content = file;
        let parts = sparse::parts(&mut content, size).map_err(unreadable)?;
        if sparse::has_holes(&parts, size) {
            let map = sparse::map(&parts, size);
            self.header(&with_map(header, &parts, &map)).and_then(|()| self.write(&map)).map_err(PackError::Write)?;
            for part in parts {
                self.part(content, part, path)?;
            }
        } else {
            self.header(&header).map_err(PackError::Write)?;
            self.part(content, Part { offset: 0, length: size }, path)?;
        }
        // A file that has grown ends after its header's size; it must end there.
        content.seek(SeekFrom::Start(size)).map_err(unreadable)?;
        if content.read(&mut [0]).map_err(unreadable)? > 0 {
            return Err(PackError::Changing { path: path.to_owned() });
        }
        self.pad().map_err(PackError::Write)
    }

    fn part(&mut self, mut content: &File, part: Part, path: &Path) -> Result<(), PackError> {
        let unreadable = |source| PackError::Read { path: path.to_owned(), source };
        content.seek(SeekFrom::Start(part.offset)).map_err(unreadable)?;
        let mut buffer = vec![0; BUFFER.min(usize::try_from(part.length).unwrap_or(BUFFER))];
        let mut left = part.length;
        while left > 0 {
            let wanted = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            let count = sparse::fill(&mut content, &mut buffer[..wanted]).map_err(unreadable)?;
            if count < wanted {
                return Err(PackError::Changing { path: path.to_owned() });
            }
            self.write(&buffer[..count]).map_err(PackError::Write)?;
            left -= count as u64;
        }
        Ok(())
    }

    fn header(&mut self, header: &Header) -> io::Result<()> {
        self.members += 1;
        self.write(&header.blocks())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tar_bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Fills up to a whole block.
    fn pad(&mut self) -> io::Result<()> {
        let missing = self.tar_bytes.next_multiple_of(BLOCK as u64) - self.tar_bytes;
        self.zeros(missing)
    }

    fn zeros(&mut self, count: u64) -> io::Result<()> {
        let zeros = vec![0; usize::try_from(count).unwrap_or(0)];
        self.write(&zeros)
    }

    fn finish(mut self) -> Result<Packed, PackError> {
        let end = (self.tar_bytes + 2 * BLOCK as u64).next_multiple_of(RECORD);
        self.zeros(end - self.tar_bytes).map_err(PackError::Write)?;
        let Self { out, tar_bytes, members, sockets, .. } = self;
        let mut sums = out.finish().map_err(PackError::Write)?;
        sums.flush().map_err(PackError::Write)?;
        let digest = hex(&sums.digest.finalize()).parse();
        let file_sha256 = digest.map_err(|error| PackError::Write(io::Error::other(error)))?;
        Ok(Packed { file_bytes: sums.bytes, file_sha256, tar_bytes, members, sockets })
    }
}

/// The header of a file with holes: its content is a map and the stored parts, its name is in a record.
fn with_map(header: Header, parts: &[Part], map: &[u8]) -> Header {
    let stored: u64 = parts.iter().map(|part| part.length).sum();
    let mut records = header.records;
    let real = header.size.to_string().into_bytes();
    let entries: [(&[u8], Vec<u8>); 4] = [
        (b"GNU.sparse.major", b"1".to_vec()),
        (b"GNU.sparse.minor", b"0".to_vec()),
        (b"GNU.sparse.name", header.name.clone()),
        (b"GNU.sparse.realsize", real),
    ];
    records.extend(entries.map(|(key, value)| (key.to_vec(), value)));
    Header { name: b"./GNUSparseFile.0/x".to_vec(), size: stored + map.len() as u64, records, ..header }
}

/// A writer whose bytes are counted and digested.
struct Summed<W> {
    inner: W,
    digest: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.digest.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
