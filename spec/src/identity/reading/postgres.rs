//! `pg_control`: the file by which a PostgreSQL cluster knows itself.
//!
//! It begins with the system identifier, which `initdb` draws and every WAL page repeats, and ends with a nonce for
//! logins of users that do not exist and a CRC-32C over all before it. The fields between them change from version to
//! version, so the end is not looked up in a table: it is the one place where the CRC fits.
//!
//! In a golden the cluster is *asleep*: identifier and nonce are zero and the WAL, which repeats the identifier, is
//! gone. PostgreSQL refuses to start on that, so nothing runs under a shared identifier by mistake, and no database is
//! lost: `pg_resetwal` begins a new WAL once the file holds an identifier again. This is what PostgreSQL's own
//! `pg_createsubscriber` does to a copied cluster.

use super::content::{identified, present};
use super::digest::sha256_hex;
use crate::identity::{IdentityKind, Seen};

/// Bytes of the system identifier, at the file's begin.
const IDENTIFIER: std::ops::Range<usize> = 0..8;
/// Where the cluster's state is, in every version since 8.0.
const STATE: std::ops::Range<usize> = 16..20;
/// `DB_SHUTDOWNED`: a server that ended in order, and to which no WAL is owed.
const SHUT_DOWN: u32 = 1;
/// Bytes of the nonce, which stands right before the CRC since version 10.
const NONCE: usize = 32;
/// Where the CRC can be: behind every field of the oldest version, and before the end of the first disk sector, into
/// which PostgreSQL has the structure fit.
const CRC: std::ops::RangeInclusive<usize> = 200..=508;

/// A `pg_control` file whose CRC fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    bytes: Vec<u8>,
    crc: usize,
}

impl Control {
    /// Reads a file's content; none where no CRC fits: cut, damaged, or of a machine with another byte order.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut crc = Crc::new();
        for (at, byte) in bytes.iter().enumerate() {
            let stored = CRC.contains(&at).then(|| word(bytes, at)).flatten();
            if at % 4 == 0 && stored == Some(crc.value()) {
                return Some(Self { bytes: bytes.to_vec(), crc: at });
            }
            if at > *CRC.end() {
                break;
            }
            crc.add(*byte);
        }
        None
    }

    /// The system identifier; none when the cluster is asleep.
    pub fn identifier(&self) -> Option<u64> {
        let bytes: [u8; 8] = self.bytes.get(IDENTIFIER)?.try_into().ok()?;
        Some(u64::from_le_bytes(bytes)).filter(|identifier| *identifier != 0)
    }

    /// Whether the server ended in order, so that no WAL is needed to start it again.
    pub fn is_shut_down(&self) -> bool {
        word(&self.bytes, STATE.start) == Some(SHUT_DOWN)
    }

    /// The file's content for a cluster that is asleep.
    pub fn asleep(&self) -> Vec<u8> {
        self.with(0, [0; NONCE])
    }

    /// The file's content for a cluster with an identity of its own.
    pub fn awake(&self, identifier: u64, nonce: [u8; NONCE]) -> Vec<u8> {
        self.with(identifier, nonce)
    }

    fn with(&self, identifier: u64, nonce: [u8; NONCE]) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        bytes[IDENTIFIER].copy_from_slice(&identifier.to_le_bytes());
        bytes[self.crc - NONCE..self.crc].copy_from_slice(&nonce);
        let mut crc = Crc::new();
        for byte in &bytes[..self.crc] {
            crc.add(*byte);
        }
        bytes[self.crc..self.crc + 4].copy_from_slice(&crc.value().to_le_bytes());
        bytes
    }
}

/// Reads a `pg_control` that is not empty: the identifier by its digest, or nothing when the cluster is asleep.
pub fn seen(item: &str, content: &[u8], modified: i64) -> Seen {
    let Some(control) = Control::read(content) else {
        return Seen::Malformed { why: "its checksum fits nowhere".to_owned() };
    };
    match control.identifier() {
        Some(identifier) => {
            let kind = IdentityKind::ContentOf(item.to_owned());
            identified(kind, &sha256_hex(&[&identifier.to_le_bytes()]), modified)
        }
        None if control.asleep() == content => Seen::Empty,
        None => present(content.len(), Some("no identifier, but a nonce".to_owned())),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A control file for tests and for the catalog's own check, with this identifier and state.
pub fn sample(identifier: u64, state: u32) -> Vec<u8> {
    const END: usize = 288;
    let mut bytes = vec![0; 8192];
    bytes[STATE].copy_from_slice(&state.to_le_bytes());
    // The CRC is made with the identifier.
    Control { bytes, crc: END }.with(identifier, [7; NONCE])
}

/// CRC-32C (Castagnoli), bit by bit: three hundred bytes need no table.
struct Crc(u32);

impl Crc {
    /// The polynomial, lowest bit first.
    const POLYNOMIAL: u32 = 0x82F6_3B78;

    fn new() -> Self {
        Self(!0)
    }

    fn add(&mut self, byte: u8) {
        self.0 ^= u32::from(byte);
        for _ in 0..8 {
            let carry = self.0 & 1;
            self.0 = (self.0 >> 1) ^ (Self::POLYNOMIAL * carry);
        }
    }

    fn value(&self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A control file whose structure ends, with its CRC, at `crc + 4`.
    fn control(crc: usize, identifier: u64, state: u8) -> Vec<u8> {
        let mut bytes = vec![7u8; crc];
        bytes[IDENTIFIER].copy_from_slice(&identifier.to_le_bytes());
        bytes[STATE].copy_from_slice(&[state, 0, 0, 0]);
        let mut sum = Crc::new();
        for byte in &bytes {
            sum.add(*byte);
        }
        bytes.extend(sum.value().to_le_bytes());
        bytes.resize(8192, 0);
        bytes
    }

    #[test]
    fn the_checksum_is_castagnolis() {
        let mut crc = Crc::new();
        for byte in b"123456789" {
            crc.add(*byte);
        }
        assert_eq!(crc.value(), 0xE306_9283);
    }

    #[test]
    fn a_cluster_falls_asleep_and_wakes_with_another_identity_whatever_its_version() {
        for crc in [244, 288, 292, 296] {
            let before = control(crc, 7_710_667_747_222_102_370, 1);
            let read = Control::read(&before).unwrap();
            assert_eq!((read.identifier(), read.is_shut_down()), (Some(7_710_667_747_222_102_370), true));
            let asleep = Control::read(&read.asleep()).unwrap();
            assert_eq!((asleep.identifier(), asleep.is_shut_down()), (None, true));
            let awake = asleep.awake(9, [3; NONCE]);
            assert_eq!(Control::read(&awake).unwrap().identifier(), Some(9));
            assert_eq!(awake[8..crc - NONCE], before[8..crc - NONCE], "nothing else changes");
            assert_eq!((awake.len(), &awake[crc - NONCE..crc]), (8192, &[3; NONCE][..]));
        }
    }

    #[test]
    fn what_is_seen_is_the_identifier_and_never_the_nonce() {
        let bytes = control(288, 5, 1);
        let read = Control::read(&bytes).unwrap();
        assert_eq!(seen("x", &read.asleep(), 0), Seen::Empty);
        let of = |bytes: &[u8]| seen("x", bytes, 0).identity().cloned();
        assert!(of(&bytes).is_some());
        assert_eq!(of(&bytes), of(&read.awake(5, [1; NONCE])), "the same identifier with another nonce");
        assert_ne!(of(&bytes), of(&read.awake(6, [7; NONCE])));
        assert!(matches!(seen("x", &read.awake(0, [1; NONCE]), 0), Seen::Present { .. }), "half asleep is not asleep");
        for damaged in [&bytes[..100], &[0; 8192], b"text"] {
            assert!(matches!(seen("x", damaged, 0), Seen::Malformed { .. }));
        }
        assert!(!Control::read(&control(288, 5, 6)).unwrap().is_shut_down(), "a server that runs");
    }
}
