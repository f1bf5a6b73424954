//! Paths inside a tree, taken apart.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use super::error::Cause;

/// A path relative to the tree's root: `/etc/x`, `etc/x` and `./etc/x` are one. `..` is left to the kernel, which
/// stops it at the root.
pub(super) fn below(path: &Path) -> PathBuf {
    let named = |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    let inner: PathBuf = path.components().filter(named).collect();
    if inner.as_os_str().is_empty() { PathBuf::from(".") } else { inner }
}

/// The parent directory and the last name. The tree itself has neither.
pub(super) fn split(path: &Path) -> Result<(PathBuf, OsString), Cause> {
    match path.file_name() {
        Some(name) if name != OsStr::new(".") => Ok((below(path.parent().unwrap_or(Path::new("."))), name.to_owned())),
        _ => Err(Cause::TheTreeItself),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_and_relative_are_one() {
        for path in ["/etc/ssh/", "etc/ssh", "./etc/ssh", "//etc//ssh"] {
            assert_eq!(below(Path::new(path)), Path::new("etc/ssh"), "{path}");
        }
        assert_eq!(below(Path::new("/")), Path::new("."));
    }

    #[test]
    fn the_tree_itself_has_no_name() {
        for path in ["/", "", ".", "/etc/.."] {
            assert!(matches!(split(Path::new(path)), Err(Cause::TheTreeItself)), "{path}");
        }
        assert_eq!(split(Path::new("/hosts")).unwrap(), (".".into(), "hosts".into()));
    }
}
