//! An archive's file on a storage, and everything that may lie beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// Deletes an archive and what lies beside it, and says whether the archive was there.
pub(crate) fn discard(archive: &Path) -> Result<bool, DumpError> {
    // The manifest first: a manifest without its archive would name a release that nobody can have.
    for beside in [manifest_path(archive), unfinished_manifest(archive)] {
        delete(&beside)?;
    }
    let was_there = delete(archive)?;
    for beside in side_files(archive) {
        delete(&beside)?;
    }
    Ok(was_there)
}

/// The same for what a dead build left; a manifest says that the archive became a release in its last moment.
pub(crate) fn discard_unpublished(archive: &Path) -> Result<bool, DumpError> {
    if manifest_path(archive).exists() { Ok(false) } else { discard(archive) }
}

/// Where a manifest is while it is written.
pub(crate) fn unfinished_manifest(archive: &Path) -> PathBuf {
    manifest_path(archive).with_extension("json.new")
}

fn delete(path: &Path) -> Result<bool, DumpError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(DumpError { path: path.to_owned(), source }),
    }
}

/// What Proxmox puts beside `vzdump-….tar.zst`: its notes, the log without the archive's endings, and the archive
/// itself while it is written.
fn side_files(archive: &Path) -> [PathBuf; 3] {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let base = name.split_once(".tar").map_or(&*name, |(base, _)| base);
    [format!("{name}.notes"), format!("{base}.log"), format!("{base}.tar.dat")].map(|name| archive.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";

    #[test]
    fn side_files_are_named_as_proxmox_does() {
        let [notes, log, data] = side_files(&Path::new("/dump").join(NAME));
        assert_eq!(notes, Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst.notes"));
        assert_eq!(log, Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.log"));
        assert_eq!(data, Path::new("/dump/vzdump-lxc-9000-2026_11_20-13_45_00.tar.dat"));
    }

    #[test]
    fn an_archive_goes_with_everything_beside_it_unless_it_is_a_release() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join(NAME);
        let all = [archive.clone(), manifest_path(&archive), unfinished_manifest(&archive)];
        let all: Vec<PathBuf> = all.into_iter().chain(side_files(&archive)).collect();
        for file in &all {
            fs::write(file, "").unwrap();
        }
        assert!(!discard_unpublished(&archive).unwrap());
        assert!(all.iter().all(|file| file.exists()));
        fs::remove_file(manifest_path(&archive)).unwrap();
        assert!(discard_unpublished(&archive).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(!discard(&archive).unwrap());
    }
}
