//! A running guest's tree, reached through its init process.

use std::path::{Path, PathBuf};

use firstboot_unit::root::Root;
use pve_host::Host;
use pve_host::process::ProcessId;
use spec::ids::Vmid;

use super::error::ObserveError;

/// A tree that is only to be believed if [`RunningTree::confirm`] agrees afterwards.
#[derive(Debug)]
pub(super) struct RunningTree {
    vmid: Vmid,
    process: ProcessId,
    root: Root,
}

impl RunningTree {
    /// Opens the tree of the process that the node names.
    pub(super) fn open(host: &Host, vmid: Vmid, pid: u32) -> Result<Self, ObserveError> {
        let process = ProcessId::with_pid(pid).ok_or(ObserveError::Changed { vmid })?;
        let path = root_of(pid);
        let root = Root::open(&path).map_err(|source| {
            if process.is_alive() { ObserveError::Tree { vmid, path, source } } else { ObserveError::Changed { vmid } }
        })?;
        let tree = Self { vmid, process, root };
        tree.refuse_own_tree()?;
        // Between the node's word and the opening the number may have gone to another process: ask once more.
        tree.confirm(host)?;
        Ok(tree)
    }

    pub(super) fn root(&self) -> &Root {
        &self.root
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Holds that the node still names this process, and that it is still the same one.
    pub(super) fn confirm(&self, host: &Host) -> Result<(), ObserveError> {
        let vmid = self.vmid;
        let status = host.pct().status(vmid).map_err(|source| ObserveError::Node { vmid, source })?;
        if status.pid == Some(self.process.pid) && self.process.is_alive() {
            Ok(())
        } else {
            Err(ObserveError::Changed { vmid })
        }
    }

    /// Whatever the node says, its own tree is never reported as a guest's.
    fn refuse_own_tree(&self) -> Result<(), ObserveError> {
        let (vmid, pid) = (self.vmid, self.process.pid);
        let own = Root::open("/").map_err(|source| ObserveError::Tree { vmid, path: "/".into(), source })?;
        let is_own = self.root.is_same_tree(&own);
        if is_own.map_err(|source| ObserveError::Tree { vmid, path: root_of(pid), source })? {
            return Err(ObserveError::NodesOwnTree { vmid, pid });
        }
        Ok(())
    }
}

/// The link by which the kernel gives a process's root directory.
fn root_of(pid: u32) -> PathBuf {
    Path::new("/proc").join(pid.to_string()).join("root")
}
