//! The configuration as written: texts under the keys of the file, unknown keys refused.

use std::path::PathBuf;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fragment {
    /// The node and the right to use it.
    pub node: Node,
    /// What new guests are made of.
    pub guests: Guests,
    /// Where goldens' manifests lie.
    #[serde(default)]
    pub goldens: Goldens,
    /// Whose goldens are restored.
    pub trust: Option<Trust>,
    /// Who owns which identity.
    pub ledger: Ledger,
    /// The root-side program on the node.
    #[serde(default)]
    pub helper: Helper,
    /// How the agent logs in to a new guest.
    pub ssh: Ssh,
    /// How long to wait for a guest.
    #[serde(default)]
    pub wait: Wait,
}

/// `[node]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The node's name in its cluster.
    pub name: String,
    /// `https://HOST:8006`.
    pub url: String,
    /// `file:PATH` of the API token.
    pub token: String,
    /// SHA-256 fingerprints of the node's certificate.
    #[serde(default)]
    pub fingerprints: Vec<String>,
    /// PEM file of the authority that issues the node's certificate, instead of fingerprints.
    pub ca: Option<PathBuf>,
}

/// `[guests]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guests {
    /// Storage for the guests' disks.
    pub storage: String,
    /// Bridge for their interfaces.
    pub bridge: String,
    /// `FROM-TO`.
    pub vmids: String,
    /// First three octets of the MAC addresses that the ledger issues.
    pub mac_prefix: Option<String>,
    /// Size of a root disk unless the request says otherwise.
    pub rootfs: Option<String>,
    /// Networks in which a guest's address must lie; any address is taken where the list is empty.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// `[goldens]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goldens {
    /// Folders with manifests (`*.json`), beside their archives where these can be seen.
    #[serde(default)]
    pub manifests: Vec<PathBuf>,
}

/// `[trust]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// An OpenSSH `allowed_signers` file.
    pub allowed_signers: PathBuf,
    /// The folder with `channels/` and `log/`: `mintmark` beside the storage's `dump`.
    pub channels: PathBuf,
    /// Principals who may sign manifests and verdicts, and record that a release was built, linted or drilled.
    pub builders: Vec<String>,
    /// Principals who may record that a release was drilled or verified.
    pub verifiers: Vec<String>,
    /// Principals who may sign channels.
    pub releasers: Vec<String>,
    /// The gates that a release must have passed.
    pub gates: Option<Vec<String>>,
}

/// `[ledger]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The SQLite file.
    pub path: PathBuf,
}

/// `[helper]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Helper {
    /// The helper's unix socket.
    pub socket: Option<PathBuf>,
}

/// `[ssh]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ssh {
    /// Who to log in as.
    pub user: Option<String>,
    /// `file:PATH` of the operator's SSH user CA, the private half.
    pub user_ca: Option<String>,
    /// The known_hosts file that the agent keeps.
    pub known_hosts: PathBuf,
    /// The port of the guests' sshd.
    pub port: Option<u16>,
}

/// `[wait]`, in seconds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// For a task of the node.
    pub task: Option<u64>,
    /// For a started guest to have an address, to finish first boot and to answer.
    pub guest: Option<u64>,
}
