//! A build from one end to the other.

use pve_host::process::{CommandError, Interrupt};

use crate::guest::{Leftover, RecordError, sweep};
use crate::phases::{
    BakeError, Baked, CheckError, Checked, Created, CreatedError, CustomizeError, Customized, FetchError, Fetched,
    InspectError, Inspected, LockedError, MinimizeError, Minimized, PackError, Packed, PublishError, Published,
    StopError, Stopped, StripError, Stripped, hold,
};
use crate::progress::{Phase, Progress};
use crate::workshop::Workshop;

/// Where a build failed. The build guest and an unpublished archive are gone when this is returned; where that could
/// not be done, the build's record is still there.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Nothing was begun: the records of earlier builds do not read.
    #[error("cannot look for what earlier builds left")]
    Records(#[from] RecordError),
    /// A signal ended the build.
    #[error("interrupted before {}", before.as_str())]
    Interrupted {
        /// The phase that was not begun.
        before: Phase,
    },
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
    /// What is installed is not what the lock says, or is not known.
    #[error("the lock does not hold")]
    Lock(#[from] LockedError),
    /// The guest did not stop.
    #[error("stop failed")]
    Stop(#[from] StopError),
    /// What guests can do without is still there.
    #[error("minimize failed")]
    Minimize(#[from] MinimizeError),
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
    let inspected = until_inspected(workshop)?;
    begin(workshop, Phase::Publish)?;
    Ok(Published::from(workshop, inspected)?)
}

/// Builds everything of a golden but its release: the archive goes with the value.
pub fn until_inspected<'w>(workshop: &'w Workshop<'w>) -> Result<Inspected<'w>, BuildError> {
    tell_leftovers(workshop.progress, sweep(workshop.host, workshop.records)?);
    begin(workshop, Phase::Fetch)?;
    let fetched = Fetched::of(workshop)?;
    begin(workshop, Phase::Create)?;
    let created = Created::from(workshop, fetched)?;
    begin(workshop, Phase::Customize)?;
    let customized = Customized::from(workshop, created)?;
    begin(workshop, Phase::Check)?;
    let checked = Checked::from(workshop, customized)?;
    begin(workshop, Phase::Stop)?;
    let stopped = Stopped::from(workshop, hold(workshop, checked)?)?;
    begin(workshop, Phase::Minimize)?;
    let minimized = Minimized::from(workshop, stopped)?;
    begin(workshop, Phase::Strip)?;
    let stripped = Stripped::from(workshop, minimized)?;
    begin(workshop, Phase::Bake)?;
    let baked = Baked::from(workshop, stripped)?;
    begin(workshop, Phase::Pack)?;
    let packed = Packed::from(workshop, baked)?;
    begin(workshop, Phase::Inspect)?;
    Ok(Inspected::from(workshop, packed)?)
}

/// Tells that a phase begins, unless somebody wished that the build ends.
fn begin(workshop: &Workshop<'_>, phase: Phase) -> Result<(), BuildError> {
    if workshop.host.interrupt().is_some_and(Interrupt::is_raised) {
        return Err(BuildError::Interrupted { before: phase });
    }
    workshop.progress.begin(phase);
    Ok(())
}

/// Tells what became of what a killed build or drill left.
pub(crate) fn tell_leftovers(progress: &dyn Progress, leftovers: Vec<Leftover>) {
    for leftover in leftovers {
        match leftover {
            Leftover::Archive(path) => {
                progress.warn(&format!("removed {}, no release, of a build that died", path.display()));
            }
            Leftover::ArchiveStays(why) => progress.warn(&format!("{why}: {}", why.source)),
            Leftover::Removed(vmid) => progress.warn(&format!("removed guest {vmid} of a build that died")),
            Leftover::Stays { vmid, why } => progress.warn(&stays(vmid.get(), &why)),
            Leftover::HalfMade(vmid) => progress.warn(&format!(
                "guest {vmid} stands half made and without a mark: of a build that died, or of somebody else who got \
                 its number. If it is the build's and nothing makes it any more: \
                 pct unlock {vmid} && pct destroy {vmid}"
            )),
        }
    }
}

fn stays(vmid: u32, why: &CommandError) -> String {
    format!("guest {vmid} of a build that died could not be removed, the next build tries again: {why}")
}
