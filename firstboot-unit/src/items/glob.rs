//! The catalog's and sshd's patterns: `*` and `?` inside one component.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::root::{Kind, Root, RootError};

/// Whether one name fits one component of a pattern. `*` matches leading dots too: hidden residue is residue.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|skip| fits(rest, &name[skip..])),
        Some((b'?', rest)) => name.split_first().is_some_and(|(_, after)| fits(rest, after)),
        Some((byte, rest)) => name.split_first().is_some_and(|(first, after)| first == byte && fits(rest, after)),
    }
}

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
    fn stars_and_question_marks() {
        for (pattern, name, expected) in [
            ("ssh_host_*", "ssh_host_rsa_key.pub", true),
            ("ssh_host_*", "ssh_hos", false),
            ("*", ".hidden", true),
            ("*.dpkg-old", "hosts.dpkg-old", true),
            ("*~", "x~y", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
