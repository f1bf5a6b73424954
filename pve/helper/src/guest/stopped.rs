//! A stopped guest's tree, mounted for the moment.

use std::path::{Path, PathBuf};

use pve_host::Host;
use spec::ids::Vmid;

use super::error::ObserveError;
use super::mounts::Mounts;

/// A mounted guest. It is locked as long as it is mounted, so it is unmounted however the look ends.
#[derive(Debug)]
pub(super) struct MountedGuest<'h> {
    host: &'h Host,
    mounts: &'h Mounts,
    vmid: Vmid,
    path: PathBuf,
    mounted: bool,
}

impl<'h> MountedGuest<'h> {
    /// Mounts a guest under a record. A mount that failed leaves none: the lock, if there is one, is somebody else's.
    pub(super) fn mount(host: &'h Host, mounts: &'h Mounts, vmid: Vmid) -> Result<Self, ObserveError> {
        mounts.begin(vmid).map_err(|source| ObserveError::Record { vmid, source })?;
        match host.pct().mount(vmid) {
            Ok(path) => Ok(Self { host, mounts, vmid, path, mounted: true }),
            Err(source) => {
                mounts.end(vmid).map_err(|source| ObserveError::Record { vmid, source })?;
                Err(ObserveError::Node { vmid, source })
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Unmounts, and says whether that went well.
    pub(super) fn unmount(mut self) -> Result<(), ObserveError> {
        self.mounted = false;
        let vmid = self.vmid;
        self.host.pct().unmount(vmid).map_err(|source| ObserveError::NotUnmounted { vmid, source })?;
        self.mounts.end(vmid).map_err(|source| ObserveError::Record { vmid, source })
    }
}

impl Drop for MountedGuest<'_> {
    fn drop(&mut self) {
        if !self.mounted {
            return;
        }
        let vmid = self.vmid;
        match self.host.pct().unmount(vmid) {
            Err(error) => tracing::error!(%vmid, %error, "guest was not unmounted; run `pct unmount`"),
            Ok(()) => {
                if let Err(error) = self.mounts.end(vmid) {
                    tracing::error!(%vmid, %error, "the record of an unmounted guest stays");
                }
            }
        }
    }
}
