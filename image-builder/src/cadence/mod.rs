//! Whether a golden is to be built again: what has changed since its last release, thing by thing.
//!
//! A release's lock says what it was given. The same is looked at again: recipe, files, keys, programs by content, the
//! base, and for each package what its archive would install today. What cannot be looked at is an error, never "nothing
//! has changed".

mod candidates;

use std::io;
use std::path::PathBuf;

use pve_host::Host;
use pve_host::process::CommandError;
use spec::ids::Sha256Hex;
use spec::recipe::{Base, Recipe};
use spec::release::{Inputs, Lock, LockDifference, LockedBase};

pub use candidates::CandidatesError;

use crate::digest;
use crate::dump;
use crate::lock::{self, LockFileError};
use crate::parent::{self, ParentError};
use crate::releases::{self, Release, ReleasesError};

/// What has changed.
#[derive(Debug)]
pub enum Cadence {
    /// The golden has no release.
    First,
    /// Nothing.
    Unchanged(Box<Release>),
    /// These things, a line each.
    Changed(Vec<String>),
}

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CadenceError {
    /// The releases are not known.
    #[error("cannot find the last release")]
    Releases(#[from] ReleasesError),
    /// Its lock does not read.
    #[error("the last release has no lock to compare with")]
    Lock(#[from] LockFileError),
    /// The template is not known.
    #[error("the node does not know the template")]
    Template(#[from] CommandError),
    /// The template does not read.
    #[error("cannot read the template {path}")]
    Read {
        /// Its file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The parent cannot be built on.
    #[error("cannot look at the parent")]
    Parent(#[from] ParentError),
    /// The packages' archives do not answer.
    #[error("cannot tell what the packages' archives offer today")]
    Candidates(#[from] CandidatesError),
}

/// Compares what a build would be given now with what the last release was given.
pub fn cadence(host: &Host, recipe: &Recipe, inputs: &Inputs) -> Result<Cadence, CadenceError> {
    let newest = releases::all(host)?.into_iter().rev().find(|release| release.manifest.golden == recipe.name);
    let Some(release) = newest else { return Ok(Cadence::First) };
    let archive = release.path.with_file_name(&release.manifest.archive.file);
    let lock = lock::read(&dump::beside(&archive, lock::ENDING))?;
    let mut changes: Vec<String> = lock.inputs.differences(inputs).iter().map(LockDifference::to_string).collect();
    changes.extend(base_change(host, recipe, &lock)?);
    if changes.is_empty() {
        // The dearest look comes last, and only when the others found nothing.
        changes = candidates::changes(&lock)?;
    }
    Ok(if changes.is_empty() { Cadence::Unchanged(Box::new(release)) } else { Cadence::Changed(changes) })
}

/// Whether the base is another one; a bootstrapped one is its packages.
fn base_change(host: &Host, recipe: &Recipe, lock: &Lock) -> Result<Option<String>, CadenceError> {
    let (what, now): (String, Sha256Hex) = match &recipe.base {
        Base::Bootstrap(_) => return Ok(None),
        Base::Template { volid, .. } => {
            let path = host.pvesm().path(volid)?;
            (
                format!("the template {volid}"),
                digest::of_file(&path).map_err(|source| CadenceError::Read { path, source })?,
            )
        }
        Base::Golden(golden) => {
            let found = parent::find(host, golden)?;
            (format!("the parent {}@{}", found.parent.golden, found.parent.release), found.base.sha256)
        }
    };
    let before = match &lock.base {
        LockedBase::Golden { release, .. } => release.clone(),
        base => base.sha256().short().to_owned(),
    };
    Ok((*lock.base.sha256() != now).then(|| format!("{what} is new: locked {before}, found {}", now.short())))
}
