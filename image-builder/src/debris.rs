//! What interrupted work left beside archives: documents half written, and documents whose archive is gone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Nothing takes so long to write; what is younger may still be written.
const SETTLED: Duration = Duration::from_hours(24);
/// What our documents' names have behind their archive's.
const ENDINGS: [&str; 6] =
    ["manifest.json", "verdict.json", "lock.json", "provenance.json", "sbom.cdx.json", "sbom.spdx.json"];

/// A file that nobody needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debris {
    /// The file.
    pub path: PathBuf,
    /// Why nobody needs it.
    pub why: &'static str,
}

/// Looks through a folder of archives.
pub fn debris(folder: &Path, now: SystemTime) -> io::Result<Vec<Debris>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((archive, document)) = parts(&name) else { continue };
        let modified = entry.metadata()?.modified()?;
        let settled = now.duration_since(modified).is_ok_and(|age| age > SETTLED);
        if document.rsplit_once('.').is_some_and(|(_, end)| end == "new") && settled {
            found.push(Debris { path: entry.path(), why: "half written" });
        } else if is_ours(document) && settled && !folder.join(archive).exists() {
            found.push(Debris { path: entry.path(), why: "its archive is gone" });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// `vzdump-lxc-….tar.zst.manifest.json` as the archive's name and the rest.
fn parts(name: &str) -> Option<(&str, &str)> {
    let end = name.starts_with("vzdump-lxc-").then(|| name.find(".tar.zst."))?? + ".tar.zst".len();
    Some((&name[..end], &name[end + 1..]))
}

fn is_ours(document: &str) -> bool {
    let document = document.strip_suffix(".sig").unwrap_or(document);
    ENDINGS.contains(&document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_old_and_ours_is_debris() {
        let dir = tempfile::tempdir().unwrap();
        let archive = "vzdump-lxc-9000-x.tar.zst";
        for name in [
            archive,
            "vzdump-lxc-9000-x.tar.zst.manifest.json",
            "vzdump-lxc-9000-x.tar.zst.lock.json.new",
            "vzdump-lxc-9001-x.tar.zst.manifest.json.sig",
            "vzdump-lxc-9001-x.tar.zst.notes",
            "somebody.json",
        ] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(debris(dir.path(), SystemTime::now()).unwrap(), []);
        let later = SystemTime::now() + SETTLED * 2;
        let found = debris(dir.path(), later).unwrap();
        let names: Vec<(String, &str)> =
            found.iter().map(|one| (one.path.file_name().unwrap().to_string_lossy().into_owned(), one.why)).collect();
        let expected = [
            ("vzdump-lxc-9000-x.tar.zst.lock.json.new", "half written"),
            ("vzdump-lxc-9001-x.tar.zst.manifest.json.sig", "its archive is gone"),
        ];
        assert_eq!(names, expected.map(|(name, why)| (name.to_owned(), why)));
    }
}
