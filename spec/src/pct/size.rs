//! Sizes of disks and memory as Proxmox writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number of bytes, written with a binary suffix: `8G`, `512M`, `1.5G`, `4096` (bytes).
///
/// Printed exactly, with the largest suffix that leaves a whole number (`1536M` for `1.5G`; nought is `0T`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DiskSize(u64);

impl DiskSize {
    /// One KiB in bytes.
    pub const KIB: u64 = 1 << 10;
    /// One MiB in bytes.
    pub const MIB: u64 = 1 << 20;
    /// One GiB in bytes.
    pub const GIB: u64 = 1 << 30;

    /// A size of so many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The size in GiB, rounded up: what `STORAGE:SIZE` in a create call takes.
    pub const fn gib_rounded_up(self) -> u64 {
        self.0.div_ceil(Self::GIB)
    }
}

/// Why a text is not a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a size: write a number with K, M, G or T (binary), like 8G or 400M")]
pub struct InvalidSize {
    /// The text as given.
    pub value: String,
}

impl FromStr for DiskSize {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        parse(text).map(Self).ok_or_else(|| InvalidSize { value: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<u64> {
    let (number, shift) = match text.char_indices().next_back()? {
        (at, 'K') => (&text[..at], 10),
        (at, 'M') => (&text[..at], 20),
        (at, 'G') => (&text[..at], 30),
        (at, 'T') => (&text[..at], 40),
        _ => (text, 0),
    };
    let unit = 1_u128 << shift;
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (number, "0"),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 20 {
        return None;
    }
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = fraction.parse::<u128>().ok()?.checked_mul(unit)? / scale;
    let bytes = whole.parse::<u128>().ok()?.checked_mul(unit)?.checked_add(part)?;
    u64::try_from(bytes).ok()
}

impl TryFrom<String> for DiskSize {
    type Error = InvalidSize;

    fn try_from(text: String) -> Result<Self, InvalidSize> {
        text.parse()
    }
}

impl From<DiskSize> for String {
    fn from(size: DiskSize) -> Self {
        size.to_string()
    }
}

impl fmt::Display for DiskSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = self.0;
        let mut suffix = "";
        for larger in ["K", "M", "G", "T"] {
            if !number.is_multiple_of(1024) {
                break;
            }
            number /= 1024;
            suffix = larger;
        }
        f.pad(&format!("{number}{suffix}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_print_as_proxmox_prints_them() {
        for (text, bytes, printed) in [
            ("8G", 8 << 30, "8G"),
            ("1.5G", 1536 << 20, "1536M"),
            ("0", 0, "0T"),
            ("8", 8, "8"),
            ("2097252K", 2_097_252 << 10, "2097252K"),
            ("1024G", 1 << 40, "1T"),
        ] {
            let size: DiskSize = text.parse().unwrap();
            assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, printed), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "8g", "8GB", "-1G", "G", "1.G", ".5G", "8 G", "99999999999T", "8é"] {
            assert!(text.parse::<DiskSize>().is_err(), "{text:?}");
        }
    }
}
