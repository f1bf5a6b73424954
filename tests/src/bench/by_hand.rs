//! The same work as a person would do it in a shell.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::lab::run;

/// A sparse image, `mkfs.ext4`, a loop mount, `zstd -dc | tar -x`.
pub(super) fn restore(archive: &Path, folder: &Path) -> Result<Duration> {
    let script = r#"
        truncate -s 10G "$2/image" && mkfs.ext4 -q -F "$2/image" && mkdir -p "$2/root" && mount -o loop "$2/image" "$2/root" || exit 1
        zstd -dc "$1" | tar -x -p --numeric-owner --acls --xattrs --xattrs-include='user.*' --xattrs-include=security.capability -C "$2/root"
        packed=$?; umount "$2/root"; exit $packed"#;
    let taken = timed(script, &[archive, folder]);
    shell(r#"rm -rf "$1/image" "$1/root""#, &[folder])?;
    taken
}

/// `tar | zstd` of a tree, with the flags of a backup.
pub(super) fn pack(tree: &Path, archive: &Path) -> Result<Duration> {
    let script = r#"tar -c -p --sparse --numeric-owner --acls --xattrs --xattrs-include='user.*' \
        --xattrs-include=security.capability --one-file-system -C "$1" . | zstd -q -T1 -f -o "$2""#;
    timed(script, &[tree, archive])
}

fn timed(script: &str, arguments: &[&Path]) -> Result<Duration> {
    let begun = Instant::now();
    shell(script, arguments)?;
    Ok(begun.elapsed())
}

fn shell(script: &str, arguments: &[&Path]) -> Result<()> {
    run(Command::new("bash").args(["-o", "pipefail", "-c", script, "by-hand"]).args(arguments), false)?.ok().map(drop)
}
