//! The arguments of `mintmark-helper`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use spec::ids::Vmid;

/// Looks after the identity of guests on this Proxmox VE node; runs as root.
#[derive(Debug, Parser)]
#[command(name = "mintmark-helper", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer on a unix socket: one JSON line asks, one JSON line answers.
    Serve(Serve),
    /// Read one JSON line from stdin, print the answer as one JSON line: the command for an SSH `authorized_keys` line.
    Once {
        #[command(flatten)]
        node: Node,
    },
    /// Look at one guest and print the answer as one JSON line.
    Observe {
        /// The guest.
        vmid: Vmid,
        #[command(flatten)]
        node: Node,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The socket; its directory must exist.
    #[arg(long, value_name = "PATH", default_value = "/run/mintmark/helper.sock")]
    pub(crate) socket: PathBuf,
    /// A user id, besides root, that may ask; may be given again.
    #[arg(long, value_name = "UID")]
    pub(crate) allow_uid: Vec<u32>,
    /// The group id that may connect to the socket.
    #[arg(long, value_name = "GID")]
    pub(crate) group: Option<u32>,
    #[command(flatten)]
    pub(crate) node: Node,
}

#[derive(Debug, Args)]
pub(crate) struct Node {
    /// State directory of an embedded node; without it, this machine is a Proxmox VE node.
    #[arg(long = "node", value_name = "STATE_DIR")]
    pub(crate) state: Option<PathBuf>,
    /// The embedded node's program; without it, the `pve-node` beside this program.
    #[arg(long, value_name = "PATH", requires = "state", env = "MINTMARK_PVE_NODE")]
    pub(crate) node_program: Option<PathBuf>,
}
