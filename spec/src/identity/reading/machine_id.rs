//! machine-id(5), and D-Bus's copy in the same grammar.

use super::content::{identified, present};
use crate::identity::{IdentityKind, Seen};
use crate::ids::MachineId;

/// The word by which an image asks systemd for a first boot (machine-id(5)).
pub const UNINITIALIZED: &str = "uninitialized";

/// Reads the content of a machine-id file that is not empty.
pub fn seen(text: &str, kind: IdentityKind, modified: i64) -> Seen {
    let word = text.trim();
    if word == UNINITIALIZED {
        return present(text.len(), Some(UNINITIALIZED.into()));
    }
    match word.parse::<MachineId>() {
        Ok(id) => identified(kind, &id.to_string(), modified),
        // The value is not repeated: what is almost an id may be somebody's.
        Err(error) => Seen::Malformed { why: error.rule.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_24_ids_the_word_and_dummies_are_told_apart() {
        let seen = |text: &str| seen(text, IdentityKind::MachineId, 0);
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(seen(&format!("{id}\n")).identity().unwrap().value, id);
        assert_eq!(seen("uninitialized\n"), Seen::Present { bytes: 14, note: Some("uninitialized".into()) });
        for dummy in ["0".repeat(32), "f".repeat(32), "x".repeat(32), "0123".into()] {
            assert!(matches!(seen(&dummy), Seen::Malformed { .. }), "{dummy}");
        }
    }
}
