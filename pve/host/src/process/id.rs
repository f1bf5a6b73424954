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
    /// The process that has this number now, unless it is dead.
    pub fn with_pid(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(Self { pid, started: start_time(&stat)?, boot: boot.trim().to_owned() })
    }

    /// The running one.
    pub fn own() -> io::Result<Self> {
        Self::with_pid(std::process::id()).ok_or_else(|| io::Error::other("/proc does not show this process"))
    }

    /// Whether the number still names this process, and it has not ended.
    pub fn is_alive(&self) -> bool {
        Self::with_pid(self.pid).as_ref() == Some(self)
    }
}

/// Field 22; a dead process that nobody has waited for has none here. The name in field 2 may hold anything, so fields
/// are counted after its last parenthesis.
fn start_time(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_found_behind_any_name() {
        let tail = "S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 9 9";
        assert_eq!(start_time(&format!("1 (init) {tail}")), Some(987_654));
        assert_eq!(start_time(&format!("1 (a) Z 1 (b) {tail}")), Some(987_654));
        assert_eq!(start_time(&format!("1 (init) {}", tail.replacen('S', "Z", 1))), None);
        assert_eq!(start_time("1 (init) S 1"), None);
    }

    #[test]
    fn the_running_process_is_alive_and_another_with_its_number_is_not() {
        let own = ProcessId::own().unwrap();
        assert!(own.is_alive());
        assert!(!ProcessId { started: own.started + 1, ..own.clone() }.is_alive());
        assert!(!ProcessId { boot: "another".into(), ..own }.is_alive());
        assert_eq!(ProcessId::with_pid(u32::MAX), None);
    }
}
