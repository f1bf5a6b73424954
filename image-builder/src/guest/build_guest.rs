//! The guest that is built in, for as long as its build lasts.

use std::io;
use std::path::PathBuf;

use pve_host::pct::CreateGuest;
use pve_host::process::{CommandError, ProcessId};
use spec::ids::Vmid;

use super::inside::Inside;
use super::mark::description;
use super::record::{Record, RecordError, Thing};
use super::sweep::{Removal, remove};
use crate::workshop::Workshop;

/// The build guest. Going out of scope destroys it.
pub struct BuildGuest<'w> {
    workshop: &'w Workshop<'w>,
    vmid: Vmid,
    record: Record,
}

/// Why there is no build guest.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Every VMID of the range is in use.
    #[error("no VMID from {first} to {last} is free for a build guest; name another range with --vmids")]
    NoVmid {
        /// The range's first number.
        first: u32,
        /// The range's last number.
        last: u32,
    },
    /// The build's own process could not be identified.
    #[error("cannot tell this process from a later one")]
    OwnProcess(#[source] io::Error),
    /// The record could not be written, and without one no guest is made.
    #[error("cannot note down the build guest")]
    Record(#[from] RecordError),
    /// The node refused.
    #[error("the node made no build guest")]
    Node(#[from] CommandError),
}

impl<'w> BuildGuest<'w> {
    /// Makes the guest under the first VMID that the node takes; `describe` fills in everything but the number.
    pub(crate) fn create(
        workshop: &'w Workshop<'w>,
        describe: impl Fn(CreateGuest) -> CreateGuest,
        template: &str,
    ) -> Result<Self, CreateError> {
        let owner = ProcessId::own().map_err(CreateError::OwnProcess)?;
        let mut taken: Vec<Vmid> = workshop.host.pct().list()?.into_iter().map(|guest| guest.vmid).collect();
        taken.extend(workshop.records.all()?.iter().filter_map(Record::vmid));
        for vmid in workshop.free_vmids(&taken) {
            let record =
                Record { version: 1, nonce: workshop.nonce, thing: Thing::Guest { vmid }, owner: owner.clone() };
            workshop.records.write(&record)?;
            let mut guest = describe(CreateGuest::new(vmid, template));
            guest.description = Some(description(&workshop.recipe.name, workshop.nonce));
            // From here on it may exist: whatever happens, dropping this removes it.
            let built = Self { workshop, vmid, record };
            match workshop.host.pct().create(&guest, &mut |line| workshop.progress.output(line.text)) {
                Ok(()) => return Ok(built),
                // Another node of the cluster, or a virtual machine, has that number.
                Err(error) if error.said().contains("already exists") => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CreateError::NoVmid { first: *workshop.vmids.start(), last: *workshop.vmids.end() })
    }

    /// Its number.
    pub fn vmid(&self) -> Vmid {
        self.vmid
    }

    /// The record of this build's archive.
    pub(crate) fn record_of_archive(&self, archive: PathBuf) -> Record {
        Record { thing: Thing::Archive { archive }, ..self.record.clone() }
    }

    /// Commands inside it.
    pub fn inside(&self) -> Inside<'_> {
        Inside::new(self.workshop.host, self.vmid(), self.workshop.progress)
    }
}

impl Drop for BuildGuest<'_> {
    fn drop(&mut self) {
        let Self { workshop, vmid, record } = self;
        let left = match remove(workshop.host, *vmid, record) {
            Ok(Removal::Gone { .. }) => workshop.records.remove(record).err().map(|error| error.to_string()),
            Ok(Removal::HalfMade) => Some("it is half made".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = left {
            workshop.progress.warn(&format!("build guest {vmid} could not be removed: {why}"));
        }
    }
}
