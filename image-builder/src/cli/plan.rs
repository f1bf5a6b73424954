//! Whether a build follows a lock, settled before anything is touched.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use spec::release::{Lock, LockDifference};

use super::construct::Given;
use crate::lock::{self, Locking};

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
    #[arg(long = "lock", value_name = "FILE", conflicts_with = "all")]
    pub file: Option<PathBuf>,
}

/// A build's lock and time.
pub(super) struct Plan {
    pub(super) lock_path: PathBuf,
    update: bool,
    lock: Option<Lock>,
    pub(super) epoch: u64,
}

impl Plan {
    /// Holds what is given against the lock where the build is to follow it.
    pub(super) fn of(arguments: &LockArguments, recipe: &Path, given: &Given) -> anyhow::Result<Self> {
        let lock_path = arguments.file.clone().unwrap_or_else(|| lock::beside_recipe(recipe));
        let lock = if arguments.locked { Some(lock::read(&lock_path)?) } else { None };
        if let Some(lock) = &lock {
            follows(lock, given)
                .with_context(|| format!("--locked: this is not what {} locks", lock_path.display()))?;
        }
        let epoch = match &lock {
            Some(lock) => lock.epoch,
            None => epoch()?,
        };
        Ok(Self { lock_path, update: arguments.update_lock, lock, epoch })
    }

    /// Whether the build follows a lock; one that does not may be one that later ones are compared with.
    pub(super) fn locking(&self, compared: bool) -> Locking<'_> {
        match &self.lock {
            Some(lock) => Locking::Locked(lock),
            None if self.update || compared => Locking::NewestWithDigests,
            None => Locking::Newest,
        }
    }

    /// Where the lock of a done build goes, if it is to be kept.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.update.then_some(&*self.lock_path)
    }
}

fn follows(lock: &Lock, given: &Given) -> anyhow::Result<()> {
    let name = &given.recipe.recipe.name;
    if lock.golden != *name {
        bail!("it locks the golden {}, the recipe makes {name}", lock.golden);
    }
    let differences = lock.inputs.differences(&given.inputs);
    if differences.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = differences.iter().map(LockDifference::to_string).collect();
    bail!("inputs have changed:\n  {}\n  build with --update-lock to take them in", lines.join("\n  "))
}

/// The time that the environment fixes, else the present one.
fn epoch() -> anyhow::Result<u64> {
    match env::var(EPOCH) {
        Ok(text) => text.parse().with_context(|| format!("{EPOCH}={text:?} is no number of seconds since 1970")),
        Err(env::VarError::NotPresent) => Ok(u64::try_from(Timestamp::now().as_second())?),
        Err(error) => Err(error).context(EPOCH),
    }
}
