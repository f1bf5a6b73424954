//! Telling processes apart: a process id alone is used again, with its start it is not.

use std::fs;

/// When a process started, in clock ticks since boot (`/proc/<pid>/stat`, field 22); none when there is no such
/// process, or only its remains (a zombie).
pub fn start_ticks(pid: u32) -> Option<u64> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Whether the process that started at `ticks` still lives.
pub fn is_alive(pid: u32, ticks: u64) -> bool {
    start_ticks(pid) == Some(ticks)
}

/// The command's name stands in brackets and may hold blanks and brackets itself.
fn parse(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    (state != "Z" && state != "X").then(|| fields.nth(18)?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_start() {
        let pid = std::process::id();
        let ticks = start_ticks(pid).unwrap();
        assert!(is_alive(pid, ticks));
        assert!(!is_alive(pid, ticks + 1));
        let line = "77 (a) b) S 1 77 77 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 1 1";
        assert_eq!(parse(line), Some(4242));
        assert_eq!(parse(&line.replace(" S ", " Z ")), None);
    }
}
