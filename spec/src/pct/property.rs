//! Property strings: `name=eth0,bridge=vmbr0,ip=dhcp`, checked against the table of their format.

use std::fmt;

use super::kind::Kind;

/// One key of a property string.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

impl Key {
    /// A key that must be there.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: true }
    }

    /// A key that may be left out.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false }
    }
}

/// The format of a property string. `keys` stand in the order in which Proxmox prints them: the default key, then the
/// required ones, then the others by name.
#[derive(Debug)]
pub struct PropertyFormat {
    /// The key that may be written as a bare value; printed so, and first.
    pub default_key: Option<&'static str>,
    /// Its keys.
    pub keys: &'static [Key],
}

/// Why a property string is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyError {
    /// The text does not split into `key=value` parts.
    Syntax {
        /// The part that does not read, or the key given twice.
        part: String,
        /// Proxmox's text for it.
        reason: String,
    },
    /// The parts were read, and these are wrong.
    Fields(Vec<FieldError>),
}

/// One wrong key of a property string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The key.
    pub field: String,
    /// Its value; `None` where the key is missing.
    pub value: Option<String>,
    /// What is wrong, in Proxmox's words.
    pub reason: String,
}

impl PropertyError {
    fn syntax(part: &str, reason: impl Into<String>) -> Self {
        Self::Syntax { part: part.to_owned(), reason: reason.into() }
    }

    /// The text with which Proxmox refuses the same string, its line breaks included.
    pub fn pve_text(&self) -> String {
        match self {
            Self::Syntax { reason, .. } => format!("{reason}\n"),
            Self::Fields(fields) => {
                let line = |f: &FieldError| format!("{}: {}\n", f.field, f.reason);
                format!("format error\n{}", fields.iter().map(line).collect::<String>())
            }
        }
    }
}

impl fmt::Display for PropertyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { part, reason } => write!(f, "{part:?}: {reason}"),
            Self::Fields(fields) => {
                let texts: Vec<String> = fields.iter().map(FieldError::to_string).collect();
                f.write_str(&texts.join("; "))
            }
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason.trim_end();
        match &self.value {
            Some(value) => write!(f, "{}={value}: {reason}", self.field),
            None => write!(f, "{}: {reason}", self.field),
        }
    }
}

impl std::error::Error for PropertyError {}

/// A property string that satisfies its format, every value as it was written (booleans as `1` and `0`).
#[derive(Clone)]
pub struct Properties {
    format: &'static PropertyFormat,
    values: Vec<(&'static str, String)>,
}

impl Properties {
    pub(super) fn empty(format: &'static PropertyFormat) -> Self {
        Self { format, values: Vec::new() }
    }

    /// Reads a text under a format.
    ///
    /// # Errors
    /// [`PropertyError`] names every part that is wrong.
    pub fn parse(format: &'static PropertyFormat, text: &str) -> Result<Self, PropertyError> {
        let given = split(format, text)?;
        let mut errors = Vec::new();
        let mut properties = Self::empty(format);
        for (name, value) in given {
            match properties.checked(&name, &value) {
                Ok((key, value)) => properties.values.push((key, value)),
                Err(error) => errors.push(error),
            }
        }
        let missing = |key: &&Key| {
            let wrong = errors.iter().any(|e: &FieldError| e.field == key.name);
            key.required && !wrong && properties.get(key.name).is_none()
        };
        let missing: Vec<FieldError> = format.keys.iter().filter(missing).map(missing_error).collect();
        errors.extend(missing);
        if errors.is_empty() { Ok(properties) } else { Err(PropertyError::Fields(errors)) }
    }

    /// The value of a key.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// A boolean key; absent reads as false.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("1")
    }

    /// Sets a key after checking it against the format.
    ///
    /// # Errors
    /// The format does not know the key, or the value is not of its kind.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), PropertyError> {
        let (key, value) = self.checked(name, value).map_err(|e| PropertyError::Fields(vec![e]))?;
        self.put(key, value);
        Ok(())
    }

    /// Removes a key; true where it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.values.len();
        self.values.retain(|(key, _)| *key != name);
        self.values.len() != before
    }

    /// Sets a key whose value is known to fit.
    pub(super) fn put(&mut self, key: &'static str, value: String) {
        match self.values.iter_mut().find(|(name, _)| *name == key) {
            Some(slot) => slot.1 = value,
            None => self.values.push((key, value)),
        }
    }

    fn checked(&self, name: &str, value: &str) -> Result<(&'static str, String), FieldError> {
        let unknown = "property is not defined in schema and the schema does not allow additional properties";
        let error = |reason: String| FieldError { field: name.to_owned(), value: Some(value.to_owned()), reason };
        let key = self.format.keys.iter().find(|k| k.name == name).ok_or_else(|| error(unknown.to_owned()))?;
        let value = key.kind.check(value).map_err(error)?;
        Ok((key.name, value))
    }
}

fn missing_error(key: &Key) -> FieldError {
    let reason = "property is missing and it is not optional".to_owned();
    FieldError { field: key.name.to_owned(), value: None, reason }
}

/// Splits into keys and values; the first mistake ends it, as it does in Proxmox.
fn split(format: &PropertyFormat, text: &str) -> Result<Vec<(String, String)>, PropertyError> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let (key, value) = match part.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => (key, value),
            Some(_) => return Err(PropertyError::syntax(part, "missing key in comma-separated list property")),
            None => {
                let reason = "value without key, but schema does not define a default key";
                (format.default_key.ok_or_else(|| PropertyError::syntax(part, reason))?, part)
            }
        };
        if parts.iter().any(|(name, _)| name == key) {
            let reason = format!("duplicate key in comma-separated list property: {key}");
            return Err(PropertyError::syntax(key, reason));
        }
        parts.push((key.to_owned(), value.to_owned()));
    }
    Ok(parts)
}

impl fmt::Display for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for key in self.format.keys {
            if let Some(value) = self.get(key.name) {
                f.write_str(separator)?;
                if self.format.default_key != Some(key.name) {
                    write!(f, "{}=", key.name)?;
                }
                f.write_str(value)?;
                separator = ",";
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// Equal where they print the same: the order in which the keys were written does not count.
impl PartialEq for Properties {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Properties {}
