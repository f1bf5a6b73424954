//! SSH host keys: the default places, those that sshd's configuration names, public halves and certificates.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use spec::identity::reading::host_key;
use spec::identity::{Observation, Seen};

use super::glob::expand;
use super::plain::TEXT_CAP;
use super::survey::SshdPaths;
use crate::keys::{KeyAlgorithm, KeyFault, PrivateHalf, PublicHalf, examine_private};
use crate::root::{Kind, Root, RootError};

/// Where keys are that nobody configured.
const DEFAULT_PLACES: &str = "/etc/ssh/ssh_host_*";

/// A host key of a guest, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    /// The private key's path in the guest.
    pub place: String,
    /// OpenSSH's name of the type (`ssh-ed25519`).
    pub algorithm: String,
    /// `SHA256:…`, as OpenSSH prints it.
    pub fingerprint: String,
    /// Type and base64, as in a `known_hosts` line.
    pub public: String,
    /// The private key file's modification time, in seconds since 1970.
    pub modified: i64,
}

/// A private key file as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFile {
    /// Nothing there.
    Missing,
    /// No usable key.
    Faulty(KeyFault),
    /// A whole key.
    Whole {
        /// Its public half.
        public: PublicHalf,
        /// Modification time, in seconds since 1970.
        modified: i64,
        /// Permission bits.
        mode: u32,
        /// Whether its `.pub` file is there and says the same.
        published: bool,
    },
}

/// Looks at a private key and its `.pub` file.
pub fn look_at_key(root: &Root, path: &Path) -> Result<KeyFile, RootError> {
    let Some(stat) = root.stat_followed(path)? else { return Ok(KeyFile::Missing) };
    if stat.kind != Kind::File {
        return Ok(KeyFile::Faulty(KeyFault::NotAKey));
    }
    let Some(content) = root.read(path, TEXT_CAP)? else { return Ok(KeyFile::Missing) };
    let published =
        root.read_text(with_suffix(path, ".pub"), TEXT_CAP)?.and_then(|text| PublicHalf::from_line(&text).ok());
    let whole = |public: PublicHalf| KeyFile::Whole {
        published: published.as_ref() == Some(&public),
        public,
        modified: stat.modified,
        mode: stat.mode,
    };
    Ok(match (examine_private(&content), &published) {
        (Ok(PrivateHalf::OpenSsh(public)), _) => whole(public),
        (Ok(PrivateHalf::Pem), Some(public)) => whole(public.clone()),
        (Ok(PrivateHalf::Pem), None) => {
            KeyFile::Faulty(KeyFault::Damaged { what: "its public half is missing, and its format does not carry it" })
        }
        (Err(fault), _) => KeyFile::Faulty(fault),
    })
}

/// Where sshd looks for its keys: the configured paths, or its three defaults.
pub fn key_paths(root: &Root) -> Result<Vec<PathBuf>, RootError> {
    let configured = SshdPaths::of(root)?.host_keys;
    if configured.is_empty() {
        return Ok(KeyAlgorithm::ALL.map(|algorithm| algorithm.default_path().into()).into());
    }
    Ok(configured)
}

/// The whole host keys of a tree, sorted by place.
pub fn host_keys(root: &Root) -> Result<Vec<HostKey>, RootError> {
    let sshd = SshdPaths::of(root)?;
    let mut keys = Vec::new();
    for path in key_files(root, &sshd)?.into_iter().filter(|path| role(path, &sshd) == Role::Private) {
        if let KeyFile::Whole { public, modified, .. } = look_at_key(root, &path)? {
            keys.push(HostKey {
                place: path.to_string_lossy().into_owned(),
                fingerprint: public.fingerprint(),
                public: public.line(),
                algorithm: public.algorithm,
                modified,
            });
        }
    }
    Ok(keys)
}

/// The existing files that sshd's configuration makes host keys: private, public, certificate.
pub(crate) fn configured_files(root: &Root, sshd: &SshdPaths) -> Result<Vec<PathBuf>, RootError> {
    let keys = sshd.host_keys.iter();
    let named = keys.flat_map(|key| [key.clone(), with_suffix(key, ".pub"), with_suffix(key, "-cert.pub")]);
    let mut existing = Vec::new();
    for path in named.chain(sshd.certificates.iter().cloned()) {
        if root.stat(&path)?.is_some_and(|stat| stat.kind != Kind::Directory) && !existing.contains(&path) {
            existing.push(path);
        }
    }
    Ok(existing)
}

/// All host key files of a tree, sorted.
fn key_files(root: &Root, sshd: &SshdPaths) -> Result<Vec<PathBuf>, RootError> {
    let mut files = expand(root, DEFAULT_PLACES)?;
    files.extend(configured_files(root, sshd)?);
    files.sort();
    files.dedup();
    Ok(files)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Private,
    Public,
    Certificate,
}

fn role(path: &Path, sshd: &SshdPaths) -> Role {
    let name = path.to_string_lossy();
    if name.ends_with("-cert.pub") || sshd.certificates.iter().any(|certificate| certificate == path) {
        Role::Certificate
    } else if name.ends_with(".pub") {
        Role::Public
    } else {
        Role::Private
    }
}

/// Observes every host key file. A `.pub` file is its private key's shadow: it is reported only when it tells
/// something else.
pub(crate) fn observe(root: &Root, item: &str, sshd: &SshdPaths) -> Result<Vec<Observation>, RootError> {
    let mut observations = Vec::new();
    for path in key_files(root, sshd)? {
        let seen = match role(&path, sshd) {
            Role::Private => private_seen(root, &path),
            Role::Public => public_seen(root, &path),
            Role::Certificate => line_seen(root, &path),
        };
        let seen = seen.unwrap_or_else(|error| Some(super::unreadable(&error)));
        let place = path.to_string_lossy().into_owned();
        observations.extend(seen.map(|seen| Observation { item: item.to_owned(), place, seen }));
    }
    Ok(observations)
}

fn private_seen(root: &Root, path: &Path) -> Result<Option<Seen>, RootError> {
    Ok(match look_at_key(root, path)? {
        KeyFile::Missing => {
            root.read_link(path)?.map(|target| Seen::Link { target: target.to_string_lossy().into_owned() })
        }
        KeyFile::Faulty(KeyFault::Empty) => Some(Seen::Empty),
        KeyFile::Faulty(fault) => Some(Seen::Malformed { why: fault.to_string() }),
        KeyFile::Whole { public, modified, .. } => Some(public.seen(modified)),
    })
}

fn public_seen(root: &Root, path: &Path) -> Result<Option<Seen>, RootError> {
    match look_at_key(root, &path.with_extension(""))? {
        KeyFile::Whole { published: true, .. } => Ok(None),
        _ => line_seen(root, path),
    }
}

fn line_seen(root: &Root, path: &Path) -> Result<Option<Seen>, RootError> {
    let Some(stat) = root.stat_followed(path)?.filter(|stat| stat.kind == Kind::File) else {
        return Ok(root.read_link(path)?.map(|target| Seen::Link { target: target.to_string_lossy().into_owned() }));
    };
    Ok(root.read_text(path, TEXT_CAP)?.map(|text| host_key::public_seen(&text, stat.modified)))
}

/// The path with something appended to its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
