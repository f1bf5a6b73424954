//! The name in an `/etc/hostname` (hostname(5)).

use super::content::identified;
use crate::identity::{IdentityKind, Seen};

/// The longest name that DNS carries.
const LONGEST: usize = 253;

/// The name, in lower case: the first line that is no comment.
pub fn hostname(text: &str) -> Option<String> {
    let name = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    (name.len() <= LONGEST && name.bytes().all(allowed)).then(|| name.to_ascii_lowercase())
}

/// Reads the content of a hostname file that is not empty.
pub fn seen(text: &str, modified: i64) -> Seen {
    match hostname(text) {
        Some(name) => identified(IdentityKind::Hostname, &name, modified),
        None => Seen::Malformed { why: "no line of it is a hostname".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostname_is_its_first_real_line() {
        assert_eq!(hostname("# made by\n\nGolden\n"), Some("golden".into()));
        for text in ["", "# made by\n", "two words\n", &"a".repeat(LONGEST + 1)] {
            assert_eq!(hostname(text), None, "{text:?}");
        }
        assert!(matches!(seen("two words\n", 0), Seen::Malformed { .. }));
    }
}
