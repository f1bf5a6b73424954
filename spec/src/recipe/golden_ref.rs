//! A golden as another recipe names it.

use std::fmt;
use std::str::FromStr;

use crate::ids::GoldenName;

/// A golden to build on: `NAME` for its newest release, or `NAME@RELEASE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenRef {
    /// Its name.
    pub name: GoldenName,
    /// One release of it.
    pub release: Option<String>,
}

/// Why a text names no golden.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no golden; write NAME for its newest release, or NAME@RELEASE (`debian13@20261121T094500Z`)")]
pub struct InvalidGoldenRef {
    /// The text as given.
    pub text: String,
}

impl FromStr for GoldenRef {
    type Err = InvalidGoldenRef;

    fn from_str(text: &str) -> Result<Self, InvalidGoldenRef> {
        let invalid = || InvalidGoldenRef { text: text.to_owned() };
        let (name, release) = match text.split_once('@') {
            Some((name, release)) => (name, Some(release)),
            None => (text, None),
        };
        let is_release = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if release.is_some_and(|release| !is_release(release)) {
            return Err(invalid());
        }
        Ok(Self { name: name.parse().map_err(|_| invalid())?, release: release.map(str::to_owned) })
    }
}

impl fmt::Display for GoldenRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.release {
            Some(release) => write!(f, "{}@{release}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_golden_is_named_with_or_without_its_release() {
        for text in ["debian13", "debian13@20261121T094500Z"] {
            assert_eq!(text.parse::<GoldenRef>().unwrap().to_string(), text);
        }
        for text in ["", "@1", "a@", "a@b/c", "a b", "a/stable"] {
            assert!(text.parse::<GoldenRef>().is_err(), "{text}");
        }
    }
}
