//! Text → document. Never fails: what Proxmox's parser does not understand is kept and warned about.

use super::document::{Line, LineKind, Meaning, PctConf, RawLxc, Section, SectionName, Warning};
use super::percent;
use super::schema::{self, RawKey};

impl PctConf {
    /// Reads a configuration.
    pub fn parse(text: &str) -> Self {
        let mut current = Section::new(SectionName::Current, None);
        let mut others: Vec<Section> = Vec::new();
        let mut warnings = Vec::new();
        for (index, raw) in text.split_inclusive('\n').enumerate() {
            let content = raw.strip_suffix('\n').unwrap_or(raw);
            if let Some(name) = section_header(content) {
                others.push(Section::new(name, Some(raw.to_owned())));
                continue;
            }
            let section = others.last_mut().unwrap_or(&mut current);
            let (kind, warning) = read_line(content, section.name == SectionName::Pending);
            section.lines.push(Line { raw: raw.to_owned(), kind });
            warnings.extend(warning.map(|text| Warning { line: index + 1, text }));
        }
        for section in std::iter::once(&mut current).chain(&mut others) {
            section.meaning = Meaning::of(&section.lines);
        }
        Self { current, others, warnings }
    }
}

/// `[pve:pending]` or `[snapshot]`, in either case; at least two characters for a snapshot.
fn section_header(line: &str) -> Option<SectionName> {
    let name = line.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    if name.eq_ignore_ascii_case("pve:pending") {
        return Some(SectionName::Pending);
    }
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let valid = name.len() > 1 && name.as_bytes()[0].is_ascii_alphabetic() && name.bytes().all(inner);
    valid.then(|| SectionName::Snapshot(name.to_owned()))
}

/// One line that is no header, and the warning it deserves.
fn read_line(line: &str, pending: bool) -> (LineKind, Option<String>) {
    if line.trim().is_empty() {
        return (LineKind::Blank, None);
    }
    if let Some(comment) = line.strip_prefix('#') {
        return (LineKind::Description(percent::decode(comment) + "\n"), None);
    }
    let unread = || (LineKind::Unread, Some(format!("unable to parse config: {line}")));
    if let Some((key, value)) = raw_lxc(line) {
        return read_raw(key, value).unwrap_or_else(unread);
    }
    match entry(line) {
        Some(("description", value)) => (LineKind::Description(percent::decode(value)), None),
        Some(("env", value)) => (LineKind::Env(value.to_owned(), true), None),
        Some(("snapstate", value)) if matches!(value, "prepare" | "delete") => (as_entry("snapstate", value), None),
        Some(("delete", value)) if pending => (as_entry("delete", value), None),
        Some(("delete", _)) => {
            (LineKind::Unread, Some("property 'delete' is only allowed in [pve:pending]".to_owned()))
        }
        Some((key, value)) => match schema::check(key, value) {
            Ok(value) => (as_entry(key, &value), None),
            Err(why) => (as_entry(key, value), Some(format!("unable to parse value of '{key}' - {why}"))),
        },
        None => unread(),
    }
}

fn as_entry(key: &str, value: &str) -> LineKind {
    LineKind::Entry { key: key.to_owned(), value: value.to_owned() }
}

/// `lxc.<key>:` or `lxc.<key> =`.
fn raw_lxc(line: &str) -> Option<(&str, &str)> {
    let key_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.');
    line.strip_prefix("lxc.")?;
    let (key, rest) = line.split_at(line.bytes().position(|b| !key_byte(b))?);
    let value = rest.strip_prefix(':').or_else(|| rest.trim_start().strip_prefix('='))?;
    Some((key, value.trim()))
}

fn read_raw(key: &str, value: &str) -> Option<(LineKind, Option<String>)> {
    if key == "lxc.environment.runtime" {
        return Some((LineKind::Env(value.to_owned(), false), None));
    }
    let raw = LineKind::Raw(RawLxc { key: key.to_owned(), value: value.to_owned() });
    match schema::raw_key(key) {
        RawKey::Known => Some((raw, None)),
        RawKey::Renamed(new) => Some((raw, Some(format!("{key} is deprecated and was renamed to {new}")))),
        RawKey::Derived(why) => Some((LineKind::Unread, Some(format!("{key}: {why}")))),
        RawKey::Unknown => None,
    }
}

/// `key: value`, the value not empty; the key has letters and underscores, then digits. Of nothing but blanks behind the
/// colon the last one is the value.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let last = rest.char_indices().next_back().map_or("", |(at, _)| &rest[at..]);
    let value = if rest.trim().is_empty() { last } else { rest.trim() };
    (is_key(key) && !value.is_empty()).then_some((key, value))
}

/// The grammar of keys: `[a-z][a-z_]*[0-9]*`.
pub(super) fn is_key(text: &str) -> bool {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}
