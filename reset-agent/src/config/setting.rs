//! A value as written becomes a value as accepted, or an error that names its key.

use std::fmt::Display;
use std::str::FromStr;

/// A value that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} = {value:?} is not accepted: {why}")]
pub struct BadSetting {
    /// The key with its table: `node.url`.
    pub key: &'static str,
    /// The value as written.
    pub value: String,
    /// What is wrong and what to write.
    pub why: String,
}

/// Accepts a value under its key.
pub(super) fn accept<T: FromStr<Err: Display>>(key: &'static str, value: &str) -> Result<T, BadSetting> {
    value.parse().map_err(|why: T::Err| BadSetting { key, value: value.to_owned(), why: why.to_string() })
}
