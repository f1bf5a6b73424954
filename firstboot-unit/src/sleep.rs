//! Single items of a guest put to sleep, so that its next start makes them anew.
//!
//! What the owner of an item makes by itself needs nothing more; what the first-boot unit makes is noted down in the
//! marker, since in a guest that it knows it makes nothing unasked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spec::identity::{Catalog, ImageRule, Item, Renewer, Rewrite};

use crate::bake::{Lack, lacks};
use crate::boot::MADE_ELSEWHERE;
use crate::items::clear::clear;
use crate::items::machine_id::machine_id;
use crate::items::ssh_host_keys::host_keys;
use crate::items::survey::Survey;
use crate::marker::{self, GuestMark, Marker, MarkerFound};
use crate::root::{Root, RootError};
use crate::strip::StripOptions;

/// What became of one item that was to be made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// Its id in the catalog.
    pub item: String,
    /// How it stands.
    #[serde(flatten)]
    pub state: RenewalState,
}

/// How an item stands after a renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RenewalState {
    /// It is new. What read the old one reads the new one at its next start.
    New,
    /// It was put to sleep; the guest's next start makes it anew.
    Asleep,
    /// The guest has none.
    Absent,
    /// It could not be made.
    Failed {
        /// Why not.
        why: String,
    },
}

/// Who makes the items anew that are put to sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waking {
    /// The first-boot unit, at once: the guest runs.
    Now,
    /// Their owners and the first-boot unit, when the guest starts.
    AtStart,
}

/// Why nothing was put to sleep.
#[derive(Debug, thiserror::Error)]
pub enum SleepError {
    /// No item of this name.
    #[error("items: {item:?} is no item of the identity catalog")]
    Unknown {
        /// The name as given.
        item: String,
    },
    /// An item that a renewal cannot make.
    #[error("items: {item} cannot be renewed: {why}")]
    NotRenewable {
        /// The item.
        item: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// The guest lacks the unit that would make it.
    #[error("{item} is made by the first-boot unit, and this guest has none that starts")]
    NoUnit {
        /// The item.
        item: &'static str,
    },
    /// A file of the guest.
    #[error("the guest's files do not allow it")]
    Tree(#[from] RootError),
}

/// Puts items to sleep, after all of them were found fit for it. Says which of them there were.
pub fn put_to_sleep(root: &Root, names: &[String], waking: Waking) -> Result<Vec<Renewal>, SleepError> {
    let items = admit(names, waking)?;
    // A unit of another release says something else, and starts the program all the same.
    let starts_no_unit = lacks(root)?.iter().any(|lack| *lack != Lack::Unit);
    let of_the_unit = items.iter().find(|item| item.renewed_by == Renewer::Firstboot);
    if let Some(item) = of_the_unit.filter(|_| starts_no_unit) {
        return Err(SleepError::NoUnit { item: item.id });
    }
    let survey = Survey::of(root, &[])?;
    let noted = items.iter().filter(|item| item.renewed_by == Renewer::Firstboot && !MADE_ELSEWHERE.contains(&item.id));
    // Noted first: an item that sleeps and is not noted down would sleep for ever.
    note_down(root, noted.map(|item| item.id.to_owned()).collect())?;
    let mut renewals = Vec::new();
    for item in items {
        let changes = clear(root, Catalog::builtin(), item, &survey, &StripOptions::default())?;
        let state = if changes.is_empty() { RenewalState::Absent } else { RenewalState::Asleep };
        renewals.push(Renewal { item: item.id.to_owned(), state });
    }
    Ok(renewals)
}

/// The items of these names, where all of them can be renewed. Pure.
pub fn admit(names: &[String], waking: Waking) -> Result<Vec<&'static Item>, SleepError> {
    names.iter().map(|name| renewable(name, waking)).collect()
}

fn renewable(name: &str, waking: Waking) -> Result<&'static Item, SleepError> {
    let item = Catalog::builtin().item(name).ok_or_else(|| SleepError::Unknown { item: name.to_owned() })?;
    let not = |why| Err(SleepError::NotRenewable { item: item.id, why });
    let clears = matches!(
        item.in_image,
        ImageRule::Absent
            | ImageRule::Empty
            | ImageRule::AbsentOrLink(_)
            | ImageRule::Rewritten(Rewrite::Emptied | Rewrite::ClusterAsleep)
    );
    if !clears || item.id == "firstboot-record" {
        return not("nothing would make it again");
    }
    let at_its_start = matches!(item.renewed_by, Renewer::Systemd | Renewer::Owner(_) | Renewer::Derived(_));
    match waking {
        _ if item.renewed_by == Renewer::Firstboot || (at_its_start && waking == Waking::AtStart) => Ok(item),
        Waking::Now if at_its_start => not("its owner makes it at its start: stop the guest first"),
        _ => not("no program makes it by itself"),
    }
}

/// Has the first-boot unit make these, although it knows the guest.
fn note_down(root: &Root, items: Vec<String>) -> Result<(), RootError> {
    if items.is_empty() {
        return Ok(());
    }
    let marker = match (marker::find(root)?, machine_id(root)?) {
        (MarkerFound::Read(marker), _) => marker,
        (_, Some(id)) => {
            let keys = host_keys(root)?.into_iter().map(|key| (key.algorithm, key.fingerprint));
            Marker::new(GuestMark::of(id), keys.collect::<BTreeMap<_, _>>())
        }
        // A guest without a machine-id is a new one: everything that sleeps will be made.
        (_, None) => return Ok(()),
    };
    let mut pending = marker.pending.clone();
    pending.extend(items);
    pending.sort();
    pending.dedup();
    marker::write(root, &marker.with_pending(pending))
}
