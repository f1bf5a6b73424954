//! Removing scratch guests, one's own and those that killed builds and drills left, and the archives of killed builds.

use std::path::PathBuf;

use pve_host::Host;
use pve_host::pct::{DestroyOptions, ListedGuest};
use pve_host::process::CommandError;
use spec::ids::Vmid;

use super::mark::is_marked;
use super::record::{Record, RecordError, Records, Thing};
use crate::dump::{self, DumpError};

/// What became of something that a killed build left.
#[derive(Debug)]
pub enum Leftover {
    /// An archive was there and is gone now.
    Archive(PathBuf),
    /// An archive is there, and could not be removed.
    ArchiveStays(DumpError),
    /// A guest was there and is gone now.
    Removed(Vmid),
    /// A guest may be there, and could not be removed.
    Stays {
        /// Its number.
        vmid: Vmid,
        /// Why.
        why: CommandError,
    },
    /// A guest with its number stands half made, without the mark by which one could know it.
    HalfMade(Vmid),
}

/// How removing one guest went.
pub(super) enum Removal {
    /// It is gone, or has never been.
    Gone {
        /// Whether there was something to remove.
        was_there: bool,
    },
    /// A guest with this number is being made, or was when its maker died; it says of nobody whose it is.
    HalfMade,
}

/// Removes what killed builds left; builds that still run are left alone. Tells what became of each.
pub fn sweep(host: &Host, records: &Records) -> Result<Vec<Leftover>, RecordError> {
    let mut leftovers = Vec::new();
    let mut waiting = Vec::new();
    for record in records.all()?.into_iter().filter(|record| !record.owner.is_alive()) {
        let (gone, leftover) = match &record.thing {
            Thing::Guest { vmid } => sweep_guest(host, *vmid, &record),
            // While the build's guest is there, a vzdump that outlived the build may still write.
            Thing::Archive { .. } if waiting.contains(&record.nonce) => (false, None),
            Thing::Archive { archive } => match dump::discard_unpublished(archive) {
                Ok(was_there) => (true, was_there.then(|| Leftover::Archive(archive.clone()))),
                Err(why) => (false, Some(Leftover::ArchiveStays(why))),
            },
        };
        if gone {
            records.remove(&record)?;
        } else {
            waiting.push(record.nonce);
        }
        leftovers.extend(leftover);
    }
    Ok(leftovers)
}

/// Whether the guest is gone, and what is to be told.
fn sweep_guest(host: &Host, vmid: Vmid, record: &Record) -> (bool, Option<Leftover>) {
    match remove(host, vmid, record) {
        Ok(Removal::Gone { was_there }) => (true, was_there.then_some(Leftover::Removed(vmid))),
        Ok(Removal::HalfMade) => (false, Some(Leftover::HalfMade(vmid))),
        Err(why) => (false, Some(Leftover::Stays { vmid, why })),
    }
}

/// Destroys a record's guest if it is that build's.
pub(super) fn remove(host: &Host, vmid: Vmid, record: &Record) -> Result<Removal, CommandError> {
    let pct = host.pct();
    let Some(listed) = pct.list()?.into_iter().find(|guest| guest.vmid == vmid) else {
        return Ok(Removal::Gone { was_there: false });
    };
    let config = pct.config(vmid)?;
    let unfinished = listed.lock.as_deref() == Some("create") && config.description().is_none();
    if unfinished {
        // A create goes on when only the builder was killed; or it is a stranger's, who took the number meanwhile.
        return Ok(Removal::HalfMade);
    }
    if !is_marked(config.description(), record.nonce) {
        return Ok(Removal::Gone { was_there: false });
    }
    destroy(host, &listed)?;
    Ok(Removal::Gone { was_there: true })
}

fn destroy(host: &Host, guest: &ListedGuest) -> Result<(), CommandError> {
    let pct = host.pct();
    release(host, guest)?;
    if guest.running {
        pct.stop(guest.vmid)?;
    }
    pct.destroy(guest.vmid, DestroyOptions { force: true, purge: true })
}

/// Takes the lock away, if there is one. A program that held it may end by itself in the same moment.
fn release(host: &Host, guest: &ListedGuest) -> Result<(), CommandError> {
    let pct = host.pct();
    let released = match guest.lock.as_deref() {
        None => return Ok(()),
        Some("mounted") => pct.unmount(guest.vmid),
        // Whoever held it worked for the record's process, which is dead, and the guest is its own.
        Some(_) => pct.unlock(guest.vmid),
    };
    let Err(error) = released else { return Ok(()) };
    let is_locked = pct.list()?.iter().any(|listed| listed.vmid == guest.vmid && listed.lock.is_some());
    if is_locked { Err(error) } else { Ok(()) }
}
