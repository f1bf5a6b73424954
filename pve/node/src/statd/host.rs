//! The machine, read from `/proc`.

use std::fs;

/// A file's text; empty where it cannot be read.
pub fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Memory and swap, bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// In all.
    pub total: u64,
    /// Not used for anything.
    pub free: u64,
    /// What programs can have.
    pub available: u64,
    /// Swap in all.
    pub swap_total: u64,
    /// Swap not in use.
    pub swap_free: u64,
}

/// The machine's memory.
pub fn memory() -> Memory {
    parse_memory(&read("/proc/meminfo"))
}

fn parse_memory(text: &str) -> Memory {
    let of = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        let kib = line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or_default() * 1024
    };
    Memory {
        total: of("MemTotal"),
        free: of("MemFree"),
        available: of("MemAvailable"),
        swap_total: of("SwapTotal"),
        swap_free: of("SwapFree"),
    }
}

/// A file system's size, bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Space {
    /// In all.
    pub total: u64,
    /// In use.
    pub used: u64,
    /// Free for ordinary users.
    pub avail: u64,
}

/// The size of `/`.
pub fn root() -> Space {
    let Ok(stat) = rustix::fs::statvfs("/") else { return Space::default() };
    Space {
        total: stat.f_blocks * stat.f_frsize,
        used: (stat.f_blocks - stat.f_bfree) * stat.f_frsize,
        avail: stat.f_bavail * stat.f_frsize,
    }
}

/// Seconds since the machine booted.
pub fn uptime() -> u64 {
    read("/proc/uptime").split('.').next().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// How many processors there are.
pub fn processors() -> u64 {
    let count = read("/proc/cpuinfo").lines().filter(|line| line.starts_with("processor")).count();
    u64::try_from(count).unwrap_or(1).max(1)
}

/// Processor time since boot, in ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// At work.
    pub busy: u64,
    /// In all.
    pub all: u64,
}

/// Processor time since boot.
pub fn times() -> Times {
    parse_times(&read("/proc/stat"))
}

/// The fourth and the fifth number are idle time.
fn parse_times(text: &str) -> Times {
    let line = text.lines().next().unwrap_or_default();
    let numbers: Vec<u64> = line.split_ascii_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    let all: u64 = numbers.iter().take(8).sum();
    let idle: u64 = numbers.iter().skip(3).take(2).sum();
    Times { busy: all - idle, all }
}

impl Times {
    /// The part of the time since `before` in which the processors worked.
    #[expect(clippy::cast_precision_loss, reason = "ticks fit into a float for centuries")]
    pub fn busy_since(self, before: Self) -> f64 {
        let all = self.all.saturating_sub(before.all);
        if all == 0 { 0.0 } else { self.busy.saturating_sub(before.busy) as f64 / all as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read() {
        let memory = parse_memory("MemTotal:  16 kB\nMemFree: 4 kB\nMemAvailable: 8 kB\nSwapTotal: 0 kB\n");
        assert_eq!((memory.total, memory.free, memory.available, memory.swap_total), (16_384, 4096, 8192, 0));
        let before = parse_times("cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1\n");
        assert_eq!(before, Times { busy: 20, all: 100 });
        let after = Times { busy: 70, all: 200 };
        assert!((after.busy_since(before) - 0.5).abs() < 1e-9);
        assert!(before.busy_since(before).abs() < f64::EPSILON);
        assert!(uptime() > 0 && processors() > 0 && root().total > 0);
    }
}
