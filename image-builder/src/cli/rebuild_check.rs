//! `image-builder rebuild-check`.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;
use spec::exit::Exit;
use spec::ids::Sha256Hex;
use spec::release::{Lock, LockDifference};

use super::bad_input::BadInput;
use super::construct::{Choice, ConstructArguments, Given, Place};
use super::{left, print};
use crate::bootstrap::BaseCache;
use crate::difference::{PathDifference, compare, inventory};
use crate::dump;
use crate::lock::{self, Locking};
use crate::phases::Inspected;
use crate::pipeline;
use crate::progress::Phase;
use crate::releases::{self, Release};

#[derive(Debug, Args)]
pub(super) struct RebuildCheckArguments {
    /// The release: NAME, NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub reference: String,
    /// The recipe that it was built from
    #[arg(value_name = "RECIPE")]
    pub recipe: PathBuf,
    #[command(flatten)]
    pub construct: ConstructArguments,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What is held against each other.
struct Compared {
    release: Release,
    archive: PathBuf,
    lock: Lock,
}

/// What came out.
struct Result {
    rebuilt: Sha256Hex,
    inputs: Vec<LockDifference>,
    paths: Vec<PathDifference>,
}

pub(super) fn run(arguments: &RebuildCheckArguments) -> anyhow::Result<Exit> {
    let prepared = (|| {
        let place = arguments.construct.place()?;
        let compared = compared(&place, &arguments.reference)?;
        let given = arguments.construct.given(&arguments.recipe)?;
        let (release, recipe) = (&compared.release.manifest.golden, &given.recipe.recipe.name);
        ensure!(release == recipe, "the release is of the golden {release}, the recipe makes {recipe}");
        anyhow::Ok((place, compared, given))
    })();
    let (place, compared, given) = prepared.map_err(BadInput::of)?;
    let place = place.interruptible()?;
    rebuilt(arguments, &place, &compared, &given)
}

/// The release with its archive and its lock, which must be the ones that its manifest names.
fn compared(place: &Place, reference: &str) -> anyhow::Result<Compared> {
    let release = releases::find(&place.host, reference)?;
    let archive = release.path.with_file_name(&release.manifest.archive.file);
    let path = dump::beside(&archive, lock::ENDING);
    let found = crate::digest::of_file(&path).with_context(|| format!("cannot read the lock {}", path.display()))?;
    let expected = &release.manifest.lock;
    ensure!(found == *expected, "{} has SHA-256 {found}, the manifest says {expected}", path.display());
    Ok(Compared { lock: lock::read(&path)?, archive, release })
}

fn rebuilt(
    arguments: &RebuildCheckArguments,
    place: &Place,
    compared: &Compared,
    given: &Given,
) -> anyhow::Result<Exit> {
    let choice = Choice {
        locking: Locking::Locked(&compared.lock),
        epoch: compared.lock.epoch,
        base_cache: BaseCache::Fresh,
        measure_unminimized: false,
    };
    let progress = arguments.construct.progress(&Phase::BUILD);
    let workshop = given.workshop(place, &choice, &*progress);
    let done = pipeline::until_inspected(&workshop).map_err(anyhow::Error::new);
    let done = done.and_then(|inspected| result(compared, given, &inspected));
    progress.end(done.is_ok());
    match done {
        Ok(result) => tell(compared, &result, arguments.json),
        Err(error) => {
            print::report(&error);
            Ok(if left::by_this_process(&place.records) { Exit::Parked } else { Exit::Failed })
        }
    }
}

/// Holds the two trees against each other; the rebuild's archive goes when `inspected` does.
fn result(compared: &Compared, given: &Given, inspected: &Inspected<'_>) -> anyhow::Result<Result> {
    let rebuilt = inspected.tree().clone();
    let equal = rebuilt == compared.release.manifest.archive.tree_sha256;
    let paths = if equal { Vec::new() } else { differing(&compared.archive, inspected.archive())? };
    Ok(Result { rebuilt, inputs: compared.lock.inputs.differences(&given.inputs), paths })
}

fn differing(release: &Path, rebuild: &Path) -> anyhow::Result<Vec<PathDifference>> {
    Ok(compare(&inventory(release)?, &inventory(rebuild)?))
}

fn tell(compared: &Compared, result: &Result, as_json: bool) -> anyhow::Result<Exit> {
    let Result { rebuilt, inputs, paths } = result;
    let manifest = &compared.release.manifest;
    let expected = &manifest.archive.tree_sha256;
    let exit = if rebuilt == expected { Exit::Done } else { Exit::Failed };
    if as_json {
        print::json(&json!({
            "version": 1,
            "release": format!("{}@{}", manifest.golden, manifest.release),
            "equal": rebuilt == expected,
            "tree": { "release": expected, "rebuild": rebuilt },
            "inputs": inputs,
            "differences": paths,
        }))?;
        return Ok(exit);
    }
    print::pairs([
        ("release", format!("{}@{}", manifest.golden, manifest.release)),
        ("its tree", expected.to_string()),
        ("rebuilt", rebuilt.to_string()),
        ("equal", if rebuilt == expected { "yes" } else { "no" }.to_owned()),
        ("other inputs", inputs.len().to_string()),
        ("paths that differ", paths.len().to_string()),
    ])?;
    for input in inputs {
        print::hint(&format!("other input: {input}"));
    }
    if paths.is_empty() {
        return Ok(exit);
    }
    let rows = paths.iter().map(|one| [one.path.clone(), one.how.join("; "), one.why.unwrap_or("").to_owned()]);
    print::table(["PATH", "HOW", "WHY"], rows)?;
    Ok(exit)
}
