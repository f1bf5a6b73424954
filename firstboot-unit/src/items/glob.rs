//! The catalog's and sshd's patterns looked for in a tree: `*` and `?` inside one component.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use spec::wildcard::fits;

use crate::root::{Kind, Root, RootError, Visit};

/// More matches of one pattern are an attack on the reader, not a set of residues.
const MOST_DEEP: usize = 10_000;

/// The existing paths that a pattern without `**` names, sorted. Links in the middle are followed inside the tree,
/// one at the end is itself the answer.
pub(crate) fn expand(root: &Root, pattern: &str) -> Result<Vec<PathBuf>, RootError> {
    let mut found = vec![PathBuf::from("/")];
    for component in Path::new(pattern).iter().filter(|part| *part != OsStr::new("/")) {
        let wild = component.as_bytes().iter().any(|byte| b"*?".contains(byte));
        if !wild {
            for path in &mut found {
                path.push(component);
            }
            continue;
        }
        let mut next = Vec::new();
        for path in found {
            let names = root.list(&path)?.unwrap_or_default();
            let fitting = names.into_iter().filter(|entry| fits(component.as_bytes(), entry.name.as_bytes()));
            next.extend(fitting.map(|entry| path.join(entry.name)));
        }
        found = next;
    }
    let mut existing = Vec::new();
    for path in found {
        if root.stat(&path)?.is_some() {
            existing.push(path);
        }
    }
    Ok(existing)
}

/// The paths below these directories, any depth down, whose last components fit `ending`, sorted. Nothing is followed.
pub(crate) fn expand_deep(root: &Root, directory: &str, ending: &str) -> Result<Vec<PathBuf>, RootError> {
    let wanted: Vec<&[u8]> = ending.split('/').map(str::as_bytes).collect();
    let mut found = Vec::new();
    for top in expand(root, directory)? {
        root.tally(&top, |path, _| {
            if found.len() < MOST_DEEP && ends_so(path, &top, &wanted) {
                found.push(path.to_owned());
            }
            Visit::Enter
        })?;
    }
    Ok(found)
}

fn ends_so(path: &Path, top: &Path, wanted: &[&[u8]]) -> bool {
    let Ok(below) = path.strip_prefix(top) else { return false };
    let parts: Vec<&[u8]> = below.iter().map(OsStr::as_bytes).collect();
    let last = parts.len().checked_sub(wanted.len()).map(|skip| &parts[skip..]);
    last.is_some_and(|last| wanted.iter().zip(last).all(|(pattern, name)| fits(pattern, name)))
}

/// The regular files among them, links to regular files included.
pub(crate) fn expand_files(root: &Root, pattern: &str) -> Result<Vec<PathBuf>, RootError> {
    let mut files = Vec::new();
    for path in expand(root, pattern)? {
        if root.stat_followed(&path)?.is_some_and(|stat| stat.kind == Kind::File) {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_depth_below_a_directory_none_too() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["etc/a.old", "etc/x/y/b.old", "etc/x/y/b.new", "other/c.old"] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        std::os::unix::fs::symlink("/other", dir.path().join("etc/link")).unwrap();
        let root = Root::open(dir.path()).unwrap();
        let found = |ending: &str| expand_deep(&root, "/etc", ending).unwrap();
        assert_eq!(found("*.old"), [Path::new("/etc/a.old"), Path::new("/etc/x/y/b.old")]);
        assert_eq!(found("y/*.old"), [Path::new("/etc/x/y/b.old")]);
        assert_eq!(expand_deep(&root, "/nowhere", "*").unwrap(), [] as [&Path; 0]);
    }
}
