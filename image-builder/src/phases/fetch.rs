//! Fetch: the base is found or made, and everything that the build will need is looked at before anything is touched.

use std::io;
use std::path::PathBuf;

use pve_host::process::CommandError;
use spec::ids::Sha256Hex;
use spec::recipe::{Base, HostKeys};
use spec::release;

use crate::bootstrap::{self, BootstrapError, Making};
use crate::digest;
use crate::dossier::Dossier;
use crate::preflight::{self, PreflightError};
use crate::workshop::Workshop;

/// The base is there and is the one that the recipe means.
pub struct Fetched {
    pub(super) dossier: Dossier,
}

/// Why there is no base.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The node cannot carry the build.
    #[error("nothing was begun")]
    Preflight(#[from] PreflightError),
    /// The recipe wants the first-boot unit, but its program is nowhere.
    #[error(
        "host_keys = \"baked-unit\" needs the static firstboot program: name it with --firstboot, or build it with \
         `make build`"
    )]
    NoFirstboot,
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The node does not know the template.
    #[error("the node does not know the template {template}")]
    Template {
        /// The template.
        template: String,
        /// What it said.
        #[source]
        source: CommandError,
    },
    /// The template's file is another one than the recipe means.
    #[error("the template {template} has SHA-256 {found}, the recipe says {expected}")]
    OtherTemplate {
        /// The template.
        template: String,
        /// The file's digest.
        found: Sha256Hex,
        /// The recipe's.
        expected: Sha256Hex,
    },
    /// No template could be made.
    #[error("cannot bootstrap the base")]
    Bootstrap(#[from] BootstrapError),
}

impl Fetched {
    /// Finds or makes the base.
    pub fn of(workshop: &Workshop<'_>) -> Result<Self, FetchError> {
        let preconditions = preflight::check(workshop)?;
        let firstboot = firstboot(workshop)?;
        let base = match &workshop.recipe.base {
            Base::Template { volid, sha256 } => {
                let template = volid.to_string();
                let path = workshop.host.pvesm().path(volid);
                let path = path.map_err(|source| FetchError::Template { template: template.clone(), source })?;
                let found = read_digest(path)?;
                if let Some(expected) = sha256.as_ref().filter(|expected| **expected != found) {
                    return Err(FetchError::OtherTemplate { template, found, expected: expected.clone() });
                }
                release::Base { template, sha256: found }
            }
            Base::Bootstrap(wanted) => {
                // Archives and templates are files; guests' disks may lie on a storage that has none.
                let storage = &workshop.recipe.release.storage;
                let making = Making {
                    bootstrap: wanted,
                    locked: workshop.locking.lock().map(|lock| &lock.base),
                    epoch: workshop.epoch,
                    cache: workshop.base_cache,
                };
                let (volid, path) = bootstrap::template(workshop.host, storage, &making, workshop.progress)?;
                release::Base { template: volid.to_string(), sha256: read_digest(path)? }
            }
        };
        Ok(Self { dossier: Dossier { preconditions, ..Dossier::new(base, firstboot) } })
    }
}

fn firstboot(workshop: &Workshop<'_>) -> Result<Option<Vec<u8>>, FetchError> {
    if workshop.recipe.clean.host_keys != HostKeys::BakedUnit {
        return Ok(None);
    }
    let path = workshop.firstboot.ok_or(FetchError::NoFirstboot)?;
    let read = std::fs::read(path).map_err(|source| FetchError::Read { path: path.to_owned(), source });
    read.map(Some)
}

fn read_digest(path: PathBuf) -> Result<Sha256Hex, FetchError> {
    digest::of_file(&path).map_err(|source| FetchError::Read { path, source })
}
