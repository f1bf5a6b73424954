//! What the value of a key may be, whoever the key belongs to.

use super::DiskSize;
use super::format::Check;

/// What one key of a property string may hold.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `1`/`on`/`yes`/`true` or their opposites; kept as `1` or `0`.
    Boolean,
    /// Digits with an optional sign, within limits (both included).
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A decimal number, exponent allowed.
    Number,
    /// Text under a pattern.
    Pattern(fn(&str) -> bool),
    /// A named format.
    Format(Check),
    /// A size; printed with the largest suffix that fits.
    Size,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Kind {
    /// The value in the form that is kept, or Proxmox's text of refusal.
    pub(super) fn check(self, value: &str) -> Result<String, String> {
        match self {
            Self::Boolean => {
                boolean(value).map(|b| if b { "1" } else { "0" }.to_owned()).ok_or_else(|| type_error("boolean", value))
            }
            Self::Integer { min, max } => integer(value, min, max),
            Self::Number if is_number(value) => Ok(value.to_owned()),
            Self::Number => Err(type_error("number", value)),
            Self::Pattern(matches) if matches(value) => Ok(value.to_owned()),
            Self::Pattern(_) => Err("value does not match the regex pattern".to_owned()),
            Self::Format(check) => match check(value) {
                Ok(()) => Ok(value.to_owned()),
                Err(text) => Err(format!("invalid format - {text}\n")),
            },
            Self::Size => value
                .parse::<DiskSize>()
                .map(|size| size.to_string())
                .map_err(|_| format!("invalid format - value does not look like a valid disk size: {value}\n")),
            Self::OneOf(words) if words.contains(&value) => Ok(value.to_owned()),
            Self::OneOf(words) => {
                Err(format!("value '{value}' does not have a value in the enumeration '{}'", words.join(", ")))
            }
        }
    }
}

fn type_error(kind: &str, value: &str) -> String {
    format!("type check ('{kind}') failed - got '{value}'")
}

/// Proxmox's words for yes and no.
pub(super) fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "on" | "yes" | "true" => Some(true),
        "0" | "off" | "no" | "false" => Some(false),
        _ => None,
    }
}

fn integer(value: &str, min: i64, max: i64) -> Result<String, String> {
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(type_error("integer", value));
    }
    let saturated = if value.starts_with('-') { i64::MIN } else { i64::MAX };
    let number = value.parse::<i64>().unwrap_or(saturated);
    if number < min {
        Err(format!("value must have a minimum value of {min}"))
    } else if number > max {
        Err(format!("value must have a maximum value of {max}"))
    } else {
        Ok(value.to_owned())
    }
}

fn is_number(value: &str) -> bool {
    let plain = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    plain && value.bytes().any(|b| b.is_ascii_digit()) && value.parse::<f64>().is_ok()
}
