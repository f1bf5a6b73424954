//! Bills of materials, out of a survey.

use jiff::Timestamp;
use spec::ids::Sha256Hex;
use spec::sbom::{Bill, Component, System};
use spec::software::DpkgError;

use crate::survey::Survey;

/// What the CycloneDX document's name has behind its archive's.
pub const CYCLONEDX: &str = "sbom.cdx.json";
/// What the SPDX document's name has behind its archive's.
pub const SPDX: &str = "sbom.spdx.json";

/// What is in an archive.
#[derive(Debug, Clone)]
pub struct Contents {
    system: System,
    components: Vec<Component>,
    newest: Timestamp,
}

/// What a bill is of.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The golden's name.
    pub name: String,
    /// Its release.
    pub version: String,
    /// The archive's file name.
    pub archive: String,
    /// The archive's digest.
    pub sha256: Sha256Hex,
}

impl Contents {
    /// Packages, licences and system of a tree.
    pub fn of(survey: &Survey) -> Result<Self, DpkgError> {
        let mut licences = survey.licences();
        let with_licence = |mut package: spec::software::Package| {
            let licence = licences.remove(&package.name).or_else(|| package.licence.take());
            Component { package, licence }
        };
        let components = survey.packages()?.into_iter().map(with_licence).collect();
        let os_release = ["/usr/lib/os-release", "/etc/os-release"].iter().find_map(|path| survey.texts.get(*path));
        let newest = i64::try_from(survey.newest).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        Ok(Self {
            system: os_release.map(|text| System::read(text)).unwrap_or_default(),
            components,
            newest: newest.unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }

    /// The bill of a subject with these contents.
    pub fn bill(&self, subject: Subject) -> Bill {
        let Subject { name, version, archive, sha256 } = subject;
        Bill {
            name,
            version,
            archive,
            sha256,
            created: self.newest.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            system: self.system.clone(),
            components: self.components.clone(),
        }
    }
}
