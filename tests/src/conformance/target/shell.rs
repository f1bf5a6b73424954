//! What some steps need beyond the API: commands on the node, files in its storages.

use anyhow::Result;

/// How a command on the node ended.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) code: i32,
    /// Output and error output.
    pub(crate) lines: Vec<String>,
}

/// The node's own shell. A target without one skips the steps that need it.
pub(crate) trait Shell: std::fmt::Debug {
    /// One of Proxmox's tools (`pct`, `vzdump`, `pvesm`, `pveum`) with its words.
    fn tool(&self, words: &[String]) -> Result<Said>;

    /// The lines of a guest's configuration file.
    fn conf(&self, vmid: &str) -> Result<Said>;

    /// A command in a stopped guest's root directory.
    fn inside(&self, vmid: &str, words: &[String]) -> Result<Said>;

    /// Puts an archive among those of a directory storage.
    fn plant(&self, storage: &str, file: &str, bytes: &[u8]) -> Result<()>;

    /// Kills a process the hard way.
    fn kill(&self, pid: u32) -> Result<Said>;
}
