//! The values that belong to goldens: those that the ledger remembers and those in the manifests within sight.

use std::collections::BTreeMap;
use std::path::PathBuf;

use spec::identity::ForbiddenSet;

use crate::golden::shelf::{self, Survey};
use crate::golden::{ShelfError, Shelved};
use crate::ledger::{Ledger, LedgerError};

/// What is known of the goldens.
#[derive(Debug, Default)]
pub struct Goldens {
    /// One set of values per golden, whichever source knows it.
    pub forbidden: Vec<ForbiddenSet>,
    /// Folders and manifests that could not be read: other goldens may exist.
    pub unread: Vec<ShelfError>,
}

/// What ledger and manifests tell.
///
/// # Errors
/// The ledger cannot be read. A manifest that cannot is part of the result.
pub async fn known(ledger: &Ledger, folders: &[PathBuf]) -> Result<Goldens, LedgerError> {
    let remembered = ledger.forbidden().await?;
    let Survey { shelf, unread } = shelf::survey(folders);
    Ok(Goldens { forbidden: join(remembered, shelf), unread })
}

fn join(remembered: Vec<ForbiddenSet>, shelved: Vec<Shelved>) -> Vec<ForbiddenSet> {
    let mut sets: BTreeMap<String, ForbiddenSet> = BTreeMap::new();
    let manifests = shelved.into_iter().map(|Shelved { manifest, .. }| ForbiddenSet {
        golden: format!("{} {}", manifest.golden, manifest.release),
        identities: manifest.forbidden,
    });
    for set in remembered.into_iter().chain(manifests) {
        match sets.get_mut(&set.golden) {
            Some(known) => known.identities.extend(set.identities),
            None => {
                sets.insert(set.golden.clone(), set);
            }
        }
    }
    sets.into_values().collect()
}
