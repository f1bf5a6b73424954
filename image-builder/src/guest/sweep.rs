//! Removing build guests, one's own and those that killed builds left.

use pve_host::Host;
use pve_host::pct::{DestroyOptions, ListedGuest};
use pve_host::process::CommandError;
use spec::ids::Vmid;

use super::mark::is_marked;
use super::record::{Record, RecordError, Records};

/// What became of a guest that a killed build left.
#[derive(Debug)]
pub enum Leftover {
    /// It was there and is gone now.
    Removed(Vmid),
    /// It may be there, and could not be removed.
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
    for record in records.all()?.into_iter().filter(|record| !record.owner.is_alive()) {
        match remove(host, &record) {
            Ok(Removal::Gone { was_there }) => {
                records.remove(record.nonce)?;
                if was_there {
                    leftovers.push(Leftover::Removed(record.vmid));
                }
            }
            Ok(Removal::HalfMade) => leftovers.push(Leftover::HalfMade(record.vmid)),
            Err(why) => leftovers.push(Leftover::Stays { vmid: record.vmid, why }),
        }
    }
    Ok(leftovers)
}

/// Destroys a record's guest if it is that build's.
pub(super) fn remove(host: &Host, record: &Record) -> Result<Removal, CommandError> {
    let pct = host.pct();
    let vmid = record.vmid;
    let Some(listed) = pct.list()?.into_iter().find(|guest| guest.vmid == vmid) else {
        return Ok(Removal::Gone { was_there: false });
    };
    let config = pct.config(vmid)?;
    let unfinished = listed.lock.as_deref() == Some("create") && config.description().is_none();
    if unfinished && record.owner.is_of_this_boot() {
        // Its maker may still be at work: a create goes on when only the builder was killed.
        return Ok(Removal::HalfMade);
    }
    if !unfinished && !is_marked(config.description(), record.nonce) {
        return Ok(Removal::Gone { was_there: false });
    }
    destroy(host, &listed)?;
    Ok(Removal::Gone { was_there: true })
}

fn destroy(host: &Host, guest: &ListedGuest) -> Result<(), CommandError> {
    let pct = host.pct();
    match guest.lock.as_deref() {
        None => {}
        Some("mounted") => pct.unmount(guest.vmid)?,
        // Whoever held it is dead: the record's process is, and the guest is its own.
        Some(_) => pct.unlock(guest.vmid)?,
    }
    if guest.running {
        pct.stop(guest.vmid)?;
    }
    pct.destroy(guest.vmid, DestroyOptions { force: true, purge: true })
}
