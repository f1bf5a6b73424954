//! What is compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Something that goldens are compared in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// Programs that run with their owner's or group's rights: path to mode and owner.
    SetId,
    /// Programs with capabilities: path to capabilities.
    Capabilities,
    /// Accounts: name to numbers, home and shell.
    Users,
    /// Groups: name to number and members.
    Groups,
    /// What listened in the build guest: protocol and address to program.
    Listening,
    /// Sockets that systemd opens for units that are enabled: unit to addresses.
    Sockets,
    /// Units that are enabled or masked: link to target.
    Units,
    /// Packages: name to version.
    Packages,
    /// Files below `/etc`: path to digest.
    Configuration,
}

impl Aspect {
    /// All of them; what concerns rights comes first.
    pub const ALL: [Self; 9] = [
        Self::SetId,
        Self::Capabilities,
        Self::Users,
        Self::Groups,
        Self::Listening,
        Self::Sockets,
        Self::Units,
        Self::Packages,
        Self::Configuration,
    ];

    /// The heading for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::SetId => "Set-id programs",
            Self::Capabilities => "Programs with capabilities",
            Self::Users => "Users",
            Self::Groups => "Groups",
            Self::Listening => "Listening in the build guest",
            Self::Sockets => "Sockets of systemd",
            Self::Units => "Units",
            Self::Packages => "Packages",
            Self::Configuration => "Configuration",
        }
    }
}

/// A golden, as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What it is called: `NAME@RELEASE`, or the archive's file.
    pub title: String,
    /// Bytes of the archive.
    pub archive_bytes: u64,
    /// Bytes of the tree.
    pub tree_bytes: u64,
    /// Each aspect as a table; one that nobody looked at is absent.
    pub tables: BTreeMap<Aspect, BTreeMap<String, String>>,
    /// Bytes by package.
    pub weights: BTreeMap<String, u64>,
}
