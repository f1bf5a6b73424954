//! The root disk at its asked size. The restore made it so; this step proves it, and grows what is smaller.

use pve_client::wire::GuestConfig;
use pve_client::{Class, Next};
use saga::{Recorder, Step, StepError, output};
use serde_json::Value;
use spec::pct::{DiskSize, MountPoint};

use super::proof::ProvenReset;
use super::reserve::run_id;
use crate::context::Context;
use crate::node::task::{follow, settle};
use crate::node::{called, must_be_ours, patiently};
use crate::request::Wanted;

/// A resize whose answer was lost is asked for again.
const TRIES: u32 = 3;

/// Grows the root disk where it is too small.
pub struct Resize;

impl Step<Context> for Resize {
    fn name(&self) -> &'static str {
        "resize"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let request: Wanted = rec.input()?;
        let proven: ProvenReset = rec.output("reset")?;
        let vmid = proven.vmid();
        let run = run_id(rec)?;
        for _ in 0..TRIES {
            let config = must_be_ours(&ctx.pve, vmid, &run).await?;
            let found = rootfs_size(&config)?;
            if found >= request.size {
                // `rootfs=STORAGE:GIB` counts whole GiB: a request in between is rounded up at birth.
                return output(&found);
            }
            // The size is absolute: asked for twice it is the same size.
            match patiently(|| ctx.pve.resize_rootfs(vmid, request.size, &config.digest)).await {
                Ok(upid) => {
                    rec.note("task", &upid).await?;
                    follow(&ctx.pve, &upid, ctx.settings.patience.task).await?;
                }
                Err(error) if error.next() == Next::Done => {}
                Err(error) if error.class() == Class::Ambiguous => {
                    settle(&ctx.pve, vmid, "resize", &run, ctx.settings.patience.task).await?;
                }
                Err(error) => return Err(called(&error)),
            }
        }
        let found = rootfs_size(&must_be_ours(&ctx.pve, vmid, &run).await?)?;
        if found >= request.size {
            return output(&found);
        }
        Err(StepError::failed(format!("the root disk is {found} after {TRIES} resizes to {}", request.size)))
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The disk goes with the guest.
        Ok(())
    }
}

pub(crate) fn rootfs_size(config: &GuestConfig) -> Result<DiskSize, StepError> {
    let text = config.get("rootfs").ok_or_else(|| StepError::failed("the guest has no rootfs"))?;
    let rootfs = MountPoint::parse_rootfs(text).map_err(|error| StepError::from_error(&error))?;
    rootfs.size().ok_or_else(|| StepError::failed(format!("rootfs {text:?} names no size")))
}
