//! What an archive's copyright files say.

use std::collections::BTreeMap;

use spec::sbom::{Copyright, copyright};

use super::read::Survey;
use super::wanted::copyright_of;

/// How many links in a row are followed.
const MOST_LINKS: usize = 8;

impl Survey {
    /// The licence of each package whose copyright file is machine readable, as an SPDX expression.
    pub fn licences(&self) -> BTreeMap<String, String> {
        let own = self.texts.iter().filter_map(|(path, text)| Some((copyright_of(path)?.to_owned(), path, text)));
        let links = self.links();
        let mut licences: BTreeMap<String, String> =
            own.filter_map(|(package, _, text)| Some((package, expression(text)?))).collect();
        // A package's folder, or the file in it, may be a link to another package's.
        for package in links.keys().filter_map(|path| documented(path)) {
            let text = self.followed(&format!("/usr/share/doc/{package}/copyright"), &links);
            if let Some(expression) = text.and_then(expression) {
                licences.entry(package.to_owned()).or_insert(expression);
            }
        }
        licences
    }

    fn links(&self) -> BTreeMap<&str, &str> {
        let links = self.entries.iter().filter(|entry| entry.path.starts_with("/usr/share/doc/"));
        links.filter_map(|entry| Some((entry.path.as_str(), entry.link.as_deref()?))).collect()
    }

    fn followed(&self, path: &str, links: &BTreeMap<&str, &str>) -> Option<&str> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            if let Some(text) = self.texts.get(&path) {
                return Some(text);
            }
            let (link, below) = split_at_link(&path, links)?;
            let parent = link.rsplit_once('/').map_or("", |(parent, _)| parent);
            path = joined(parent, links.get(link)?, below);
        }
        None
    }
}

fn expression(text: &str) -> Option<String> {
    match copyright(text) {
        Copyright::Expression(expression) => Some(expression),
        Copyright::Prose => None,
    }
}

/// The package of `/usr/share/doc/PACKAGE` and of what is in it.
fn documented(path: &str) -> Option<&str> {
    let below = path.strip_prefix("/usr/share/doc/")?;
    Some(below.split_once('/').map_or(below, |(package, _)| package))
}

/// The shortest beginning of a path that is a link, and what follows it.
fn split_at_link<'p>(path: &'p str, links: &BTreeMap<&str, &str>) -> Option<(&'p str, &'p str)> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.filter(|end| *end > 0).map(|end| path.split_at(end)).find(|(beginning, _)| links.contains_key(beginning))
}

/// A link's target below the link's own folder, without `.` and `..`.
fn joined(parent: &str, target: &str, below: &str) -> String {
    let whole = if target.starts_with('/') { format!("{target}{below}") } else { format!("{parent}/{target}{below}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use pve_archive::MemberKind;

    use super::*;
    use crate::survey::Entry;

    const DEP5: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n\
        Copyright: x\nLicense: Expat\n";

    fn link(path: &str, target: &str) -> Entry {
        Entry {
            path: path.into(),
            kind: MemberKind::Symlink,
            bytes: 0,
            mode: 0o777,
            uid: 0,
            gid: 0,
            link: Some(target.into()),
            capability: None,
            sha256: None,
        }
    }

    #[test]
    fn licences_are_found_behind_links_of_folders_and_files() {
        let mut survey = Survey::default();
        survey.texts.insert("/usr/share/doc/a/copyright".into(), DEP5.into());
        survey.texts.insert("/usr/share/doc/prose/copyright".into(), "by hand".into());
        survey.entries = vec![
            link("/usr/share/doc/b", "a"),
            link("/usr/share/doc/c/copyright", "../b/copyright"),
            link("/usr/share/doc/loop", "loop"),
        ];
        let licences = survey.licences();
        let names: Vec<(&str, &str)> = licences.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(names, [("a", "MIT"), ("b", "MIT"), ("c", "MIT")]);
    }
}
