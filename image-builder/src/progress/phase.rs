//! The phases by name.

use std::fmt;

use serde::Serialize;

/// A phase of a build, in order.
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
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 11] = [
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
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
