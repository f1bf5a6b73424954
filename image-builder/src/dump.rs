//! An archive's file on a storage, and everything that may lie beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::releases::manifest_path;

/// An archive that is no release could not be deleted.
#[derive(Debug, thiserror::Error)]
#[error("{path} is no release and could not be deleted")]
pub struct DumpError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

/// A document beside an archive: `ARCHIVE.ENDING`.
pub(crate) fn beside(archive: &Path, ending: &str) -> PathBuf {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    archive.with_file_name(format!("{name}.{ending}"))
}

/// Everything beside an archive that is named after it: manifest, verdict, evidence, signatures, what is half written.
pub(crate) fn documents(archive: &Path) -> Result<Vec<PathBuf>, DumpError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DumpError { path, source }
    };
    let folder = archive.parent().unwrap_or(Path::new("."));
    let prefix = format!("{}.", archive.file_name().unwrap_or_default().to_string_lossy());
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            documents.push(entry.path());
        }
    }
    documents.sort();
    Ok(documents)
}

/// Deletes an archive and what lies beside it, and says whether the archive was there.
pub(crate) fn discard(archive: &Path) -> Result<bool, DumpError> {
    // The manifest first: a manifest without its archive would name a release that nobody can have.
    for beside in [manifest_path(archive), durable::unfinished(&manifest_path(archive))] {
        delete(&beside)?;
    }
    let was_there = delete(archive)?;
    for beside in documents(archive)?.into_iter().chain(side_files(archive)) {
        delete(&beside)?;
    }
    Ok(was_there)
}

/// The same for what a dead build left; a manifest says that the archive became a release in its last moment.
pub(crate) fn discard_unpublished(archive: &Path) -> Result<bool, DumpError> {
    if manifest_path(archive).exists() { Ok(false) } else { discard(archive) }
}

fn delete(path: &Path) -> Result<bool, DumpError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(DumpError { path: path.to_owned(), source }),
    }
}

/// What Proxmox puts beside `vzdump-….tar.zst` without the archive's endings: its log, and the archive itself while it
/// is written.
fn side_files(archive: &Path) -> [PathBuf; 2] {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let base = name.split_once(".tar").map_or(&*name, |(base, _)| base);
    [format!("{base}.log"), format!("{base}.tar.dat")].map(|name| archive.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";

    #[test]
    fn side_files_are_named_as_proxmox_does() {
        let [log, data] = side_files(&Path::new("/dump").join(NAME));
        assert_eq!(log, Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.log"));
        assert_eq!(data, Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.tar.dat"));
    }

    #[test]
    fn an_archive_goes_with_everything_beside_it_unless_it_is_a_release() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join(NAME);
        let documents = ["notes", "verdict.json", "manifest.json.sig", "drilled-ci.json", "sbom.cdx.json.new"];
        let all = documents.iter().map(|ending| beside(&archive, ending));
        let all = all.chain([archive.clone(), manifest_path(&archive)]);
        let all: Vec<PathBuf> = all.chain(side_files(&archive)).collect();
        for file in &all {
            fs::write(file, "").unwrap();
        }
        assert!(!discard_unpublished(&archive).unwrap());
        assert!(all.iter().all(|file| file.exists()));
        fs::remove_file(manifest_path(&archive)).unwrap();
        let another = dir.path().join("vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst2");
        fs::write(&another, "").unwrap();
        assert!(discard_unpublished(&archive).unwrap());
        assert!(another.exists(), "another archive's");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(!discard(&archive).unwrap());
    }
}
