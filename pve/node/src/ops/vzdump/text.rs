//! Names and sizes of a backup. Pure.

use std::path::{Path, PathBuf};

use spec::ids::Vmid;

/// The name of a backup without its ending: `vzdump-lxc-9000-2026_01_02-03_04_05`.
pub(super) fn base_name(vmid: Vmid, now: &jiff::Zoned) -> String {
    format!("vzdump-lxc-{vmid}-{}", now.strftime("%Y_%m_%d-%H_%M_%S"))
}

/// The time of day as logs tell it.
pub(super) fn told(time: &jiff::Zoned) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// How long something took: `00:01:05`.
pub(super) fn duration(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A file's size as Proxmox tells it: `215MB`.
pub(super) fn archive_size(bytes: u64) -> String {
    let hundredths = |shift: u32, unit: &str| {
        let value = (u128::from(bytes) * 100 + (1 << (shift - 1))) >> shift;
        format!("{}.{:02}{unit}", value / 100, value % 100)
    };
    match bytes {
        0..0x10_0000 => format!("{}KB", bytes >> 10),
        0x10_0000..0x4000_0000 => format!("{}MB", bytes >> 20),
        0x4000_0000..0x100_0000_0000 => hundredths(30, "GB"),
        _ => hundredths(40, "TB"),
    }
}

/// The same file while it is being written: its last ending is `.dat`.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("dat")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_are_proxmox_ones() {
        let at: jiff::Zoned = "2026-01-02T03:04:05[UTC]".parse().unwrap();
        assert_eq!(base_name("9000".parse().unwrap(), &at), "vzdump-lxc-9000-2026_01_02-03_04_05");
        assert_eq!((duration(3665).as_str(), told(&at).as_str()), ("01:01:05", "2026-01-02 03:04:05"));
        let sizes = [(782, "0KB"), (45_300_000, "43MB"), (1 << 30, "1.00GB"), (5_368_709_120 / 3, "1.67GB")];
        for (bytes, told) in sizes {
            assert_eq!(archive_size(bytes), told);
        }
    }

    #[test]
    fn an_unfinished_archive_ends_in_dat() {
        assert_eq!(unfinished(Path::new("/d/a.tar.zst")), Path::new("/d/a.tar.dat"));
        assert_eq!(unfinished(Path::new("/d/a.tar")), Path::new("/d/a.dat"));
    }
}
