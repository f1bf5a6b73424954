//! Fetch: the base is found or made, and everything that the build will need is looked at before anything is touched.

use std::io;
use std::path::PathBuf;

use pve_host::process::CommandError;
use spec::ids::Sha256Hex;
use spec::recipe::{Base, Bootstrap, HostKeys};
use spec::release::{self, Precondition};

use crate::bootstrap::{self, BaseCache, BootstrapError, Making};
use crate::digest;
use crate::dossier::Dossier;
use crate::parent::{self, ParentError};
use crate::preflight::{self, PreflightError};
use crate::workshop::Workshop;

/// The base is there and is the one that the recipe means.
pub struct Fetched {
    pub(super) dossier: Dossier,
    /// A base made for this build alone: it goes with this, once the guest is made.
    pub(super) alone: Option<OwnTemplate>,
}

/// A template's file that is removed when it goes out of scope.
pub(super) struct OwnTemplate(PathBuf);

impl Drop for OwnTemplate {
    fn drop(&mut self) {
        // What stays takes room in the template cache and harms nothing.
        let _ = std::fs::remove_file(&self.0);
    }
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
    /// The lock is of another base.
    #[error("the base {base} has SHA-256 {found}, the lock says {expected}; take it in with --update-lock")]
    NotTheLockedBase {
        /// The base.
        base: String,
        /// The file's digest.
        found: Sha256Hex,
        /// The lock's.
        expected: Sha256Hex,
    },
    /// The golden that it is layered on cannot be built on.
    #[error("cannot build on the parent")]
    Parent(#[from] ParentError),
    /// No template could be made.
    #[error("cannot bootstrap the base")]
    Bootstrap(#[from] BootstrapError),
}

impl Fetched {
    /// Finds or makes the base.
    pub fn of(workshop: &Workshop<'_>) -> Result<Self, FetchError> {
        let preconditions = preflight::check(workshop)?;
        let firstboot = firstboot(workshop)?;
        let mut parent = None;
        let mut alone = None;
        let base = match &workshop.recipe.base {
            Base::Golden(golden) => {
                let found = parent::find(workshop.host, golden)?;
                let base = found.base.clone();
                parent = Some(found);
                base
            }
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
                let making = making(workshop, wanted);
                let (volid, path) = bootstrap::template(workshop.host, storage, &making, workshop.progress)?;
                if workshop.base_cache == BaseCache::Fresh {
                    alone = Some(OwnTemplate(path.clone()));
                }
                release::Base { template: volid.to_string(), sha256: read_digest(path)? }
            }
        };
        locked(workshop, &base)?;
        let mut dossier = Dossier { preconditions, ..Dossier::new(base, firstboot) };
        if let Some(found) = parent {
            dossier.forbidden.extend(found.forbidden);
            dossier.parent = Some(found.parent);
        }
        Ok(Self { dossier, alone })
    }
}

impl Fetched {
    /// What the build needs of its node.
    pub(crate) fn preconditions(&self) -> &[Precondition] {
        &self.dossier.preconditions
    }

    /// The same without making anything: with the base comes the call that would make it, where it is not there.
    pub(crate) fn rehearsed(workshop: &Workshop<'_>) -> Result<(Self, Option<String>), FetchError> {
        let Base::Bootstrap(wanted) = &workshop.recipe.base else { return Ok((Self::of(workshop)?, None)) };
        let preconditions = preflight::check(workshop)?;
        let firstboot = firstboot(workshop)?;
        let storage = &workshop.recipe.release.storage;
        let (volid, call) = bootstrap::planned(workshop.host, storage, &making(workshop, wanted))?;
        // The digest of a template that is not made yet is nobody's, and a rehearsal writes no manifest.
        let base = release::Base { template: volid.to_string(), sha256: workshop.recipe_digest.clone() };
        Ok((Self { dossier: Dossier { preconditions, ..Dossier::new(base, firstboot) }, alone: None }, call))
    }
}

fn making<'w>(workshop: &'w Workshop<'_>, bootstrap: &'w Bootstrap) -> Making<'w> {
    Making {
        bootstrap,
        locked: workshop.locking.lock().map(|lock| &lock.base),
        epoch: workshop.epoch,
        cache: workshop.base_cache,
    }
}

/// A locked build starts from the locked file. A bootstrapped tree is held against its lock by its packages, which says
/// more: another mmdebstrap packs the same tree into another file.
fn locked(workshop: &Workshop<'_>, base: &release::Base) -> Result<(), FetchError> {
    let Some(lock) = workshop.locking.lock() else { return Ok(()) };
    let expected = lock.base.sha256();
    if matches!(workshop.recipe.base, Base::Bootstrap(_)) || *expected == base.sha256 {
        return Ok(());
    }
    let (base, found, expected) = (base.template.clone(), base.sha256.clone(), expected.clone());
    Err(FetchError::NotTheLockedBase { base, found, expected })
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
