//! Names of volumes on a storage of files, and what the names say. Pure.

use jiff::civil::DateTime;
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
    /// A disc image: `iso/….iso`.
    Iso,
    /// A script or the like: `snippets/…`.
    Snippet,
}

/// How a guest's disk is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// A file with a file system in it.
    Raw,
    /// A directory (on btrfs a subvolume).
    Subvol,
}

impl ImageFormat {
    /// The word, which is also the ending of the volume's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Subvol => "subvol",
        }
    }

    /// The format of a disk's name.
    pub fn of(file: &str) -> Option<Self> {
        [Self::Raw, Self::Subvol].into_iter().find(|format| {
            let stem = file.strip_suffix(format.word()).and_then(|stem| stem.strip_suffix('.'));
            stem.is_some_and(|stem| !stem.is_empty())
        })
    }
}

impl VolumeKind {
    /// What `volume` (the part of a volume id behind the colon) names; none for what the node does not know, and for
    /// names that try to leave their directory.
    pub fn of(volume: &str) -> Option<Self> {
        let (directory, file) = volume.split_once('/')?;
        if file.is_empty() || file.contains(['/', '\0']) || file.starts_with('.') || file.contains(char::is_whitespace)
        {
            return None;
        }
        match directory {
            "backup" => ending(file, BACKUP_ENDINGS).map(|_| Self::Backup),
            "vztmpl" => ending(file, TEMPLATE_ENDINGS).map(|_| Self::Template),
            "iso" => ending(file, ISO_ENDINGS).map(|_| Self::Iso),
            "snippets" => Some(Self::Snippet),
            _ => {
                let owner: Vmid = directory.parse().ok()?;
                // `@` parts a snapshot's directory from its disk's: it is no disk of its own.
                (ImageFormat::of(file).is_some() && !file.contains('@')).then_some(Self::Image { owner })
            }
        }
    }

    /// The storage's content type that allows it.
    pub fn content(self) -> &'static str {
        match self {
            Self::Image { .. } => "rootdir",
            Self::Backup => "backup",
            Self::Template => "vztmpl",
            Self::Iso => "iso",
            Self::Snippet => "snippets",
        }
    }

    /// The directory below the storage's path that holds it.
    pub fn directory(self) -> String {
        match self {
            Self::Image { owner } => format!("images/{owner}"),
            Self::Backup => "dump".to_owned(),
            Self::Template => "template/cache".to_owned(),
            Self::Iso => "template/iso".to_owned(),
            Self::Snippet => "snippets".to_owned(),
        }
    }

    /// The format as lists tell it: `raw`, `tar.zst`, `tzst`.
    pub fn format(self, file: &str) -> String {
        match self {
            Self::Image { .. } => ImageFormat::of(file).unwrap_or(ImageFormat::Raw).word().to_owned(),
            Self::Backup => ending(file, BACKUP_ENDINGS).unwrap_or("tar").to_owned(),
            Self::Template => {
                let ending = ending(file, TEMPLATE_ENDINGS).unwrap_or("tar");
                format!("t{}", ending.strip_prefix("tar.").unwrap_or(ending))
            }
            Self::Iso => "iso".to_owned(),
            Self::Snippet => "snippet".to_owned(),
        }
    }
}

const BACKUP_ENDINGS: &[&str] = &["tar.zst", "tar.gz", "tar.lzo", "tar.bz2", "tar", "tgz"];
const TEMPLATE_ENDINGS: &[&str] = &["tar.zst", "tar.gz", "tar.xz", "tar.bz2", "tar"];
const ISO_ENDINGS: &[&str] = &["iso", "img"];

fn ending(file: &str, of: &[&'static str]) -> Option<&'static str> {
    of.iter().copied().find(|ending| {
        let stem = file.strip_suffix(ending).and_then(|stem| stem.strip_suffix('.'));
        stem.is_some_and(|stem| !stem.is_empty())
    })
}

/// What a backup's file name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackupName {
    /// The guest whose privileges count: the number in `vzdump-<type>-<vmid>-`.
    pub owner: Option<Vmid>,
    /// `lxc` or `qemu`; none where the name is not `vzdump-<type>-…`.
    pub kind: Option<&'static str>,
    /// When it was taken, by the local clock; only in names of vzdump's own making.
    pub taken: Option<DateTime>,
}

impl BackupName {
    /// Reads a file name.
    pub fn of(file: &str) -> Self {
        let known =
            |kind: &&str| file.strip_prefix("vzdump-").is_some_and(|rest| rest.starts_with(&format!("{kind}-")));
        let Some(kind) = ["lxc", "qemu", "openvz"].into_iter().find(known) else { return Self::default() };
        let rest = &file["vzdump-".len() + kind.len() + 1..];
        let owner = rest.split_once('-').filter(|(_, rest)| rest.len() > 1).and_then(|(vmid, _)| vmid.parse().ok());
        Self { owner, kind: Some(kind), taken: owner.and_then(|_| taken(rest)) }
    }

    /// Whether vzdump made the name: such backups are pruned, have a log beside them and tell their time.
    pub fn is_standard(self) -> bool {
        self.taken.is_some()
    }

    /// The guest that lists show: any number between two hyphens will do.
    pub fn shown_vmid(file: &str) -> Option<u64> {
        let inner = file.split('-').skip(1).collect::<Vec<_>>();
        let numbers = inner.iter().take(inner.len().saturating_sub(1));
        let number = numbers.rev().find(|part| {
            (3..=9).contains(&part.len()) && !part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        });
        number?.parse().ok()
    }
}

/// The time in `110-2026_11_20-12_08_57.tar.zst`.
fn taken(rest: &str) -> Option<DateTime> {
    let (_, stamp) = rest.split_once('-')?;
    let stem = stamp.strip_suffix(ending(stamp, BACKUP_ENDINGS)?)?.strip_suffix('.')?;
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '_' | '-');
    (stem.len() == 19 && stem.chars().all(digits)).then(|| DateTime::strptime("%Y_%m_%d-%H_%M_%S", stem).ok())?
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
            ("9101/subvol-9101-disk-0.subvol", Some(VolumeKind::Image { owner })),
            ("9101/subvol-9101-disk-0@s1.subvol", None),
            ("9101/vm-9101-disk-0.qcow2", None),
            ("9101/.raw", None),
            ("backup/vzdump-lxc-9000-2026_01_02-03_04_05.tar.zst", Some(VolumeKind::Backup)),
            ("backup/x.tar.xz", None),
            ("vztmpl/debian.tar.xz", Some(VolumeKind::Template)),
            ("iso/debian.iso", Some(VolumeKind::Iso)),
            ("snippets/hook.pl", Some(VolumeKind::Snippet)),
            ("backup/../../etc/shadow.tar", None),
            ("backup/.tar.zst", None),
            ("backup/ls:", None),
            ("x", None),
        ] {
            assert_eq!(VolumeKind::of(volume), kind, "{volume}");
        }
    }

    #[test]
    fn formats_are_those_of_lists() {
        assert_eq!(VolumeKind::Backup.format("a.tar.zst"), "tar.zst");
        assert_eq!(VolumeKind::Template.format("a.tar.zst"), "tzst");
        assert_eq!(VolumeKind::of("9101/a.subvol").unwrap().format("a.subvol"), "subvol");
    }

    #[test]
    fn a_backup_name_tells_guest_and_time() {
        let name = BackupName::of("vzdump-lxc-9000-2026_01_02-03_04_05.tar.zst");
        assert_eq!((name.owner, name.kind), ("9000".parse().ok(), Some("lxc")));
        assert_eq!(name.taken.unwrap().to_string(), "2026-01-02T03:04:05");
        for (file, owner, kind) in [
            ("vzdump-lxc-9000-golden.tar.zst", Some("9000"), Some("lxc")),
            ("vzdump-qemu-900-2026_01_01-00_00_00.tar.zst", Some("900"), Some("qemu")),
            ("vzdump-lxc-900.tar.zst", None, Some("lxc")),
            ("my-backup.tar.zst", None, None),
        ] {
            let name = BackupName::of(file);
            assert_eq!((name.owner, name.kind), (owner.map(|text| text.parse().unwrap()), kind), "{file}");
            assert_eq!(name.is_standard(), file.contains("2026"), "{file}");
        }
        assert!(!BackupName::of("vzdump-lxc-9000-2026_13_02-03_04_05.tar.zst").is_standard());
    }

    #[test]
    fn lists_take_any_number_between_hyphens() {
        assert_eq!(BackupName::shown_vmid("vzdump-lxc-900-x.tar.zst"), Some(900));
        assert_eq!(BackupName::shown_vmid("vzdump-lxc-900.tar.zst"), None);
        assert_eq!(BackupName::shown_vmid("my-backup.tar.zst"), None);
    }
}
