//! The grammar of `pve-node`'s own command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use pve_wire::TokenId;
use spec::ids::{BridgeName, NodeName, Vmid};

use crate::error::Die;
use crate::state::{BadSubnet, Isolated, NodeConfig, Subnet};

/// An embedded Proxmox-compatible node over real LXC.
#[derive(Debug, Parser)]
#[command(name = "pve-node", version)]
pub(super) struct Args {
    /// The node's state directory.
    #[arg(long, env = "PVE_NODE_STATE", value_name = "DIR", default_value = "/var/lib/pve-node")]
    pub(super) state: PathBuf,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the state directory, the TLS certificate and the bridge.
    Init(Init),
    /// Answer the REST API until stopped by a signal.
    Serve(Serve),
    /// Stop all guests and undo the bridge, its rules and everything mounted.
    Down,
    /// `down`, then delete the state directory.
    Purge,
    /// Print the SHA-256 fingerprint of the API's certificate.
    Fingerprint,
    /// API tokens.
    #[command(subcommand)]
    Token(Token),
    /// Add another node to this one's cluster: the same process presents it, with guests and volumes of its own.
    Join {
        /// Its name. Its state directory is `nodes/NAME` below this one's.
        node: NodeName,
    },
    /// Proxmox's container tool.
    #[command(disable_help_flag = true)]
    Pct(Words),
    /// Proxmox's backup tool.
    #[command(disable_help_flag = true)]
    Vzdump(Words),
    /// Proxmox's shell for its API.
    #[command(disable_help_flag = true)]
    Pvesh(Words),
    /// Proxmox's storage tool.
    #[command(disable_help_flag = true)]
    Pvesm(Words),
    /// Proxmox's tool for users, roles and permissions.
    #[command(disable_help_flag = true)]
    Pveum(Words),
    /// The inside of a task (internal).
    #[command(hide = true)]
    Worker {
        /// Echo the log and stay in the session.
        #[arg(long)]
        attached: bool,
    },
    /// The inside of a start (internal).
    #[command(hide = true)]
    Launch {
        /// The guest.
        vmid: Vmid,
        /// Have LXC tell everything.
        #[arg(long)]
        debug: bool,
    },
}

/// Words handed on to one of Proxmox's tools.
#[derive(Debug, clap::Args)]
pub(super) struct Words {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(super) words: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The node's name.
    #[arg(long)]
    node: Option<NodeName>,
    /// The bridge that guests hang on; made when it is missing.
    #[arg(long)]
    bridge: Option<BridgeName>,
    /// The bridge's address with the prefix of its network.
    #[arg(long, value_name = "ADDRESS/PREFIX")]
    subnet: Option<String>,
    /// A second bridge with DHCP and no way out, for `image-builder drill`; made when it is missing.
    #[arg(long, value_name = "BRIDGE", requires = "isolated_subnet")]
    isolated_bridge: Option<BridgeName>,
    /// The isolated bridge's address with the prefix of its network.
    #[arg(long, value_name = "ADDRESS/PREFIX", requires = "isolated_bridge")]
    isolated_subnet: Option<String>,
    /// Where the API listens.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Make no bridge (for work that starts no guest).
    #[arg(long)]
    pub(super) no_network: bool,
}

impl Init {
    /// The configuration that a new node gets.
    pub(super) fn config(&self) -> Result<NodeConfig, Die> {
        let mut config = NodeConfig::default();
        if let Some(node) = &self.node {
            config.node = node.clone();
        }
        if let Some(bridge) = &self.bridge {
            config.bridge = bridge.clone();
        }
        if let Some(subnet) = &self.subnet {
            config.subnet = read_subnet(subnet)?;
        }
        if let (Some(bridge), Some(subnet)) = (&self.isolated_bridge, &self.isolated_subnet) {
            config.isolated = Some(Isolated { bridge: bridge.clone(), subnet: read_subnet(subnet)? });
        }
        config.listen = self.listen.unwrap_or(config.listen);
        Ok(config)
    }
}

fn read_subnet(text: &str) -> Result<Subnet, Die> {
    text.parse().map_err(|error: BadSubnet| Die::text(error.to_string()))
}

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Where to listen instead of where node.toml says; port 0 takes any free one, which is printed.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<SocketAddr>,
    /// Let tests set faults at /test/faults.
    #[arg(long)]
    pub(super) test_faults: bool,
    /// Make no bridge (for work that starts no guest).
    #[arg(long)]
    pub(super) no_network: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Add a token and print its secret, once.
    Add {
        /// USER@REALM!NAME
        token: TokenId,
        #[command(flatten)]
        grants: GrantArgs,
    },
    /// Replace what a token may do.
    Grant {
        /// USER@REALM!NAME
        token: TokenId,
        #[command(flatten)]
        grants: GrantArgs,
    },
    /// Remove a token.
    Remove {
        /// USER@REALM!NAME
        token: TokenId,
    },
    /// List tokens and their privileges as JSON.
    List,
}

#[derive(Debug, clap::Args)]
pub(super) struct GrantArgs {
    /// A path and the privileges on it, like /vms/9101=VM.Audit,VM.Allocate (may be repeated).
    #[arg(long = "privs", value_name = "PATH=PRIV,…")]
    pub(super) privileges: Vec<String>,
    /// A TOML file of "path" = ["privilege", …].
    #[arg(long, value_name = "FILE")]
    pub(super) privs_file: Option<PathBuf>,
    /// A ready-made set; `provisioner` is what restoring, configuring and destroying guests takes.
    #[arg(long, value_parser = ["provisioner", "administrator"])]
    pub(super) role: Option<String>,
    /// Where the provisioner's guests are (may be repeated; default /vms).
    #[arg(long, value_name = "PATH")]
    pub(super) vms: Vec<String>,
}
