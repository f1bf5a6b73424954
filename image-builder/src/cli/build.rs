//! `image-builder build`: one recipe, or several in the order of their layers.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::ids::GoldenName;

use super::bad_input::BadInput;
use super::construct::{Choice, ConstructArguments, Given, Place};
use super::plan::{LockArguments, Plan};
use super::{left, print};
use crate::batch;
use crate::bootstrap::BaseCache;
use crate::cadence::{Cadence, cadence};
use crate::lock;
use crate::phases::{FetchError, Published};
use crate::pipeline::{self, BuildError};
use crate::progress::{Phase, Progress};
use crate::rehearsal::rehearse;
use crate::releases::Release;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct BuildArguments {
    /// The recipe; with --all several, and folders of them
    #[arg(value_name = "RECIPE", required = true)]
    pub recipes: Vec<PathBuf>,
    #[command(flatten)]
    pub construct: ConstructArguments,
    #[command(flatten)]
    pub batch: BatchArguments,
    #[command(flatten)]
    pub lock: LockArguments,
    /// Make the bootstrapped base anew, even if it is in the cache
    #[arg(long, conflicts_with = "locked")]
    pub refresh_base: bool,
    /// Pack the guest also before anything is taken out of it, and tell what tar and zstd alone would have made
    #[arg(long)]
    pub measure_unminimized: bool,
    /// Print every call that the build would make on its node, and make none
    #[arg(long, conflicts_with_all = ["locked", "update_lock", "all", "if_changed"])]
    pub dry_run: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Which of the recipes are built.
#[derive(Debug, Args)]
pub(super) struct BatchArguments {
    /// Build every recipe that is named or lies in a named folder, parents before their layers
    #[arg(long)]
    pub all: bool,
    /// After a failure go on with the recipes that do not need what failed
    #[arg(long, requires = "all")]
    pub keep_going: bool,
    /// Build only what has changed since its last release: inputs, base, or what the packages' archives offer
    #[arg(long, conflicts_with = "locked")]
    pub if_changed: bool,
}

/// One build to be.
struct Job {
    recipe: PathBuf,
    given: Given,
    plan: Plan,
}

/// What became of one.
enum Outcome {
    Built(Box<Published>),
    Unchanged(Box<Release>),
    Failed(Exit),
    Skipped { because: String },
}

pub(super) fn run(arguments: &BuildArguments) -> anyhow::Result<Exit> {
    // Up to here and no further bad input can be the reason: nothing has been touched.
    let (jobs, place) = prepared(arguments).map_err(BadInput::of)?;
    let place = place.interruptible()?;
    if arguments.dry_run {
        return dry_run(arguments, &jobs, &place);
    }
    if arguments.batch.all { all(arguments, &jobs, &place) } else { one(arguments, &jobs, &place) }
}

fn prepared(arguments: &BuildArguments) -> anyhow::Result<(Vec<Job>, Place)> {
    let recipes = match &arguments.recipes[..] {
        recipes if arguments.batch.all => batch::recipes(recipes)?,
        [recipe] => vec![recipe.clone()],
        recipes => anyhow::bail!("{} recipes are named; build them together with --all", recipes.len()),
    };
    let job = |recipe: PathBuf| {
        let given = arguments.construct.given(&recipe)?;
        let plan = Plan::of(&arguments.lock, &recipe, &given)?;
        anyhow::Ok(Job { recipe, given, plan })
    };
    let jobs: Vec<Job> = recipes.into_iter().map(job).collect::<anyhow::Result<_>>()?;
    let order = batch::order(&jobs.iter().map(|job| &job.given.recipe.recipe).collect::<Vec<_>>())?;
    let mut left: Vec<Option<Job>> = jobs.into_iter().map(Some).collect();
    let jobs = order.into_iter().filter_map(|index| left.get_mut(index)?.take()).collect();
    Ok((jobs, arguments.construct.place()?))
}

fn choice<'j>(arguments: &BuildArguments, job: &'j Job) -> Choice<'j> {
    Choice {
        locking: job.plan.locking(arguments.batch.if_changed),
        epoch: job.plan.epoch,
        base_cache: if arguments.refresh_base { BaseCache::Refresh } else { BaseCache::Use },
        measure_unminimized: arguments.measure_unminimized,
    }
}

/// The calls of a build; what would keep it from being made is told as it would be.
fn dry_run(arguments: &BuildArguments, jobs: &[Job], place: &Place) -> anyhow::Result<Exit> {
    for job in jobs {
        let progress = arguments.construct.progress(&Phase::BUILD);
        let rehearsed = rehearse(&job.given.workshop(place, &choice(arguments, job), &*progress));
        let rehearsed = rehearsed.map_err(BadInput::of)?;
        if arguments.json {
            print::json(&json!({ "version": 1, "dry_run": rehearsed }))?;
        } else {
            let calls = rehearsed.calls.into_iter().map(|call| [call.phase.to_owned(), call.call]);
            print::table(["PHASE", "CALL"], calls)?;
        }
    }
    Ok(Exit::Done)
}

/// One recipe: its result is the program's.
fn one(arguments: &BuildArguments, jobs: &[Job], place: &Place) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    for job in jobs {
        let progress = arguments.construct.progress(&Phase::BUILD);
        match carry_out(arguments, job, place, &*progress)? {
            Outcome::Built(published) => print(&published, arguments.json)?,
            Outcome::Unchanged(release) => print_unchanged(&release, arguments.json)?,
            Outcome::Failed(failed) => exit = failed,
            Outcome::Skipped { .. } => {}
        }
    }
    Ok(exit)
}

/// All of them, one after the other: the node makes one backup at a time, and a layer needs its parent.
fn all(arguments: &BuildArguments, jobs: &[Job], place: &Place) -> anyhow::Result<Exit> {
    let mut outcomes: Vec<(&Job, Outcome)> = Vec::new();
    for job in jobs {
        let outcome = if let Some(because) = held_back(arguments, job, &outcomes) {
            Outcome::Skipped { because }
        } else {
            print::hint(&format!("== {} ({})", name(job), job.recipe.display()));
            carry_out(arguments, job, place, &*arguments.construct.progress(&Phase::BUILD))?
        };
        outcomes.push((job, outcome));
    }
    print_all(&outcomes, arguments.json)?;
    let exits = outcomes.iter().map(|(_, outcome)| outcome.exit());
    Ok(exits.max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done))
}

/// Why a recipe's turn does not come: its parent failed, or something did and the rest is not wanted.
fn held_back(arguments: &BuildArguments, job: &Job, before: &[(&Job, Outcome)]) -> Option<String> {
    let failed: Vec<&GoldenName> =
        before.iter().filter(|(_, outcome)| outcome.is_missing()).map(|(job, _)| name(job)).collect();
    let parent = batch::parent(&job.given.recipe.recipe);
    let first = failed.first()?;
    match parent.filter(|parent| failed.contains(parent)) {
        Some(parent) => Some(format!("its parent {parent} was not built")),
        None if arguments.batch.keep_going => None,
        None => Some(format!("{first} was not built (see --keep-going)")),
    }
}

fn carry_out(arguments: &BuildArguments, job: &Job, place: &Place, progress: &dyn Progress) -> anyhow::Result<Outcome> {
    let recipe = &job.given.recipe.recipe;
    if arguments.batch.if_changed {
        match cadence(&place.host, recipe, &job.given.inputs) {
            Ok(Cadence::Unchanged(release)) => return Ok(Outcome::Unchanged(release)),
            Ok(Cadence::First) => print::hint(&format!("{}: there is no release yet", recipe.name)),
            Ok(Cadence::Changed(changes)) => {
                for change in changes {
                    print::hint(&format!("{}: {change}", recipe.name));
                }
            }
            Err(error) => {
                print::report(&anyhow::Error::new(error).context("cannot tell whether anything has changed"));
                return Ok(Outcome::Failed(Exit::Unverified));
            }
        }
    }
    let workshop = job.given.workshop(place, &choice(arguments, job), progress);
    let built = pipeline::build(&workshop);
    progress.end(built.is_ok());
    match built {
        Ok(published) => {
            if let Some(path) = job.plan.kept() {
                lock::write(path, &published.lock).context("the release is there, its lock is not")?;
            }
            Ok(Outcome::Built(Box::new(published)))
        }
        Err(error) => {
            let not_begun = matches!(error, BuildError::Fetch(FetchError::Preflight(_)));
            print::report(&error.into());
            let left = left::by_this_process(&place.records);
            Ok(Outcome::Failed(match (not_begun, left) {
                (true, _) => Exit::Usage,
                (_, true) => Exit::Parked,
                _ => Exit::Failed,
            }))
        }
    }
}

fn name(job: &Job) -> &GoldenName {
    &job.given.recipe.recipe.name
}

impl Outcome {
    /// Whether the golden that was wanted is not there.
    fn is_missing(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Skipped { .. })
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Built(_) | Self::Unchanged(_) => Exit::Done,
            Self::Failed(exit) => *exit,
            Self::Skipped { .. } => Exit::Failed,
        }
    }

    /// The outcome's word, the release and more to say.
    fn row(&self) -> [String; 3] {
        let row = |word: &str, release: &str, more: String| [word.to_owned(), release.to_owned(), more];
        match self {
            Self::Built(built) => row("built", &built.manifest.release, print::mebibytes(built.manifest.archive.bytes)),
            Self::Unchanged(release) => row("unchanged", &release.manifest.release, String::new()),
            Self::Failed(exit) => row("failed", "", format!("exit code {}", *exit as u8)),
            Self::Skipped { because } => row("skipped", "", because.clone()),
        }
    }
}

fn print_all(outcomes: &[(&Job, Outcome)], as_json: bool) -> anyhow::Result<()> {
    if !as_json {
        let rows = outcomes.iter().map(|(job, outcome)| {
            let [word, release, more] = outcome.row();
            [name(job).to_string(), word, release, more]
        });
        return print::table(["GOLDEN", "OUTCOME", "RELEASE", ""], rows);
    }
    let builds = outcomes.iter().map(|(job, outcome)| {
        let result = match outcome {
            Outcome::Built(built) => object(built),
            Outcome::Unchanged(release) => unchanged(release),
            Outcome::Failed(_) | Outcome::Skipped { .. } => Value::Null,
        };
        let [outcome, _, more] = outcome.row();
        json!({ "recipe": job.recipe, "golden": name(job), "outcome": outcome, "note": more, "result": result })
    });
    print::json(&json!({ "version": 1, "builds": builds.collect::<Vec<_>>() }))
}

fn unchanged(release: &Release) -> Value {
    let manifest = &release.manifest;
    json!({
        "version": 1,
        "golden": manifest.golden,
        "release": manifest.release,
        "manifest": release.path,
        "unchanged": true,
    })
}

fn print_unchanged(release: &Release, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print::json(&unchanged(release));
    }
    print::pairs([
        ("golden", release.manifest.golden.to_string()),
        ("release", release.manifest.release.clone()),
        ("unchanged", "nothing has changed since: nothing was built".to_owned()),
    ])
}

fn object(published: &Published) -> Value {
    let Published { manifest, path, .. } = published;
    json!({
        "version": 1,
        "golden": manifest.golden,
        "release": manifest.release,
        "manifest": path,
        "archive": manifest.archive,
        "packages": manifest.packages.len(),
        "forbidden": manifest.forbidden.len(),
        "checks": manifest.checks,
        "sizes": manifest.sizes,
    })
}

fn print(published: &Published, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print::json(&object(published));
    }
    let Published { manifest, path, .. } = published;
    print::pairs([
        ("golden", manifest.golden.to_string()),
        ("release", manifest.release.clone()),
        ("archive", manifest.archive.volid.clone()),
        ("size", print::mebibytes(manifest.archive.bytes)),
        ("not minimized", manifest.sizes.unminimized_bytes.map_or("not measured".to_owned(), print::mebibytes)),
        ("sha256", manifest.archive.sha256.to_string()),
        ("tree", manifest.archive.tree_sha256.to_string()),
        ("packages", manifest.packages.len().to_string()),
        ("forbidden identities", manifest.forbidden.len().to_string()),
        ("manifest", path.display().to_string()),
    ])
}
