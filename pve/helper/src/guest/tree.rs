//! A guest's tree, however it is reached.

use firstboot_unit::root::Root;
use pve_host::Host;
use spec::ids::Vmid;

use super::error::ObserveError;
use super::mounts::Mounts;
use super::running::RunningTree;
use super::stopped::MountedGuest;
use crate::protocol::Source;

/// An open tree. It is closed by [`Tree::close`], which says whether it still was the guest's.
#[derive(Debug)]
pub(crate) struct Tree<'h> {
    host: &'h Host,
    reached: Reached<'h>,
}

#[derive(Debug)]
enum Reached<'h> {
    Running(RunningTree),
    /// The handle before the mount: an open directory would keep it busy.
    Stopped {
        root: Root,
        mounted: MountedGuest<'h>,
    },
}

impl<'h> Tree<'h> {
    /// Opens a guest's tree: a running one through its init process, a stopped one mounted.
    pub(crate) fn open(host: &'h Host, mounts: &'h Mounts, vmid: Vmid) -> Result<Self, ObserveError> {
        let status = host.pct().status(vmid).map_err(|source| ObserveError::Node { vmid, source })?;
        if status.is_running() {
            let pid = status.pid.ok_or(ObserveError::NoProcess { vmid })?;
            return Ok(Self { host, reached: Reached::Running(RunningTree::open(host, vmid, pid)?) });
        }
        let mounted = MountedGuest::mount(host, mounts, vmid)?;
        let path = mounted.path().to_owned();
        let root = Root::open(&path).map_err(|source| ObserveError::Tree { vmid, path, source })?;
        Ok(Self { host, reached: Reached::Stopped { root, mounted } })
    }

    pub(crate) fn root(&self) -> &Root {
        match &self.reached {
            Reached::Running(tree) => tree.root(),
            Reached::Stopped { root, .. } => root,
        }
    }

    pub(crate) fn source(&self) -> Source {
        match self.reached {
            Reached::Running(_) => Source::Running,
            Reached::Stopped { .. } => Source::Stopped,
        }
    }

    /// Its init process, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        match &self.reached {
            Reached::Running(tree) => Some(tree.pid()),
            Reached::Stopped { .. } => None,
        }
    }

    /// Lets go of it: a running guest must still be the same, a mounted one is unmounted.
    pub(crate) fn close(self) -> Result<(), ObserveError> {
        match self.reached {
            Reached::Running(tree) => tree.confirm(self.host),
            Reached::Stopped { root, mounted } => {
                drop(root);
                mounted.unmount()
            }
        }
    }
}
