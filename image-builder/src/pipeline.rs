//! A build from one end to the other.

use pve_host::process::CommandError;

use crate::guest::{Leftover, RecordError, sweep};
use crate::phases::{
    BakeError, Baked, CheckError, Checked, Created, CreatedError, CustomizeError, Customized, FetchError, Fetched,
    InspectError, Inspected, PackError, Packed, PublishError, Published, StopError, Stopped, StripError, Stripped,
};
use crate::progress::Phase;
use crate::workshop::Workshop;

/// Where a build failed. The build guest and an unpublished archive are gone when this is returned; where that could
/// not be done, the build's record is still there.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Nothing was begun: the records of earlier builds do not read.
    #[error("cannot look for what earlier builds left")]
    Records(#[from] RecordError),
    /// No base.
    #[error("fetch failed")]
    Fetch(#[from] FetchError),
    /// No running build guest.
    #[error("create failed")]
    Create(#[from] CreatedError),
    /// A step failed.
    #[error("customize failed")]
    Customize(#[from] CustomizeError),
    /// A check failed.
    #[error("check failed")]
    Check(#[from] CheckError),
    /// The guest did not stop.
    #[error("stop failed")]
    Stop(#[from] StopError),
    /// The identity could not be put to sleep.
    #[error("strip failed")]
    Strip(#[from] StripError),
    /// Something was left, or the unit could not be installed.
    #[error("bake failed")]
    Bake(#[from] BakeError),
    /// No archive.
    #[error("pack failed")]
    Pack(#[from] PackError),
    /// The archive is no golden.
    #[error("inspect failed")]
    Inspect(#[from] InspectError),
    /// No manifest.
    #[error("publish failed")]
    Publish(#[from] PublishError),
}

/// Builds a golden.
pub fn build(workshop: &Workshop<'_>) -> Result<Published, BuildError> {
    let progress = workshop.progress;
    tell_leftovers(workshop, sweep(workshop.host, workshop.records)?);
    progress.begin(Phase::Fetch);
    let fetched = Fetched::of(workshop)?;
    progress.begin(Phase::Create);
    let created = Created::from(workshop, fetched)?;
    progress.begin(Phase::Customize);
    let customized = Customized::from(workshop, created)?;
    progress.begin(Phase::Check);
    let checked = Checked::from(workshop, customized)?;
    progress.begin(Phase::Stop);
    let stopped = Stopped::from(workshop, checked)?;
    progress.begin(Phase::Strip);
    let stripped = Stripped::from(workshop, stopped)?;
    progress.begin(Phase::Bake);
    let baked = Baked::from(workshop, stripped)?;
    progress.begin(Phase::Pack);
    let packed = Packed::from(workshop, baked)?;
    progress.begin(Phase::Inspect);
    let inspected = Inspected::from(workshop, packed)?;
    progress.begin(Phase::Publish);
    Ok(Published::from(workshop, inspected)?)
}

fn tell_leftovers(workshop: &Workshop<'_>, leftovers: Vec<Leftover>) {
    for leftover in leftovers {
        match leftover {
            Leftover::Removed(vmid) => workshop.progress.warn(&format!("removed guest {vmid} of a build that died")),
            Leftover::Stays { vmid, why } => workshop.progress.warn(&stays(vmid.get(), &why)),
            Leftover::HalfMade(vmid) => workshop.progress.warn(&format!(
                "guest {vmid} of a build that died stands half made; once nothing makes it any more: \
                 pct unlock {vmid} && pct destroy {vmid}"
            )),
        }
    }
}

fn stays(vmid: u32, why: &CommandError) -> String {
    format!("guest {vmid} of a build that died could not be removed, the next build tries again: {why}")
}
