//! The row's reading applied to a file's content.

use super::{accounts, digest, duid, engine_id, hostname, hosts, lines, machine_id, names as named, postgres};
use crate::identity::{Identity, IdentityKind, Item, Reading, Seen};

/// What the content of a file at one of the item's places says.
///
/// `modified` is the file's modification time in seconds since 1970, `names` are those that the machine goes by, in
/// lower case: the hosts file's residue is known by them. Host keys are a matter of two files, so their content is no
/// more than present here; a public half reads by [`host_key::public_seen`](super::host_key::public_seen).
pub fn content_seen(item: &Item, content: &[u8], modified: i64, names: &[String]) -> Seen {
    let text = String::from_utf8_lossy(content);
    match item.reading {
        // An empty hosts or shadow file is judged by its lines, like any other.
        Reading::HostsResidue => hosts::seen(&text, names),
        Reading::PasswordHashes => accounts::seen(&text),
        Reading::Lines(wanted) => lines::seen(&text, wanted),
        Reading::Names(keys) => named::seen(&text, keys, names),
        _ if text.trim().is_empty() => Seen::Empty,
        Reading::MachineId => machine_id::seen(&text, IdentityKind::MachineId, modified),
        Reading::DbusMachineId => machine_id::seen(&text, IdentityKind::DbusMachineId, modified),
        Reading::Hostname => hostname::seen(&text, modified),
        Reading::DockerEngineId => engine_id::seen(&text, modified),
        Reading::DhcpDuid => duid::seen(item.id, &text, modified),
        Reading::PostgresControl => postgres::seen(item.id, content, modified),
        Reading::ContentDigest => {
            identified(IdentityKind::ContentOf(item.id.to_owned()), &digest::sha256_hex(&[content]), modified)
        }
        Reading::Presence | Reading::SshHostKey | Reading::Configuration | Reading::Nothing => {
            present(content.len(), None)
        }
    }
}

pub(super) fn identified(kind: IdentityKind, value: &str, modified: i64) -> Seen {
    Seen::Identity { identity: Identity::new(kind, value), modified: Some(modified) }
}

pub(super) fn present(bytes: usize, note: Option<String>) -> Seen {
    Seen::Present { bytes: u64::try_from(bytes).unwrap_or(u64::MAX), note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::item;

    fn read(id: &str, content: &str) -> Seen {
        content_seen(item(id).unwrap(), content.as_bytes(), 7, &["golden.lan".to_owned()])
    }

    #[test]
    fn each_row_has_its_own_reading() {
        let kind = |id: &str, content: &str| read(id, content).identity().map(|identity| identity.kind.clone());
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(kind("machine-id", id), Some(IdentityKind::MachineId));
        assert_eq!(kind("dbus-machine-id", id), Some(IdentityKind::DbusMachineId));
        assert_eq!(kind("hostname", id), Some(IdentityKind::Hostname));
        assert_eq!(kind("docker-engine-id", id), Some(IdentityKind::DockerEngineId));
        assert_eq!(kind("dhcp-duid", "00:03:00:01:bc:24:11:00:00:01"), Some(IdentityKind::DhcpDuid));
        assert_eq!(kind("random-seed", id), Some(IdentityKind::ContentOf("random-seed".into())));
        assert_eq!(read("shell-histories", id), Seen::Present { bytes: 32, note: None });
        assert_eq!(read("ssh-host-keys", id), Seen::Present { bytes: 32, note: None });
    }

    #[test]
    fn white_space_is_empty_whatever_the_reading() {
        for row in crate::identity::Catalog::builtin().items() {
            assert_eq!(content_seen(row, b" \n", 7, &[]), Seen::Empty, "{}", row.id);
        }
    }
}
