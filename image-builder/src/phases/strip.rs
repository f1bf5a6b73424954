//! Strip: the build guest's identities are written down as forbidden, then put to sleep, from outside.

use std::collections::BTreeSet;

use firstboot_unit::observe::observe;
use firstboot_unit::strip::{self, StripOptions, strip};
use pve_host::process::CommandError;
use spec::identity::{Identity, IdentityKind};
use spec::pct::{PctConf, PropertyError};
use spec::recipe::{Access, Recipe};

use super::minimize::Minimized;
use crate::dossier::Dossier;
use crate::guest::MountedGuest;
use crate::settle::{SettleError, settle};
use crate::workshop::Workshop;

/// A build guest without an identity, still mounted.
pub struct Stripped<'w> {
    pub(super) guest: MountedGuest<'w>,
    pub(super) dossier: Dossier,
}

/// Why it still has one.
#[derive(Debug, thiserror::Error)]
pub enum StripError {
    /// The node does not give the guest's configuration.
    #[error("cannot read the build guest's configuration")]
    Config(#[from] CommandError),
    /// A network interface cannot be read.
    #[error("the build guest's configuration is not understood")]
    Net(#[from] PropertyError),
    /// What two builds of the same would have different could not be removed.
    #[error("cannot settle the build guest's tree")]
    Settle(#[from] SettleError),
    /// The strip itself failed.
    #[error("cannot strip the build guest")]
    Strip(#[from] strip::StripError),
}

impl<'w> Stripped<'w> {
    /// Observes, then strips.
    pub fn from(workshop: &'w Workshop<'w>, minimized: Minimized<'w>) -> Result<Self, StripError> {
        let Minimized { guest, mut dossier } = minimized;
        let config = workshop.host.pct().config(guest.vmid())?;
        dossier.forbidden.extend(configured(&config)?);
        dossier
            .forbidden
            .extend(observe(guest.root(), workshop.catalog).iter().filter_map(|seen| seen.seen.identity().cloned()));
        let report = strip(guest.root(), workshop.catalog, &options(workshop.recipe))?;
        settle(guest.root(), workshop.epoch)?;
        for stripped in &report.items {
            workshop.progress.say(&format!("{}: {} places", stripped.item, stripped.changes.len()));
        }
        Ok(Self { guest, dossier })
    }
}

fn options(recipe: &Recipe) -> StripOptions {
    StripOptions {
        keep: kept(recipe).into_iter().map(|kept| kept.item).collect(),
        machine_id: recipe.clean.machine_id,
        build_names: vec![recipe.name.to_string()],
    }
}

/// What stays in the golden: what the recipe keeps, and what its access consists of.
pub(super) fn kept(recipe: &Recipe) -> Vec<spec::identity::Kept> {
    let mut kept = recipe.clean.keep.clone();
    let admin_keys = matches!(recipe.access, Access::AdminKeys(_));
    if admin_keys && !kept.iter().any(|kept| kept.item == AUTHORIZED_KEYS) {
        let reason = "the recipe's access.admin_keys".to_owned();
        kept.push(spec::identity::Kept { item: AUTHORIZED_KEYS.to_owned(), reason });
    }
    kept
}

/// The catalog item that `access.admin_keys` leaves on purpose.
const AUTHORIZED_KEYS: &str = "authorized-keys";

/// Identities that the configuration gives to the guest.
fn configured(config: &PctConf) -> Result<BTreeSet<Identity>, PropertyError> {
    let macs = config.nets()?.into_iter().filter_map(|(_, net)| net.hwaddr());
    let mut identities: BTreeSet<Identity> =
        macs.map(|mac| Identity::new(IdentityKind::Mac, &mac.to_string())).collect();
    identities.extend(config.get("hostname").map(|name| Identity::new(IdentityKind::Hostname, name)));
    Ok(identities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mac_and_the_hostname_are_forbidden() {
        let config = PctConf::parse(
            "hostname: debian13-docker\nnet0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp\n\
             net1: name=eth1,bridge=vmbr0,hwaddr=bc:24:11:00:00:02\n",
        );
        let forbidden = configured(&config).unwrap();
        let values: Vec<&str> = forbidden.iter().map(|identity| identity.value.as_str()).collect();
        assert_eq!(values, ["BC:24:11:00:00:01", "BC:24:11:00:00:02", "debian13-docker"]);
    }
}
