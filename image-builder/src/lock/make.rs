//! The lock of a build that is done.

use spec::ids::Sha256Hex;
use spec::recipe::Base;
use spec::release::{LOCK_VERSION, Lock, LockedBase};

use crate::dossier::Dossier;
use crate::workshop::Workshop;

/// What this build was given and what came out.
pub(crate) fn of_build(workshop: &Workshop<'_>, dossier: &Dossier, tree: Sha256Hex) -> Lock {
    let sha256 = dossier.base.sha256.clone();
    let base = match &workshop.recipe.base {
        Base::Golden(golden) => {
            let parent = dossier.parent.as_ref();
            let release = parent.map_or_else(|| golden.to_string(), |one| format!("{}@{}", one.golden, one.release));
            LockedBase::Golden { release, sha256 }
        }
        Base::Template { .. } => LockedBase::Template { sha256 },
        Base::Bootstrap(_) => LockedBase::Bootstrap { sha256, packages: dossier.base_packages.clone() },
    };
    // What followed a lock has its packages: the index that told their digests may not have been fetched again.
    let (sources, packages) = match workshop.locking.lock() {
        Some(lock) => (lock.sources.clone(), lock.packages.clone()),
        None => (dossier.installed.sources.clone(), dossier.installed.packages.clone()),
    };
    Lock {
        version: LOCK_VERSION,
        golden: workshop.recipe.name.clone(),
        epoch: workshop.epoch,
        inputs: workshop.inputs.clone(),
        base,
        sources,
        packages,
        tree: Some(tree),
    }
}
