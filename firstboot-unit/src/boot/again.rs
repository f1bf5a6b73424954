//! Items of a running guest made anew: put to sleep, and woken by a boot's work.

use super::programs::GuestPrograms;
use super::run::boot;
use super::status::{BootState, BootStatus};
use crate::marker::{self, MarkerFound};
use crate::root::Root;
use crate::sleep::{Renewal, RenewalState, SleepError, Waking, put_to_sleep};

/// Makes items of a running guest anew. What fails is told item by item.
pub fn renew(root: &Root, programs: &dyn GuestPrograms, items: &[String]) -> Result<Vec<Renewal>, SleepError> {
    let mut renewals = put_to_sleep(root, items, Waking::Now)?;
    let status = boot(root, programs)?;
    let pending = match marker::find(root)? {
        MarkerFound::Read(marker) => marker.pending,
        MarkerFound::None | MarkerFound::Unreadable => Vec::new(),
    };
    for renewal in renewals.iter_mut().filter(|renewal| renewal.state == RenewalState::Asleep) {
        renewal.state = woken(&renewal.item, &status, &pending);
    }
    Ok(renewals)
}

fn woken(item: &str, status: &BootStatus, pending: &[String]) -> RenewalState {
    let is_pending = pending.iter().any(|id| id == item);
    match status.status {
        BootState::Done if !is_pending => RenewalState::New,
        BootState::Error if !is_pending && !pending.is_empty() => RenewalState::New,
        _ => RenewalState::Failed { why: status.why.clone() },
    }
}
