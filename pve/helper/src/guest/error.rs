//! Why a guest could not be looked at.

use std::path::PathBuf;

use firstboot_unit::root::RootError;
use pve_host::process::CommandError;
use spec::ids::Vmid;

use super::mounts::MountsError;

/// Why a guest could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// One of the node's programs.
    #[error("the node did not say how guest {vmid} is, or did not mount it")]
    Node {
        /// The guest.
        vmid: Vmid,
        /// The program's failure.
        #[source]
        source: CommandError,
    },
    /// The mount could not be noted down, and without that a killed helper would leave the guest locked.
    #[error("the mount of guest {vmid} cannot be noted down")]
    Record {
        /// The guest.
        vmid: Vmid,
        /// Why not.
        #[source]
        source: MountsError,
    },
    /// It was read, but its volumes are still mounted, and it stays locked until they are not.
    #[error("guest {vmid} was not unmounted again; run `pct unmount {vmid}`")]
    NotUnmounted {
        /// The guest.
        vmid: Vmid,
        /// The program's failure.
        #[source]
        source: CommandError,
    },
    /// The node says that it runs, and not as which process.
    #[error("guest {vmid} runs, but the node does not tell its init process")]
    NoProcess {
        /// The guest.
        vmid: Vmid,
    },
    /// The init process went away, or its number names another process now.
    #[error("guest {vmid} stopped or started while it was read; ask again")]
    Changed {
        /// The guest.
        vmid: Vmid,
    },
    /// The process that the node names shares this node's own tree.
    #[error("process {pid}, which should be guest {vmid}, has the node's own root directory")]
    NodesOwnTree {
        /// The guest.
        vmid: Vmid,
        /// The process.
        pid: u32,
    },
    /// Its tree could not be opened.
    #[error("the tree of guest {vmid} cannot be opened at {path:?}")]
    Tree {
        /// The guest.
        vmid: Vmid,
        /// Where the tree is on the node.
        path: PathBuf,
        /// Why not.
        #[source]
        source: RootError,
    },
}
