//! Where an archive comes from.

use std::path::{Path, PathBuf};

use spec::ids::Volid;

use crate::error::Die;
use crate::state::Node;

/// An archive to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) enum Archive {
    /// A file.
    File(PathBuf),
    /// What comes in on standard input: a plain tar, read once.
    Stdin,
}

impl Archive {
    /// The archive that a caller names: a volume, a path, or `-`. The file must be there.
    pub(in crate::ops) fn find(node: &Node, named: &str) -> Result<Self, Die> {
        if named == "-" {
            return Ok(Self::Stdin);
        }
        if named.starts_with('/') {
            let path = PathBuf::from(named);
            return if path.exists() {
                Ok(Self::File(path))
            } else {
                Err(Die::text(format!("can't find file '{named}'")))
            };
        }
        let volid: Volid = named.parse().map_err(|_| Die::text(format!("unable to parse volume ID '{named}'")))?;
        let file = node.storages().file(&volid)?;
        file.must_exist()?;
        Ok(Self::File(file.path))
    }

    /// The file, where it is one.
    pub(in crate::ops) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdin => None,
        }
    }

    /// tar's option for its compression, by its name.
    pub(super) fn decompressor(&self) -> Result<Option<&'static str>, Die> {
        let Some(path) = self.path() else { return Ok(None) };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let found = DECOMPRESSORS.iter().find(|(ending, _)| name.ends_with(ending));
        found
            .map(|(_, option)| *option)
            .ok_or_else(|| Die::text(format!("file '{}' does not look like a template archive", path.display())))
    }
}

const DECOMPRESSORS: &[(&str, Option<&str>)] = &[
    (".tar", None),
    (".tar.gz", Some("-z")),
    (".tar.bz2", Some("-j")),
    (".tar.xz", Some("-J")),
    (".tar.lzo", Some("--lzop")),
    (".tar.zst", Some("--zstd")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_goes_by_the_name() {
        let option = |name: &str| Archive::File(PathBuf::from(name)).decompressor();
        assert_eq!(option("/d/a.tar.zst").unwrap(), Some("--zstd"));
        assert_eq!(option("/d/a.tar").unwrap(), None);
        assert_eq!(
            option("/d/a.tgz").unwrap_err().to_string(),
            "file '/d/a.tgz' does not look like a template archive"
        );
        assert_eq!(Archive::Stdin.decompressor().unwrap(), None);
    }
}
