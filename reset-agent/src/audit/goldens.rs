//! The values that belong to goldens: those that the ledger remembers and those in the manifests within sight.

use std::collections::BTreeMap;
use std::path::PathBuf;

use spec::identity::ForbiddenSet;

use crate::golden::{ShelfError, Shelved, shelf};
use crate::ledger::{Ledger, LedgerError};

/// Why the goldens' values are not known.
#[derive(Debug, thiserror::Error)]
pub enum GoldensError {
    /// The ledger cannot tell.
    #[error("the ledger does not give the goldens' values")]
    Ledger(#[from] LedgerError),
    /// A manifest cannot be read.
    #[error("the goldens' manifests cannot be read")]
    Shelf(#[from] ShelfError),
}

/// One set per golden, whichever source knows it.
///
/// # Errors
/// [`GoldensError`].
pub async fn forbidden(ledger: &Ledger, folders: &[PathBuf]) -> Result<Vec<ForbiddenSet>, GoldensError> {
    let remembered = ledger.forbidden().await?;
    Ok(join(remembered, shelf::all(folders)?))
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
