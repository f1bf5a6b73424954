//! The words and names of a backup. Pure.

use std::path::Path;

/// The name of a backup without its ending: `vzdump-lxc-9000-2026_01_02-03_04_05`.
pub(super) fn base_name(vmid: spec::ids::Vmid, now: &jiff::Zoned) -> String {
    format!("vzdump-lxc-{vmid}-{}", now.strftime("%Y_%m_%d-%H_%M_%S"))
}

/// How long something took: `00:01:05`.
pub(super) fn duration(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A file's size as Proxmox tells it: `215MB`.
pub(super) fn archive_size(bytes: u64) -> String {
    match bytes {
        0..0x10_0000 => format!("{}KB", bytes >> 10),
        0x10_0000..0x4000_0000 => format!("{}MB", bytes >> 20),
        _ => {
            let hundredths = (u128::from(bytes) * 100) >> 30;
            format!("{}.{:02}GB", hundredths / 100, hundredths % 100)
        }
    }
}

/// What a notes template may name.
pub(super) struct NoteFacts<'a> {
    /// The guest's name.
    pub(super) guestname: &'a str,
    /// The node's name.
    pub(super) node: &'a str,
    /// The guest's number.
    pub(super) vmid: String,
}

/// A notes template with its variables and escapes filled in.
pub(super) fn notes(template: &str, facts: &NoteFacts<'_>) -> String {
    let text = template
        .replace("{{cluster}}", "standalone node")
        .replace("{{guestname}}", facts.guestname)
        .replace("{{node}}", facts.node)
        .replace("{{vmid}}", &facts.vmid);
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => match characters.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

/// Excludes: patterns that begin with a slash hold from the guest's root, the others anywhere.
pub(super) fn excludes(standard: bool, more: &[String]) -> (Vec<String>, Vec<String>) {
    let defaults: &[&str] = if standard { &["/tmp/?*", "/var/tmp/?*", "/var/run/?*.pid"] } else { &[] };
    let all = defaults.iter().map(|text| (*text).to_owned()).chain(more.iter().cloned());
    let (anchored, anywhere): (Vec<_>, Vec<_>) = all.partition(|pattern| pattern.starts_with('/'));
    (anywhere, anchored)
}

/// The ending that a compression gives.
pub(super) fn ending(compress: &str) -> &'static str {
    match compress {
        "zstd" => ".tar.zst",
        "gzip" => ".tar.gz",
        _ => ".tar",
    }
}

/// The same file while it is being written.
pub(super) fn unfinished(path: &Path) -> std::path::PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(".zst").or_else(|| name.strip_suffix(".gz")).unwrap_or(&name);
    path.with_file_name(format!("{stem}.dat"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_are_proxmox_ones() {
        let at: jiff::Zoned = "2026-01-02T03:04:05[UTC]".parse().unwrap();
        assert_eq!(base_name("9000".parse().unwrap(), &at), "vzdump-lxc-9000-2026_01_02-03_04_05");
        assert_eq!((duration(3665).as_str(), archive_size(45_300_000).as_str()), ("01:01:05", "43MB"));
        assert_eq!(unfinished(Path::new("/d/a.tar.zst")), Path::new("/d/a.tar.dat"));
    }

    #[test]
    fn notes_are_filled_in() {
        let facts = NoteFacts { guestname: "web", node: "pve", vmid: "110".to_owned() };
        assert_eq!(
            notes("{{guestname}} on {{node}} ({{vmid}}) {{cluster}}\\nsecond", &facts),
            "web on pve (110) standalone node\nsecond"
        );
    }

    #[test]
    fn excludes_are_anchored_or_not() {
        let (anywhere, anchored) = excludes(true, &["*.bak".to_owned()]);
        assert_eq!((anywhere.len(), anchored.len()), (1, 3));
        assert!(excludes(false, &[]).1.is_empty());
    }
}
