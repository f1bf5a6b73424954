//! `image-builder show`.

use clap::Args;
use jiff::Timestamp;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::release::Manifest;

use super::node::NodeArguments;
use super::trust::SignersArguments;
use super::{node, print, sizes};
use crate::registry::Stands;
use crate::releases::{Release, find};

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// NAME, NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub reference: String,
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub signers: SignersArguments,
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
    history(&release, &arguments.signers)?;
    Ok(Exit::Done)
}

/// Whether guests come up, as the build was told.
fn first_boot(manifest: &Manifest) -> String {
    manifest.first_boot.as_ref().map_or_else(|| "not looked at".to_owned(), |told| told.reasons.join("; "))
}

/// Who signed what, and what happened to it since; told to be unknown where nobody said whose signatures count.
fn history(release: &Release, signers: &SignersArguments) -> anyhow::Result<()> {
    let stands = match signers.read() {
        Ok(signers) => Stands::of(release, &signers, Timestamp::now())?,
        Err(error) => {
            print::hint(&format!("what happened to it is unknown: {error}"));
            return Ok(());
        }
    };
    match &stands.signed {
        Err(error) => print::report(&anyhow::anyhow!("{error}")),
        Ok(signed) => signed.passed_over.iter().for_each(|error| print::hint(&format!("passed over: {error}"))),
    }
    let rows = stands.history.into_iter().map(|reached| {
        let about = reached.about.unwrap_or_default();
        [
            reached.state.to_string(),
            reached.principal.to_string(),
            reached.at.to_string(),
            reached.evidence.to_string(),
            about,
        ]
    });
    print::table(["STATE", "BY", "WHEN", "EVIDENCE", "ABOUT"], rows)
}

fn passed(manifest: &Manifest) -> usize {
    manifest.findings.iter().filter(|finding| finding.verdict == Verdict::Pass).count()
}
