//! What `--golden` says.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use spec::ids::{ChannelName, GoldenName, Volid};

/// The channel of who names none.
const STABLE: &str = "stable";

/// A golden as a request names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum GoldenRef {
    /// `NAME/CHANNEL`, or `NAME` for its channel `stable`: the release that the channel points at.
    Channel {
        /// The golden.
        golden: GoldenName,
        /// The channel.
        channel: ChannelName,
    },
    /// `NAME@RELEASE`: that release and no other.
    Release {
        /// The golden.
        golden: GoldenName,
        /// The release.
        release: String,
    },
    /// The manifest's file.
    Manifest(PathBuf),
    /// The archive's volume id on the node.
    Archive(Volid),
}

/// A text that names no golden.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no golden ({why}): write NAME, NAME/CHANNEL, NAME@RELEASE, a manifest's path or a volume id")]
pub struct BadReference {
    text: String,
    why: String,
}

impl FromStr for GoldenRef {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        let bad = |why: String| BadReference { text: text.to_owned(), why };
        let is_file = std::path::Path::new(text).extension().is_some_and(|extension| extension == "json");
        if is_file {
            return Ok(Self::Manifest(PathBuf::from(text)));
        }
        if text.contains(':') {
            return text.parse().map(Self::Archive).map_err(|error: spec::ids::InvalidId| bad(error.to_string()));
        }
        let golden = |name: &str| name.parse().map_err(|error: spec::ids::InvalidId| bad(error.to_string()));
        if let Some((name, release)) = text.split_once('@') {
            if release.is_empty() || !release.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(bad(format!("{release:?} is no release")));
            }
            return Ok(Self::Release { golden: golden(name)?, release: release.to_owned() });
        }
        let (name, channel) = text.split_once('/').unwrap_or((text, STABLE));
        let channel = channel.parse().map_err(|error: spec::ids::InvalidId| bad(error.to_string()))?;
        Ok(Self::Channel { golden: golden(name)?, channel })
    }
}

impl TryFrom<String> for GoldenRef {
    type Error = BadReference;

    fn try_from(text: String) -> Result<Self, BadReference> {
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
            Self::Release { golden, release } => write!(f, "{golden}@{release}"),
            Self::Channel { golden, channel } if channel.as_str() == STABLE => golden.fmt(f),
            Self::Channel { golden, channel } => write!(f, "{golden}/{channel}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_name_a_golden_and_back() {
        let volid = "local:backup/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";
        let read = |text: &str| text.parse::<GoldenRef>().unwrap();
        assert!(matches!(read("goldens/a.tar.zst.manifest.json"), GoldenRef::Manifest(_)));
        assert!(matches!(read(volid), GoldenRef::Archive(_)));
        assert!(matches!(read("debian13@20261120T100000Z"), GoldenRef::Release { .. }));
        assert_eq!(read("debian13"), read("debian13/stable"));
        assert_ne!(read("debian13"), read("debian13/canary"));
        for text in ["goldens/a.json", volid, "debian13@20261120T100000Z", "debian13", "debian13/canary"] {
            assert_eq!(read(text).to_string(), text);
        }
        for text in ["two words", "a@", "a@../x", "a/b/c", "", "/x"] {
            assert!(text.parse::<GoldenRef>().is_err(), "{text}");
        }
    }
}
