//! Where in a guest a volume may be mounted.

use std::fmt;
use std::str::FromStr;

/// A directory of a guest that a volume may be mounted at: absolute, plain, and none of the system's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MountPath(String);

/// Why a path is none to mount a volume at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no volume can be mounted at {path:?}: {why}")]
pub struct BadPath {
    /// The path as given.
    pub path: String,
    /// Why not, and what to do.
    pub why: &'static str,
}

/// Directories that no volume may hide, nor anything below them.
const SYSTEM: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/tmp",
    "/usr",
    "/var/lib/cloud",
    "/var/lib/dbus",
    "/var/lib/dpkg",
    "/var/lib/mintmark",
    "/var/lib/systemd",
    "/var/run",
    "/var/tmp",
];

/// Directories that hold some of these: below them there is room.
const ABOVE: &[&str] = &["/", "/var", "/var/lib"];

/// The longest path: Proxmox keeps it in one line with everything else of the volume.
const LONGEST: usize = 128;

impl FromStr for MountPath {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        match refusal(text) {
            Some(why) => Err(BadPath { path: text.to_owned(), why }),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for MountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl MountPath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it lies inside another.
    pub fn is_below(&self, other: &Self) -> bool {
        is_below(&self.0, &other.0)
    }
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

fn refusal(text: &str) -> Option<&'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let part = |part: &str| !part.is_empty() && part.bytes().all(plain);
    match text.strip_prefix('/') {
        None => Some("write a path from the guest's root, like /srv"),
        Some(_) if ABOVE.contains(&text) => Some("it would hide the system; name a directory of its own, like /srv"),
        Some(rest) if rest.split('/').any(|part| matches!(part, "." | "..")) => Some("leave out `.` and `..`"),
        Some(rest) if !rest.split('/').all(part) => {
            Some("use letters, digits and -_. between single slashes, and none at the end")
        }
        Some(_) if text.len() > LONGEST => Some("it is longer than 128 characters"),
        Some(_) if SYSTEM.iter().any(|system| text == *system || is_below(text, system)) => {
            Some("it is the system's own; name a directory of its own, like /srv")
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_hide_the_system_is_refused() {
        for good in ["/srv", "/srv/www.example", "/var/www", "/var/lib/postgresql", "/home", "/data-1/x", "/etcetera"] {
            assert_eq!(good.parse::<MountPath>().unwrap().as_str(), good);
        }
        for bad in ["/", "/etc", "/etc/ssh", "/var", "/var/lib", "/var/lib/mintmark", "/usr/local", "/root", "/tmp/x"] {
            assert!(bad.parse::<MountPath>().unwrap_err().to_string().contains(&format!("{bad:?}")));
        }
    }

    #[test]
    fn only_a_plain_absolute_path_is_taken() {
        let long = format!("/{}", "a".repeat(LONGEST));
        for bad in ["", "srv", "/srv/", "//srv", "/srv/../etc", "/..", "/./srv", "/a,b", "/a b", "/a\n", "/ä", &long] {
            assert!(bad.parse::<MountPath>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn one_path_lies_below_another() {
        let path = |text: &str| text.parse::<MountPath>().unwrap();
        assert!(path("/srv/www").is_below(&path("/srv")));
        assert!(!path("/srv2").is_below(&path("/srv")) && !path("/srv").is_below(&path("/srv")));
    }
}
