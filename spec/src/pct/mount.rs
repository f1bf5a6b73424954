//! `rootfs`, `mpN` and `unusedN`: volumes and mount points.

use std::fmt;
use std::str::FromStr;

use super::format;
use super::kind::Kind;
use super::property::{Key, Properties, PropertyError, PropertyFormat};
use super::size::DiskSize;
use crate::ids::Volid;

static ROOTFS: PropertyFormat = PropertyFormat {
    default_key: Some("volume"),
    keys: &[
        Key::required("volume", Kind::Format(format::mp_string)),
        Key::optional("acl", Kind::Boolean),
        Key::optional("idmap", Kind::Pattern(format::idmap)),
        Key::optional("mountoptions", Kind::Pattern(format::mount_options)),
        Key::optional("quota", Kind::Boolean),
        Key::optional("replicate", Kind::Boolean),
        Key::optional("ro", Kind::Boolean),
        Key::optional("shared", Kind::Boolean),
        Key::optional("size", Kind::Size),
    ],
};

static MOUNT_POINT: PropertyFormat = PropertyFormat {
    default_key: Some("volume"),
    keys: &[
        Key::required("volume", Kind::Format(format::mp_string)),
        Key::required("mp", Kind::Format(format::mp_string)),
        Key::optional("acl", Kind::Boolean),
        Key::optional("backup", Kind::Boolean),
        Key::optional("idmap", Kind::Pattern(format::idmap)),
        Key::optional("keepattrs", Kind::Boolean),
        Key::optional("mountoptions", Kind::Pattern(format::mount_options)),
        Key::optional("quota", Kind::Boolean),
        Key::optional("replicate", Kind::Boolean),
        Key::optional("ro", Kind::Boolean),
        Key::optional("shared", Kind::Boolean),
        Key::optional("size", Kind::Size),
    ],
};

static UNUSED: PropertyFormat =
    PropertyFormat { default_key: Some("volume"), keys: &[Key::required("volume", Kind::Format(format::volume_id))] };

/// What stands behind a mount point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountSource {
    /// A volume of a storage.
    Volume,
    /// A block device of the node (`/dev/…`).
    Device,
    /// A directory of the node.
    Bind,
}

/// A volume and where it is mounted: the value of `rootfs`, `mpN` or `unusedN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountPoint(Properties);

impl MountPoint {
    /// Reads the value of `rootfs`.
    ///
    /// # Errors
    /// The text is not of `rootfs`'s format.
    pub fn parse_rootfs(text: &str) -> Result<Self, PropertyError> {
        Properties::parse(&ROOTFS, text).map(Self)
    }

    /// Reads the value of `mpN`.
    ///
    /// # Errors
    /// The text is not of `mpN`'s format.
    pub fn parse_mp(text: &str) -> Result<Self, PropertyError> {
        Properties::parse(&MOUNT_POINT, text).map(Self)
    }

    /// Reads the value of `unusedN`.
    ///
    /// # Errors
    /// The text is not a volume id.
    pub fn parse_unused(text: &str) -> Result<Self, PropertyError> {
        Properties::parse(&UNUSED, text).map(Self)
    }

    /// The volume, device or directory, as written. A create call writes `STORAGE:GIBIBYTES` here.
    pub fn volume(&self) -> &str {
        self.0.get("volume").unwrap_or_default()
    }

    /// The volume as a volume id, where it is one.
    pub fn volid(&self) -> Option<Volid> {
        self.volume().parse().ok()
    }

    /// Points to another volume.
    ///
    /// # Errors
    /// The text holds `.` or `..` as a path component.
    pub fn set_volume(&mut self, volume: &str) -> Result<(), PropertyError> {
        self.0.set("volume", volume)
    }

    /// What stands behind it.
    pub fn source(&self) -> MountSource {
        match self.volume() {
            text if text.starts_with("/dev/") => MountSource::Device,
            text if text.starts_with('/') => MountSource::Bind,
            _ => MountSource::Volume,
        }
    }

    /// The directory in the guest; `/` for `rootfs`.
    pub fn mp(&self) -> &str {
        self.0.get("mp").unwrap_or("/")
    }

    /// The size as the configuration states it; Proxmox keeps it as information only.
    pub fn size(&self) -> Option<DiskSize> {
        self.0.get("size").and_then(|text| text.parse().ok())
    }

    /// States another size.
    pub fn set_size(&mut self, size: DiskSize) {
        self.0.put("size", size.to_string());
    }

    /// Whether vzdump includes it. `rootfs` always is, whatever this says.
    pub fn backup(&self) -> bool {
        self.0.flag("backup")
    }

    /// Whether it is mounted read-only.
    pub fn read_only(&self) -> bool {
        self.0.flag("ro")
    }

    /// Any key as written.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)
    }

    /// Sets any key after checking its value.
    ///
    /// # Errors
    /// The format does not know the key, or the value is not of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), PropertyError> {
        self.0.set(key, value)
    }

    /// Removes an option; true where it was there. `volume` and `mp` stay.
    pub fn remove(&mut self, key: &str) -> bool {
        !matches!(key, "volume" | "mp") && self.0.remove(key)
    }
}

impl FromStr for MountPoint {
    type Err = PropertyError;

    /// Reads the value of `mpN`; for `rootfs` see [`MountPoint::parse_rootfs`].
    fn from_str(text: &str) -> Result<Self, PropertyError> {
        Self::parse_mp(text)
    }
}

impl fmt::Display for MountPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_volume_is_printed_bare_and_first() {
        let mp: MountPoint = "size=1.5G,mp=/srv,volume=local:100/vm-100-disk-1.raw,backup=yes".parse().unwrap();
        assert_eq!(mp.to_string(), "local:100/vm-100-disk-1.raw,mp=/srv,backup=1,size=1536M");
        assert_eq!(mp.size().map(DiskSize::bytes), Some(1_610_612_736));
        assert_eq!(mp.source(), MountSource::Volume);
    }

    #[test]
    fn a_path_is_a_bind_mount_and_a_device_a_device() {
        assert_eq!(MountPoint::parse_mp("/mnt/data,mp=/srv").unwrap().source(), MountSource::Bind);
        assert_eq!(MountPoint::parse_rootfs("/dev/sdb").unwrap().source(), MountSource::Device);
    }
}
