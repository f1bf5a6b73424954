//! SHA-256 of a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use spec::ids::Sha256Hex;

/// Bytes read at once.
const BUFFER: usize = 1 << 20;

/// The digest of a file's content.
pub(crate) fn of_file(path: &Path) -> io::Result<Sha256Hex> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer)? {
            0 => return hex(&hasher.finalize()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// The digest of a text.
pub(crate) fn of_text(text: &str) -> io::Result<Sha256Hex> {
    hex(&Sha256::digest(text.as_bytes()))
}

/// A digest as a text.
pub(crate) fn hex(digest: &[u8]) -> io::Result<Sha256Hex> {
    let text: String = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect();
    text.parse().map_err(io::Error::other)
}

fn digit(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sha256_sums() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(of_text("").unwrap().as_str(), empty);
        assert_eq!(of_file(Path::new("/dev/null")).unwrap().as_str(), empty);
    }
}
