//! The calls.

use std::path::{Path, PathBuf};
use std::time::Duration;

use spec::ids::Vmid;
use spec::pct::PctConf;

use super::create::{CreateGuest, DestroyOptions};
use super::exec::GuestCommand;
use super::list::{self, ListedGuest};
use super::status::GuestStatus;
use crate::Host;
use crate::process::{CommandError, Finished, Invocation, Line};

/// `pct` on a node.
#[derive(Debug, Clone, Copy)]
pub struct Pct<'h> {
    host: &'h Host,
}

impl<'h> Pct<'h> {
    pub(crate) fn new(host: &'h Host) -> Self {
        Self { host }
    }

    fn verb(self, verb: &str) -> Invocation {
        self.host.program("pct").arg(verb)
    }

    fn on(self, verb: &str, vmid: Vmid) -> Invocation {
        self.verb(verb).arg(vmid.to_string())
    }

    /// Creates a container from a template; each line of the task's log is told.
    pub fn create(&self, guest: &CreateGuest, on_line: &mut dyn FnMut(Line<'_>)) -> Result<(), CommandError> {
        self.verb("create").args(guest.args()).follow(on_line)?.ok().map(drop)
    }

    /// Restores a container from an archive; each line of the task's log is told.
    pub fn restore(&self, guest: &CreateGuest, on_line: &mut dyn FnMut(Line<'_>)) -> Result<(), CommandError> {
        self.verb("restore").args(guest.args()).follow(on_line)?.ok().map(drop)
    }

    /// Starts it; returns when its init runs, not when its system is up.
    pub fn start(&self, vmid: Vmid) -> Result<(), CommandError> {
        self.on("start", vmid).ok().map(drop)
    }

    /// Stops it hard.
    pub fn stop(&self, vmid: Vmid) -> Result<(), CommandError> {
        self.on("stop", vmid).ok().map(drop)
    }

    /// Shuts it down; past `timeout` it is stopped hard where `force_stop` says so, else that is the error.
    pub fn shutdown(&self, vmid: Vmid, timeout: Duration, force_stop: bool) -> Result<(), CommandError> {
        let command = self.on("shutdown", vmid).args(["--timeout", &timeout.as_secs().to_string()]);
        command.args(["--forceStop", if force_stop { "1" } else { "0" }]).ok().map(drop)
    }

    /// Destroys it with its volumes.
    pub fn destroy(&self, vmid: Vmid, options: DestroyOptions) -> Result<(), CommandError> {
        self.on("destroy", vmid).args(options.args()).ok().map(drop)
    }

    /// Runs a command inside; any exit code is an answer, and it is the command's own.
    pub fn exec(
        &self,
        vmid: Vmid,
        command: &GuestCommand<'_>,
        on_line: &mut dyn FnMut(Line<'_>),
    ) -> Result<Finished, CommandError> {
        let GuestCommand { words, environment, input, limit } = *command;
        let variables = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let exec = self.on("exec", vmid).args(["--keep-env", "0", "--", "env", "-i"]).variables(variables);
        let exec = exec.args(words).limit(limit).interrupted_by(self.host.interrupt());
        match input {
            Some(file) => exec.input(file).follow(on_line),
            None => exec.follow(on_line),
        }
    }

    /// Copies a file of the node into a running container, with these permission bits.
    pub fn push(&self, vmid: Vmid, file: &Path, destination: &str, mode: u32) -> Result<(), CommandError> {
        self.on("push", vmid).arg(file).arg(destination).args(["--perms", &format!("{mode:04o}")]).ok().map(drop)
    }

    /// Copies a file of a running container to the node.
    pub fn pull(&self, vmid: Vmid, path: &str, destination: &Path) -> Result<(), CommandError> {
        self.on("pull", vmid).arg(path).arg(destination).ok().map(drop)
    }

    /// Mounts a stopped container's file systems and says where. It is locked (`mounted`) until [`Pct::unmount`].
    pub fn mount(&self, vmid: Vmid) -> Result<PathBuf, CommandError> {
        self.on("mount", vmid).ok()?.read("mount point", mount_point)
    }

    /// Undoes [`Pct::mount`].
    pub fn unmount(&self, vmid: Vmid) -> Result<(), CommandError> {
        self.on("unmount", vmid).ok().map(drop)
    }

    /// Takes any lock away.
    pub fn unlock(&self, vmid: Vmid) -> Result<(), CommandError> {
        self.on("unlock", vmid).ok().map(drop)
    }

    /// Its configuration, pending changes included.
    pub fn config(&self, vmid: Vmid) -> Result<PctConf, CommandError> {
        Ok(PctConf::parse(&described_as_comment(&self.on("config", vmid).ok()?.stdout)))
    }

    /// Takes keys out of its configuration.
    pub fn delete_keys(&self, vmid: Vmid, keys: &[String]) -> Result<(), CommandError> {
        self.on("set", vmid).args(["--delete", &keys.join(",")]).ok().map(drop)
    }

    /// Whether it runs, and its init process.
    pub fn status(&self, vmid: Vmid) -> Result<GuestStatus, CommandError> {
        self.on("status", vmid).arg("--verbose").ok()?.read("status", GuestStatus::read)
    }

    /// All containers of this node, by number.
    pub fn list(&self) -> Result<Vec<ListedGuest>, CommandError> {
        self.verb("list").ok()?.read("table of containers", list::read)
    }
}

/// Reads ``mounted CT 9000 in '/var/lib/lxc/9000/rootfs'``.
fn mount_point(text: &str) -> Option<PathBuf> {
    text.lines()
        .find_map(|line| Some(line.strip_prefix("mounted CT ")?.split_once(" in '")?.1.strip_suffix('\'')?.into()))
}

/// `pct config` prints the description as a key (`description: a%0Ab`); in the file it is comment lines.
fn described_as_comment(config: &str) -> String {
    let mut file = String::with_capacity(config.len());
    for line in config.lines() {
        match line.strip_prefix("description: ") {
            // Percent-encoded there as here; one comment line for each of its lines.
            Some(encoded) => {
                for part in encoded.strip_suffix("%0A").unwrap_or(encoded).split("%0A") {
                    file.extend(["#", part, "\n"]);
                }
            }
            None => file.extend([line, "\n"]),
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_point_is_read_from_its_line() {
        let text = "some warning\nmounted CT 9000 in '/var/lib/lxc/9000/rootfs'\n";
        assert_eq!(mount_point(text), Some("/var/lib/lxc/9000/rootfs".into()));
        assert_eq!(mount_point("mounted\n"), None);
    }

    #[test]
    fn the_description_is_read_as_the_file_has_it() {
        let text = "arch: amd64\ndescription: mintmark-build%3A 7%0Asecond%0A\nhostname: build\n";
        let conf = PctConf::parse(&described_as_comment(text));
        assert_eq!(conf.description(), Some("mintmark-build: 7\nsecond\n"));
        assert_eq!(conf.get("hostname"), Some("build"));
    }
}
