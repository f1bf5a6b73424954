//! `storage.cfg`: where volumes lie, in Proxmox's own form. Pure.
//!
//! ```text
//! dir: local
//!         path /var/lib/vz
//!         content vztmpl,backup
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use spec::ids::StorageId;

use super::Retention;

/// What a storage is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageKind {
    /// A directory.
    Dir,
    /// A directory on btrfs: disks are subvolumes, with snapshots and linked clones.
    Btrfs,
}

impl StorageKind {
    /// The storage's type by its word; none for types that this node does not have.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Dir, Self::Btrfs].into_iter().find(|kind| kind.word() == word)
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Btrfs => "btrfs",
        }
    }

    /// The properties that a storage of this type may have.
    pub fn knows(self, key: &str) -> bool {
        let common = [
            "path",
            "nodes",
            "shared",
            "disable",
            "prune-backups",
            "max-protected-backups",
            "content",
            "format",
            "mkdir",
            "create-base-path",
            "create-subdirs",
            "is_mountpoint",
            "preallocation",
        ];
        let more: &[&str] = match self {
            Self::Dir => &["bwlimit"],
            Self::Btrfs => &["nocow"],
        };
        common.contains(&key) || more.contains(&key)
    }
}

/// The properties that are 0 or 1.
pub const FLAGS: [&str; 6] = ["shared", "disable", "mkdir", "create-base-path", "create-subdirs", "nocow"];

/// What may lie on a storage of files.
pub const CONTENT: [&str; 8] = ["images", "rootdir", "vztmpl", "iso", "backup", "snippets", "none", "import"];

/// One storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageConfig {
    /// Its id.
    pub id: StorageId,
    /// Its type.
    pub kind: StorageKind,
    /// Its properties as they stand in the file.
    pub properties: BTreeMap<String, String>,
}

impl StorageConfig {
    /// Its directory; a relative one begins at the state directory.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(self.get("path").unwrap_or_default())
    }

    /// A property.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }

    /// A property that is 0 or 1.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).map(is_true)
    }

    /// What may lie on it.
    pub fn content(&self) -> Vec<&str> {
        list(self.get("content").unwrap_or("images,rootdir")).filter(|word| CONTENT.contains(word)).collect()
    }

    /// Whether volumes of this content type may lie on it.
    pub fn holds(&self, content: &str) -> bool {
        self.content().contains(&content)
    }

    /// Whether somebody has switched it off.
    pub fn disabled(&self) -> bool {
        self.flag("disable") == Some(true)
    }

    /// Whether it is there for a node.
    pub fn is_on(&self, node: &str) -> bool {
        self.get("nodes").is_none_or(|nodes| list(nodes).any(|one| one == node))
    }

    /// Which backups it keeps; none where it does not say.
    pub fn retention(&self) -> Option<Retention> {
        self.get("prune-backups").and_then(|text| Retention::parse(text).ok())
    }
}

fn is_true(text: &str) -> bool {
    matches!(text, "1" | "on" | "yes" | "true" | "")
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', ' ', '\0']).filter(|part| !part.is_empty())
}

/// A part of the file: a storage, or one of a type that this node does not have, which is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Section {
    Known(StorageConfig),
    Foreign(String),
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StorageDocument {
    sections: Vec<Section>,
}

impl StorageDocument {
    /// Reads a file's text. Like Proxmox it is forgiving: lines that make no sense are passed over.
    pub fn parse(text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            if line.starts_with(char::is_whitespace) {
                match sections.last_mut() {
                    Some(Section::Known(storage)) => add_property(storage, line.trim()),
                    Some(Section::Foreign(text)) => *text = format!("{text}{line}\n"),
                    None => (),
                }
            } else {
                sections.push(begin(line));
            }
        }
        Self { sections }
    }

    /// All storages that this node knows how to use.
    pub fn storages(&self) -> impl Iterator<Item = &StorageConfig> {
        self.sections.iter().filter_map(|section| match section {
            Section::Known(storage) => Some(storage),
            Section::Foreign(_) => None,
        })
    }

    /// Puts a storage in its place, or at the end.
    pub fn put(&mut self, storage: StorageConfig) {
        let same = |section: &&mut Section| matches!(section, Section::Known(known) if known.id == storage.id);
        match self.sections.iter_mut().find(same) {
            Some(place) => *place = Section::Known(storage),
            None => self.sections.push(Section::Known(storage)),
        }
    }

    /// Puts a storage before all others.
    pub(super) fn put_first(&mut self, storage: Option<StorageConfig>) {
        self.sections.splice(0..0, storage.map(Section::Known));
    }

    /// Takes a storage out.
    pub fn remove(&mut self, id: &str) {
        self.sections.retain(|section| !matches!(section, Section::Known(known) if known.id.as_str() == id));
    }
}

fn begin(line: &str) -> Section {
    let known = || {
        let (kind, id) = line.split_once(':')?;
        let kind = StorageKind::of(kind.trim())?;
        Some(StorageConfig { id: id.trim().parse().ok()?, kind, properties: BTreeMap::new() })
    };
    known().map_or_else(|| Section::Foreign(format!("{line}\n")), Section::Known)
}

fn add_property(storage: &mut StorageConfig, line: &str) {
    let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, "1"));
    let value = if FLAGS.contains(&key) { if is_true(value.trim()) { "1" } else { "0" } } else { value.trim() };
    storage.properties.insert(key.to_owned(), value.to_owned());
}

/// A storage that is off says so first, then comes its path, then the rest by name.
impl std::fmt::Display for StorageDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for section in &self.sections {
            match section {
                Section::Foreign(text) => writeln!(f, "{text}")?,
                Section::Known(storage) => {
                    writeln!(f, "{}: {}", storage.kind.word(), storage.id)?;
                    if storage.disabled() {
                        writeln!(f, "\tdisable")?;
                    }
                    let properties = storage.properties.iter().filter(|(key, _)| *key != "disable");
                    let (path, rest): (Vec<_>, Vec<_>) = properties.partition(|(key, _)| *key == "path");
                    for (key, value) in path.into_iter().chain(rest) {
                        writeln!(f, "\t{key} {value}")?;
                    }
                    writeln!(f)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "dir: local\n\tpath /var/lib/vz\n\tcontent vztmpl,backup\n\tprune-backups keep-last=3\n\n\
                        lvmthin: data\n\tthinpool data\n\tvgname pve\n\n\
                        btrfs: bt\n\tdisable\n\tpath /mnt/bt\n\tnodes pve,other\n\tshared 1\n\n";

    #[test]
    fn a_file_reads_and_prints_the_same() {
        let document = StorageDocument::parse(TEXT);
        assert_eq!(document.to_string(), TEXT);
        let storages: Vec<_> = document.storages().collect();
        assert_eq!(storages.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["local", "bt"]);
        assert_eq!(storages[0].retention().unwrap().limit(), 3);
        assert!(storages[0].holds("backup") && !storages[0].holds("rootdir") && storages[0].is_on("any"));
        assert!(storages[1].disabled() && storages[1].holds("rootdir") && !storages[1].is_on("third"));
        assert_eq!(storages[1].kind, StorageKind::Btrfs);
    }

    #[test]
    fn storages_come_change_and_go() {
        let mut document = StorageDocument::parse(TEXT);
        let mut local = document.storages().next().unwrap().clone();
        local.properties.insert("content".to_owned(), "iso".to_owned());
        document.put(local);
        document.remove("bt");
        assert!(document.to_string().contains("\tcontent iso\n") && !document.to_string().contains("bt"));
        assert!(document.to_string().contains("lvmthin: data"));
    }
}
