//! What a plain `tar | zstd` of a tree would weigh.

use std::path::Path;
use std::time::Duration;

use crate::process::{CommandError, Interrupt, Invocation};

/// A tree of a few GiB takes seconds.
const LIMIT: Duration = Duration::from_mins(30);

/// The flags of a container's backup; nothing is written, the bytes are counted.
const SCRIPT: &str = "tar -c -p --sparse --numeric-owner --acls --xattrs --xattrs-include='user.*' \
    --xattrs-include=security.capability --one-file-system -C \"$1\" . | zstd -q -T0 | wc -c";

/// Packs a tree as a person would, and says how many bytes that makes. The tree must be quiet.
pub fn packed_bytes(tree: &Path, interrupt: Option<&Interrupt>) -> Result<u64, CommandError> {
    let command = Invocation::new("bash").args(["-o", "pipefail", "-c", SCRIPT, "tar-zstd"]).arg(tree);
    let done = command.limit(LIMIT).interrupted_by(interrupt).ok()?;
    done.read("number of bytes", |text| text.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_a_real_archive_and_a_missing_tree_is_an_error() {
        let dir = std::env::temp_dir().join(format!("mintmark-tarball-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("zeros"), vec![0; 1 << 20]).unwrap();
        let bytes = packed_bytes(&dir, None).unwrap();
        assert!((50..100_000).contains(&bytes), "{bytes}");
        std::fs::remove_dir_all(&dir).unwrap();
        assert!(packed_bytes(&dir, None).is_err());
    }
}
