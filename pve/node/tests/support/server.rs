//! One process that serves the node.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The process, ended when dropped.
pub(super) struct Server {
    child: Child,
    pub(super) address: String,
}

impl Server {
    pub(super) fn start(state: &Path, switches: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pve-node"))
            .arg("--state")
            .arg(state)
            .args(["serve", "--no-network", "--listen", "127.0.0.1:0"])
            .args(switches)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
