//! `[clean]` and `[release]`: how identity sleeps, and where the golden goes.

use super::required;
use crate::identity::{self, Kept, MachineIdState};
use crate::ids::StorageId;
use crate::recipe::accepted::{Clean, HostKeys, Release};
use crate::recipe::fragment::KeepFragment;
use crate::recipe::keys::Problems;

pub(super) fn clean(
    host_keys: Option<&str>,
    machine_id: Option<&str>,
    keep: Vec<KeepFragment>,
    problems: &mut Problems,
) -> Clean {
    let host_keys = match host_keys {
        None | Some("baked-unit") => HostKeys::BakedUnit,
        Some("guest-exec") => HostKeys::GuestExec,
        Some(other) => {
            problems.add("clean.host_keys", format!("{other:?} is unknown; write \"baked-unit\" or \"guest-exec\""));
            HostKeys::BakedUnit
        }
    };
    let machine_id = match machine_id {
        None | Some("empty") => MachineIdState::Empty,
        Some("uninitialized") => MachineIdState::Uninitialized,
        Some(other) => {
            problems.add("clean.machine_id", format!("{other:?} is unknown; write \"empty\" or \"uninitialized\""));
            MachineIdState::Empty
        }
    };
    let numbered = keep.into_iter().enumerate();
    let keep = numbered
        .filter_map(|(index, keep)| accept_keep(&format!("clean.keep[{}]", index + 1), keep, problems))
        .collect();
    Clean { host_keys, machine_id, keep }
}

fn accept_keep(path: &str, keep: KeepFragment, problems: &mut Problems) -> Option<Kept> {
    let item = required(keep.item, &format!("{path}.item"), "item = \"apt-lists\"", problems);
    let reason = required(
        keep.reason.filter(|r| !r.trim().is_empty()),
        &format!("{path}.reason"),
        "reason = \"why it may stay\"",
        problems,
    );
    let item = item?;
    match identity::item(&item) {
        None => problems.add(format!("{path}.item"), format!("{item:?} is no item of the identity catalog")),
        Some(known) if known.unique => problems
            .add(format!("{path}.item"), format!("{item:?} must differ in every guest and cannot be kept in a golden")),
        Some(_) => {}
    }
    Some(Kept { item, reason: reason? })
}

pub(super) fn release(
    storage: Option<String>,
    size_budget: Option<String>,
    own_storage: Option<StorageId>,
    problems: &mut Problems,
) -> Option<Release> {
    let size_budget = size_budget.and_then(|text| problems.accept("release.size_budget", text.parse()));
    let storage = match storage {
        Some(text) => problems.accept("release.storage", text.parse()),
        None => own_storage,
    };
    Some(Release { storage: storage?, size_budget })
}
