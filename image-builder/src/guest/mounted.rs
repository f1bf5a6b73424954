//! A stopped scratch guest's file system, mounted on the node.

use firstboot_unit::root::{Root, RootError};
use pve_host::process::CommandError;
use spec::ids::Vmid;

use super::scratch::{ScratchGuest, Site};

/// The stopped guest with its tree. Going out of scope unmounts the tree, then destroys the guest: fields are dropped
/// in this order.
pub struct MountedGuest<'s> {
    // An open root is a use of the mount.
    root: Root,
    mount: Mount<'s>,
    guest: ScratchGuest<'s>,
}

/// The mount itself.
struct Mount<'s> {
    site: Site<'s>,
    vmid: Vmid,
    mounted: bool,
}

/// Why a tree could not be reached, or left.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// The node did not mount or unmount it.
    #[error("the node did not mount or unmount the guest")]
    Node(#[from] CommandError),
    /// The mounted tree could not be opened, or its changes not be brought to disk.
    #[error("the guest's tree cannot be used")]
    Tree(#[from] RootError),
}

impl<'s> MountedGuest<'s> {
    /// Mounts a stopped guest.
    pub(crate) fn mount(guest: ScratchGuest<'s>) -> Result<Self, MountError> {
        let site = guest.site();
        let path = site.host.pct().mount(guest.vmid())?;
        let mount = Mount { site, vmid: guest.vmid(), mounted: true };
        Ok(Self { root: Root::open(&path)?, mount, guest })
    }

    /// The guest's number.
    pub(crate) fn vmid(&self) -> Vmid {
        self.guest.vmid()
    }

    /// The tree.
    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// Brings all changes to disk and unmounts.
    pub(crate) fn unmount(self) -> Result<ScratchGuest<'s>, MountError> {
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
        self.site.host.pct().unmount(self.vmid)
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        if !self.mounted {
            return;
        }
        if let Err(error) = self.end() {
            self.site.progress.warn(&format!("guest {} could not be unmounted: {error}", self.vmid));
        }
    }
}
