//! What the identity catalog says of an archive's members.

use spec::identity::catalog::Claims;
use spec::identity::{Catalog, Item, Reading};

/// A path that a place covers.
#[derive(Debug)]
pub(crate) enum Hit {
    /// The path is the place, or a file that is read by itself.
    At(&'static Item),
    /// The path lies inside a place that is taken as a whole; how many of its components the place has.
    Below(&'static Item, usize),
}

/// What the catalog says of a path (without a leading slash).
pub(crate) fn hits(catalog: &Catalog, path: &[u8]) -> Vec<Hit> {
    let Claims { at, below } = catalog.claims(path);
    let inside = below.map(|(item, depth)| match item.reading {
        Reading::ContentDigest => Hit::At(item),
        _ => Hit::Below(item, depth),
    });
    let hits = at.into_iter().map(Hit::At).chain(inside);
    hits.filter(|hit| matches!(hit, Hit::At(item) | Hit::Below(item, _) if item.is_looked_at())).collect()
}

/// The first components of a path, as it is written in a guest.
pub(crate) fn directory(path: &[u8], components: usize) -> String {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').take(components).collect();
    format!("/{}", String::from_utf8_lossy(&parts.join(&b'/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(path: &str) -> Vec<(&'static str, usize)> {
        let id = |hit: &Hit| match hit {
            Hit::At(item) => (item.id, 0),
            Hit::Below(item, depth) => (item.id, *depth),
        };
        hits(Catalog::builtin(), path.as_bytes()).iter().map(id).collect()
    }

    #[test]
    fn files_are_found_at_their_places_and_below_them() {
        assert_eq!(items("etc/machine-id"), [("machine-id", 0)]);
        assert_eq!(items("tmp/left/over"), [("temporary-files", 1)]);
        assert_eq!(items("var/log/journal/abc/system.journal"), [("journal", 3)]);
        assert_eq!(items("etc/tinyssh/sshkeydir/ed25519.sk"), [("other-host-keys", 0)]);
        assert!(items("etc/ssh/sshd_config").is_empty() && items("tmp").is_empty());
        assert_eq!(directory(b"var/log/journal/abc", 2), "/var/log");
    }
}
