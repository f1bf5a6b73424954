//! Where a lab keeps its things: one folder, so that one removal ends it.

use std::path::{Path, PathBuf};

/// The paths of a lab.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// A lab below `root`, which the guests' root user (uid 100000) must be able to traverse.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Everything.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The embedded node's state.
    pub fn node(&self) -> PathBuf {
        self.root.join("node")
    }

    /// Archives and manifests on the node's storage.
    pub fn dump(&self) -> PathBuf {
        self.node().join("storage/local/dump")
    }

    /// The helper's socket.
    pub fn helper_socket(&self) -> PathBuf {
        self.root.join("helper.sock")
    }

    /// The agent's configuration.
    pub fn agent_config(&self) -> PathBuf {
        self.root.join("agent.toml")
    }

    /// The agent's ledger.
    pub fn ledger(&self) -> PathBuf {
        self.root.join("ledger.sqlite")
    }

    /// The agent's known hosts.
    pub fn known_hosts(&self) -> PathBuf {
        self.root.join("known_hosts")
    }

    /// The API token's secret.
    pub fn token(&self) -> PathBuf {
        self.root.join("token")
    }

    /// The header that the token which sets faults is sent in.
    pub fn faults_token(&self) -> PathBuf {
        self.root.join("faults.header")
    }

    /// The operator's SSH CA, private half; the public half has `.pub` behind it.
    pub fn user_ca(&self) -> PathBuf {
        self.root.join("operator_ca")
    }

    /// A principal's private key.
    pub fn key(&self, principal: &str) -> PathBuf {
        self.root.join(format!("{principal}.key"))
    }

    /// Who may sign what.
    pub fn allowed_signers(&self) -> PathBuf {
        self.root.join("allowed_signers")
    }

    /// Channels and release logs on the node's storage.
    pub fn channels(&self) -> PathBuf {
        self.node().join("storage/local/mintmark")
    }

    /// Output of the lab's background programs.
    pub fn log(&self, program: &str) -> PathBuf {
        self.root.join(format!("{program}.log"))
    }

    /// Process ids of the lab's background programs.
    pub fn pid(&self, program: &str) -> PathBuf {
        self.root.join(format!("{program}.pid"))
    }
}
