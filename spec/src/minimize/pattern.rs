//! Which paths are meant.

use std::fmt;
use std::str::FromStr;

use crate::wildcard::fits;
use serde::{Deserialize, Serialize};

/// An absolute path in which `*` and `?` stand for letters of one component and `**` for any number of components.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    parts: Vec<String>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no pattern of paths; write an absolute path, like \"/usr/share/doc/foo/**\"")]
pub struct InvalidPattern {
    /// The text as given.
    pub text: String,
}

impl Pattern {
    /// Whether a path is meant; `**` at the end means everything below, not the folder itself.
    pub fn matches(&self, path: &str) -> bool {
        fits_all(&self.parts, &components(path))
    }

    /// Whether something below this directory may be meant.
    pub fn may_match_below(&self, directory: &str) -> bool {
        leads(&self.parts, &components(directory))
    }

    /// The deepest directory that everything meant lies below: what stands before the first wildcard, without the
    /// last name.
    pub fn base(&self) -> String {
        let plain = self.parts.iter().take_while(|part| !part.contains(['*', '?'])).count();
        let plain = plain.min(self.parts.len().saturating_sub(1));
        format!("/{}", self.parts[..plain].join("/"))
    }

    /// As dpkg reads patterns: with fnmatch(3), whose `*` goes over slashes.
    pub fn as_fnmatch(&self) -> String {
        let mut parts: Vec<&str> = self.parts.iter().map(|part| if part == "**" { "*" } else { part }).collect();
        parts.dedup_by(|a, b| *a == "*" && *b == "*");
        format!("/{}", parts.join("/").replace("/*/*", "/*").replace('[', "\\["))
    }
}

impl FromStr for Pattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = || InvalidPattern { text: text.to_owned() };
        let below = text.strip_prefix('/').ok_or_else(invalid)?;
        let parts: Vec<String> = below.split('/').map(str::to_owned).collect();
        let odd = |part: &String| part.is_empty() || part == "." || part == ".." || part.chars().any(char::is_control);
        // The whole tree is never meant: that would be no image any more.
        let everything = parts.iter().all(|part| part.chars().all(|letter| letter == '*'));
        if parts.iter().any(odd) || everything { Err(invalid()) } else { Ok(Self { parts }) }
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidPattern;

    fn try_from(text: String) -> Result<Self, InvalidPattern> {
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
        f.pad(&format!("/{}", self.parts.join("/")))
    }
}

fn components(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

fn fits_all(pattern: &[String], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((first, rest)) if first == "**" && rest.is_empty() => !path.is_empty(),
        Some((first, rest)) if first == "**" => (0..=path.len()).any(|skip| fits_all(rest, &path[skip..])),
        Some((first, rest)) => path
            .split_first()
            .is_some_and(|(name, below)| fits(first.as_bytes(), name.as_bytes()) && fits_all(rest, below)),
    }
}

/// Whether a path is the beginning of one that fits.
fn leads(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some((first, _)), Some(_)) if first == "**" => true,
        (Some((first, rest)), Some((name, below))) => fits(first.as_bytes(), name.as_bytes()) && leads(rest, below),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    #[test]
    fn stars_stay_in_their_component_and_double_stars_do_not() {
        for (text, path, expected) in [
            ("/usr/share/doc/**", "/usr/share/doc/a/b", true),
            ("/usr/share/doc/**", "/usr/share/doc", false),
            ("/usr/share/doc/*/copyright", "/usr/share/doc/bash/copyright", true),
            ("/usr/share/doc/*/copyright", "/usr/share/doc/a/b/copyright", false),
            ("/usr/share/doc/**/copyright", "/usr/share/doc/a/b/copyright", true),
            ("/usr/share/doc/**/copyright", "/usr/share/doc/copyright", true),
            ("/usr/lib/**/*.a", "/usr/lib/x/libc.a", true),
            ("/usr/lib/**/*.a", "/usr/lib/libc.so", false),
            ("/usr/share/locale/de@*/**", "/usr/share/locale/de@hebrew/LC_MESSAGES/x.mo", true),
            ("/var/backups/?", "/var/backups/x", true),
        ] {
            assert_eq!(pattern(text).matches(path), expected, "{text} {path}");
        }
    }

    #[test]
    fn a_walk_starts_where_the_wildcards_do_and_goes_only_where_something_may_be() {
        for (text, base) in [
            ("/usr/share/doc/**", "/usr/share/doc"),
            ("/usr/lib/**/*.a", "/usr/lib"),
            ("/var/cache/ldconfig/aux-cache", "/var/cache/ldconfig"),
            ("/**/x", "/"),
        ] {
            assert_eq!(pattern(text).base(), base, "{text}");
        }
        assert!(pattern("/usr/lib/python3*/**/x").may_match_below("/usr/lib/python3.13/a"));
        assert!(!pattern("/usr/lib/python3*/**/x").may_match_below("/usr/lib/systemd"));
        assert!(!pattern("/var/cache/ldconfig/aux-cache").may_match_below("/var/cache/ldconfig/aux-cache"));
    }

    #[test]
    fn dpkg_gets_its_own_kind_of_star() {
        for (text, fnmatch) in [
            ("/usr/share/doc/**", "/usr/share/doc/*"),
            ("/usr/share/doc/**/copyright", "/usr/share/doc/*/copyright"),
            ("/usr/lib/**/*.a", "/usr/lib/*.a"),
        ] {
            assert_eq!(pattern(text).as_fnmatch(), fnmatch, "{text}");
        }
    }

    #[test]
    fn what_is_no_path_or_means_everything_is_refused() {
        for text in ["usr/share", "", "/", "/**", "/a/../b", "/a//b", "/a\nb"] {
            assert!(text.parse::<Pattern>().is_err(), "{text:?}");
        }
    }
}
