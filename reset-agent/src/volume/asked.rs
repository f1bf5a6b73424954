//! One volume as it is asked for, and all of a guest together.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use spec::ids::{InvalidId, StorageId};
use spec::pct::{DiskSize, InvalidSize};

use super::path::{BadPath, MountPath};

/// A volume that a guest gets besides its root disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Volume {
    /// Where it is mounted.
    pub path: MountPath,
    /// How large it is; the node makes volumes of whole GiB, so it is rounded up.
    pub size: DiskSize,
    /// Where it lies; with the root disk, where nothing is said.
    pub storage: Option<StorageId>,
    /// Whether the guest's backups hold it.
    pub backup: bool,
}

/// A volume as written in lists, requests and journals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Where it is mounted.
    pub path: String,
    /// How large it is.
    pub size: String,
    /// Where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Whether the guest's backups hold it; they do, where nothing is said. (Proxmox alone would leave it out.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<bool>,
}

/// The volumes of one guest: no path twice, none below another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Written>", into = "Vec<Written>")]
pub struct Volumes(Vec<Volume>);

/// Why volumes are not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVolume {
    /// It is not written as one.
    #[error("{0:?} is no volume: write PATH=SIZE, like /srv=10G, and after it ,storage=NAME or ,backup=0")]
    Form(String),
    /// It cannot be mounted there.
    #[error(transparent)]
    Path(#[from] BadPath),
    /// Its size is none.
    #[error("the volume at {path}: {why}")]
    Size {
        /// Where it was to be mounted.
        path: MountPath,
        /// What is wrong with the size.
        why: InvalidSize,
    },
    /// It would hold nothing.
    #[error("the volume at {0} has no size: ask for 1G or more")]
    Empty(MountPath),
    /// Its storage is none.
    #[error("the volume at {path}: {why}")]
    Storage {
        /// Where it was to be mounted.
        path: MountPath,
        /// What is wrong with the storage's name.
        why: InvalidId,
    },
    /// Two for one path.
    #[error("two volumes are asked for at {0}: name each path once")]
    Twice(MountPath),
    /// One would hide another, or hold its mount point.
    #[error("the volume at {path} would be mounted inside the one at {outer}: name paths that lie side by side")]
    Nested {
        /// The inner.
        path: MountPath,
        /// The outer.
        outer: MountPath,
    },
    /// More than a guest gets.
    #[error("{0} volumes are asked for: a guest gets {MOST} at most")]
    TooMany(usize),
}

/// Proxmox takes 256 mount points; who needs more than this needs another layout.
const MOST: usize = 16;

impl TryFrom<Written> for Volume {
    type Error = BadVolume;

    fn try_from(written: Written) -> Result<Self, BadVolume> {
        let path: MountPath = written.path.parse()?;
        let size: DiskSize = written.size.parse().map_err(|why| BadVolume::Size { path: path.clone(), why })?;
        if size == DiskSize::default() {
            return Err(BadVolume::Empty(path));
        }
        let storage = written.storage.map(|name| name.parse()).transpose();
        let storage = storage.map_err(|why| BadVolume::Storage { path: path.clone(), why })?;
        Ok(Self { path, size, storage, backup: written.backup.unwrap_or(true) })
    }
}

impl From<Volume> for Written {
    fn from(volume: Volume) -> Self {
        Self {
            path: volume.path.to_string(),
            size: volume.size.to_string(),
            storage: volume.storage.map(|storage| storage.to_string()),
            backup: Some(volume.backup),
        }
    }
}

impl FromStr for Volume {
    type Err = BadVolume;

    /// Reads `PATH=SIZE[,storage=NAME][,backup=0|1]`.
    fn from_str(text: &str) -> Result<Self, BadVolume> {
        let form = || BadVolume::Form(text.to_owned());
        let mut parts = text.split(',');
        let (path, size) = parts.next().and_then(|part| part.split_once('=')).ok_or_else(form)?;
        let mut written = Written { path: path.to_owned(), size: size.to_owned(), storage: None, backup: None };
        for part in parts {
            match part.split_once('=') {
                Some(("storage", name)) if written.storage.is_none() => written.storage = Some(name.to_owned()),
                Some(("backup", flag @ ("0" | "1"))) if written.backup.is_none() => written.backup = Some(flag == "1"),
                _ => return Err(form()),
            }
        }
        written.try_into()
    }
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.path, self.size)
    }
}

impl Volumes {
    /// All of one guest.
    ///
    /// # Errors
    /// [`BadVolume`]: two do not go together, or they are too many.
    pub fn new(volumes: Vec<Volume>) -> Result<Self, BadVolume> {
        if volumes.len() > MOST {
            return Err(BadVolume::TooMany(volumes.len()));
        }
        for (index, volume) in volumes.iter().enumerate() {
            let Volume { path, .. } = volume;
            if volumes[..index].iter().any(|other| other.path == *path) {
                return Err(BadVolume::Twice(path.clone()));
            }
            if let Some(outer) = volumes.iter().find(|other| path.is_below(&other.path)) {
                return Err(BadVolume::Nested { path: path.clone(), outer: outer.path.clone() });
            }
        }
        Ok(Self(volumes))
    }

    /// One after the other, as they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = &Volume> {
        self.0.iter()
    }

    /// Whether none is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where they lie; `root` is the root disk's storage.
    pub fn storages(&self, root: &StorageId) -> BTreeSet<StorageId> {
        self.iter().map(|volume| volume.storage_or(root).clone()).collect()
    }
}

impl Volume {
    /// Where it lies; `root` is the root disk's storage.
    pub fn storage_or<'a>(&'a self, root: &'a StorageId) -> &'a StorageId {
        self.storage.as_ref().unwrap_or(root)
    }
}

impl TryFrom<Vec<Written>> for Volumes {
    type Error = BadVolume;

    fn try_from(written: Vec<Written>) -> Result<Self, BadVolume> {
        Self::new(written.into_iter().map(Volume::try_from).collect::<Result<_, _>>()?)
    }
}

impl From<Volumes> for Vec<Written> {
    fn from(volumes: Volumes) -> Self {
        volumes.0.into_iter().map(Written::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volumes(texts: &[&str]) -> Result<Volumes, BadVolume> {
        Volumes::new(texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?)
    }

    #[test]
    fn a_volume_is_read_from_an_argument() {
        let volume: Volume = "/srv=10G".parse().unwrap();
        assert_eq!((volume.path.as_str(), volume.size, volume.backup), ("/srv", "10G".parse().unwrap(), true));
        let volume: Volume = "/data=1.5G,storage=fast,backup=0".parse().unwrap();
        assert_eq!((volume.storage.unwrap().as_str(), volume.backup), ("fast", false));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_path_and_value() {
        for (text, told) in [
            ("/srv", "\"/srv\" is no volume"),
            ("/srv=", "the volume at /srv"),
            ("/srv=0G", "/srv has no size"),
            ("/srv=1G,storage=a/b", "the volume at /srv"),
            ("/srv=1G,backup=yes", "is no volume"),
            ("/srv=1G,backup=1,backup=0", "is no volume"),
            ("/srv=1G,ro=1", "is no volume"),
            ("/etc=1G", "\"/etc\""),
        ] {
            let error = text.parse::<Volume>().unwrap_err();
            assert!(error.to_string().contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn volumes_of_one_guest_lie_side_by_side() {
        assert!(volumes(&["/srv=1G", "/srv2=1G", "/home=2G"]).is_ok());
        assert!(matches!(volumes(&["/srv=1G", "/srv=2G"]), Err(BadVolume::Twice(_))));
        for nested in [["/srv=1G", "/srv/www=1G"], ["/srv/www=1G", "/srv=1G"]] {
            let Err(BadVolume::Nested { path, outer }) = volumes(&nested) else { panic!("{nested:?}") };
            assert_eq!((path.as_str(), outer.as_str()), ("/srv/www", "/srv"));
        }
        let many: Vec<String> = (0..=MOST).map(|n| format!("/data{n}=1G")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(volumes(&many), Err(BadVolume::TooMany(17)));
    }

    #[test]
    fn a_journal_keeps_them_as_they_were_asked_for() {
        let all = volumes(&["/srv=1536M,storage=fast", "/home=2G,backup=0"]).unwrap();
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Volumes>(&text).unwrap(), all);
        assert!(serde_json::from_str::<Volumes>(r#"[{"path":"/etc","size":"1G"}]"#).is_err());
    }
}
