//! Which requests a fault means. Pure.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// `VERB /path`: a verb or `*`, and a path below `/api2/json` in which `*` stands for one part and a last `**` for any
/// number of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    verb: String,
    path: String,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} means no requests: write VERB /path, like PUT /nodes/*/lxc/9101/config or * /nodes/**")]
pub struct BadPattern {
    /// The text as given.
    pub value: String,
}

impl Pattern {
    /// Whether a request is meant; `path` is the whole one, percent-encoded.
    pub fn fits(&self, verb: &str, path: &str) -> bool {
        let Some(below) = path.strip_prefix("/api2/json") else { return false };
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let given: Vec<String> = below.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        (self.verb == "*" || self.verb == verb) && same(self.path.split('/').filter(|part| !part.is_empty()), &given)
    }
}

fn same<'a>(wanted: impl Iterator<Item = &'a str>, given: &[String]) -> bool {
    let mut given = given.iter();
    for part in wanted {
        match (part, given.next()) {
            ("**", _) => return true,
            ("*", Some(_)) => (),
            (part, Some(text)) if part == text => (),
            _ => return false,
        }
    }
    given.next().is_none()
}

impl FromStr for Pattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let bad = || BadPattern { value: text.to_owned() };
        let (verb, path) = text.split_once(' ').ok_or_else(bad)?;
        let known = matches!(verb, "*" | "GET" | "POST" | "PUT" | "DELETE");
        let ends = path.split('/').rev().skip(1).all(|part| part != "**");
        if known && ends && path.starts_with('/') {
            Ok(Self { verb: verb.to_owned(), path: path.to_owned() })
        } else {
            Err(bad())
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = BadPattern;

    fn try_from(text: String) -> Result<Self, BadPattern> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.to_string()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_it_says_and_nothing_else() {
        let fits = |pattern: &str, verb: &str, path: &str| {
            pattern.parse::<Pattern>().unwrap().fits(verb, &format!("/api2/json{path}"))
        };
        assert!(fits("PUT /nodes/*/lxc/9101/config", "PUT", "/nodes/pve/lxc/9101/config"));
        assert!(!fits("PUT /nodes/*/lxc/9101/config", "GET", "/nodes/pve/lxc/9101/config"));
        assert!(!fits("POST /nodes/pve/lxc", "POST", "/nodes/pve/lxc/9101/status/start"));
        assert!(fits("* /nodes/pve/**", "POST", "/nodes/pve/lxc/9101/status/start"));
        assert!(fits("GET /nodes/pve/tasks/UPID:pve:1/status", "GET", "/nodes/pve/tasks/UPID%3Apve%3A1/status"));
        assert!(!"GET /version".parse::<Pattern>().unwrap().fits("GET", "/test/faults"));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in ["", "GET", "GET version", "HEAD /version", "GET /**/config"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
