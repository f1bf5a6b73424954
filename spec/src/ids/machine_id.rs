//! systemd's machine-id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::InvalidId;

/// The 128-bit id in `/etc/machine-id` (machine-id(5)): 32 lower-case hex digits, never all zero.
///
/// systemd asks to treat it as confidential: `Debug` and [`MachineId::short`] show its first eight digits only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MachineId([u8; 16]);

impl MachineId {
    /// The first eight digits and an ellipsis: enough for a person to tell two guests apart.
    pub fn short(self) -> String {
        let mut text = self.to_string();
        text.truncate(8);
        text.push('…');
        text
    }

    /// The sixteen bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl FromStr for MachineId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid =
            || InvalidId::new("machine-id", text, "it must be 32 lower-case hex digits, not all zero and not all f");
        let digits = text.strip_suffix('\n').unwrap_or(text);
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digits.len() != 32 || !digits.bytes().all(lower_hex) {
            return Err(invalid());
        }
        let number = u128::from_str_radix(digits, 16).map_err(|_| invalid())?;
        if number == 0 || number == u128::MAX {
            return Err(invalid());
        }
        Ok(Self(number.to_be_bytes()))
    }
}

impl TryFrom<String> for MachineId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<MachineId> for String {
    fn from(id: MachineId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for MachineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for MachineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MachineId({})", self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_24_dummy_and_malformed_ids_are_refused() {
        let ones = "f".repeat(32);
        let zeros = "0".repeat(32);
        let upper = "ABCDEF0123456789ABCDEF0123456789";
        for text in ["", "\n", "uninitialized", &zeros, &ones, upper, "abc"] {
            assert!(text.parse::<MachineId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_does_not_show_the_whole_id() {
        let text = "0123456789abcdef0123456789abcdef";
        let id: MachineId = format!("{text}\n").parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(format!("{id:?}"), "MachineId(01234567…)");
    }
}
