//! An installed package, whoever manages it.

use serde::{Deserialize, Serialize};

/// Who manages a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    /// Debian and its family.
    Dpkg,
    /// Alpine.
    Apk,
}

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, as its manager writes it.
    pub version: String,
    /// Its architecture: `amd64`, `all`, `x86_64`.
    pub architecture: String,
    /// Who manages it.
    pub manager: Manager,
    /// The source package that it was made of, where that has another name.
    pub source: Option<String>,
    /// The source package's version, where that is another one.
    pub source_version: Option<String>,
    /// Who answers for it.
    pub maintainer: Option<String>,
    /// Its project's page.
    pub homepage: Option<String>,
    /// Its licence, where the database itself tells (apk does, dpkg does not).
    pub licence: Option<String>,
}

impl Package {
    /// The source package: its own name where the database names no other.
    pub fn source_name(&self) -> &str {
        self.source.as_deref().unwrap_or(&self.name)
    }
}
