//! `pct status`.

use std::collections::BTreeMap;

/// Whether a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    /// It does.
    Running,
    /// It does not.
    Stopped,
}

/// What `pct status VMID --verbose` says of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestStatus {
    /// Whether it runs.
    pub state: RunState,
    /// Its init process as the host sees it, while it runs.
    pub pid: Option<u32>,
    /// What holds it: `backup`, `mounted`, ….
    pub lock: Option<String>,
    /// Its configured name.
    pub name: Option<String>,
}

impl GuestStatus {
    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.state == RunState::Running
    }

    /// Reads `key: value` lines; without `--verbose` there is only `status`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let values: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once(": ")).collect();
        let state = match *values.get("status")? {
            "running" => RunState::Running,
            "stopped" => RunState::Stopped,
            _ => return None,
        };
        let text = |key| values.get(key).filter(|value| !value.is_empty()).map(|value| (*value).to_owned());
        let pid = values.get("pid").and_then(|pid| pid.trim().parse().ok()).filter(|pid| *pid > 1);
        Some(Self { state, pid, lock: text("lock"), name: text("name") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbose_status_gives_the_pid() {
        let text = "cpus: 2\ndisk: 0\nname: web1\npid: 4711\nstatus: running\ntype: lxc\nvmid: 101\n";
        let status = GuestStatus::read(text).unwrap();
        assert_eq!((status.state, status.pid, status.name.as_deref()), (RunState::Running, Some(4711), Some("web1")));
    }

    #[test]
    fn short_status_is_enough_and_anything_else_is_none() {
        let stopped = GuestStatus { state: RunState::Stopped, pid: None, lock: None, name: None };
        assert_eq!(GuestStatus::read("status: stopped\n"), Some(stopped));
        assert_eq!(GuestStatus::read("status: unknown\n"), None);
        assert_eq!(GuestStatus::read(""), None);
    }
}
