//! The paths that privileges are granted on. Pure.

use std::fmt;

/// A path as a place in the tree: sorted as the tree is walked, each node before what is below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct AclPath(Vec<String>);

impl AclPath {
    /// The place of a path that was normalised.
    pub fn of(path: &str) -> Self {
        Self(path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    /// The place one level below.
    #[must_use]
    pub fn below(mut self, part: &str) -> Self {
        self.0.push(part.to_owned());
        self
    }

    /// Whether this is `other`, or lies below it.
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// This path and all above it, from `/` on.
    pub fn on_the_way(&self) -> impl Iterator<Item = String> + use<> {
        let parts = self.0.clone();
        (0..=parts.len()).map(move |count| Self(parts[..count].to_vec()).to_string())
    }

    /// The first level's name; none for `/`.
    pub fn top(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }
}

impl fmt::Display for AclPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0.join("/"))
    }
}

/// The path with one slash at the front, none at the end and none doubled; none when it holds other characters than a
/// path may have.
pub fn normalize(path: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if path.is_empty() || path == "0" || !path.chars().all(allowed) {
        return None;
    }
    Some(AclPath::of(path).to_string())
}

/// Whether there can be anything at a normalised path that privileges could be granted on.
pub fn is_known(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).filter(|part| !part.is_empty()).collect();
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    let number = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
    };
    match parts.as_slice() {
        []
        | ["access" | "nodes" | "pool" | "sdn" | "storage" | "vms" | "mapping"]
        | ["access", "groups" | "realm"]
        | ["access", "groups" | "realm", _]
        | ["nodes" | "storage" | "mapping", _]
        | ["mapping", _, _]
        | ["sdn", "controllers" | "dns" | "fabrics" | "ipams" | "prefix-lists" | "route-maps" | "zones"]
        | ["sdn", "zones", _]
        | ["sdn", "zones", _, _] => true,
        ["pool", below @ ..] => below.len() <= 3,
        ["sdn", "controllers", name] => !name.contains('.'),
        ["sdn", "dns" | "fabrics" | "ipams" | "prefix-lists" | "route-maps", name] => plain(name),
        ["sdn", "zones", _, _, tag] => number(tag, 1, 4),
        ["vms", vmid] => number(vmid, 3, usize::MAX),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised() {
        for (given, normal) in
            [("/", Some("/")), ("//vms//100/", Some("/vms/100")), ("vms", Some("/vms")), ("", None), ("/a b", None)]
        {
            assert_eq!(normalize(given).as_deref(), normal, "{given}");
        }
    }

    #[test]
    fn known_paths_are_those_of_things_that_there_are() {
        for path in
            ["/", "/vms/100", "/pool/a/b/c", "/sdn/zones/localnetwork/vmbr0/12", "/access/realm/pve", "/nodes/a"]
        {
            assert!(is_known(path), "{path}");
        }
        for path in ["/vms/99", "/vms/abc", "/vms/100/x", "/foo", "/pool/a/b/c/d", "/sdn/zones/a/b/0", "/storage/a/b"] {
            assert!(!is_known(path), "{path}");
        }
    }

    #[test]
    fn the_tree_is_walked_from_the_top() {
        let mut paths = ["/vms/100", "/vms-x", "/", "/vms"].map(AclPath::of);
        paths.sort();
        assert_eq!(paths.map(|path| path.to_string()), ["/", "/vms", "/vms/100", "/vms-x"]);
    }
}
