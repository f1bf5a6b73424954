//! A secret's value: wiped when dropped, not copied, never shown.

use std::fmt;

use zeroize::Zeroizing;

/// The longest that is sensible in an environment (Linux takes 128 KiB for one variable).
const LONGEST: usize = 32 << 10;

/// A secret's value: one line.
pub struct SecretValue(Zeroizing<String>);

/// Why a text is no value. It is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// A second line would be another variable.
    #[error("its value has more than one line: a line of its own could set another variable")]
    ManyLines,
    /// Other control characters.
    #[error("its value has a control character")]
    Control,
    /// Too long.
    #[error("its value is longer than 32 KiB")]
    TooLong,
}

impl SecretValue {
    /// Accepts a value.
    ///
    /// # Errors
    /// [`ValueError`], without the value; it is wiped.
    pub fn new(text: Zeroizing<String>) -> Result<Self, ValueError> {
        if text.len() > LONGEST {
            return Err(ValueError::TooLong);
        }
        // Unicode's line ends count as well: some reader of env files may take them for such.
        if text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            return Err(ValueError::ManyLines);
        }
        if text.contains(|c: char| c.is_control() && c != '\t') {
            return Err(ValueError::Control);
        }
        Ok(Self(text))
    }

    /// The value itself, for writing it to where it belongs.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<SecretValue, ValueError> {
        SecretValue::new(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn s3_10_a_second_line_is_refused() {
        for bad in ["a\nPATH=/tmp", "a\r", "a\u{2028}b"] {
            assert_eq!(value(bad).unwrap_err(), ValueError::ManyLines);
        }
        assert_eq!(value("a\0b").unwrap_err(), ValueError::Control);
        assert_eq!(value(&"x".repeat(LONGEST + 1)).unwrap_err(), ValueError::TooLong);
        assert_eq!(value("p@ss \"w'ord$`\\\t").unwrap().expose(), "p@ss \"w'ord$`\\\t");
    }

    #[test]
    fn a_value_never_shows_itself() {
        assert_eq!(format!("{:?}", value("canary").unwrap()), "SecretValue(…)");
    }
}
