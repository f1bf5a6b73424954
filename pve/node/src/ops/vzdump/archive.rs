//! The archive: the guest's tree and its configuration, packed by GNU tar with Proxmox's flags.

use std::path::Path;

use super::guest::Backup;
use super::pipeline::Pipeline;
use super::settings::Settings;
use crate::containers::idmap::as_guest_root;
use crate::error::Die;
use crate::exec::Program;
use crate::ops::archive::COMMON;

/// What is packed.
pub(super) struct Tree<'a> {
    /// The directory that is the guest's `/`.
    pub(super) root: &'a Path,
    /// What of it: `./`, and every mount point that lies on a file system of its own.
    pub(super) members: Vec<String>,
    /// Whether the guest's root is an ordinary user of the host.
    pub(super) unprivileged: bool,
}

/// The ending that a compression gives.
pub(super) fn ending(compress: &str) -> &'static str {
    match compress {
        "zstd" => ".tar.zst",
        "gzip" => ".tar.gz",
        "1" | "lzo" => ".tar.lzo",
        _ => ".tar",
    }
}

/// Writes the archive to `sink`.
pub(super) fn pack(backup: &Backup<'_>, tree: &Tree<'_>, sink: &Path) -> Result<(), Die> {
    let settings = backup.job.settings;
    let pipeline = Pipeline {
        source: tar(tree, &settings.excludes, &backup.tmpdir),
        filter: compressor(settings),
        limit: settings.number("bwlimit") << 10,
    };
    let log = &backup.log;
    pipeline.run(sink, &|line| log.info(line))
}

fn tar(tree: &Tree<'_>, excludes: &[String], scratch: &Path) -> Program {
    let (anchored, anywhere): (Vec<&String>, Vec<&String>) =
        excludes.iter().partition(|pattern| pattern.starts_with('/'));
    let directory = |path: &Path| format!("--directory={}", path.display());
    let program = as_guest_root(tree.unprivileged, "tar").args(["cpf", "-", "--totals"]).args(COMMON);
    let program = program.args(["--one-file-system", "--warning=no-file-ignored"]);
    let program = program.arg(directory(scratch)).args(["./etc/vzdump/pct.conf", "./etc/vzdump/pct.fw"]);
    let program = program.arg(directory(tree.root)).arg("--no-anchored");
    let program = if tree.unprivileged { program.arg("--exclude=lost+found") } else { program };
    let program = program.args(anywhere.iter().map(|pattern| format!("--exclude={pattern}"))).arg("--anchored");
    let program = program.args(anchored.iter().map(|pattern| format!("--exclude=.{pattern}")));
    program.args(&tree.members)
}

fn compressor(settings: &Settings) -> Option<Program> {
    let half = || std::thread::available_parallelism().map_or(1, |cores| (cores.get() as u64).div_ceil(2));
    match settings.text("compress").unwrap_or("0") {
        "zstd" => {
            let threads = Some(settings.number("zstd")).filter(|threads| *threads > 0).unwrap_or_else(half);
            Some(Program::new("zstd").arg(format!("--threads={threads}")))
        }
        "gzip" => Some(match settings.number("pigz") {
            0 => Program::new("gzip").arg("--rsyncable"),
            1 => Program::new("pigz").args(["-p", &half().to_string(), "--rsyncable"]),
            threads => Program::new("pigz").args(["-p", &threads.to_string(), "--rsyncable"]),
        }),
        "1" | "lzo" => Some(Program::new("lzop")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_anchored_by_their_slash() {
        let tree = Tree { root: Path::new("/r"), members: vec!["./".to_owned()], unprivileged: false };
        let excludes = ["/tmp/?*".to_owned(), "*.pyc".to_owned()];
        let shown = tar(&tree, &excludes, Path::new("/s")).shown();
        let end = "--no-anchored '--exclude=*.pyc' --anchored '--exclude=./tmp/?*' ./";
        assert!(shown.ends_with(end), "{shown}");
        assert!(
            shown.contains("'--directory=/s' ./etc/vzdump/pct.conf ./etc/vzdump/pct.fw '--directory=/r'"),
            "{shown}"
        );
    }
}
