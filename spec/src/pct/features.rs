//! `features`: what a container may do beyond the default.

use std::fmt;
use std::str::FromStr;

use super::format;
use super::kind::Kind;
use super::property::{Key, Properties, PropertyError, PropertyFormat};

static FORMAT: PropertyFormat = PropertyFormat {
    default_key: None,
    keys: &[
        Key::optional("force_rw_sys", Kind::Boolean),
        Key::optional("fuse", Kind::Boolean),
        Key::optional("keyctl", Kind::Boolean),
        Key::optional("mknod", Kind::Boolean),
        Key::optional("mount", Kind::Pattern(format::fstype_list)),
        Key::optional("nesting", Kind::Boolean),
    ],
};

/// The value of `features`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features(Properties);

impl Default for Features {
    fn default() -> Self {
        Self(Properties::empty(&FORMAT))
    }
}

impl Features {
    /// Containers may run inside (exposes procfs and sysfs of the host, read-only parts excepted).
    pub fn nesting(&self) -> bool {
        self.0.flag("nesting")
    }

    /// The `keyctl()` system call is allowed (Docker needs it in unprivileged containers).
    pub fn keyctl(&self) -> bool {
        self.0.flag("keyctl")
    }

    /// FUSE file systems may be mounted.
    pub fn fuse(&self) -> bool {
        self.0.flag("fuse")
    }

    /// `mknod()` is allowed for some devices.
    pub fn mknod(&self) -> bool {
        self.0.flag("mknod")
    }

    /// `/sys` is mounted read-write in an unprivileged container.
    pub fn force_rw_sys(&self) -> bool {
        self.0.flag("force_rw_sys")
    }

    /// File system types that the guest may mount.
    pub fn mount(&self) -> Vec<&str> {
        self.0.get("mount").map(|list| list.split(';').collect()).unwrap_or_default()
    }

    /// Any key as written.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)
    }

    /// Sets any key after checking its value.
    ///
    /// # Errors
    /// There is no such feature, or the value is not of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), PropertyError> {
        self.0.set(key, value)
    }
}

impl FromStr for Features {
    type Err = PropertyError;

    fn from_str(text: &str) -> Result<Self, PropertyError> {
        Properties::parse(&FORMAT, text).map(Self)
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_read_and_print_by_name() {
        let features: Features = "nesting=1,mount=nfs;cifs,keyctl=on".parse().unwrap();
        assert!(features.nesting() && features.keyctl() && !features.fuse());
        assert_eq!(features.mount(), ["nfs", "cifs"]);
        assert_eq!(features.to_string(), "keyctl=1,mount=nfs;cifs,nesting=1");
        assert!("bogus=1".parse::<Features>().is_err());
    }
}
