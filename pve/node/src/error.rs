//! Why the node refuses or fails: Proxmox's own texts, facts as fields.

use std::io;
use std::path::{Path, PathBuf};

use spec::ids::Vmid;

/// Why an operation died. The texts are what users and clients of Proxmox VE match on.
#[derive(Debug, thiserror::Error)]
pub enum Die {
    /// There is no such guest here.
    #[error("Configuration file 'nodes/{node}/lxc/{vmid}.conf' does not exist")]
    NoGuest {
        /// This node's name.
        node: String,
        /// The guest asked for.
        vmid: Vmid,
    },
    /// The number is taken.
    #[error("CT {vmid} already exists on node '{node}'")]
    Exists {
        /// This node's name.
        node: String,
        /// The guest asked for.
        vmid: Vmid,
    },
    /// The configuration bears a lock.
    #[error("CT is locked ({lock})")]
    Locked {
        /// The lock's name.
        lock: String,
    },
    /// The per-guest lock file was not free in time.
    #[error("can't lock file '{}' - got timeout", path.display())]
    LockTimeout {
        /// The lock file, where Proxmox has it.
        path: PathBuf,
    },
    /// Only a running guest can do this.
    #[error("CT {vmid} not running")]
    NotRunning {
        /// The guest.
        vmid: Vmid,
    },
    /// Only a stopped guest can do this.
    #[error("CT {vmid} already running")]
    AlreadyRunning {
        /// The guest.
        vmid: Vmid,
    },
    /// The guest's protection is on.
    #[error("can't remove CT {vmid} - protection mode enabled")]
    Protected {
        /// The guest.
        vmid: Vmid,
    },
    /// Somebody else wrote the configuration.
    #[error("detected modified configuration - file changed by other user? Try again.")]
    Modified,
    /// The storage is not defined.
    #[error("storage '{storage}' does not exist")]
    NoStorage {
        /// Its id.
        storage: String,
    },
    /// The volume is not there.
    #[error("volume '{volid}' does not exist")]
    NoVolume {
        /// Its id.
        volid: String,
    },
    /// The bridge that a NIC names is not there.
    #[error("bridge '{bridge}' does not exist")]
    NoBridge {
        /// Its name.
        bridge: String,
    },
    /// A program ended badly.
    #[error("command '{command}' failed: {how}")]
    Command {
        /// The command, as a person would type it.
        command: String,
        /// `exit code 2`, `received interrupt`, `got signal 9`.
        how: String,
    },
    /// A file could not be read, written, mounted, …
    #[error("unable to {action} '{}'", path.display())]
    Io {
        /// What was tried: `open`, `write`, `mount`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A create or restore failed, and was taken back.
    #[error("unable to {verb} CT {vmid} - {}", chain(why))]
    Aborted {
        /// `create` or `restore`.
        verb: &'static str,
        /// The guest that was to be.
        vmid: Vmid,
        /// The reason.
        why: Box<Die>,
    },
    /// Any other of Proxmox's texts.
    #[error("{0}")]
    Text(String),
}

impl Die {
    /// One of Proxmox's texts that carries no fact that a caller would look at.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// For `map_err` after a file operation.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// The same for system calls.
    pub fn sys(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(rustix::io::Errno) -> Self {
        let made = Self::io(action, path);
        move |errno| made(errno.into())
    }
}

/// An error and its causes on one line, as they stand in a task's last word and in an HTTP reason phrase.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(" - ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_its_cause_once() {
        let error = Die::io("open", "/x")(io::Error::from_raw_os_error(2));
        assert_eq!(chain(&error), "unable to open '/x' - No such file or directory (os error 2)");
        let vmid = "9101".parse().unwrap();
        let aborted = Die::Aborted { verb: "restore", vmid, why: Box::new(error) };
        assert_eq!(
            chain(&aborted),
            "unable to restore CT 9101 - unable to open '/x' - No such file or directory (os error 2)"
        );
    }
}
