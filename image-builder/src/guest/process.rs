//! A process that can be told from a later one with the same number.

use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

/// A process by number, start time and boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// Its number.
    pub pid: u32,
    /// Clock ticks between boot and its start (proc_pid_stat(5), field 22).
    pub started: u64,
    /// The kernel's id for the boot it ran in.
    pub boot: String,
}

impl ProcessId {
    /// The running one.
    pub fn own() -> io::Result<Self> {
        let pid = std::process::id();
        let started = start_time(pid).ok_or_else(|| io::Error::other("/proc does not show this process"))?;
        Ok(Self { pid, started, boot: boot_id()? })
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        self.is_of_this_boot() && start_time(self.pid) == Some(self.started)
    }

    /// Whether it ran since the machine was last started.
    pub fn is_of_this_boot(&self) -> bool {
        boot_id().is_ok_and(|boot| boot == self.boot)
    }
}

fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

fn start_time(pid: u32) -> Option<u64> {
    read_start_time(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Field 22; the second field is a name in parentheses that may hold anything, so counting starts behind it.
fn read_start_time(stat: &str) -> Option<u64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_process_is_alive_and_an_older_one_with_its_number_is_not() {
        let own = ProcessId::own().unwrap();
        assert!(own.is_alive());
        assert!(!ProcessId { started: own.started + 1, ..own.clone() }.is_alive());
        assert!(!ProcessId { boot: "another".into(), ..own }.is_alive());
    }

    #[test]
    fn a_name_with_spaces_and_parentheses_is_skipped() {
        let stat = "42 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
        assert_eq!(read_start_time(stat), Some(4711));
    }
}
