//! A process that stays the same one: its number alone may name another a moment later.

use std::fs;
use std::path::{Path, PathBuf};

/// A process by number and start time; both together name one process for as long as the node is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    started: u64,
}

impl Process {
    /// The process that has this number now.
    pub(super) fn with_pid(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(Self { pid, started: start_time(&stat)? })
    }

    /// Whether the number still names this process, and it has not ended.
    pub(super) fn is_still_there(self) -> bool {
        Self::with_pid(self.pid) == Some(self)
    }

    /// The link by which the kernel gives this process's root directory.
    pub(super) fn root(self) -> PathBuf {
        Path::new("/proc").join(self.pid.to_string()).join("root")
    }
}

/// Field 22 of `/proc/PID/stat` (proc_pid_stat(5)); a dead process that nobody waited for has none here. The name in
/// field 2 may hold anything, so fields are counted after its last parenthesis.
fn start_time(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
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
    fn this_process_is_still_there_and_no_process_is_none() {
        let own = Process::with_pid(std::process::id()).unwrap();
        assert!(own.is_still_there());
        assert!(!Process { started: own.started + 1, ..own }.is_still_there());
        assert_eq!(Process::with_pid(u32::MAX), None);
    }
}
