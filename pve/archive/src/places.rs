//! The identity catalog's places as patterns over an archive's names.

use spec::identity::{Item, Reading, catalog};

/// One place of one item.
struct Place {
    item: &'static Item,
    /// Components of the pattern; a `*` in one matches any bytes.
    parts: Vec<&'static [u8]>,
    /// Ends in `**`: everything below the directory.
    tree: bool,
}

/// All places of all items that live in a tree.
pub(crate) struct Places(Vec<Place>);

/// A path that a place covers.
#[derive(Debug)]
pub(crate) enum Hit {
    /// The path is the place.
    At(&'static Item),
    /// The path lies below a place that is taken as a whole: the directory, as the catalog writes it.
    Below(&'static Item, &'static str),
}

impl Places {
    pub(crate) fn of_catalog() -> Self {
        let in_tree = catalog().filter(|item| item.reading != Reading::Configuration);
        let places = in_tree.flat_map(|item| item.places.iter().map(move |pattern| place(item, pattern)));
        Self(places.collect())
    }

    /// What the catalog says of a path (without a leading slash). Of two trees, one inside the other, the inner
    /// counts: the journal lies below the logs, but is an item of its own.
    pub(crate) fn hits(&self, path: &[u8]) -> Vec<Hit> {
        let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        let mut hits: Vec<Hit> =
            self.0.iter().filter(|place| !place.tree && place.is_at(&parts)).map(|p| Hit::At(p.item)).collect();
        let below = self.0.iter().filter(|place| place.tree && place.covers(&parts));
        let inner = below.max_by_key(|place| place.parts.len());
        hits.extend(inner.map(|place| match place.item.reading {
            Reading::ContentDigest => Hit::At(place.item),
            _ => Hit::Below(place.item, place.directory()),
        }));
        hits
    }
}

fn place(item: &'static Item, pattern: &'static str) -> Place {
    let tree = pattern.strip_suffix("/**");
    let text = tree.unwrap_or(pattern).trim_start_matches('/');
    Place { item, parts: text.as_bytes().split(|byte| *byte == b'/').collect(), tree: tree.is_some() }
}

impl Place {
    fn is_at(&self, parts: &[&[u8]]) -> bool {
        parts.len() == self.parts.len() && self.matches(parts)
    }

    fn covers(&self, parts: &[&[u8]]) -> bool {
        parts.len() > self.parts.len() && self.matches(parts)
    }

    fn matches(&self, parts: &[&[u8]]) -> bool {
        self.parts.iter().zip(parts).all(|(pattern, part)| glob(pattern, part))
    }

    fn directory(&self) -> &'static str {
        let own = |pattern: &&&'static str| {
            pattern.strip_suffix("/**").is_some_and(|d| d.trim_start_matches('/').as_bytes() == self.parts.join(&b'/'))
        };
        self.item.places.iter().find(own).and_then(|pattern| pattern.strip_suffix("/**")).unwrap_or_default()
    }
}

/// `*` stands for any bytes inside one component.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.iter().position(|byte| *byte == b'*') {
        None => pattern == text,
        Some(star) => {
            let Some(rest) = text.strip_prefix(&pattern[..star]) else { return false };
            let tail = &pattern[star + 1..];
            (0..=rest.len()).any(|skipped| glob(tail, &rest[skipped..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(path: &str) -> Vec<&'static str> {
        let id = |hit: &Hit| match hit {
            Hit::At(item) | Hit::Below(item, _) => item.id,
        };
        Places::of_catalog().hits(path.as_bytes()).iter().map(id).collect()
    }

    #[test]
    fn files_are_found_at_their_places() {
        assert_eq!(items("etc/machine-id"), ["machine-id"]);
        assert_eq!(items("etc/ssh/ssh_host_ed25519_key.pub"), ["ssh-host-keys"]);
        assert_eq!(items("home/ann/.ssh/authorized_keys"), ["authorized-keys"]);
        assert_eq!(items("tmp/left/over"), ["temporary-files"]);
        assert!(items("etc/ssh/sshd_config").is_empty() && items("tmp").is_empty());
    }

    #[test]
    fn the_inner_of_two_trees_counts() {
        assert_eq!(items("var/log/journal/abc/system.journal"), ["journal"]);
        assert_eq!(items("var/log/syslog"), ["logs"]);
    }

    #[test]
    fn stars_stay_inside_a_component() {
        assert!(glob(b"ssh_host_*", b"ssh_host_rsa_key") && glob(b"*host_key", b"dropbear_rsa_host_key"));
        assert!(glob(b"a*b*c", b"aXXbYYc") && !glob(b"a*b", b"a") && !glob(b"ab", b"abc"));
    }
}
