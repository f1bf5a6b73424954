//! The golden that a layered golden is built on: found on the node, and held against its own manifest.

use std::fs;
use std::io;
use std::path::PathBuf;

use pve_host::Host;
use pve_host::process::CommandError;
use spec::identity::Identity;
use spec::ids::{InvalidId, Sha256Hex, Volid};
use spec::recipe::GoldenRef;
use spec::release::{Action, Base, Parent};

use crate::digest;
use crate::registry::{Log, LogFileError};
use crate::releases::{self, Release, ReleasesError};

/// A parent that may be built on.
#[derive(Debug)]
pub(crate) struct FoundParent {
    /// Who it is.
    pub(crate) parent: Parent,
    /// Its archive.
    pub(crate) base: Base,
    /// What no guest of it may have, and no guest of its children.
    pub(crate) forbidden: Vec<Identity>,
}

/// Why a golden cannot be built on.
#[derive(Debug, thiserror::Error)]
pub enum ParentError {
    /// There is none, or its manifest does not read.
    #[error("base.golden = \"{golden}\" leads to no release")]
    Find {
        /// As the recipe names it.
        golden: GoldenRef,
        /// Why not.
        #[source]
        source: Box<ReleasesError>,
    },
    /// The node does not know its archive.
    #[error("the node does not know the archive of {release}")]
    Node {
        /// The release.
        release: String,
        /// What it said.
        #[source]
        source: CommandError,
    },
    /// Its manifest names no volume.
    #[error("the manifest of {release} names no volume")]
    Volume {
        /// The release.
        release: String,
        /// Why not.
        #[source]
        source: InvalidId,
    },
    /// A file of it does not read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The log of what happened to it does not read.
    #[error("cannot tell whether {release} is revoked")]
    Log {
        /// The release.
        release: String,
        /// Why not.
        #[source]
        source: Box<LogFileError>,
    },
    /// It was revoked.
    #[error("{release} is revoked: {reason}; a golden on top of it would carry the same, build on a newer release")]
    Revoked {
        /// The release.
        release: String,
        /// Why it was.
        reason: String,
    },
    /// Its archive is another one than its manifest says.
    #[error("the archive of {release} has SHA-256 {found}, its manifest says {expected}: it is not the release")]
    OtherArchive {
        /// The release.
        release: String,
        /// The file's digest.
        found: Sha256Hex,
        /// The manifest's.
        expected: Sha256Hex,
    },
}

/// Finds a golden's release and holds its archive against its manifest.
pub(crate) fn find(host: &Host, golden: &GoldenRef) -> Result<FoundParent, ParentError> {
    let found = releases::find(host, &golden.to_string());
    let found = found.map_err(|source| ParentError::Find { golden: golden.clone(), source: Box::new(source) })?;
    let text = fs::read(&found.path).map_err(|source| ParentError::Read { path: found.path.clone(), source })?;
    let digest = Sha256Hex::of(&text);
    let release = format!("{}@{}", found.manifest.golden, found.manifest.release);
    if let Some(reason) =
        revoked(&found, &digest).map_err(|source| ParentError::Log { release: release.clone(), source })?
    {
        return Err(ParentError::Revoked { release, reason });
    }
    let manifest = found.manifest;
    let volid: Result<Volid, _> = manifest.archive.volid.parse();
    let volid = volid.map_err(|source| ParentError::Volume { release: release.clone(), source })?;
    let path = host.pvesm().path(&volid).map_err(|source| ParentError::Node { release: release.clone(), source })?;
    let sha256 = digest::of_file(&path).map_err(|source| ParentError::Read { path, source })?;
    if sha256 != manifest.archive.sha256 {
        return Err(ParentError::OtherArchive { release, found: sha256, expected: manifest.archive.sha256 });
    }
    Ok(FoundParent {
        parent: Parent { golden: manifest.golden, release: manifest.release, manifest: digest },
        base: Base { template: volid.to_string(), sha256 },
        forbidden: manifest.forbidden.into_iter().collect(),
    })
}

/// Why a release was revoked, if it was. A line of the log counts here whoever wrote it: the worst that a forged one
/// does is that nothing is built.
fn revoked(release: &Release, manifest: &Sha256Hex) -> Result<Option<String>, Box<LogFileError>> {
    let log = Log::of(release).map_err(Box::new)?;
    let mut reasons = log.chain.lines().iter().filter(|line| line.entry.manifest == *manifest).filter_map(|line| {
        if let Action::Revoked { reason } = &line.entry.action { Some(reason.clone()) } else { None }
    });
    Ok(reasons.next_back())
}
