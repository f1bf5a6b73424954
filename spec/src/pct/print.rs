//! Document → text: as it was read, and as Proxmox writes it.

use std::fmt::{self, Write as _};

use super::document::{Meaning, PctConf, Section, SectionName};
use super::percent;
use super::schema::family_index;

impl PctConf {
    /// The document, byte for byte as it was read, but for the lines that were set or removed.
    pub fn print(&self) -> String {
        self.to_string()
    }

    /// The document as Proxmox's writer puts it: description first, keys by name, raw lines, then the pending section,
    /// then the snapshots by name. Lines that Proxmox cannot read are gone.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        write_meaning(&mut out, &self.current.meaning);
        if let Some(pending) = self.pending().filter(|section| section.meaning != Meaning::default()) {
            out.push_str("\n[pve:pending]\n");
            write_meaning(&mut out, &pending.meaning);
        }
        for (name, section) in self.snapshots() {
            let _ = write!(out, "\n[{name}]\n");
            write_meaning(&mut out, &section.meaning);
        }
        out
    }
}

impl fmt::Display for PctConf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.current, f)?;
        self.others.iter().try_for_each(|section| fmt::Display::fmt(section, f))
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.header.as_deref().unwrap_or_default())?;
        self.lines.iter().try_for_each(|line| f.write_str(&line.raw))
    }
}

impl fmt::Display for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.pad("current"),
            Self::Pending => f.pad("pve:pending"),
            Self::Snapshot(name) => f.pad(name),
        }
    }
}

/// Writing to a `String` cannot fail.
fn write_meaning(out: &mut String, meaning: &Meaning) {
    for line in description_lines(meaning.description.as_deref().unwrap_or_default()) {
        out.push_str(&line);
    }
    let skipped = |key: &str| matches!(key, "digest" | "env") || is_stale_unused(meaning, key);
    for (key, value) in meaning.values.iter().filter(|(key, _)| !skipped(key)) {
        let _ = writeln!(out, "{key}: {value}");
    }
    for variable in meaning.values.get("env").map(|env| env.split('\0')).into_iter().flatten() {
        let _ = writeln!(out, "lxc.environment.runtime: {variable}");
    }
    for raw in &meaning.raw {
        let _ = writeln!(out, "{}: {}", raw.key, raw.value);
    }
}

/// A description as `#` lines; empty lines at its end are dropped.
pub(super) fn description_lines(description: &str) -> impl Iterator<Item = String> {
    let text = description.trim_end_matches('\n');
    let lines = (!text.is_empty()).then(|| text.split('\n')).into_iter().flatten();
    lines.map(|line| format!("#{}\n", percent::encode(line)))
}

/// An `unusedN` whose volume the same section mounts.
fn is_stale_unused(meaning: &Meaning, key: &str) -> bool {
    let Some(volume) = meaning.values.get(key).filter(|_| family_index("unused", key).is_some()) else {
        return false;
    };
    let mounted = |(other, value): (&String, &String)| {
        let mounts = other == "rootfs" || family_index("mp", other).is_some();
        mounts && value.split(',').next() == Some(volume)
    };
    meaning.values.iter().any(mounted)
}
