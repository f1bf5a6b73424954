//! Sightings → observations: what the files at the catalog's places say, without repeating any secret.
//!
//! Content is read by [`spec::identity::reading`], as `firstboot-unit` does in a tree; here the bytes come from an
//! archive, and nothing can be looked up behind a link.

use spec::identity::reading::hostname::hostname;
use spec::identity::reading::{content_seen, host_key};
use spec::identity::{Catalog, Item, Observation, Reading, Seen};

use crate::sightings::{Sighted, Sighting};

/// One observation for each sighting, and one that says *absent* for each item without any.
pub(crate) fn observations(catalog: &Catalog, sightings: &[Sighting], configured: Option<&str>) -> Vec<Observation> {
    let names = names(sightings, configured);
    catalog.looked_at().flat_map(|item| of_item(item, sightings, &names)).collect()
}

fn of_item(item: &'static Item, sightings: &[Sighting], names: &[String]) -> Vec<Observation> {
    let own = sightings.iter().filter(|sighting| sighting.item == item.id);
    let seen = own.map(|sighting| observation(item, &sighting.place, seen(item, sighting, names)));
    let mut observations: Vec<Observation> = seen.collect();
    if item.reading == Reading::SshHostKey {
        pair_halves(&mut observations);
    }
    if observations.is_empty() { vec![observation(item, item.first_place(), Seen::Absent)] } else { observations }
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
fn names(sightings: &[Sighting], configured: Option<&str>) -> Vec<String> {
    let from_file =
        sightings.iter().filter(|sighting| sighting.item == "hostname").find_map(|sighting| match &sighting.what {
            Sighted::File { content: Some(content), .. } => hostname(&String::from_utf8_lossy(content)),
            _ => None,
        });
    configured.map(str::to_ascii_lowercase).into_iter().chain(from_file).collect()
}

fn seen(item: &Item, sighting: &Sighting, names: &[String]) -> Seen {
    match &sighting.what {
        Sighted::File { content: Some(content), modified, .. } => {
            file_seen(item, &sighting.place, content, *modified, names)
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

fn file_seen(item: &Item, place: &str, content: &[u8], modified: i64, names: &[String]) -> Seen {
    if item.reading == Reading::SshHostKey && is_public_half(place) {
        return host_key::public_seen(&String::from_utf8_lossy(content), modified);
    }
    match content_seen(item, content, modified, names) {
        Seen::Present { bytes, .. } if item.reading == Reading::SshHostKey => {
            Seen::Present { bytes, note: Some("private half".to_owned()) }
        }
        seen => seen,
    }
}

fn is_public_half(place: &str) -> bool {
    std::path::Path::new(place).extension().is_some_and(|extension| extension == "pub")
}

#[cfg(test)]
mod tests {
    use spec::identity::{Identity, IdentityKind};

    use super::*;

    fn file(item: &'static str, place: &str, content: &str) -> Sighting {
        let content = content.as_bytes().to_vec();
        let what = Sighted::File { size: content.len() as u64, modified: 7, content: Some(content) };
        Sighting { item, place: place.to_owned(), what }
    }

    /// What is seen of an item in an archive with these files.
    fn seen_of(item: &str, sightings: &[Sighting], configured: Option<&str>) -> Seen {
        let found = observations(Catalog::builtin(), sightings, configured)
            .into_iter()
            .find(|observation| observation.item == item);
        found.unwrap().seen
    }

    #[test]
    fn a_host_key_is_known_by_its_public_half() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDVnbGVubGVubGVubGVubGVubGVubGVubGVubGVubGVu root@x\n";
        let public = file("ssh-host-keys", "/etc/ssh/ssh_host_ed25519_key.pub", line);
        let private = file("ssh-host-keys", "/etc/ssh/ssh_host_ed25519_key", "-----BEGIN");
        let note = Some("private half".to_owned());
        assert_eq!(seen_of("ssh-host-keys", std::slice::from_ref(&private), None), Seen::Present { bytes: 10, note });
        for sightings in [vec![public.clone()], vec![private, public]] {
            let seen = seen_of("ssh-host-keys", &sightings, None);
            let identity = seen.identity().unwrap();
            assert_eq!(identity.kind, IdentityKind::SshHostKey("ssh-ed25519".into()));
            assert!(identity.value.starts_with("SHA256:") && identity.value.len() == 50, "{}", identity.value);
        }
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
    fn the_build_guests_names_come_from_its_configuration_and_its_tree() {
        let hosts = file("hosts-residue", "/etc/hosts", "127.0.0.1 localhost\n10.0.0.2 golden\n");
        let hostname = file("hostname", "/etc/hostname", "golden\n");
        let seen = |sightings: &[Sighting], configured| seen_of("hosts-residue", sightings, configured);
        assert_eq!(seen(std::slice::from_ref(&hosts), Some("other")), Seen::Empty);
        assert!(matches!(seen(std::slice::from_ref(&hosts), Some("Golden.lan")), Seen::Present { bytes: 16, .. }));
        assert!(matches!(seen(&[hosts, hostname], None), Seen::Present { bytes: 16, .. }));
    }
}
