//! `image-builder inspect`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use spec::exit::Exit;
use spec::identity::{Kept, Verdict};
use spec::ids::Volid;
use spec::release::Manifest;

use super::catalog_dir::CatalogArguments;
use super::node::NodeArguments;
use super::{node, print, sizes};
use crate::examination::{Examination, examine};
use crate::releases;
use crate::survey::survey;

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// An archive: a file, or a volume id (`local:backup/vzdump-lxc-…`)
    #[arg(value_name = "ARCHIVE|VOLID")]
    pub archive: String,
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub catalog: CatalogArguments,
    /// Tell also where the bytes are: by package, by directory, and what nobody accounts for
    #[arg(long)]
    pub sizes: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &InspectArguments) -> anyhow::Result<Exit> {
    let path = locate(arguments)?;
    let manifest = releases::beside(&path)?.map(|release| release.manifest);
    let kept = manifest.as_ref().map(kept).unwrap_or_default();
    let examination = examine(&path, &arguments.catalog.load()?, None, &kept)?;
    // A second pass, after the first has found the archive sound.
    let attribution = if arguments.sizes { Some(survey(&path)?.attribution(&[])) } else { None };
    let mut complaints = examination.complaints();
    complaints.extend(manifest.as_ref().and_then(|manifest| another_archive(manifest, &examination)));
    let exit = match examination.verdict {
        _ if complaints.is_empty() => Exit::Done,
        Verdict::Unverified => Exit::Unverified,
        _ => Exit::Failed,
    };
    if arguments.json {
        let release = manifest.map(|manifest| format!("{}@{}", manifest.golden, manifest.release));
        print::json(&json!({
            "version": 1,
            "archive": path,
            "clean": complaints.is_empty(),
            "complaints": complaints,
            "release": release,
            "kept": kept,
            "sizes": attribution,
            "examination": examination,
        }))?;
    } else {
        print(&path, &examination, manifest.as_ref(), &kept, &complaints)?;
        attribution.as_ref().map(sizes::print_attribution).transpose()?;
    }
    Ok(exit)
}

/// A file, or a volume id that the node knows.
fn locate(arguments: &InspectArguments) -> anyhow::Result<PathBuf> {
    let given = Path::new(&arguments.archive);
    if given.exists() {
        return Ok(given.to_owned());
    }
    let volid: Volid = arguments.archive.parse().with_context(|| format!("{} is no file", arguments.archive))?;
    node::host(&arguments.node)?.pvesm().path(&volid).context("the node does not know that volume")
}

/// What the release's recipe left on purpose.
fn kept(manifest: &Manifest) -> Vec<Kept> {
    let skipped = manifest.findings.iter().filter(|finding| finding.verdict == Verdict::Skipped);
    skipped.map(|finding| Kept { item: finding.item.clone(), reason: finding.why.clone() }).collect()
}

/// A manifest could excuse everything, so what it excuses is always told.
fn in_words(kept: &[Kept]) -> String {
    let mut items: Vec<&str> = kept.iter().map(|kept| kept.item.as_str()).collect();
    items.dedup();
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}

fn another_archive(manifest: &Manifest, examination: &Examination) -> Option<String> {
    let found = &examination.inspection.file_sha256;
    let expected = &manifest.archive.sha256;
    (found != expected).then(|| format!("the file has SHA-256 {found}, its manifest says {expected}"))
}

fn print(
    path: &Path,
    examination: &Examination,
    manifest: Option<&Manifest>,
    kept: &[Kept],
    complaints: &[String],
) -> anyhow::Result<()> {
    let inspection = &examination.inspection;
    let release = manifest.map_or("none".to_owned(), |manifest| format!("{}@{}", manifest.golden, manifest.release));
    let passed = examination.findings.iter().filter(|finding| finding.verdict == Verdict::Pass).count();
    print::pairs([
        ("archive", path.display().to_string()),
        ("release", release),
        ("size", print::mebibytes(inspection.file_bytes)),
        ("unpacked", print::mebibytes(inspection.tar_bytes)),
        ("sha256", inspection.file_sha256.to_string()),
        ("tree", inspection.tree_sha256.to_string()),
        ("members", inspection.members.to_string()),
        ("second reader", examination.second_reader.as_ref().map_or("none".to_owned(), String::clone)),
        ("packages", inspection.packages.len().to_string()),
        ("places judged clean", passed.to_string()),
        ("kept, says the manifest", in_words(kept)),
        ("looks like a secret, but is a package's", inspection.shipped.len().to_string()),
        ("set-id or capabilities", inspection.privileged.len().to_string()),
        ("complaints", complaints.len().to_string()),
    ])?;
    if complaints.is_empty() {
        return Ok(());
    }
    print::table(["COMPLAINT"], complaints.iter().map(|complaint| [complaint.clone()]))
}
