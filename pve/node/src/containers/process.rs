//! What `/proc` says of a guest's processes.

use std::fs;

use crate::error::Die;

/// The parent of a process: of a guest's init it is LXC's monitor.
pub fn parent_of(pid: u32) -> Result<u32, Die> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).map_err(Die::io("read", &path))?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).and_then(|text| text.trim().parse().ok());
    parent.ok_or_else(|| Die::text(format!("no PPid in {path}")))
}
