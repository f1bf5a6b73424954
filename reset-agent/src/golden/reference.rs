//! What `--golden` says.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use spec::ids::{GoldenName, InvalidId, Volid};

/// A golden as a request names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum GoldenRef {
    /// The manifest's file.
    Manifest(PathBuf),
    /// The archive's volume id on the node.
    Archive(Volid),
    /// The name of a golden: its newest release.
    Name(GoldenName),
}

impl FromStr for GoldenRef {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_file = std::path::Path::new(text).extension().is_some_and(|extension| extension == "json");
        match text {
            _ if is_file => Ok(Self::Manifest(PathBuf::from(text))),
            _ if text.contains(':') => text.parse().map(Self::Archive),
            _ => text.parse().map(Self::Name),
        }
    }
}

impl TryFrom<String> for GoldenRef {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<GoldenRef> for String {
    fn from(reference: GoldenRef) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for GoldenRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(path) => path.display().fmt(f),
            Self::Archive(volid) => volid.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_to_name_a_golden() {
        let volid = "local:backup/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";
        assert!(matches!("goldens/manifest.json".parse(), Ok(GoldenRef::Manifest(_))));
        assert!(matches!(volid.parse(), Ok(GoldenRef::Archive(_))));
        assert!(matches!("debian13-docker".parse(), Ok(GoldenRef::Name(_))));
        assert!("two words".parse::<GoldenRef>().is_err());
    }
}
