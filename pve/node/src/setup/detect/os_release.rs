//! os-release(5).

use std::collections::BTreeMap;

use crate::error::Die;
use crate::setup::rooted::Root;

/// The variables of a tree's os-release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::setup) struct OsRelease(BTreeMap<String, String>);

impl OsRelease {
    /// Reads a tree's file; nothing is known where there is none.
    pub(in crate::setup) fn of(tree: &Root) -> Result<Self, Die> {
        let text = match tree.read("/etc/os-release")? {
            Some(text) => Some(text),
            None => tree.read("/usr/lib/os-release")?,
        };
        Ok(text.map(|text| Self::parse(&text)).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(assignment).collect())
    }

    /// A variable that is set to something.
    pub(in crate::setup) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn assignment(line: &str) -> Option<(String, String)> {
    let (name, value) = line.trim_start().split_once('=')?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(word);
    is_name.then(|| (name.to_owned(), unquoted(value)))
}

/// A value without its quotes. Bare, it ends where letters and digits do, as Proxmox reads it.
fn unquoted(value: &str) -> String {
    if let Some((inner, _)) = value.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
        return inner.to_owned();
    }
    if let Some(inner) = value.strip_prefix('"').and_then(double_quoted) {
        return inner;
    }
    value.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn double_quoted(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return Some(out),
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                c @ ('"' | '\'' | '`' | '$' | '\\') => out.push(c),
                c => out.extend(['\\', c]),
            },
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OsRelease;

    #[test]
    fn values_lose_their_quotes() {
        let text = "# ID=no\nID=debian\nVERSION_ID=\"13\"\nNAME='a b'\nPRETTY_NAME=\"say \\\"x\\\" \\q\"\nBARE=24.04\n EMPTY=\nbad line\n2X=1\n";
        let release = OsRelease::parse(text);
        assert_eq!(release.get("ID"), Some("debian"));
        assert_eq!(release.get("VERSION_ID"), Some("13"));
        assert_eq!(release.get("NAME"), Some("a b"));
        assert_eq!(release.get("PRETTY_NAME"), Some("say \"x\" \\q"));
        assert_eq!(release.get("BARE"), Some("24"));
        assert_eq!((release.get("EMPTY"), release.get("2X")), (None, None));
    }
}
