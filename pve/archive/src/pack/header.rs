//! A header block in the POSIX form, and the PAX records of what does not fit into it.

use super::attributes::Records;

/// Bytes of a block.
pub(super) const BLOCK: usize = 512;
/// The longest name, or target, that a header holds.
const NAME: usize = 100;
/// The name of a member that holds PAX records; nobody reads it.
const PAX_NAME: &[u8] = b"./PaxHeaders";

/// What a header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    /// The type's byte.
    pub(super) kind: u8,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) size: u64,
    pub(super) mtime: u64,
    pub(super) link: Vec<u8>,
    pub(super) device: (u32, u32),
    /// PAX records besides those that this form makes by itself.
    pub(super) records: Records,
}

impl Header {
    /// The header's blocks: PAX records in front, where there are any.
    pub(super) fn blocks(&self) -> Vec<u8> {
        let mut records = self.records.clone();
        let mut too_long = |key: &str, value: &[u8], fits: bool| {
            if !fits {
                records.insert(key.into(), value.to_vec());
            }
        };
        too_long("path", &self.name, self.name.len() <= NAME);
        too_long("linkpath", &self.link, self.link.len() <= NAME);
        for (key, value, digits) in [
            ("size", self.size, 11),
            ("mtime", self.mtime, 11),
            ("uid", u64::from(self.uid), 7),
            ("gid", u64::from(self.gid), 7),
        ] {
            too_long(key, value.to_string().as_bytes(), fits(value, digits));
        }
        let mut blocks = Vec::with_capacity(BLOCK);
        if !records.is_empty() {
            let text: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
            let header = Self { name: PAX_NAME.to_vec(), kind: b'x', mode: 0o644, ..Self::default() };
            blocks.extend(Self { size: text.len() as u64, mtime: self.mtime, ..header }.block());
            blocks.extend(&text);
            blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
        }
        blocks.extend(self.block());
        blocks
    }

    fn block(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        put(&mut block[..NAME], &self.name);
        octal(&mut block[100..108], self.mode.into());
        octal(&mut block[108..116], self.uid.into());
        octal(&mut block[116..124], self.gid.into());
        octal(&mut block[124..136], self.size);
        octal(&mut block[136..148], self.mtime);
        block[148..156].fill(b' ');
        block[156] = self.kind;
        put(&mut block[157..257], &self.link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        if matches!(self.kind, b'3' | b'4') {
            octal(&mut block[329..337], self.device.0.into());
            octal(&mut block[337..345], self.device.1.into());
        }
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    }
}

/// As much of a name as fits; the whole of a longer one is in a PAX record.
fn put(field: &mut [u8], bytes: &[u8]) {
    let count = bytes.len().min(field.len());
    field[..count].copy_from_slice(&bytes[..count]);
}

fn fits(value: u64, digits: u32) -> bool {
    value < 1 << (3 * digits)
}

/// A number, or nought where it is in a PAX record.
fn octal(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    let fits = u32::try_from(digits).is_ok_and(|digits| fits(value, digits));
    let text = format!("{:0digits$o}", if fits { value } else { 0 });
    field[..digits].copy_from_slice(text.as_bytes());
}

/// `LENGTH KEY=VALUE`, where the length counts its own digits.
fn record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length.to_string().len() + rest != length {
        length += 1;
    }
    [length.to_string().as_bytes(), b" ", key, b"=", value, b"\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(record(b"path", b"x"), b"9 path=x\n");
        // A digit more makes the record a byte longer: none has 100 bytes.
        for (value, length) in [(93, 99), (94, 101)] {
            let record = record(b"a", &vec![b'v'; value]);
            assert_eq!(record.len(), length);
            assert!(record.starts_with(format!("{length} a=").as_bytes()));
        }
    }

    #[test]
    fn what_does_not_fit_goes_into_records() {
        let small = Header { name: b"./small".to_vec(), kind: b'0', size: 7, ..Header::default() };
        assert_eq!(small.blocks().len(), BLOCK);
        let size = Header { size: 8 << 30, ..small.clone() };
        let name = Header { name: vec![b'n'; 101], ..small.clone() };
        let owner = Header { uid: 1 << 21, ..small.clone() };
        for (header, key) in [(size, "size=8589934592"), (name, "path=nnn"), (owner, "uid=2097152")] {
            let blocks = header.blocks();
            assert_eq!(blocks.len(), 3 * BLOCK, "{key}");
            assert!(blocks.windows(key.len()).any(|window| window == key.as_bytes()), "{key}");
        }
        assert_eq!(Header { size: (8 << 30) - 1, ..small }.blocks().len(), BLOCK);
    }
}
