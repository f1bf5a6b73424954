//! Publish: the manifest appears beside the archive, whole or not at all. From then on it is a release.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use spec::identity::catalog;
use spec::release::{Archive, Manifest};

use super::inspect::Inspected;
use crate::dump;
use crate::releases::manifest_path;
use crate::workshop::Workshop;

/// A release.
#[derive(Debug)]
pub struct Published {
    /// The manifest.
    pub manifest: Manifest,
    /// Where it lies.
    pub path: PathBuf,
}

/// Why there is no release.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the manifest {path}")]
pub struct PublishError {
    /// Where it was to be.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

impl Published {
    /// Writes the manifest.
    pub fn from(workshop: &Workshop<'_>, inspected: Inspected<'_>) -> Result<Self, PublishError> {
        let path = manifest_path(&inspected.archive.path);
        let manifest = manifest(workshop, &inspected);
        let Inspected { archive, .. } = inspected;
        let unfinished = dump::unfinished_manifest(&archive.path);
        write_by_rename(&path, &unfinished, &manifest).map_err(|source| PublishError { path: path.clone(), source })?;
        archive.publish();
        Ok(Self { manifest, path })
    }
}

fn manifest(workshop: &Workshop<'_>, inspected: &Inspected<'_>) -> Manifest {
    let Inspected { dossier, inspection, .. } = inspected;
    let inspection = inspection.clone();
    let archive = Archive {
        file: inspected.volid.file_name().to_owned(),
        volid: inspected.volid.to_string(),
        bytes: inspection.file_bytes,
        sha256: inspection.file_sha256,
        tar_bytes: inspection.tar_bytes,
        tar_sha256: inspection.tar_sha256,
        members: inspection.members,
    };
    Manifest {
        version: 1,
        golden: workshop.recipe.name.clone(),
        release: Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        archive,
        recipe: workshop.recipe_digest.clone(),
        base: dossier.base.clone(),
        config: inspection.conf,
        catalog: catalog::VERSION,
        findings: inspected.findings.clone(),
        forbidden: dossier.forbidden.clone(),
        packages: inspection.packages,
        checks: dossier.checks.clone(),
        host_keys: workshop.recipe.clean.host_keys.as_str().to_owned(),
        first_boot: dossier.first_boot.clone(),
        sizes: inspected.sizes.clone(),
    }
}

/// Where this fails, the archive goes and takes whatever this has written with it.
fn write_by_rename(path: &Path, unfinished: &Path, manifest: &Manifest) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(manifest)?;
    text.push(b'\n');
    let mut file = File::create(unfinished)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
