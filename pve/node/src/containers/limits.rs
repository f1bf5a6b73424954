//! A running guest's limits, in its control group. What the kernel offers no controller for stays as it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::process::parent_of;
use crate::error::Die;

/// The control group of a running guest.
pub struct Limits {
    group: PathBuf,
}

impl Limits {
    /// The group of the guest whose init is `init`, as its monitor sees it: the host itself may have another hierarchy
    /// mounted.
    pub fn of(init: u32) -> Result<Self, Die> {
        let monitor = parent_of(init)?;
        let path = format!("/proc/{init}/cgroup");
        let text = fs::read_to_string(&path).map_err(Die::io("read", &path))?;
        let group = guest_group(&text).unwrap_or_default();
        Ok(Self { group: PathBuf::from(format!("/proc/{monitor}/root/sys/fs/cgroup{group}")) })
    }

    /// The directory of the group.
    pub fn group(&self) -> &Path {
        &self.group
    }

    /// Memory and swap in bytes, each where it is given.
    pub fn memory(&self, memory: Option<u64>, swap: Option<u64>) -> Result<(), Die> {
        self.set("memory.max", memory.map(|bytes| bytes.to_string()))?;
        self.set("memory.swap.max", swap.map(|bytes| bytes.to_string()))
    }

    /// CPUs, in hundredths; none takes the limit away.
    pub fn cpus(&self, hundredths: Option<u64>) -> Result<(), Die> {
        let quota = hundredths.filter(|limit| *limit > 0).map(|limit| format!("{} 100000", limit * 1000));
        self.set("cpu.max", Some(quota.unwrap_or_else(|| "max 100000".to_owned())))
    }

    /// The share of CPU time; none is the usual one.
    pub fn weight(&self, units: Option<u64>) -> Result<(), Die> {
        self.set("cpu.weight", Some(units.unwrap_or(100).clamp(1, 10_000).to_string()))
    }

    fn set(&self, file: &str, value: Option<String>) -> Result<(), Die> {
        let path = self.group.join(file);
        match value.filter(|_| path.exists()) {
            Some(value) => fs::write(&path, value).map_err(Die::io("write", &path)),
            None => Ok(()),
        }
    }
}

/// The guest's own group out of its init's, which may have gone deeper.
fn guest_group(cgroup: &str) -> Option<String> {
    let path = cgroup.lines().find_map(|line| line.strip_prefix("0::"))?;
    let parts: Vec<&str> = path.split('/').collect();
    let own = parts.iter().position(|part| part.starts_with("lxc.payload"))?;
    Some(parts[..=own].join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_the_guests_not_its_inits() {
        assert_eq!(guest_group("1:cpu:/x\n0::/lxc.payload.9101/init.scope\n").as_deref(), Some("/lxc.payload.9101"));
        assert_eq!(guest_group("0::/user.slice\n"), None);
    }

    #[test]
    fn limits_are_written_where_there_is_a_controller() {
        let dir = tempfile::tempdir().unwrap();
        let limits = Limits { group: dir.path().to_owned() };
        limits.memory(Some(64 << 20), Some(0)).unwrap();
        fs::write(dir.path().join("cpu.max"), "").unwrap();
        limits.cpus(Some(150)).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("cpu.max")).unwrap(), "150000 100000");
        limits.cpus(None).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("cpu.max")).unwrap(), "max 100000");
        assert!(!dir.path().join("memory.max").exists());
    }
}
