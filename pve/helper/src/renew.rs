//! Identities of a guest made anew: by the guest itself while it runs, by its next start while it is stopped.
//!
//! In a stopped guest the items are put to sleep, by the same code and through the same kind of handle as the builder
//! strips an image with. In a running one the baked program does it, started by the node's own `pct exec` and thus in
//! all namespaces of the guest: no program of a guest ever runs with rights of the node.

use std::collections::BTreeMap;
use std::time::Duration;

use firstboot_unit::bake::PROGRAM;
use firstboot_unit::sleep::{Renewal, SleepError, Waking, admit, put_to_sleep};
use pve_host::Host;
use pve_host::pct::GuestCommand;
use pve_host::process::CommandError;
use spec::ids::Vmid;

use crate::guest::{Mounts, ObserveError, Tree};
use crate::protocol::{RefusalKind, Renewed, Source};

/// The most items of one request.
const ITEMS: usize = 64;
/// An RSA key takes a second; less than a request has, so that the reason is told.
const LIMIT: Duration = Duration::from_secs(40);

/// Why nothing was renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// None, or more than anybody needs.
    #[error("items: {given} were given, and from 1 to {ITEMS} are taken")]
    Count {
        /// How many were given.
        given: usize,
    },
    /// They cannot be put to sleep.
    #[error(transparent)]
    Sleep(#[from] SleepError),
    /// The guest could not be reached.
    #[error(transparent)]
    Guest(#[from] ObserveError),
    /// The guest's program could not be started.
    #[error("the node could not start {PROGRAM} in guest {vmid}")]
    Exec {
        /// The guest.
        vmid: Vmid,
        /// The program's failure.
        #[source]
        source: CommandError,
    },
    /// The guest's program said no.
    #[error("{PROGRAM} in guest {vmid} renewed nothing: {said}")]
    Program {
        /// The guest.
        vmid: Vmid,
        /// The end of what it said.
        said: String,
    },
}

impl RenewError {
    /// The sort of reason that is told to whom it concerns.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Self::Count { .. } | Self::Sleep(SleepError::Unknown { .. } | SleepError::NotRenewable { .. }) => {
                RefusalKind::BadRequest
            }
            _ => RefusalKind::Failed,
        }
    }
}

/// Renews. Blocks for as long as the node's and the guest's programs take.
pub fn renew(host: &Host, mounts: &Mounts, vmid: Vmid, items: &[String]) -> Result<Renewed, RenewError> {
    if items.is_empty() || items.len() > ITEMS {
        return Err(RenewError::Count { given: items.len() });
    }
    let tree = Tree::open(host, mounts, vmid)?;
    let source = tree.source();
    if source == Source::Running {
        tree.close()?;
        admit(items, Waking::Now)?;
        return Ok(Renewed { vmid, source, renewed: in_running(host, vmid, items)? });
    }
    let renewed = put_to_sleep(tree.root(), items, Waking::AtStart);
    // The end first: a guest that stays mounted is locked, whatever else went wrong.
    tree.close()?;
    Ok(Renewed { vmid, source, renewed: renewed? })
}

fn in_running(host: &Host, vmid: Vmid, items: &[String]) -> Result<Vec<Renewal>, RenewError> {
    // Ids of the catalog, admitted: nothing that the program could take for an option.
    let words: Vec<&str> = [PROGRAM, "renew"].into_iter().chain(items.iter().map(String::as_str)).collect();
    let environment = BTreeMap::from([("PATH".to_owned(), "/usr/sbin:/usr/bin:/sbin:/bin".to_owned())]);
    let command = GuestCommand { words: &words, environment: &environment, input: None, limit: LIMIT };
    let done = host.pct().exec(vmid, &command, &mut |_| {}).map_err(|source| RenewError::Exec { vmid, source })?;
    let failed = |said: String| RenewError::Program { vmid, said };
    if !done.status.success() {
        return Err(failed(done.tail()));
    }
    serde_json::from_str(done.stdout.trim()).map_err(|error| failed(format!("its answer is not understood: {error}")))
}
