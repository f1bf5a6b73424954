//! What must be known of a tree before any of its items is touched.
//!
//! Items depend on each other's files: the hosts file's residue is known by the name in `/etc/hostname`, host keys by
//! sshd's configuration. Both are read first, since strip removes one of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use spec::identity::reading::hostname::hostname;

use super::glob::expand_files;
use super::plain::TEXT_CAP;
use crate::root::{Root, RootError};
use crate::sshd_config::host_key_lines;

/// sshd allows includes in included files; nobody nests them deeper than this.
const INCLUDE_LIMIT: usize = 16;

/// Facts about one tree.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Names that the machine goes by, in lower case.
    pub(crate) names: Vec<String>,
    /// Where sshd's keys are.
    pub(crate) sshd: SshdPaths,
}

/// Paths of sshd's configuration, sorted.
#[derive(Debug, Default)]
pub(crate) struct SshdPaths {
    /// `HostKey` paths; none when sshd relies on its defaults.
    pub(crate) host_keys: Vec<PathBuf>,
    /// `HostCertificate` paths.
    pub(crate) certificates: Vec<PathBuf>,
}

impl Survey {
    /// Reads all of it. `names` are further names that the caller knows the machine by.
    pub(crate) fn of(root: &Root, names: &[String]) -> Result<Self, RootError> {
        Ok(Self { names: machine_names(root, names)?, sshd: SshdPaths::of(root)? })
    }
}

/// The names that a machine goes by: those that the caller knows and the one in its `/etc/hostname`.
pub(crate) fn machine_names(root: &Root, known: &[String]) -> Result<Vec<String>, RootError> {
    let own = root.read_text("/etc/hostname", TEXT_CAP)?.and_then(|text| hostname(&text));
    let mut names: Vec<String> = known.iter().map(|name| name.to_ascii_lowercase()).chain(own).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

impl SshdPaths {
    /// Reads sshd's configuration with everything that it includes.
    pub(crate) fn of(root: &Root) -> Result<Self, RootError> {
        let mut paths = Self::default();
        let mut waiting = vec![PathBuf::from("/etc/ssh/sshd_config")];
        let mut read = BTreeSet::new();
        for _ in 0..INCLUDE_LIMIT {
            let mut included = Vec::new();
            for path in std::mem::take(&mut waiting) {
                if !read.insert(path.clone()) {
                    continue;
                }
                let Some(text) = root.read_text(&path, TEXT_CAP)? else { continue };
                let lines = host_key_lines(&text);
                paths.host_keys.extend(lines.keys);
                paths.certificates.extend(lines.certificates);
                for pattern in lines.includes {
                    included.extend(expand_files(root, &pattern)?);
                }
            }
            waiting = included;
        }
        for list in [&mut paths.host_keys, &mut paths.certificates] {
            list.sort();
            list.dedup();
        }
        Ok(paths)
    }
}
