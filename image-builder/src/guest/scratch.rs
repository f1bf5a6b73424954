//! A guest that is thrown away: the one that is built in, or a twin of a drill.

use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use pve_host::Host;
use pve_host::pct::CreateGuest;
use pve_host::process::{CommandError, ProcessId};
use spec::ids::Vmid;
use uuid::Uuid;

use super::inside::Inside;
use super::mark::description;
use super::record::{Record, RecordError, Records, Thing};
use super::sweep::{Removal, remove};
use crate::progress::Progress;

/// Where scratch guests are made, noted down and told of.
#[derive(Clone, Copy)]
pub struct Site<'s> {
    /// The node.
    pub host: &'s Host,
    /// The guests that exist, or may exist.
    pub records: &'s Records,
    /// Who is told.
    pub progress: &'s dyn Progress,
}

/// What a scratch guest is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// A template, by `pct create`.
    Template(&'a str),
    /// An archive, by `pct restore`.
    Archive(&'a str),
}

/// A guest of this process. Going out of scope destroys it.
pub struct ScratchGuest<'s> {
    site: Site<'s>,
    vmid: Vmid,
    record: Record,
}

/// Why there is no guest.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Every VMID of the range is in use.
    #[error("no VMID from {first} to {last} is free; name another range with --vmids")]
    NoVmid {
        /// The range's first number.
        first: u32,
        /// The range's last number.
        last: u32,
    },
    /// The own process could not be identified.
    #[error("cannot tell this process from a later one")]
    OwnProcess(#[source] io::Error),
    /// The record could not be written, and without one no guest is made.
    #[error("cannot note down the guest")]
    Record(#[from] RecordError),
    /// The node refused.
    #[error("the node made no guest")]
    Node(#[from] CommandError),
}

impl<'s> ScratchGuest<'s> {
    /// Makes a guest under the first VMID of the range that the node takes; `describe` fills in everything but number
    /// and mark. `purpose` is the first line of its description, `nonce` the mark that it is known by.
    pub(crate) fn make(
        site: Site<'s>,
        vmids: &RangeInclusive<u32>,
        nonce: Uuid,
        purpose: &str,
        source: Source<'_>,
        describe: impl Fn(CreateGuest) -> CreateGuest,
    ) -> Result<Self, CreateError> {
        let owner = ProcessId::own().map_err(CreateError::OwnProcess)?;
        let mut taken: Vec<Vmid> = site.host.pct().list()?.into_iter().map(|guest| guest.vmid).collect();
        taken.extend(site.records.all()?.iter().filter_map(Record::vmid));
        let candidates = vmids.clone().filter_map(|number| Vmid::try_from(number).ok());
        for vmid in candidates.filter(|vmid| !taken.contains(vmid)) {
            let record = Record { version: 1, nonce, thing: Thing::Guest { vmid }, owner: owner.clone() };
            site.records.write(&record)?;
            // From here on it may exist: whatever happens, dropping this removes it.
            let made = Self { site, vmid, record };
            match made.ask_for(source, purpose, &describe) {
                Ok(()) => return Ok(made),
                // Another node of the cluster, or a virtual machine, has that number.
                Err(error) if error.said().contains("already exists") => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CreateError::NoVmid { first: *vmids.start(), last: *vmids.end() })
    }

    fn ask_for(
        &self,
        source: Source<'_>,
        purpose: &str,
        describe: impl Fn(CreateGuest) -> CreateGuest,
    ) -> Result<(), CommandError> {
        let (Source::Template(volume) | Source::Archive(volume)) = source;
        let mut guest = describe(CreateGuest::new(self.vmid, volume));
        guest.description = Some(description(purpose, self.record.nonce));
        let pct = self.site.host.pct();
        let tell = &mut |line: pve_host::process::Line<'_>| self.site.progress.output(line.text);
        match source {
            Source::Template(_) => pct.create(&guest, tell),
            Source::Archive(_) => pct.restore(&guest, tell),
        }
    }

    /// Its number.
    pub fn vmid(&self) -> Vmid {
        self.vmid
    }

    /// Where it was made.
    pub(crate) fn site(&self) -> Site<'s> {
        self.site
    }

    /// The record of an archive that is made of it.
    pub(crate) fn record_of_archive(&self, archive: PathBuf) -> Record {
        Record { thing: Thing::Archive { archive }, ..self.record.clone() }
    }

    /// Commands inside it.
    pub fn inside(&self) -> Inside<'_> {
        Inside::new(self.site.host, self.vmid(), self.site.progress)
    }
}

impl Drop for ScratchGuest<'_> {
    fn drop(&mut self) {
        let Self { site, vmid, record } = self;
        let left = match remove(site.host, *vmid, record) {
            Ok(Removal::Gone { .. }) => site.records.remove(record).err().map(|error| error.to_string()),
            Ok(Removal::HalfMade) => Some("it is half made".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = left {
            site.progress.warn(&format!("guest {vmid} could not be removed: {why}"));
        }
    }
}
