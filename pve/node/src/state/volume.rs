//! Names of volumes on a directory storage, and what the names say. Pure.

use spec::ids::Vmid;

/// What a volume is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeKind {
    /// A guest's disk: `9101/vm-9101-disk-0.raw`.
    Image {
        /// The guest that it belongs to.
        owner: Vmid,
    },
    /// A backup: `backup/vzdump-lxc-….tar.zst`.
    Backup,
    /// A container template: `vztmpl/….tar.zst`.
    Template,
}

impl VolumeKind {
    /// What `volume` (the part of a volume id behind the colon) names; none for what the node does not know, and for
    /// names that try to leave their directory.
    pub fn of(volume: &str) -> Option<Self> {
        let (directory, file) = volume.split_once('/')?;
        if file.is_empty() || file.contains('/') || file.starts_with('.') {
            return None;
        }
        match directory {
            "backup" if is_backup_file(file) => Some(Self::Backup),
            "vztmpl" if is_template_file(file) => Some(Self::Template),
            _ => {
                let owner: Vmid = directory.parse().ok()?;
                let own = ["vm", "base"].iter().any(|kind| file.starts_with(&format!("{kind}-{owner}-")));
                (own && file.strip_suffix(".raw").is_some()).then_some(Self::Image { owner })
            }
        }
    }

    /// The storage's content type that allows it.
    pub fn content(self) -> &'static str {
        match self {
            Self::Image { .. } => "rootdir",
            Self::Backup => "backup",
            Self::Template => "vztmpl",
        }
    }

    /// The directory below the storage's path that holds it.
    pub fn directory(self) -> String {
        match self {
            Self::Image { owner } => format!("images/{owner}"),
            Self::Backup => "dump".to_owned(),
            Self::Template => "template/cache".to_owned(),
        }
    }
}

const BACKUP_ENDINGS: &[&str] = &["tar.zst", "tar.gz", "tar.lzo", "tar.bz2", "tar", "tgz"];
const TEMPLATE_ENDINGS: &[&str] = &["tar.zst", "tar.gz", "tar.xz", "tar.bz2", "tar"];

fn ending(file: &str, of: &[&'static str]) -> Option<&'static str> {
    of.iter().copied().find(|ending| file.len() > ending.len() + 1 && file.ends_with(&format!(".{ending}")))
}

fn is_backup_file(file: &str) -> bool {
    ending(file, BACKUP_ENDINGS).is_some()
}

fn is_template_file(file: &str) -> bool {
    ending(file, TEMPLATE_ENDINGS).is_some()
}

/// A volume's format: `raw`, `tar.zst`, …
pub(super) fn format_of(file: &str) -> &'static str {
    if file.strip_suffix(".raw").is_some() {
        return "raw";
    }
    ending(file, TEMPLATE_ENDINGS).or_else(|| ending(file, BACKUP_ENDINGS)).unwrap_or("tar")
}

/// What a backup's file name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupName {
    /// The guest that it was taken of; none where the name does not begin with `vzdump-lxc-<vmid>-`.
    pub owner: Option<Vmid>,
}

impl BackupName {
    /// Reads a file name.
    pub fn of(file: &str) -> Self {
        let owner = file.strip_prefix("vzdump-lxc-").and_then(|rest| rest.split_once('-')?.0.parse().ok());
        Self { owner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_volume_is() {
        let owner = "9101".parse().unwrap();
        for (volume, kind) in [
            ("9101/vm-9101-disk-0.raw", Some(VolumeKind::Image { owner })),
            ("9101/base-9101-disk-0.raw", Some(VolumeKind::Image { owner })),
            ("9101/vm-9102-disk-0.raw", None),
            ("backup/vzdump-lxc-9000-2026_01_02-03_04_05.tar.zst", Some(VolumeKind::Backup)),
            ("backup/x.tar.xz", None),
            ("vztmpl/debian.tar.xz", Some(VolumeKind::Template)),
            ("backup/../../etc/shadow.tar", None),
            ("backup/.tar.zst", None),
            ("x", None),
        ] {
            assert_eq!(VolumeKind::of(volume), kind, "{volume}");
        }
    }

    #[test]
    fn a_backup_owner_is_the_number_in_its_name() {
        assert_eq!(BackupName::of("vzdump-lxc-9000-golden.tar.zst").owner, "9000".parse().ok());
        assert_eq!(BackupName::of("my-backup.tar.zst").owner, None);
        assert_eq!(format_of("a.tar.zst"), "tar.zst");
    }
}
