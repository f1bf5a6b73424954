//! The stopped build guest's file system, mounted on the node.

use firstboot_unit::root::{Root, RootError};
use pve_host::Host;
use pve_host::process::CommandError;
use spec::ids::Vmid;

use super::build_guest::BuildGuest;
use crate::progress::Progress;
use crate::workshop::Workshop;

/// The stopped guest with its tree. Going out of scope unmounts the tree, then destroys the guest: fields are dropped
/// in this order.
pub struct MountedGuest<'w> {
    // An open root is a use of the mount.
    root: Root,
    mount: Mount<'w>,
    guest: BuildGuest<'w>,
}

/// The mount itself.
struct Mount<'w> {
    host: &'w Host,
    progress: &'w dyn Progress,
    vmid: Vmid,
    mounted: bool,
}

/// Why a tree could not be reached, or left.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// The node did not mount or unmount it.
    #[error("the node did not mount or unmount the build guest")]
    Node(#[from] CommandError),
    /// The mounted tree could not be opened, or its changes not be brought to disk.
    #[error("the build guest's tree cannot be used")]
    Tree(#[from] RootError),
}

impl<'w> MountedGuest<'w> {
    /// Mounts a stopped guest.
    pub(crate) fn mount(workshop: &'w Workshop<'w>, guest: BuildGuest<'w>) -> Result<Self, MountError> {
        let Workshop { host, progress, .. } = workshop;
        let path = host.pct().mount(guest.vmid())?;
        let mount = Mount { host, progress: *progress, vmid: guest.vmid(), mounted: true };
        Ok(Self { root: Root::open(&path)?, mount, guest })
    }

    /// The tree.
    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// Brings all changes to disk and unmounts.
    pub(crate) fn unmount(self) -> Result<BuildGuest<'w>, MountError> {
        let Self { guest, mut mount, root } = self;
        root.sync()?;
        drop(root);
        mount.end()?;
        Ok(guest)
    }
}

impl Mount<'_> {
    fn end(&mut self) -> Result<(), CommandError> {
        self.mounted = false;
        self.host.pct().unmount(self.vmid)
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        if !self.mounted {
            return;
        }
        if let Err(error) = self.end() {
            self.progress.warn(&format!("build guest {} could not be unmounted: {error}", self.vmid));
        }
    }
}
