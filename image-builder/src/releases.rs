//! The releases on a node's storages: manifests beside their archives.

use std::path::{Path, PathBuf};

use pve_host::Host;
use pve_host::process::CommandError;
use spec::ids::{Sha256Hex, StorageId, Volid};
use spec::release::{self as document, Document, DocumentError, Manifest};

use crate::dump;
use crate::registry::{ReadError, capped};

/// What a manifest's name has behind its archive's.
const ENDING: &str = "manifest.json";

/// A release and where its manifest lies.
#[derive(Debug, Clone)]
pub struct Release {
    /// The manifest.
    pub manifest: Manifest,
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of the manifest's bytes: the name by which channels and records refer to the release.
    pub sha256: Sha256Hex,
}

impl Release {
    /// The archive's file, beside the manifest.
    pub fn archive(&self) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let archive =
            name.strip_suffix(ENDING).and_then(|name| name.strip_suffix('.')).unwrap_or(&self.manifest.archive.file);
        // Whatever a manifest says, the archive lies beside it.
        self.path.with_file_name(Path::new(archive).file_name().unwrap_or_default())
    }
}

/// Why releases could not be found.
#[derive(Debug, thiserror::Error)]
pub enum ReleasesError {
    /// The node does not tell.
    #[error("the node does not list its archives")]
    Node(#[from] CommandError),
    /// A manifest could not be read.
    #[error("a manifest is not to be had")]
    Read(#[from] ReadError),
    /// A file in a manifest's place is none.
    #[error("{path} is no manifest")]
    NotAManifest {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: DocumentError,
    },
    /// No release fits a reference.
    #[error("no release is {reference:?}; `image-builder releases` lists what is there")]
    Unknown {
        /// The reference as given.
        reference: String,
    },
}

/// Where an archive's manifest lies.
pub fn manifest_path(archive: &Path) -> PathBuf {
    dump::beside(archive, ENDING)
}

/// Reads a manifest.
pub fn read(path: &Path) -> Result<Release, ReleasesError> {
    let bytes = capped(path, Manifest::LIMIT)?;
    let manifest = document::read(&bytes);
    let manifest = manifest.map_err(|source| ReleasesError::NotAManifest { path: path.to_owned(), source })?;
    Ok(Release { manifest, path: path.to_owned(), sha256: Sha256Hex::of(&bytes) })
}

/// The manifest beside an archive; `None` when there is none.
pub fn beside(archive: &Path) -> Result<Option<Release>, ReleasesError> {
    let path = manifest_path(archive);
    if path.exists() { read(&path).map(Some) } else { Ok(None) }
}

/// All releases on the node's active storages, oldest first.
pub fn all(host: &Host) -> Result<Vec<Release>, ReleasesError> {
    let mut releases = Vec::new();
    for storage in host.pvesm().status()?.into_iter().filter(|storage| storage.active) {
        for archive in archives(host, &storage.storage)? {
            releases.extend(beside(&host.pvesm().path(&archive)?)?);
        }
    }
    releases.sort_by(|a, b| (&a.manifest.golden, &a.manifest.release).cmp(&(&b.manifest.golden, &b.manifest.release)));
    Ok(releases)
}

/// Archives of containers; a storage that takes no backups has none.
fn archives(host: &Host, storage: &StorageId) -> Result<Vec<Volid>, ReleasesError> {
    let volumes = host.pvesm().list(storage, "backup")?;
    Ok(volumes.into_iter().map(|volume| volume.volid).filter(|volid| volid.volume.contains("vzdump-lxc-")).collect())
}

/// The release that a reference means: the path of a manifest, a volume id, `NAME@RELEASE`, or `NAME` for the newest.
pub fn find(host: &Host, reference: &str) -> Result<Release, ReleasesError> {
    if Path::new(reference).is_file() {
        return read(Path::new(reference));
    }
    let fits = choose(all(host)?, reference);
    fits.ok_or_else(|| ReleasesError::Unknown { reference: reference.to_owned() })
}

/// The newest that fits; `releases` are sorted.
fn choose(releases: Vec<Release>, reference: &str) -> Option<Release> {
    let (name, release) = reference.split_once('@').unwrap_or((reference, ""));
    releases.into_iter().rev().find(|candidate| {
        let manifest = &candidate.manifest;
        let named = manifest.golden.as_str() == name && (release.is_empty() || manifest.release == release);
        named || manifest.archive.volid == reference
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(name: &str, release: &str) -> Release {
        let mut manifest: Manifest = serde_json::from_str(include_str!("../../spec/fixtures/manifest.json")).unwrap();
        manifest.golden = name.parse().unwrap();
        manifest.release = release.into();
        manifest.archive.volid = format!("local:backup/{name}-{release}");
        Release { manifest, path: PathBuf::new(), sha256: Sha256Hex::of(b"") }
    }

    #[test]
    fn a_name_is_the_newest_release_and_an_at_names_one() {
        let releases = || vec![release("a", "20260101T000000Z"), release("a", "20260201T000000Z"), release("b", "1")];
        let chosen = |reference| choose(releases(), reference).map(|release| release.manifest.release);
        assert_eq!(chosen("a").as_deref(), Some("20260201T000000Z"));
        assert_eq!(chosen("a@20260101T000000Z").as_deref(), Some("20260101T000000Z"));
        assert_eq!(chosen("local:backup/b-1").as_deref(), Some("1"));
        assert_eq!(chosen("c"), None);
        assert_eq!(chosen("a@1"), None);
    }

    #[test]
    fn a_manifest_lies_beside_its_archive() {
        let path = manifest_path(Path::new("/dump/vzdump-lxc-9000-x.tar.zst"));
        assert_eq!(path, Path::new("/dump/vzdump-lxc-9000-x.tar.zst.manifest.json"));
        assert!(beside(Path::new("/nowhere/x.tar.zst")).unwrap().is_none());
    }
}
