//! A build rehearsed: every call that it would make on its node, in order, and nothing made.
//!
//! The phases up to the guest's end are the build's own, on a node whose calls are written down. What follows works on
//! the guest's tree, which a rehearsal has not; its calls are made by the same methods.

use std::fs;
use std::io;
use std::path::PathBuf;

use pve_host::process::CommandError;
use serde::Serialize;
use spec::release::Precondition;
use uuid::Uuid;

use crate::guest::Records;
use crate::phases::{
    CheckError, Checked, Created, CreatedError, CustomizeError, Customized, FetchError, Fetched, LockedError,
    StopError, Stopped, backup, hold,
};
use crate::progress::{Phase, Progress};
use crate::workshop::Workshop;

/// What a build would do.
#[derive(Debug, Serialize)]
pub struct Rehearsed {
    /// What it needs of its node, as found.
    pub preconditions: Vec<Precondition>,
    /// Its calls.
    pub calls: Vec<Call>,
}

/// One call.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The phase that makes it.
    pub phase: &'static str,
    /// As one could type it into a shell.
    pub call: String,
}

/// Why a build cannot be rehearsed: it could not be made either.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    /// No base, or the node cannot carry it.
    #[error("the build would not get beyond its base")]
    Fetch(#[from] FetchError),
    /// No guest.
    #[error("the build would make no guest")]
    Create(#[from] CreatedError),
    /// A step names something that is not there.
    #[error("the build would fail in a step")]
    Customize(#[from] CustomizeError),
    /// Likewise a check.
    #[error("the build would fail in a check")]
    Check(#[from] CheckError),
    /// What is installed could not be told.
    #[error("the build could not tell what is installed")]
    Hold(#[from] LockedError),
    /// The guest would not stop.
    #[error("the build guest would not stop")]
    Stop(#[from] StopError),
    /// A call could not be put together.
    #[error("a call cannot be told")]
    Node(#[from] CommandError),
    /// The rehearsal's own notes could not be written.
    #[error("cannot keep the rehearsal's notes in {path}")]
    Notes {
        /// Their folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Rehearses a build.
pub fn rehearse(workshop: &Workshop<'_>) -> Result<Rehearsed, RehearseError> {
    let (fetched, bootstrap) = Fetched::rehearsed(workshop)?;
    let preconditions = fetched.preconditions().to_vec();
    let (host, rehearsal) = workshop.host.rehearsing();
    let notes = Notes::new()?;
    let records = Records::in_dir(&notes.0);
    let rehearsed = Workshop { host: &host, records: &records, progress: &Silent, ..workshop.clone() };
    let mut calls: Vec<Call> = bootstrap.into_iter().map(|call| Call { phase: Phase::Fetch.as_str(), call }).collect();
    let mut note = |phase: Phase| {
        calls.extend(rehearsal.take().into_iter().map(|call| Call { phase: phase.as_str(), call }));
    };
    let created = Created::from(&rehearsed, fetched)?;
    note(Phase::Create);
    let customized = Customized::from(&rehearsed, created)?;
    note(Phase::Customize);
    let checked = hold(&rehearsed, Checked::from(&rehearsed, customized)?)?;
    note(Phase::Check);
    let guest = Stopped::from(&rehearsed, checked)?.into_guest();
    note(Phase::Stop);
    host.pct().mount(guest.vmid())?;
    note(Phase::Minimize);
    host.pct().config(guest.vmid())?;
    note(Phase::Strip);
    host.pct().unmount(guest.vmid())?;
    note(Phase::Bake);
    host.vzdump().stop_mode(&backup(&rehearsed, guest.vmid()), &mut |_| {})?;
    // Going out of scope destroys the guest.
    drop(guest);
    note(Phase::Pack);
    Ok(Rehearsed { preconditions, calls })
}

/// The folder for the records that the phases write; it goes with this.
struct Notes(PathBuf);

impl Notes {
    fn new() -> Result<Self, RehearseError> {
        let path = std::env::temp_dir().join(format!("mintmark-rehearsal-{}", Uuid::new_v4()));
        fs::create_dir(&path).map_err(|source| RehearseError::Notes { path: path.clone(), source })?;
        Ok(Self(path))
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        // Nothing of worth is in it, and the system clears its folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Nothing happens, so nobody is told.
struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Phase) {}
    fn say(&self, _: &str) {}
    fn output(&self, _: &str) {}
    fn warn(&self, _: &str) {}
    fn end(&self, _: bool) {}
}
