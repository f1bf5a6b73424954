//! Create: the build guest is made, started, and awaited until its system is up and has a network.

use std::time::Duration;

use pve_host::pct::CreateGuest;
use pve_host::process::CommandError;

use spec::ids::Vmid;
use spec::pct::PropertyError;

use super::fetch::Fetched;
use crate::dossier::Dossier;
use crate::guest::{CreateError, Inside, ScratchGuest, Source, SystemState, failed_units, system_state};
use crate::wait::{Look, Overdue, until};
use crate::workshop::Workshop;

/// How long a system may take to come up.
const BOOT_LIMIT: Duration = Duration::from_mins(3);
/// How long DHCP may take.
const NETWORK_LIMIT: Duration = Duration::from_mins(1);

/// A build guest whose system is up.
pub struct Created<'w> {
    pub(super) guest: ScratchGuest<'w>,
    pub(super) dossier: Dossier,
}

/// Why there is no running build guest.
#[derive(Debug, thiserror::Error)]
pub enum CreatedError {
    /// It could not be made.
    #[error("cannot make the build guest")]
    Create(#[from] CreateError),
    /// It could not be started, or not be asked.
    #[error("cannot start the build guest")]
    Node(#[from] CommandError),
    /// The parent's configuration has an interface that cannot be read.
    #[error("the build guest's configuration is not understood")]
    Net(#[from] PropertyError),
    /// Its system stopped in an emergency shell.
    #[error("the build guest's system did not come up: systemd says {state}")]
    Maintenance {
        /// systemd's word.
        state: String,
    },
    /// Its system or its network did not come up in time.
    #[error("the build guest did not come up")]
    Overdue(#[from] Overdue),
}

impl<'w> Created<'w> {
    /// Makes the guest and waits for it.
    pub fn from(workshop: &'w Workshop<'w>, fetched: Fetched) -> Result<Self, CreatedError> {
        let Fetched { dossier, alone } = fetched;
        let guest = ScratchGuest::make(
            workshop.site(),
            &workshop.vmids,
            workshop.nonce,
            &format!("Build of {}", workshop.recipe.name),
            if dossier.parent.is_some() {
                Source::Archive(&dossier.base.template)
            } else {
                Source::Template(&dossier.base.template)
            },
            |guest| describe(workshop, guest),
        )?;
        drop(alone);
        if dossier.parent.is_some() {
            drop_inherited_nets(workshop, guest.vmid())?;
        }
        workshop.progress.say(&format!("starting guest {}", guest.vmid()));
        workshop.host.pct().start(guest.vmid())?;
        let state = until(BOOT_LIMIT, || settled(&guest.inside()))?;
        if matches!(state, SystemState::Up { degraded: true }) {
            let failed = failed_units(&guest.inside())?.join(", ");
            workshop.progress.warn(&format!("at the build guest's boot these failed: {failed}"));
        }
        if !workshop.recipe.container.nets.is_empty() {
            workshop.progress.say("waiting for the network");
            until(NETWORK_LIMIT, || route(&guest.inside()))?;
        }
        Ok(Self { guest, dossier })
    }
}

/// A restore keeps the parent's interfaces; those that the recipe does not name go, with the parent's addresses.
fn drop_inherited_nets(workshop: &Workshop<'_>, vmid: Vmid) -> Result<(), CreatedError> {
    let pct = workshop.host.pct();
    let config = pct.config(vmid)?;
    let nets = &workshop.recipe.container.nets;
    let inherited = config.nets()?.into_iter().map(|(number, _)| number).filter(|number| !nets.contains_key(number));
    let keys: Vec<String> = inherited.map(|number| format!("net{number}")).collect();
    if keys.is_empty() { Ok(()) } else { Ok(pct.delete_keys(vmid, &keys)?) }
}

fn describe(workshop: &Workshop<'_>, mut guest: CreateGuest) -> CreateGuest {
    let container = &workshop.recipe.container;
    guest.hostname = Some(workshop.recipe.name.to_string());
    guest.unprivileged = Some(true);
    guest.features = Some(container.features.clone());
    guest.cores = container.cores;
    guest.memory = Some(container.memory.bytes().div_ceil(spec::pct::DiskSize::MIB));
    guest.rootfs = Some((container.rootfs.storage.clone(), container.rootfs.size.gib_rounded_up()));
    guest.nets = container.nets.clone();
    guest
}

fn settled(inside: &Inside<'_>) -> Result<Look<SystemState>, CreatedError> {
    match system_state(inside)? {
        SystemState::Coming(seen) => Ok(Look::NotYet(seen)),
        SystemState::Broken(state) => Err(CreatedError::Maintenance { state }),
        up @ SystemState::Up { .. } => Ok(Look::Ready(up)),
    }
}

fn route(inside: &Inside<'_>) -> Result<Look<()>, CreatedError> {
    for family in ["-4", "-6"] {
        let routes = inside.ask(&["ip", family, "route", "show", "default"])?.ok()?;
        if !routes.stdout.trim().is_empty() {
            return Ok(Look::Ready(()));
        }
    }
    Ok(Look::NotYet("no default route".to_owned()))
}
