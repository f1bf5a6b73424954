//! A whole inspection beside the least that anybody must do to look into an archive: inflating it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::lab::{Lab, run, run_and_weigh};

/// What one round took.
pub(super) struct Inspection {
    pub(super) ours: Duration,
    pub(super) inflating: Duration,
    /// The most memory that the inspection took, KiB.
    pub(super) peak: u64,
}

/// The builder as it is installed: times of a debug build say nothing. `make bench` builds it.
fn release_build(lab: &Lab) -> Result<PathBuf> {
    let debug = lab.programs.builder.parent().and_then(Path::parent).context("the target directory")?;
    let builder = debug.join("release/image-builder");
    ensure!(builder.exists(), "{} is not built: run `make bench`", builder.display());
    Ok(builder)
}

/// `image-builder inspect ARCHIVE`, then `zstd -dc ARCHIVE >/dev/null`.
pub(super) fn round(lab: &Lab, archive: &Path) -> Result<Inspection> {
    let begun = Instant::now();
    let (done, peak) = run_and_weigh(Command::new(release_build(lab)?).arg("inspect").arg(archive))?;
    done.ok()?;
    let ours = begun.elapsed();
    let begun = Instant::now();
    run(Command::new("bash").args(["-c", "zstd -dc \"$1\" >/dev/null", "inflate"]).arg(archive), false)?.ok()?;
    Ok(Inspection { ours, inflating: begun.elapsed(), peak })
}
