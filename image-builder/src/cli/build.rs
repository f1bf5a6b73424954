//! `image-builder build`.

use std::io::{self, IsTerminal};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::json;
use spec::exit::Exit;
use spec::identity::Catalog;
use uuid::Uuid;

use super::node::{NodeArguments, vmid_range};
use super::plan::{LockArguments, Plan};
use super::{left, node, print};
use crate::bootstrap::BaseCache;
use crate::lock;
use crate::phases::{FetchError, Published};
use crate::pipeline::{self, BuildError};
use crate::progress::{Bars, JsonLines, Phase, Plain, Progress};
use crate::recipe_file::{self, RecipeFile, Setting};
use crate::signals;
use crate::workshop::Workshop;

#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    /// The recipe
    #[arg(value_name = "RECIPE")]
    pub recipe: PathBuf,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Set a key of the recipe (`access.user_ca=/etc/mintmark/ca.pub`); may be given again
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<Setting>,
    /// The static firstboot program; found beside this program or in cargo's target directory
    #[arg(long, value_name = "PATH", env = "MINTMARK_FIRSTBOOT")]
    pub firstboot: Option<PathBuf>,
    /// VMIDs that the build guest may have
    #[arg(long, value_name = "FIRST-LAST", default_value = "9000-9099", value_parser = vmid_range)]
    pub vmids: RangeInclusive<u32>,
    /// Make the bootstrapped base anew, even if it is in the cache
    #[arg(long, conflicts_with = "locked")]
    pub refresh_base: bool,
    /// Pack the guest also before anything is taken out of it, and tell what tar and zstd alone would have made
    #[arg(long)]
    pub measure_unminimized: bool,
    #[command(flatten)]
    pub lock: LockArguments,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
    /// How progress is told on stderr
    #[arg(long, value_enum, default_value = "auto")]
    pub progress: ProgressForm,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressForm {
    /// Bars on a terminal, else plain lines
    Auto,
    /// Bars
    Bars,
    /// Lines of text
    Plain,
    /// One JSON object a line
    Json,
}

pub(super) fn run(arguments: BuildArguments) -> anyhow::Result<Exit> {
    // Up to here and no further bad input can be the reason: nothing has been touched.
    let prepared = (|| {
        let recipe = recipe_file::read(&arguments.recipe, &arguments.settings)?;
        let firstboot = arguments.firstboot.clone().or_else(node::firstboot);
        let plan = Plan::of(&arguments, &recipe, firstboot)?;
        anyhow::Ok((recipe, plan, node::host(&arguments.node)?, node::records(&arguments.node)?))
    })();
    let (RecipeFile { recipe, login, digest, dir, .. }, plan, host, records) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            print::report(&error);
            return Ok(Exit::Usage);
        }
    };
    let host = host.interrupted_by(signals::as_interrupt().context("cannot listen for signals")?);
    let progress = progress(arguments.progress, &Phase::BUILD);
    let workshop = Workshop {
        host: &host,
        recipe: &recipe,
        catalog: Catalog::builtin(),
        login: &login,
        recipe_digest: digest,
        recipe_dir: &dir,
        firstboot: plan.firstboot.as_deref(),
        vmids: arguments.vmids,
        measure_unminimized: arguments.measure_unminimized,
        base_cache: if arguments.refresh_base { BaseCache::Refresh } else { BaseCache::Use },
        inputs: &plan.inputs,
        locking: plan.locking(arguments.lock.update_lock),
        epoch: plan.epoch,
        records: &records,
        progress: &*progress,
        nonce: Uuid::new_v4(),
    };
    let built = pipeline::build(&workshop);
    progress.end(built.is_ok());
    match built {
        Ok(published) => {
            if arguments.lock.update_lock {
                lock::write(&plan.lock_path, &published.lock).context("the release is there, its lock is not")?;
            }
            print(&published, arguments.json)?;
            Ok(Exit::Done)
        }
        Err(error) => {
            let not_begun = matches!(error, BuildError::Fetch(FetchError::Preflight(_)));
            print::report(&error.into());
            let left = left::by_this_process(&records);
            Ok(match (not_begun, left) {
                (true, _) => Exit::Usage,
                (_, true) => Exit::Parked,
                _ => Exit::Failed,
            })
        }
    }
}

/// Who is told on stderr.
pub(super) fn progress(form: ProgressForm, phases: &'static [Phase]) -> Box<dyn Progress> {
    match form {
        ProgressForm::Json => Box::new(JsonLines::default()),
        ProgressForm::Bars => Box::new(Bars::over(phases)),
        ProgressForm::Auto if io::stderr().is_terminal() => Box::new(Bars::over(phases)),
        ProgressForm::Auto | ProgressForm::Plain => Box::new(Plain::default()),
    }
}

fn print(published: &Published, as_json: bool) -> anyhow::Result<()> {
    let Published { manifest, path, .. } = published;
    if as_json {
        return print::json(&json!({
            "version": 1,
            "golden": manifest.golden,
            "release": manifest.release,
            "manifest": path,
            "archive": manifest.archive,
            "packages": manifest.packages.len(),
            "forbidden": manifest.forbidden.len(),
            "checks": manifest.checks,
            "sizes": manifest.sizes,
        }));
    }
    print::pairs([
        ("golden", manifest.golden.to_string()),
        ("release", manifest.release.clone()),
        ("archive", manifest.archive.volid.clone()),
        ("size", print::mebibytes(manifest.archive.bytes)),
        ("not minimized", manifest.sizes.unminimized_bytes.map_or("not measured".to_owned(), print::mebibytes)),
        ("sha256", manifest.archive.sha256.to_string()),
        ("packages", manifest.packages.len().to_string()),
        ("forbidden identities", manifest.forbidden.len().to_string()),
        ("manifest", path.display().to_string()),
    ])
}
