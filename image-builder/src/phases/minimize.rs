//! Minimize: what guests can do without goes, by the recipe's rules, from outside.

use pve_host::process::CommandError;
use pve_host::tarball::packed_bytes;
use spec::release::Minimized as Outcome;

use super::stop::Stopped;
use crate::dossier::Dossier;
use crate::guest::{MountError, MountedGuest};
use crate::minimize;
use crate::printable::mebibytes;
use crate::workshop::Workshop;

/// A stopped build guest that holds no more than it needs, mounted.
pub struct Minimized<'w> {
    pub(super) guest: MountedGuest<'w>,
    pub(super) dossier: Dossier,
}

/// Why it holds more.
#[derive(Debug, thiserror::Error)]
pub enum MinimizeError {
    /// The tree cannot be reached.
    #[error("cannot reach the build guest's tree")]
    Mount(#[from] MountError),
    /// The tree could not be packed to compare with.
    #[error("cannot measure what tar and zstd make of the guest")]
    Measure(#[source] CommandError),
    /// The rules could not be applied.
    #[error("cannot minimize the build guest")]
    Rules(#[from] minimize::MinimizeError),
}

impl<'w> Minimized<'w> {
    /// Mounts the guest, measures it where that is wished, and applies the rules.
    pub fn from(workshop: &'w Workshop<'w>, stopped: Stopped<'w>) -> Result<Self, MinimizeError> {
        let Stopped { guest, mut dossier } = stopped;
        let guest = MountedGuest::mount(guest)?;
        if workshop.measure_unminimized {
            workshop.progress.say("tar | zstd of the guest as it is, to compare with");
            let bytes = packed_bytes(guest.root().shown(), workshop.host.interrupt());
            dossier.unminimized_bytes = Some(bytes.map_err(MinimizeError::Measure)?);
        }
        dossier.minimized = minimize::minimize(guest.root(), &workshop.recipe.minimize)?;
        tell(workshop, &dossier.minimized);
        Ok(Self { guest, dossier })
    }
}

fn tell(workshop: &Workshop<'_>, outcome: &Outcome) {
    for rule in &outcome.rules {
        let (before, after) = (mebibytes(rule.bytes_before), mebibytes(rule.bytes_after));
        workshop.progress.say(&match &rule.needed_by {
            Some(package) => format!("{}: left out, {package} needs it ({before})", rule.rule),
            None => format!("{}: {before} → {after}, {} files went", rule.rule, rule.files_removed),
        });
    }
    if !outcome.rules.is_empty() {
        workshop.progress.say(&format!("minimized by {} in all", mebibytes(outcome.removed_bytes())));
    }
}
