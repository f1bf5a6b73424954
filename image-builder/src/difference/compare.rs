//! Two trees, path by path.

use std::collections::BTreeSet;

use serde::Serialize;

use super::inventory::{Inventory, Node};
use super::known;

/// A path at which two trees differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathDifference {
    /// The path, escaped where it is no plain text.
    pub path: String,
    /// How they differ, each aspect in words.
    pub how: Vec<String>,
    /// Why that is, where it is known.
    pub why: Option<&'static str>,
}

/// Every path at which the two trees differ; the first is called the release, the second the rebuild.
pub fn compare(release: &Inventory, rebuild: &Inventory) -> Vec<PathDifference> {
    let paths: BTreeSet<&Vec<u8>> = release.0.keys().chain(rebuild.0.keys()).collect();
    let differences = paths.into_iter().filter_map(|path| {
        let how = match (release.0.get(path), rebuild.0.get(path)) {
            (Some(one), Some(other)) => aspects(one, other),
            (Some(one), None) => vec![format!("only in the release ({})", one.kind)],
            (None, Some(other)) => vec![format!("only in the rebuild ({})", other.kind)],
            (None, None) => Vec::new(),
        };
        let path = format!("/{}", path.escape_ascii());
        (!how.is_empty()).then(|| PathDifference { why: known::why(&path), path, how })
    });
    differences.collect()
}

fn aspects(one: &Node, other: &Node) -> Vec<String> {
    if one.kind != other.kind {
        return vec![format!("{} became {}", one.kind, other.kind)];
    }
    let target = |node: &Node| node.target.as_deref().unwrap_or_default().escape_ascii().to_string();
    let attributes = |node: &Node| {
        let all = node.attributes.iter().map(|one| format!("{}={}", one.name, one.value.escape_ascii()));
        all.collect::<Vec<_>>().join(" ")
    };
    let owner = |node: &Node| format!("{}:{}", node.owner.0, node.owner.1);
    let device = |node: &Node| node.device.map(|(major, minor)| format!("{major}, {minor}")).unwrap_or_default();
    let mut how: Vec<String> = [
        ("mode", format!("{:04o}", one.mode), format!("{:04o}", other.mode)),
        ("owner", owner(one), owner(other)),
        ("target", target(one), target(other)),
        ("device", device(one), device(other)),
        ("attributes", attributes(one), attributes(other)),
    ]
    .into_iter()
    .filter(|(_, one, other)| one != other)
    .map(|(what, one, other)| format!("{what} {one} became {other}"))
    .collect();
    if one.content != other.content {
        how.push(match (one.size, other.size) {
            (one, other) if one == other => format!("content differs ({one} bytes)"),
            (one, other) => format!("content differs ({one} became {other} bytes)"),
        });
    }
    how
}

#[cfg(test)]
mod tests {
    use super::super::inventory::read;
    use super::*;

    /// An archive of files with mode and content, and hard links to them.
    fn archive(files: &[(&str, u32, &str)], links: &[(&str, &str)]) -> Inventory {
        let mut builder = tar::Builder::new(Vec::new());
        let header = |kind, mode, size| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_mode(mode);
            header.set_size(size);
            header.set_mtime(7);
            header
        };
        for (path, mode, content) in files {
            let mut header = header(tar::EntryType::Regular, *mode, content.len() as u64);
            builder.append_data(&mut header, path, content.as_bytes()).unwrap();
        }
        for (path, target) in links {
            let mut header = header(tar::EntryType::Link, 0o644, 0);
            builder.append_link(&mut header, path, target).unwrap();
        }
        read(builder.into_inner().unwrap().as_slice()).unwrap()
    }

    #[test]
    fn s2_12_every_difference_is_named_with_its_kind_and_known_ones_with_their_reason() {
        let release = archive(&[("etc/motd", 0o644, "a"), ("opt/gone", 0o644, ""), ("x.pyc", 0o644, "1")], &[]);
        let rebuild = archive(&[("etc/motd", 0o600, "bc"), ("x.pyc", 0o644, "2"), ("opt/new", 0o644, "")], &[]);
        let found = compare(&release, &rebuild);
        let told: Vec<String> = found.iter().map(|one| format!("{}: {}", one.path, one.how.join("; "))).collect();
        assert_eq!(
            told,
            [
                "/etc/motd: mode 0644 became 0600; content differs (1 became 2 bytes)",
                "/opt/gone: only in the release (file)",
                "/opt/new: only in the rebuild (file)",
                "/x.pyc: content differs (1 bytes)",
            ]
        );
        assert!(found[3].why.is_some() && found[0].why.is_none());
        assert_eq!(compare(&release, &release), []);
    }

    #[test]
    fn which_name_of_a_file_comes_first_and_its_configuration_make_no_difference() {
        let one = archive(&[("etc/vzdump/pct.conf", 0o644, "a"), ("perl", 0o644, "p")], &[("perl5", "perl")]);
        let other = archive(&[("etc/vzdump/pct.conf", 0o644, "b"), ("perl5", 0o644, "p")], &[("perl", "./perl5")]);
        assert_eq!(compare(&one, &other), []);
    }
}
