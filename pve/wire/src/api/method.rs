//! A call: verb, path, parameters, permission.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::calls;
use super::param::Param;
use super::permission::Permission;

/// What is done with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Reads.
    Get,
    /// Makes, or starts a task.
    Post,
    /// Changes.
    Put,
    /// Removes.
    Delete,
}

impl Verb {
    /// As it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Reads a request line's word; other verbs are not served.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Delete].into_iter().find(|verb| verb.as_str() == word)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One call of the API.
#[derive(Debug)]
pub struct Method {
    /// Its verb.
    pub verb: Verb,
    /// Its path below `/api2/json`, variables in braces: `/nodes/{node}/lxc/{vmid}/resize`.
    pub path: &'static str,
    /// Its parameters, path variables included, in groups (a guest's configuration keys are one group for two calls).
    pub groups: &'static [&'static [Param]],
    /// Who may ask, as far as that can be said before the parameters are looked at.
    pub permission: Permission,
    /// Whether API tokens may ask; if not, a ticket is needed.
    pub tokens: bool,
}

impl Method {
    /// Its parameters.
    pub fn params(&self) -> impl Iterator<Item = &'static Param> + use<> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// The parameter that bears the name `key` (`net3` is of the family `net[n]`).
    pub fn param(&self, key: &str) -> Option<&'static Param> {
        self.params().find(|param| param.bears(key))
    }

    /// Whether a node's name stands in the path: the call is answered by that node.
    pub fn is_on_node(&self) -> bool {
        self.path.starts_with("/nodes/{node}")
    }

    /// The path with its variables filled in, each percent-encoded as a path segment.
    ///
    /// A `{volume}` keeps its slashes, as Proxmox takes the rest of the path for it.
    pub fn fill(&self, variables: &BTreeMap<String, String>) -> String {
        let mut path = String::with_capacity(self.path.len() + 32);
        for segment in self.path.split('/').skip(1) {
            path.push('/');
            match variable(segment).and_then(|name| variables.get(name)) {
                Some(value) => encode(value, &mut path),
                None => path.push_str(segment),
            }
        }
        path
    }

    /// The path's variables, where `segments` is this call's path.
    fn variables(&self, segments: &[String]) -> Option<BTreeMap<String, String>> {
        let mut wanted = self.path.split('/').skip(1);
        let mut found = BTreeMap::new();
        for (index, given) in segments.iter().enumerate() {
            let segment = wanted.next()?;
            match variable(segment) {
                Some("volume") => {
                    found.insert("volume".to_owned(), segments[index..].join("/"));
                    return wanted.next().is_none().then_some(found);
                }
                Some(name) => drop(found.insert(name.to_owned(), given.clone())),
                None if segment == given => {}
                None => return None,
            }
        }
        wanted.next().is_none().then_some(found)
    }
}

fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => into.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(into, "%{byte:02X}")),
        }
    }
}

/// The call that a verb and a path's decoded segments mean, with the path's variables.
pub fn find(verb: Verb, segments: &[String]) -> Option<(&'static Method, BTreeMap<String, String>)> {
    // `/nodes/{node}/tasks` stands beside no `/nodes/{node}/{x}`: no two paths of one verb fit the same segments.
    calls::all().filter(|method| method.verb == verb).find_map(|method| Some((method, method.variables(segments)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(path: &str) -> Vec<String> {
        path.split('/').skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn a_path_finds_its_call_and_gives_its_variables_back() {
        let (method, variables) = find(Verb::Put, &segments("/nodes/pve/lxc/101/resize")).unwrap();
        assert_eq!(method.path, "/nodes/{node}/lxc/{vmid}/resize");
        assert_eq!(variables["vmid"], "101");
        assert_eq!(method.fill(&variables), "/nodes/pve/lxc/101/resize");
        assert!(find(Verb::Put, &segments("/nodes/pve/lxc/101/resize/x")).is_none());
        assert!(find(Verb::Post, &segments("/version")).is_none());
    }

    #[test]
    fn a_volume_is_the_rest_of_the_path() {
        let (method, variables) =
            find(Verb::Get, &segments("/nodes/pve/storage/local/content/local:backup/a.tar.zst")).unwrap();
        assert_eq!(variables["volume"], "local:backup/a.tar.zst");
        assert_eq!(method.fill(&variables), "/nodes/pve/storage/local/content/local%3Abackup/a.tar.zst");
    }

    #[test]
    fn no_two_calls_fit_one_request() {
        let all: Vec<&Method> = calls::all().collect();
        for method in &all {
            let example: Vec<String> =
                method.path.split('/').skip(1).map(|s| variable(s).map_or(s.to_owned(), |v| format!("x{v}"))).collect();
            let fitting = all.iter().filter(|m| m.verb == method.verb && m.variables(&example).is_some());
            assert_eq!(fitting.count(), 1, "{} {}", method.verb, method.path);
        }
    }
}
