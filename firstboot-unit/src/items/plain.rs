//! Readings that need no more than the bytes of one file.

use std::path::Path;

use spec::identity::{Identity, IdentityKind, Seen};

use super::survey::Survey;
use super::{docker_engine_id, hosts, machine_id, password_hashes};
use crate::digest::sha256_hex;
use crate::root::{Kind, Root, RootError, Stat};
use spec::identity::{Item, Reading};

/// The most that is read of a small text: ids, names, configuration.
pub(crate) const TEXT_CAP: u64 = 256 * 1024;
/// The most that is read of a file whose digest is its identity.
const DIGEST_CAP: u64 = 4 * 1024 * 1024;

/// What stands at an existing place.
pub(crate) fn read_place(root: &Root, item: &Item, path: &Path, survey: &Survey) -> Result<Option<Seen>, RootError> {
    let Some(stat) = root.stat(path)? else { return Ok(None) };
    if stat.kind == Kind::Link {
        return read_link(root, item, path, survey);
    }
    if item.reading == Reading::Presence || stat.kind != Kind::File {
        return Ok(Some(presence(&stat)));
    }
    let cap = if item.reading == Reading::ContentDigest { DIGEST_CAP } else { TEXT_CAP };
    Ok(root.read(path, cap)?.map(|bytes| read_bytes(item, &bytes, stat.modified, survey)))
}

/// A link is what it is where a link is what the rule speaks of or where nothing is compared; otherwise what it
/// leads to inside the tree counts.
fn read_link(root: &Root, item: &Item, path: &Path, survey: &Survey) -> Result<Option<Seen>, RootError> {
    let Some(target) = root.read_link(path)? else { return Ok(None) };
    let link = Seen::Link { target: target.to_string_lossy().into_owned() };
    if matches!(item.reading, Reading::DbusMachineId | Reading::Presence) {
        return Ok(Some(link));
    }
    match root.stat_followed(path)? {
        Some(stat) if stat.kind == Kind::File => {
            Ok(root.read(path, DIGEST_CAP)?.map(|bytes| read_bytes(item, &bytes, stat.modified, survey)))
        }
        _ => Ok(Some(link)),
    }
}

fn read_bytes(item: &Item, bytes: &[u8], modified: i64, survey: &Survey) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    match item.reading {
        // An empty hosts or shadow file is judged by its lines, like any other.
        Reading::HostsResidue => hosts::reading(&text, &survey.names),
        Reading::PasswordHashes => password_hashes::reading(&text),
        _ if text.trim().is_empty() => Seen::Empty,
        Reading::MachineId => machine_id::reading(&text, IdentityKind::MachineId, modified),
        Reading::DbusMachineId => machine_id::reading(&text, IdentityKind::DbusMachineId, modified),
        Reading::Hostname => match hostname(&text) {
            Some(name) => identity(IdentityKind::Hostname, &name, modified),
            None => Seen::Malformed { why: "no line of it is a hostname".into() },
        },
        Reading::DockerEngineId => docker_engine_id::reading(&text, modified),
        Reading::ContentDigest => {
            identity(IdentityKind::ContentOf(item.id.to_owned()), &sha256_hex(&[bytes]), modified)
        }
        Reading::Presence | Reading::SshHostKey | Reading::Configuration => {
            Seen::Present { bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), note: None }
        }
    }
}

/// The name in an `/etc/hostname`, in lower case: its first line that is no comment.
pub(crate) fn hostname(text: &str) -> Option<String> {
    let name = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    (name.len() <= 253 && name.bytes().all(allowed)).then(|| name.to_ascii_lowercase())
}

pub(crate) fn identity(kind: IdentityKind, value: &str, modified: i64) -> Seen {
    Seen::Identity { identity: Identity::new(kind, value), modified: Some(modified) }
}

pub(crate) fn presence(stat: &Stat) -> Seen {
    match stat.kind {
        Kind::File if stat.size == 0 => Seen::Empty,
        Kind::File => Seen::Present { bytes: stat.size, note: None },
        other => Seen::Present { bytes: 0, note: Some(other.in_words().to_owned()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostname_is_its_first_real_line() {
        assert_eq!(hostname("# made by\n\nGolden\n"), Some("golden".into()));
        assert_eq!(hostname(""), None);
        assert_eq!(hostname("two words\n"), None);
    }
}
