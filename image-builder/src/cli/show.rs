//! `image-builder show`.

use clap::Args;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::release::Manifest;

use super::node::NodeArguments;
use super::{node, print, sizes};
use crate::releases::find;

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// NAME, NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub reference: String,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print the manifest as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &ShowArguments) -> anyhow::Result<Exit> {
    let release = find(&node::host(&arguments.node)?, &arguments.reference)?;
    if arguments.json {
        print::json(&release.manifest)?;
        return Ok(Exit::Done);
    }
    let manifest = &release.manifest;
    print::pairs([
        ("golden", manifest.golden.to_string()),
        ("release", manifest.release.clone()),
        ("archive", manifest.archive.volid.clone()),
        ("size", print::mebibytes(manifest.archive.bytes)),
        ("sha256", manifest.archive.sha256.to_string()),
        ("recipe", manifest.recipe.to_string()),
        ("base", manifest.base.template.clone()),
        ("host keys", manifest.host_keys.clone()),
        ("first boot", first_boot(manifest)),
        ("packages", manifest.packages.len().to_string()),
        ("catalog", format!("version {}, {} places clean", manifest.catalog, passed(manifest))),
        ("manifest", release.path.display().to_string()),
    ])?;
    sizes::print(&manifest.sizes)?;
    let forbidden = manifest.forbidden.iter().map(|identity| [identity.kind.title(), identity.shown()]);
    print::table(["FORBIDDEN IDENTITY", "VALUE"], forbidden)?;
    let checks = manifest.checks.iter().map(|check| [check.run.clone(), check.output.clone()]);
    print::table(["CHECK", "OUTPUT"], checks)?;
    Ok(Exit::Done)
}

/// Whether guests come up, as the build was told.
fn first_boot(manifest: &Manifest) -> String {
    manifest.first_boot.as_ref().map_or_else(|| "not looked at".to_owned(), |told| told.reasons.join("; "))
}

fn passed(manifest: &Manifest) -> usize {
    manifest.findings.iter().filter(|finding| finding.verdict == Verdict::Pass).count()
}
