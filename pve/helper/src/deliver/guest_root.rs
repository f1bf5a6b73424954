//! The guest's root as the node numbers it, and a thread that becomes it.
//!
//! What is written into a guest is written with the rights that its own root has on files, and none of the node's:
//! where the guest's root could not write, the kernel refuses, and a new file belongs to the guest's root because its
//! writer is that. A thread does it, for on Linux each thread has ids of its own; a process of its own would do as
//! much, and cost a program.

use std::fs;
use std::io;
use std::panic::resume_unwind;

use rustix::process::{Gid, Uid};
use spec::pct::PctConf;

/// Proxmox's default map of an unprivileged guest begins here.
const PROXMOX_FIRST: u32 = 100_000;

/// Who the guest's root is on the node. Never the node's own root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestRoot {
    uid: Uid,
    gid: Gid,
}

/// Why nobody can write as the guest's root.
#[derive(Debug, thiserror::Error)]
pub enum NoGuestRoot {
    /// Its root is the node's root.
    #[error("it is privileged: its root is the node's root; only unprivileged guests are written into")]
    Privileged,
    /// Its id map is not understood.
    #[error("its {what} does not say which user of the node is its root")]
    Map {
        /// What was read.
        what: &'static str,
    },
    /// A process's id map could not be read.
    #[error("the id map of its init process cannot be read")]
    Read(#[source] io::Error),
    /// The kernel did not let a thread become it.
    #[error("a thread cannot become its root; the helper must run as root")]
    Become(#[source] io::Error),
}

impl GuestRoot {
    fn of_ids(uid: u32, gid: u32) -> Result<Self, NoGuestRoot> {
        if uid == 0 || gid == 0 {
            return Err(NoGuestRoot::Privileged);
        }
        Ok(Self { uid: Uid::from_raw(uid), gid: Gid::from_raw(gid) })
    }

    /// By the user namespace of its init process.
    pub fn of_process(pid: u32) -> Result<Self, NoGuestRoot> {
        let read = |what: &'static str| {
            let map = fs::read_to_string(format!("/proc/{pid}/{what}")).map_err(NoGuestRoot::Read)?;
            host_id_of_root(&map).ok_or(NoGuestRoot::Map { what })
        };
        Self::of_ids(read("uid_map")?, read("gid_map")?)
    }

    /// By a stopped guest's configuration: `unprivileged`, and `lxc.idmap` lines where there are any.
    pub fn of_configuration(conf: &PctConf) -> Result<Self, NoGuestRoot> {
        if !conf.flag("unprivileged") {
            return Err(NoGuestRoot::Privileged);
        }
        let maps: Vec<&str> =
            conf.raw_lxc().iter().filter(|raw| raw.key == "lxc.idmap").map(|raw| raw.value.trim()).collect();
        if maps.is_empty() {
            return Self::of_ids(PROXMOX_FIRST, PROXMOX_FIRST);
        }
        let id = |kind: char| maps.iter().filter_map(|map| map.strip_prefix(kind)).find_map(host_id_of_root);
        let what = "lxc.idmap";
        let unknown = || NoGuestRoot::Map { what };
        Self::of_ids(id('u').ok_or_else(unknown)?, id('g').ok_or_else(unknown)?)
    }

    /// Its user id on the node.
    pub fn uid(self) -> u32 {
        self.uid.as_raw()
    }

    /// Does something on a thread that is the guest's root.
    pub(super) fn perform<T: Send>(self, work: impl FnOnce() -> T + Send) -> Result<T, NoGuestRoot> {
        let done = std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                self.become_it().map_err(|errno| NoGuestRoot::Become(errno.into()))?;
                Ok(work())
            });
            worker.join()
        });
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Only the effective ids change: the file system's follow them and no capability stays effective, while the
    /// real ones stay the node's, so that nobody of that id may signal or trace this process. The thread ends with
    /// its work and never turns back.
    fn become_it(self) -> rustix::io::Result<()> {
        rustix::thread::set_thread_groups(&[])?;
        rustix::thread::set_thread_res_gid(None, self.gid, None)?;
        rustix::thread::set_thread_res_uid(None, self.uid, None)
    }
}

/// The node's id of id 0, in lines `INSIDE OUTSIDE COUNT` (user_namespaces(7)).
fn host_id_of_root(map: &str) -> Option<u32> {
    let lines = map.lines().map(|line| line.split_whitespace().map(str::parse::<u32>));
    lines.map(Iterator::collect::<Result<Vec<_>, _>>).find_map(|numbers| match numbers.as_deref() {
        Ok([0, outside, count]) if *count > 0 => Some(*outside),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root_of(conf: &str) -> Result<u32, String> {
        GuestRoot::of_configuration(&PctConf::parse(conf)).map(GuestRoot::uid).map_err(|error| error.to_string())
    }

    #[test]
    fn the_map_tells_the_guests_root() {
        assert_eq!(host_id_of_root("         0     100000      65536\n"), Some(100_000));
        assert_eq!(host_id_of_root("1000 5000 1\n0 200000 1000\n"), Some(200_000));
        for none in ["", "1 2 3\n", "0 x 1\n", "0 1 0\n"] {
            assert_eq!(host_id_of_root(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_privileged_guest_is_never_written_into() {
        assert!(root_of("hostname: a\n").unwrap_err().contains("privileged"));
        assert!(root_of("unprivileged: 0\n").unwrap_err().contains("privileged"));
        assert!(root_of("unprivileged: 1\nlxc.idmap: u 0 0 65536\nlxc.idmap: g 0 0 65536\n").is_err());
        assert!(GuestRoot::of_process(std::process::id()).is_err(), "this process has the node's own ids");
    }

    #[test]
    fn a_configured_map_wins() {
        assert_eq!(root_of("unprivileged: 1\n").unwrap(), 100_000);
        let own = "unprivileged: 1\nlxc.idmap: u 0 300000 65536\nlxc.idmap: g 0 300000 65536\n";
        assert_eq!(root_of(own).unwrap(), 300_000);
        assert!(root_of("unprivileged: 1\nlxc.idmap: u 1 300000 65536\n").is_err());
    }
}
