//! Sightings → observations: what the files at the catalog's places say, without repeating any secret.
//!
//! The same readings as `firstboot-unit` makes of a tree; here the bytes come from an archive, and nothing can be
//! looked up behind a link.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};
use spec::identity::{Identity, IdentityKind, Item, Observation, Reading, Seen, catalog};
use spec::ids::MachineId;

use crate::digests::hex;
use crate::sightings::{Sighted, Sighting};

/// One observation for each sighting, and one that says *absent* for each item without any.
pub(crate) fn observations(sightings: &[Sighting], hostname: Option<&str>) -> Vec<Observation> {
    let names = names(sightings, hostname);
    let in_tree = catalog().filter(|item| item.reading != Reading::Configuration);
    in_tree.flat_map(|item| of_item(item, sightings, &names)).collect()
}

fn of_item(item: &'static Item, sightings: &[Sighting], names: &[String]) -> Vec<Observation> {
    let own = sightings.iter().filter(|sighting| sighting.item == item.id);
    let seen = own.map(|sighting| observation(item, &sighting.place, seen(item, sighting, names)));
    let mut observations: Vec<Observation> = seen.collect();
    if item.reading == Reading::SshHostKey {
        pair_halves(&mut observations);
    }
    if observations.is_empty() { vec![observation(item, item.places[0], Seen::Absent)] } else { observations }
}

/// A key is one identity, at the private half's place; its public half says which.
fn pair_halves(observations: &mut Vec<Observation>) {
    for index in (0..observations.len()).rev() {
        let Some(private) = observations[index].place.strip_suffix(".pub") else { continue };
        let other = observations.iter().position(|observation| observation.place == private);
        if let Some(other) = other.filter(|_| observations[index].seen.identity().is_some()) {
            observations[other].seen = observations[index].seen.clone();
            observations[index].place.clear();
        }
    }
    observations.retain(|observation| !observation.place.is_empty());
}

fn observation(item: &Item, place: &str, seen: Seen) -> Observation {
    Observation { item: item.id.to_owned(), place: place.to_owned(), seen }
}

/// Names that the guest goes by: by them the hosts file's residue is known.
fn names(sightings: &[Sighting], hostname: Option<&str>) -> Vec<String> {
    let from_file =
        sightings.iter().filter(|sighting| sighting.item == "hostname").find_map(|sighting| match &sighting.what {
            Sighted::File { content: Some(content), .. } => hostname_in(&String::from_utf8_lossy(content)),
            _ => None,
        });
    hostname.map(str::to_ascii_lowercase).into_iter().chain(from_file).collect()
}

fn seen(item: &Item, sighting: &Sighting, names: &[String]) -> Seen {
    match &sighting.what {
        Sighted::File { content: Some(content), modified, .. } => {
            content_seen(item, &sighting.place, content, *modified, names)
        }
        Sighted::File { size: 0, .. } | Sighted::Tree { files: 0, .. } => Seen::Empty,
        Sighted::File { size, .. } if item.reading == Reading::Presence => Seen::Present { bytes: *size, note: None },
        Sighted::File { size, .. } => Seen::Unreadable { why: format!("{size} bytes are more than such a file has") },
        Sighted::Link { target } => Seen::Link { target: target.clone() },
        Sighted::HardLink { target } if item.reading == Reading::Presence => {
            Seen::Present { bytes: 0, note: Some(format!("a hard link to {target}")) }
        }
        Sighted::HardLink { target } => Seen::Unreadable { why: format!("it is a hard link to {target}") },
        Sighted::Other(kind) => Seen::Present { bytes: 0, note: Some(kind.to_string()) },
        Sighted::Tree { files, bytes } => Seen::Present { bytes: *bytes, note: Some(format!("{files} files")) },
    }
}

fn content_seen(item: &Item, place: &str, content: &[u8], modified: i64, names: &[String]) -> Seen {
    let text = String::from_utf8_lossy(content);
    let identity =
        |kind, value: &str| Seen::Identity { identity: Identity::new(kind, value), modified: Some(modified) };
    let present = |note: &str| Seen::Present { bytes: content.len() as u64, note: Some(note.to_owned()) };
    match item.reading {
        Reading::HostsResidue => residue_seen(&text, names),
        Reading::PasswordHashes => passwords_seen(&text),
        _ if text.trim().is_empty() => Seen::Empty,
        Reading::MachineId | Reading::DbusMachineId if text.trim() == "uninitialized" => present("uninitialized"),
        Reading::MachineId => machine_id(&text).map_or_else(malformed_id, |id| identity(IdentityKind::MachineId, &id)),
        Reading::DbusMachineId => {
            machine_id(&text).map_or_else(malformed_id, |id| identity(IdentityKind::DbusMachineId, &id))
        }
        Reading::Hostname => match hostname_in(&text) {
            Some(name) => identity(IdentityKind::Hostname, &name),
            None => Seen::Malformed { why: "no line of it is a hostname".to_owned() },
        },
        Reading::DockerEngineId => match engine_id(&text) {
            Some(id) => identity(IdentityKind::DockerEngineId, &id),
            None => Seen::Malformed { why: "it holds no engine id".to_owned() },
        },
        Reading::ContentDigest => {
            identity(IdentityKind::ContentOf(item.id.to_owned()), &hex(Sha256::new_with_prefix(content)))
        }
        Reading::SshHostKey => match public_key(&text).filter(|_| is_public_half(place)) {
            Some((algorithm, fingerprint)) => identity(IdentityKind::SshHostKey(algorithm), &fingerprint),
            None if is_public_half(place) => Seen::Malformed { why: "it is no public key".to_owned() },
            None => present("private half"),
        },
        Reading::Presence | Reading::Configuration => Seen::Present { bytes: content.len() as u64, note: None },
    }
}

fn machine_id(text: &str) -> Option<String> {
    text.trim().parse::<MachineId>().ok().map(|id| id.to_string())
}

/// The value is not repeated: what is almost an id may be somebody's.
fn malformed_id() -> Seen {
    Seen::Malformed { why: "it is not 32 lower-case hex digits".to_owned() }
}

/// The first line that is no comment.
fn hostname_in(text: &str) -> Option<String> {
    let name = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    name.bytes().all(allowed).then(|| name.to_ascii_lowercase())
}

/// `engine-id` is one line; `key.json`, from before Docker 23, a key whose `kid` is the id.
fn engine_id(text: &str) -> Option<String> {
    if !text.trim_start().starts_with('{') {
        return Some(text.trim()).filter(|id| !id.contains(char::is_whitespace)).map(str::to_owned);
    }
    let key: serde_json::Value = serde_json::from_str(text).ok()?;
    key.get("kid")?.as_str().map(str::to_owned)
}

/// Accounts with a password that fits, or would after an unlock: a hash, a hash behind `!`, nothing at all.
fn passwords_seen(shadow: &str) -> Seen {
    let open = |line: &str| {
        let (account, rest) = line.split_once(':')?;
        let field = rest.split(':').next()?;
        let locked = !field.is_empty() && field.bytes().all(|byte| matches!(byte, b'*' | b'!'));
        (!locked).then(|| account.to_owned())
    };
    let accounts: Vec<String> = shadow.lines().filter_map(open).collect();
    if accounts.is_empty() {
        return Seen::Empty;
    }
    let note = format!("a password or its hash for {}", accounts.join(", "));
    Seen::Present { bytes: shadow.len() as u64, note: Some(note) }
}

/// Proxmox's block, Debian's line for the machine itself, and lines that name the machine.
fn residue_seen(hosts: &str, names: &[String]) -> Seen {
    let short = |name: &str| name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let names_it = |line: &str| {
        let mut words = line.split('#').next().unwrap_or(line).split_ascii_whitespace();
        let address = words.next();
        address == Some("127.0.1.1")
            || words.any(|word| word != "localhost" && names.iter().any(|own| short(own) == short(word)))
    };
    let residue =
        |line: &&str| line.contains("--- BEGIN PVE ---") || line.contains("--- END PVE ---") || names_it(line);
    let bytes = hosts.split_inclusive('\n').filter(residue).map(str::len).sum::<usize>() as u64;
    match hosts.lines().filter(residue).count() {
        0 => Seen::Empty,
        lines => Seen::Present { bytes, note: Some(format!("{lines} lines of this machine or of Proxmox")) },
    }
}

fn is_public_half(place: &str) -> bool {
    std::path::Path::new(place).extension().is_some_and(|extension| extension == "pub")
}

/// The type, and the fingerprint as OpenSSH shows it: `SHA256:` and base64 without padding.
fn public_key(text: &str) -> Option<(String, String)> {
    let mut words = text.split_whitespace();
    let algorithm = words.next()?.to_owned();
    let blob = STANDARD.decode(words.next()?).ok()?;
    Some((algorithm, format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(item: &str, place: &str, content: &str) -> Seen {
        content_seen(spec::identity::item(item).unwrap(), place, content.as_bytes(), 7, &["golden.lan".to_owned()])
    }

    #[test]
    fn ids_are_told_from_words_and_dummies() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(read("machine-id", "", &format!("{id}\n")).identity().unwrap().value, id);
        assert_eq!(read("machine-id", "", "\n"), Seen::Empty);
        assert_eq!(
            read("machine-id", "", "uninitialized\n"),
            Seen::Present { bytes: 14, note: Some("uninitialized".into()) }
        );
        assert!(matches!(read("machine-id", "", &"0".repeat(32)), Seen::Malformed { .. }));
    }

    #[test]
    fn a_host_key_is_known_by_its_public_half() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDVnbGVubGVubGVubGVubGVubGVubGVubGVubGVubGVu root@x\n";
        let seen = read("ssh-host-keys", "/etc/ssh/ssh_host_ed25519_key.pub", line);
        let identity = seen.identity().unwrap();
        assert_eq!(identity.kind, IdentityKind::SshHostKey("ssh-ed25519".into()));
        assert!(identity.value.starts_with("SHA256:") && identity.value.len() == 50, "{}", identity.value);
        assert!(matches!(read("ssh-host-keys", "/etc/ssh/ssh_host_ed25519_key", "-----BEGIN"), Seen::Present { .. }));
    }

    #[test]
    fn both_halves_are_one_key() {
        let at = |place: &str, seen: Seen| observation(spec::identity::item("ssh-host-keys").unwrap(), place, seen);
        let key = Identity::new(IdentityKind::SshHostKey("ssh-ed25519".into()), "SHA256:x");
        let public = Seen::Identity { identity: key, modified: None };
        let private = Seen::Present { bytes: 9, note: None };
        let mut both = vec![
            at("/a.pub", public.clone()),
            at("/a", private.clone()),
            at("/b", private.clone()),
            at("/c.pub", public.clone()),
        ];
        pair_halves(&mut both);
        assert_eq!(both, [at("/a", public.clone()), at("/b", private), at("/c.pub", public)]);
    }

    #[test]
    fn secrets_are_counted_not_shown() {
        let seen =
            read("root-password", "/etc/shadow", "root:$y$j9T$secret:1::::::\ndaemon:*:1::::::\nold:!:1::::::\n");
        assert!(seen.in_words().contains("for root") && !seen.in_words().contains("secret"), "{}", seen.in_words());
        assert_eq!(read("root-password", "/etc/shadow", "root:*:1::::::\nx:!*:1::::::\n"), Seen::Empty);
        assert_eq!(
            read("docker-engine-id", "/etc/docker/key.json", r#"{"d":"SECRET","kid":"AA:BB"}"#)
                .identity()
                .unwrap()
                .value,
            "AA:BB"
        );
    }

    #[test]
    fn hosts_lines_of_the_build_guest_are_residue() {
        assert_eq!(
            read(
                "hosts-residue",
                "/etc/hosts",
                "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.5 registry.lan\n"
            ),
            Seen::Empty
        );
        for line in ["127.0.1.1 x", "10.0.0.2 golden.lan golden", "# --- BEGIN PVE ---"] {
            assert!(matches!(read("hosts-residue", "/etc/hosts", line), Seen::Present { .. }), "{line}");
        }
    }
}
