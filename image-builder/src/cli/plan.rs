//! What a build will be given and whether it follows a lock, settled before anything is touched.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use spec::recipe::HostKeys;
use spec::release::{Inputs, Lock};

use super::build::BuildArguments;
use crate::lock::{self, Locking};
use crate::recipe_file::RecipeFile;

/// The variable that fixes the time for tools that write it down.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Whether a build follows a lock, and which.
#[derive(Debug, Args)]
pub(super) struct LockArguments {
    /// Build what the lock says, or fail: no newer package, no other input
    #[arg(long, conflicts_with = "update_lock")]
    pub locked: bool,
    /// Take what is newest, and write the lock once the release is there
    #[arg(long)]
    pub update_lock: bool,
    /// The lock; without it golden.lock beside golden.toml
    #[arg(long = "lock", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// A build's inputs, lock and time.
pub(super) struct Plan {
    pub(super) firstboot: Option<PathBuf>,
    pub(super) inputs: Inputs,
    pub(super) lock_path: PathBuf,
    lock: Option<Lock>,
    pub(super) epoch: u64,
}

impl Plan {
    /// Digests the inputs, and holds them against the lock where the build is to follow it.
    pub(super) fn of(
        arguments: &BuildArguments,
        recipe: &RecipeFile,
        firstboot: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        let baked = firstboot.as_deref().filter(|_| recipe.recipe.clean.host_keys == HostKeys::BakedUnit);
        let inputs = lock::inputs(recipe, baked).context("cannot read what the build is given")?;
        let lock_path = arguments.lock.file.clone().unwrap_or_else(|| lock::beside_recipe(&arguments.recipe));
        let lock = if arguments.lock.locked { Some(lock::read(&lock_path)?) } else { None };
        if let Some(lock) = &lock {
            follows(lock, recipe, &inputs)
                .with_context(|| format!("--locked: this is not what {} locks", lock_path.display()))?;
        }
        let epoch = match &lock {
            Some(lock) => lock.epoch,
            None => epoch()?,
        };
        Ok(Self { firstboot, inputs, lock_path, lock, epoch })
    }

    /// Whether the build follows a lock.
    pub(super) fn locking(&self, update: bool) -> Locking<'_> {
        match &self.lock {
            Some(lock) => Locking::Locked(lock),
            None if update => Locking::NewestWithDigests,
            None => Locking::Newest,
        }
    }
}

fn follows(lock: &Lock, recipe: &RecipeFile, inputs: &Inputs) -> anyhow::Result<()> {
    if lock.golden != recipe.recipe.name {
        bail!("it locks the golden {}, the recipe makes {}", lock.golden, recipe.recipe.name);
    }
    let differences = lock.inputs.differences(inputs);
    if differences.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = differences.iter().map(|difference| format!("  {difference}")).collect();
    bail!("inputs have changed:\n{}\n  build with --update-lock to take them in", lines.join("\n"))
}

/// The time that the environment fixes, else the present one.
fn epoch() -> anyhow::Result<u64> {
    match env::var(EPOCH) {
        Ok(text) => text.parse().with_context(|| format!("{EPOCH}={text:?} is no number of seconds since 1970")),
        Err(env::VarError::NotPresent) => Ok(u64::try_from(Timestamp::now().as_second())?),
        Err(error) => Err(error).context(EPOCH),
    }
}
