//! The phases by name.

use std::fmt;

use serde::Serialize;

/// A phase of a build or of a drill, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Finding or making the base.
    Fetch,
    /// Making and starting the build guest.
    Create,
    /// The recipe's steps.
    Customize,
    /// The recipe's checks.
    Check,
    /// Shutting the guest down.
    Stop,
    /// Taking out what guests can do without.
    Minimize,
    /// Putting identity to sleep.
    Strip,
    /// Installing the first-boot unit.
    Bake,
    /// Archiving.
    Pack,
    /// Looking at the archive as a stranger would.
    Inspect,
    /// Writing the manifest.
    Publish,
    /// Looking at what is there before a drill.
    Room,
    /// Making a drill's twins.
    Restore,
    /// Their first boot.
    Boot,
    /// What must hold in them.
    Accept,
    /// Their second boot.
    Reboot,
    /// Looking for what they share.
    Compare,
    /// Removing them.
    Remove,
}

impl Phase {
    /// The phases of a build, in order.
    pub const BUILD: [Self; 11] = [
        Self::Fetch,
        Self::Create,
        Self::Customize,
        Self::Check,
        Self::Stop,
        Self::Minimize,
        Self::Strip,
        Self::Bake,
        Self::Pack,
        Self::Inspect,
        Self::Publish,
    ];

    /// The phases of a drill, in order.
    pub const DRILL: [Self; 7] =
        [Self::Room, Self::Restore, Self::Boot, Self::Accept, Self::Reboot, Self::Compare, Self::Remove];

    /// The phase's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Create => "create",
            Self::Customize => "customize",
            Self::Check => "check",
            Self::Stop => "stop",
            Self::Minimize => "minimize",
            Self::Strip => "strip",
            Self::Bake => "bake",
            Self::Pack => "pack",
            Self::Inspect => "inspect",
            Self::Publish => "publish",
            Self::Room => "room",
            Self::Restore => "restore",
            Self::Boot => "boot",
            Self::Accept => "accept",
            Self::Reboot => "reboot",
            Self::Compare => "compare",
            Self::Remove => "remove",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
