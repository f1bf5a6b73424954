//! Following a lock: pins before the first step, a look into the archive before the first installation, and the whole
//! list of packages after the last check. Without a lock what is installed is only written down.

use std::collections::BTreeMap;

use pve_host::process::CommandError;
use spec::recipe::{Base, Bootstrap};
use spec::release::{LockDifference, LockedPackage};

use super::check::Checked;
use crate::bootstrap;
use crate::dossier::Dossier;
use crate::guest::Inside;
use crate::lock::{self, InstalledError, Locking};
use crate::workshop::Workshop;

/// Where pins lie in the build guest while steps run; a number follows.
const PINS: &str = "/etc/apt/preferences.d/mintmark-lock-";

/// Fetches the indices. A first fetch makes a folder that a build which fetches nothing has not: it goes again.
const UPDATE: &str = "command -v apt-get >/dev/null || exit 0; folder=/var/lib/apt/lists/auxfiles
    test -e $folder && old=yes || old=; apt-get update || exit; test $old || rm -rf $folder";
/// Where a bootstrapped guest's apt reads its sources.
const SOURCES: &str = "/etc/apt/sources.list";

/// Why a lock cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum LockedError {
    /// What is installed is not known.
    #[error("cannot tell what is installed")]
    Installed(#[from] InstalledError),
    /// The guest could not be asked, or apt not be told.
    #[error("cannot have the build guest's apt follow the lock")]
    Guest(#[from] CommandError),
    /// The base has other packages.
    #[error(
        "the base is not the locked one:\n{}\n  the archive has moved on: take what is newest with --update-lock, or \
         name a snapshot of the locked day in the recipe (base.bootstrap.snapshot)",
        list(.0)
    )]
    Base(Vec<LockDifference>),
    /// Packages are gone from the archive.
    #[error(
        "{} locked packages cannot be had any more:\n  {}\n  take what is newest with --update-lock, or name a snapshot \
         of the locked day in the recipe (base.bootstrap.snapshot)",
        .0.len(),
        .0.join("\n  ")
    )]
    Unavailable(Vec<String>),
    /// Other packages are installed in the end.
    #[error("what is installed is not what the lock says:\n{}", list(.0))]
    Different(Vec<LockDifference>),
}

/// Writes down the base's packages, holds them against the lock and pins the lock's.
pub(super) fn begin(
    workshop: &Workshop<'_>,
    inside: &Inside<'_>,
    dossier: &mut Dossier,
) -> Result<BTreeMap<String, LockedPackage>, LockedError> {
    let base = lock::observe(inside)?.packages;
    if matches!(workshop.recipe.base, Base::Bootstrap(_)) {
        dossier.base_packages = base.iter().map(|(name, one)| (name.clone(), one.version.clone())).collect();
    }
    let Some(lock) = workshop.locking.lock() else { return Ok(base) };
    let differences = lock.base.package_differences(&dossier.base_packages);
    if !differences.is_empty() {
        return Err(LockedError::Base(differences));
    }
    let pins = lock::pins(lock.packages.iter().map(|(name, package)| (name.as_str(), package.version.as_str())));
    for (number, pins) in pins.iter().enumerate() {
        inside.write(&format!("{PINS}{number}"), pins, 0o644)?;
    }
    Ok(base)
}

/// Looks for each locked package that is not installed yet, so that all that are gone are named at once.
pub(super) fn can_be_had(
    workshop: &Workshop<'_>,
    inside: &Inside<'_>,
    base: &BTreeMap<String, LockedPackage>,
) -> Result<(), LockedError> {
    let Some(lock) = workshop.locking.lock() else { return Ok(()) };
    let offered = lock::available(inside, &lock.packages)?;
    let gone = lock::unavailable(&lock.packages, base, &offered);
    if gone.is_empty() { Ok(()) } else { Err(LockedError::Unavailable(gone)) }
}

/// Takes pins and snapshot away: guests of the golden follow their archive, not this build.
pub(super) fn end(workshop: &Workshop<'_>, inside: &Inside<'_>) -> Result<(), LockedError> {
    if workshop.locking.lock().is_some() {
        inside.run(&["sh", "-c", r#"rm -f "$1"*"#, "sh", PINS])?.ok()?;
    }
    if let Base::Bootstrap(Bootstrap { suite, snapshot: Some(_), .. }) = &workshop.recipe.base {
        let lines = bootstrap::sources(suite, None).map(|line| format!("{line}\n")).concat();
        inside.write(SOURCES, &lines, 0o644)?;
    }
    Ok(())
}

/// Writes down what is installed now, and holds it against the lock.
pub fn hold<'w>(workshop: &Workshop<'_>, checked: Checked<'w>) -> Result<Checked<'w>, LockedError> {
    let Checked { guest, mut dossier } = checked;
    let inside = guest.inside();
    if matches!(workshop.locking, Locking::NewestWithDigests) {
        // A recipe without an apt step has fetched no index yet, and apt names its sources by their indices.
        inside.run(&["sh", "-c", UPDATE])?.ok()?;
    }
    let mut installed = lock::observe(&inside)?;
    let offered = lock::available(&inside, &installed.packages)?;
    installed.add_digests(&offered);
    drop(inside);
    let differences = workshop.locking.lock().map(|lock| lock.package_differences(&installed.packages));
    if let Some(differences) = differences.filter(|differences| !differences.is_empty()) {
        return Err(LockedError::Different(differences));
    }
    dossier.installed = installed;
    Ok(Checked { guest, dossier })
}

fn list(differences: &[LockDifference]) -> String {
    differences.iter().map(|difference| format!("  {difference}")).collect::<Vec<_>>().join("\n")
}
