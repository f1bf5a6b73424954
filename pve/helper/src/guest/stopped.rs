//! A stopped guest's tree, mounted for the moment.

use std::path::{Path, PathBuf};

use pve_host::Host;
use spec::ids::Vmid;

use super::error::ObserveError;

/// A mounted guest. It is locked as long as it is mounted, so it is unmounted however the look ends.
#[derive(Debug)]
pub(super) struct MountedGuest<'h> {
    host: &'h Host,
    vmid: Vmid,
    path: PathBuf,
    mounted: bool,
}

impl<'h> MountedGuest<'h> {
    pub(super) fn mount(host: &'h Host, vmid: Vmid) -> Result<Self, ObserveError> {
        let path = host.pct().mount(vmid).map_err(|source| ObserveError::Node { vmid, source })?;
        Ok(Self { host, vmid, path, mounted: true })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Unmounts, and says whether that went well.
    pub(super) fn unmount(mut self) -> Result<(), ObserveError> {
        self.mounted = false;
        let vmid = self.vmid;
        self.host.pct().unmount(vmid).map_err(|source| ObserveError::NotUnmounted { vmid, source })
    }
}

impl Drop for MountedGuest<'_> {
    fn drop(&mut self) {
        if self.mounted
            && let Err(error) = self.host.pct().unmount(self.vmid)
        {
            tracing::error!(vmid = %self.vmid, %error, "guest was not unmounted; run `pct unmount`");
        }
    }
}
