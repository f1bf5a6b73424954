//! The manifests that the agent can see, and the choice among them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use spec::ids::Sha256Hex;
use spec::release::{self, Document, DocumentError, Manifest};

use super::reference::GoldenRef;

/// A manifest and the file it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub manifest: Manifest,
    /// SHA-256 of its bytes: the name by which channels and records refer to it.
    pub sha256: Sha256Hex,
}

/// Why no manifest was found.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file is no manifest.
    #[error("{path} is no manifest")]
    NoManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: Box<DocumentError>,
    },
    /// No manifest fits.
    #[error(
        "no manifest of golden {golden} among {seen} in {folders:?}: give the path of its manifest.json, or add its folder to `goldens.manifests`"
    )]
    NotFound {
        /// As the request names it.
        golden: GoldenRef,
        /// How many manifests were seen.
        seen: usize,
        /// Where was looked.
        folders: Vec<PathBuf>,
    },
}

/// Finds the manifest that a request means.
///
/// # Errors
/// [`ShelfError`] names the file, or where was looked in vain.
pub fn find(golden: &GoldenRef, folders: &[PathBuf]) -> Result<Shelved, ShelfError> {
    if let GoldenRef::Manifest(path) = golden {
        return read(path);
    }
    let shelf = all(folders)?;
    choose(golden, &shelf).cloned().ok_or_else(|| ShelfError::NotFound {
        golden: golden.clone(),
        seen: shelf.len(),
        folders: folders.to_vec(),
    })
}

/// All that was seen in the folders.
#[derive(Debug, Default)]
pub struct Survey {
    /// The manifests.
    pub shelf: Vec<Shelved>,
    /// Folders and files that cannot be read, and files that set out to be manifests and are none.
    pub unread: Vec<ShelfError>,
}

/// Every manifest in these folders. Other JSON files may lie there too and are passed over.
///
/// # Errors
/// A folder, or a file in it, cannot be read.
pub fn all(folders: &[PathBuf]) -> Result<Vec<Shelved>, ShelfError> {
    let Survey { shelf, unread } = survey(folders);
    for error in unread {
        match error {
            ShelfError::NoManifest { path, source } => tracing::warn!(path = %path.display(), %source, "damaged"),
            error => return Err(error),
        }
    }
    Ok(shelf)
}

/// The same for who must know what could not be read, and goes on without it.
pub fn survey(folders: &[PathBuf]) -> Survey {
    let mut survey = Survey::default();
    for folder in folders {
        match json_files(folder) {
            Err(source) => survey.unread.push(ShelfError::Unreadable { path: folder.clone(), source }),
            Ok(paths) => paths.iter().for_each(|path| survey.take(path)),
        }
    }
    survey
}

impl Survey {
    fn take(&mut self, path: &Path) {
        match read(path) {
            Ok(shelved) => self.shelf.push(shelved),
            Err(ShelfError::NoManifest { source, .. }) if is_something_else(path, &source) => {
                tracing::debug!(path = %path.display(), "not a manifest");
            }
            Err(error) => self.unread.push(error),
        }
    }
}

/// What a manifest's name ends with.
const ENDING: &str = "manifest.json";

/// Whole JSON that names no forbidden values never was a manifest, and what is far too long for one is not read on
/// to find out; unless it is called one.
fn is_something_else(path: &Path, why: &DocumentError) -> bool {
    if matches!(why, DocumentError::TooLong { .. }) {
        return !path.to_string_lossy().ends_with(ENDING);
    }
    let text = capped(path).unwrap_or_default();
    serde_json::from_slice(&text).is_ok_and(|value: serde_json::Value| value.get("forbidden").is_none())
}

fn json_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let manifests: BTreeSet<PathBuf> =
        paths.iter().filter(|path| path.to_string_lossy().ends_with(ENDING)).cloned().collect();
    paths.retain(|path| !is_companion(path, &manifests));
    Ok(paths)
}

/// Whether a manifest bears the same archive's name: then this file is about that release, and a release has many such,
/// up to inventories of all its packages. They are not read to find out that they are no manifests.
fn is_companion(path: &Path, manifests: &BTreeSet<PathBuf>) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| !manifests.contains(path)) else {
        return false;
    };
    name.match_indices('.')
        .any(|(dot, _)| manifests.contains(&path.with_file_name(format!("{}.{ENDING}", &name[..dot]))))
}

fn read(path: &Path) -> Result<Shelved, ShelfError> {
    let bytes = capped(path).map_err(|source| ShelfError::Unreadable { path: path.to_owned(), source })?;
    let manifest = release::read(&bytes);
    let manifest =
        manifest.map_err(|error| ShelfError::NoManifest { path: path.to_owned(), source: Box::new(error) })?;
    Ok(Shelved { path: path.to_owned(), manifest, sha256: Sha256Hex::of(&bytes) })
}

/// The file's bytes, and one more than a manifest may have where there are more.
fn capped(path: &Path) -> io::Result<Vec<u8>> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(Manifest::LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The release that is meant, or the one with that volume id.
fn choose<'a>(golden: &GoldenRef, shelf: &'a [Shelved]) -> Option<&'a Shelved> {
    shelf.iter().find(|shelved| match golden {
        GoldenRef::Release { golden, release } => {
            shelved.manifest.golden == *golden && shelved.manifest.release == *release
        }
        GoldenRef::Archive(volid) => shelved.manifest.archive.volid == volid.to_string(),
        GoldenRef::Manifest(path) => shelved.path == *path,
        // A channel says which release it means; the shelf does not.
        GoldenRef::Channel { .. } => false,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::golden) fn manifest(golden: &str, release: &str, volid: &str) -> Manifest {
        let mut manifest: Manifest =
            serde_json::from_str(include_str!("../../../spec/fixtures/manifest.json")).unwrap();
        manifest.golden = golden.parse().unwrap();
        manifest.release = release.into();
        manifest.archive.volid = volid.into();
        manifest
    }

    #[test]
    fn a_release_and_a_volid_mean_exactly_one() {
        let dir = tempfile::tempdir().unwrap();
        let old = manifest("debian13", "20261119T100000Z", "local:backup/old");
        let new = manifest("debian13", "20261120T100000Z", "local:backup/new");
        for (file, manifest) in [("z-old.json", &old), ("a-new.json", &new)] {
            fs::write(dir.path().join(file), serde_json::to_string(manifest).unwrap()).unwrap();
        }
        fs::write(dir.path().join("other.json"), "{}").unwrap();
        let folders = [dir.path().to_owned()];
        let find = |text: &str| find(&text.parse().unwrap(), &folders).map(|s| s.manifest);
        assert_eq!(find("debian13@20261120T100000Z").unwrap(), new);
        assert_eq!(find("local:backup/old").unwrap(), old);
        assert!(matches!(find("debian12@20261120T100000Z"), Err(ShelfError::NotFound { seen: 2, .. })));
        assert_eq!(find(dir.path().join("z-old.json").to_str().unwrap()).unwrap(), old);
    }

    #[test]
    fn what_lies_beside_a_manifest_of_its_archive_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let made = manifest("debian13", "20261119T100000Z", "local:backup/old");
        let text = serde_json::to_string(&made).unwrap();
        let write = |file: &str, text: &str| fs::write(dir.path().join(file), text).unwrap();
        write("a-1.tar.zst.manifest.json", &text);
        // Read, each would be told as damaged.
        for file in ["a-1.tar.zst.sbom.cdx.json", "a-1.tar.zst.built-me@example.org.json"] {
            write(file, r#"{"forbidden":3"#);
        }
        let seen = survey(&[dir.path().to_owned()]);
        assert!(seen.unread.is_empty(), "{:?}", seen.unread);
        assert_eq!(seen.shelf.iter().map(|shelved| &shelved.manifest).collect::<Vec<_>>(), [&made]);
        write("a-2.tar.zst.verdict.json", r#"{"forbidden":3"#);
        assert_eq!(survey(&[dir.path().to_owned()]).unread.len(), 1, "no manifest bears this archive's name");
    }

    #[test]
    fn a_broken_manifest_is_told_and_other_files_are_not() {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in
            [("channel.json", r#"{"serial":1}"#), ("cut.json", r#"{"gol"#), ("old.json", r#"{"forbidden":3}"#)]
        {
            fs::write(dir.path().join(file), text).unwrap();
        }
        let missing = dir.path().join("missing");
        let unread = survey(&[dir.path().to_owned(), missing.clone()]).unread;
        let told: Vec<String> = unread.iter().map(ToString::to_string).collect();
        assert!(told.len() == 3 && told[0].contains("cut.json") && told[1].contains("old.json"), "{told:?}");
        assert!(told[2].contains("missing"), "{told:?}");
        assert!(matches!(all(&[missing]), Err(ShelfError::Unreadable { .. })));
    }
}
