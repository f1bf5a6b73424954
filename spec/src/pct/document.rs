//! The document: sections of lines, and what the lines mean.

use std::collections::BTreeMap;
use std::fmt;

use super::schema::family_index;
use super::{Features, MountPoint, Net, PropertyError};

/// A guest's configuration as a document: every line kept as it was read.
///
/// The methods that name no section speak of the current configuration, the lines before the first header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PctConf {
    /// The first is the current configuration; it is always there.
    pub(super) current: Section,
    /// The others, in the order of the document.
    pub(super) others: Vec<Section>,
    pub(super) warnings: Vec<Warning>,
}

/// Which part of a configuration a section is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SectionName {
    /// The current configuration.
    Current,
    /// `[pve:pending]`: changes that wait for the guest's next start.
    Pending,
    /// `[NAME]`: the configuration as a snapshot keeps it.
    Snapshot(String),
}

/// One part of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub(super) name: SectionName,
    /// The header line as read; none for the current configuration.
    pub(super) header: Option<String>,
    pub(super) lines: Vec<Line>,
    pub(super) meaning: Meaning,
}

/// A raw `lxc.*` line, which Proxmox hands to LXC as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLxc {
    /// The key, `lxc.` included.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A line that Proxmox warns about; kept in the document all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The number of the line, from 1.
    pub line: usize,
    /// Proxmox's text, without its `vm <vmid> - ` in front.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One line, its line break included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) raw: String,
    pub(super) kind: LineKind,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LineKind {
    Blank,
    /// A piece of the description, decoded.
    Description(String),
    /// A variable of `env`, or several joined by NUL; `true` where it begins the list anew.
    Env(String, bool),
    Entry {
        key: String,
        value: String,
    },
    Raw(RawLxc),
    /// Proxmox warns about it and leaves it out.
    Unread,
}

/// A section's lines, understood: later lines win over earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Meaning {
    pub(super) description: Option<String>,
    pub(super) values: BTreeMap<String, String>,
    pub(super) raw: Vec<RawLxc>,
}

impl Meaning {
    pub(super) fn of(lines: &[Line]) -> Self {
        let mut meaning = Self::default();
        for line in lines {
            match &line.kind {
                LineKind::Blank | LineKind::Unread => {}
                LineKind::Description(piece) => meaning.description.get_or_insert_default().push_str(piece),
                LineKind::Env(text, anew) => meaning.add_env(text, *anew),
                LineKind::Entry { key, value } => {
                    meaning.values.insert(key.clone(), value.clone());
                }
                LineKind::Raw(raw) => meaning.raw.push(raw.clone()),
            }
        }
        meaning
    }

    fn add_env(&mut self, text: &str, anew: bool) {
        match self.values.get_mut("env").filter(|_| !anew) {
            Some(env) => {
                env.push('\0');
                env.push_str(text);
            }
            None => {
                self.values.insert("env".to_owned(), text.to_owned());
            }
        }
    }
}

impl Section {
    pub(super) fn new(name: SectionName, header: Option<String>) -> Self {
        Self { name, header, lines: Vec::new(), meaning: Meaning::default() }
    }

    fn snapshot_name(&self) -> Option<&str> {
        match &self.name {
            SectionName::Snapshot(name) => Some(name),
            SectionName::Current | SectionName::Pending => None,
        }
    }

    /// Which part this is.
    pub fn name(&self) -> &SectionName {
        &self.name
    }

    /// The value of a key, as Proxmox holds it (`onboot: yes` gives `1`). `env` gives its variables joined by NUL.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.meaning.values.get(key).map(String::as_str)
    }

    /// A boolean key; absent reads as false.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key) == Some("1")
    }

    /// All keys and values by name, without the description and the raw lines.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.meaning.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The description: the section's `#` lines, decoded, each ending in a line break.
    pub fn description(&self) -> Option<&str> {
        self.meaning.description.as_deref()
    }

    /// The raw `lxc.*` lines in their order.
    pub fn raw_lxc(&self) -> &[RawLxc] {
        &self.meaning.raw
    }

    /// The network interfaces by number.
    ///
    /// # Errors
    /// A `netN` that Proxmox keeps but cannot read.
    pub fn nets(&self) -> Result<Vec<(u8, Net)>, PropertyError> {
        self.family("net").map(|(index, text)| Ok((index, text.parse()?))).collect()
    }

    /// The root file system's volume.
    ///
    /// # Errors
    /// `rootfs` stands there but cannot be read.
    pub fn rootfs(&self) -> Result<Option<MountPoint>, PropertyError> {
        self.get("rootfs").map(MountPoint::parse_rootfs).transpose()
    }

    /// The mount points (`mpN`) by number.
    ///
    /// # Errors
    /// An `mpN` that cannot be read.
    pub fn mounts(&self) -> Result<Vec<(u8, MountPoint)>, PropertyError> {
        self.family("mp").map(|(index, text)| Ok((index, text.parse()?))).collect()
    }

    /// The volumes that belong to the guest and are mounted nowhere (`unusedN`), by number, as written.
    pub fn unused(&self) -> Vec<(u8, &str)> {
        self.family("unused").collect()
    }

    /// The features; none where the key is absent.
    ///
    /// # Errors
    /// `features` stands there but cannot be read.
    pub fn features(&self) -> Result<Features, PropertyError> {
        self.get("features").map_or_else(|| Ok(Features::default()), str::parse)
    }

    /// The keys of a numbered family, in the order of their numbers.
    fn family<'a>(&'a self, prefix: &'static str) -> impl Iterator<Item = (u8, &'a str)> {
        let mut found: Vec<(u8, &str)> =
            self.entries().filter_map(|(key, value)| Some((family_index(prefix, key)?, value))).collect();
        found.sort_unstable();
        found.into_iter()
    }
}

impl PctConf {
    /// The current configuration.
    pub fn current(&self) -> &Section {
        &self.current
    }

    /// What waits for the guest's next start.
    pub fn pending(&self) -> Option<&Section> {
        self.others.iter().rev().find(|section| section.name == SectionName::Pending)
    }

    /// The snapshots by name; of two under one name the later counts.
    pub fn snapshots(&self) -> BTreeMap<&str, &Section> {
        self.others.iter().filter_map(|section| Some((section.snapshot_name()?, section))).collect()
    }

    /// What Proxmox would warn about, in the order of the lines.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// [`Section::get`] of the current configuration.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.current.get(key)
    }

    /// [`Section::flag`] of the current configuration.
    pub fn flag(&self, key: &str) -> bool {
        self.current.flag(key)
    }

    /// [`Section::description`] of the current configuration.
    pub fn description(&self) -> Option<&str> {
        self.current.description()
    }

    /// [`Section::nets`] of the current configuration.
    ///
    /// # Errors
    /// A `netN` that cannot be read.
    pub fn nets(&self) -> Result<Vec<(u8, Net)>, PropertyError> {
        self.current.nets()
    }

    /// [`Section::rootfs`] of the current configuration.
    ///
    /// # Errors
    /// `rootfs` stands there but cannot be read.
    pub fn rootfs(&self) -> Result<Option<MountPoint>, PropertyError> {
        self.current.rootfs()
    }

    /// [`Section::mounts`] of the current configuration.
    ///
    /// # Errors
    /// An `mpN` that cannot be read.
    pub fn mounts(&self) -> Result<Vec<(u8, MountPoint)>, PropertyError> {
        self.current.mounts()
    }

    /// [`Section::features`] of the current configuration.
    ///
    /// # Errors
    /// `features` stands there but cannot be read.
    pub fn features(&self) -> Result<Features, PropertyError> {
        self.current.features()
    }

    /// [`Section::raw_lxc`] of the current configuration.
    pub fn raw_lxc(&self) -> &[RawLxc] {
        self.current.raw_lxc()
    }
}
