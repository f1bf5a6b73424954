//! `image-builder sbom`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use spec::exit::Exit;
use spec::ids::{Sha256Hex, Volid};
use spec::sbom::{cyclonedx, spdx};

use super::node::NodeArguments;
use super::{node, print};
use crate::bill::{Contents, Subject};
use crate::digest;
use crate::releases;
use crate::survey::survey;

#[derive(Debug, Args)]
pub(super) struct SbomArguments {
    /// NAME, NAME@RELEASE, a volume id, a manifest's path, or any archive's path
    #[arg(value_name = "REF|ARCHIVE")]
    pub reference: String,
    #[command(flatten)]
    pub node: NodeArguments,
    /// The form
    #[arg(long, value_enum, default_value = "cyclonedx")]
    pub form: Form,
}

/// The forms of a bill of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// CycloneDX 1.6, as JSON
    Cyclonedx,
    /// SPDX 2.3, as JSON
    Spdx,
}

pub(super) fn run(arguments: &SbomArguments) -> anyhow::Result<Exit> {
    let path = archive(&arguments.reference, &arguments.node)?;
    let sha256 = digest::of_file(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let contents = Contents::of(&survey(&path)?).context("the package database does not read")?;
    let bill = contents.bill(subject(&path, sha256)?);
    let document = match arguments.form {
        Form::Cyclonedx => cyclonedx(&bill),
        Form::Spdx => spdx(&bill),
    };
    // Byte for byte what a release's own file holds.
    print::text(&format!("{}\n", serde_json::to_string_pretty(&document)?))?;
    Ok(Exit::Done)
}

/// The archive that a reference means.
pub(super) fn archive(reference: &str, node: &NodeArguments) -> anyhow::Result<PathBuf> {
    let given = Path::new(reference);
    let is_manifest = given.extension().is_some_and(|end| end == "json");
    if given.is_file() && !is_manifest {
        return Ok(given.to_owned());
    }
    let host = node::host(node)?;
    if let Ok(volid) = reference.parse::<Volid>() {
        return host.pvesm().path(&volid).context("the node does not know that volume");
    }
    let release = releases::find(&host, reference)?;
    Ok(release.path.with_file_name(&release.manifest.archive.file))
}

/// The release that the archive is, or the archive itself.
fn subject(path: &Path, sha256: Sha256Hex) -> anyhow::Result<Subject> {
    let archive = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let manifest = releases::beside(path)?.map(|release| release.manifest);
    Ok(match manifest.filter(|manifest| manifest.archive.sha256 == sha256) {
        Some(manifest) => Subject { name: manifest.golden.to_string(), version: manifest.release, archive, sha256 },
        None => Subject { name: archive.clone(), version: sha256.to_string(), archive, sha256 },
    })
}
