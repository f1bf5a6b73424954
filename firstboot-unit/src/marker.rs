//! The marker: for which guest the keys were made.
//!
//! A bare "done" file would be copied with the disk, so the marker names the guest by an id derived from its
//! machine-id (which systemd asks to keep confidential). In a clone, whose machine-id is another, it does not fit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spec::identity::reading::digest::sha256_hex;
use spec::ids::MachineId;

use crate::root::{NewFile, Root, RootError};

/// Directory of Mintmark's state in a guest.
pub const STATE_DIRECTORY: &str = "/var/lib/mintmark";
/// The marker file.
pub const MARKER: &str = "/var/lib/mintmark/firstboot.json";
/// The marker format's version.
const VERSION: u32 = 1;
/// Keeps the derived id apart from every other use of the machine-id.
const APPLICATION: &[u8] = b"mintmark.firstboot.marker.v1\0";
const CAP: u64 = 64 * 1024;

/// A guest by an id that does not give its machine-id away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuestMark(String);

impl GuestMark {
    /// The mark of the guest with this machine-id.
    pub fn of(id: MachineId) -> Self {
        Self(sha256_hex(&[APPLICATION, &id.bytes()]))
    }
}

/// What the marker file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    version: u32,
    /// The guest that the keys belong to.
    pub guest: GuestMark,
    /// Fingerprint by key type.
    pub fingerprints: BTreeMap<String, String>,
    /// What could not be made anew for this guest yet; the next boot tries again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
}

impl Marker {
    /// A marker for a guest and its keys.
    pub fn new(guest: GuestMark, fingerprints: BTreeMap<String, String>) -> Self {
        Self { version: VERSION, guest, fingerprints, pending: Vec::new() }
    }

    /// The same, with what is still to be made.
    #[must_use]
    pub fn with_pending(self, pending: Vec<String>) -> Self {
        Self { pending, ..self }
    }
}

/// The marker as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkerFound {
    /// There is none: a new guest, or one in which the unit was newly installed.
    None,
    /// One that can be read.
    Read(Marker),
    /// Something that is no marker.
    Unreadable,
}

/// Looks for the marker.
pub fn find(root: &Root) -> Result<MarkerFound, RootError> {
    Ok(match root.read(MARKER, CAP)? {
        None => MarkerFound::None,
        Some(bytes) => match serde_json::from_slice::<Marker>(&bytes) {
            Ok(marker) if marker.version == VERSION => MarkerFound::Read(marker),
            _ => MarkerFound::Unreadable,
        },
    })
}

/// Writes the marker; the last thing that a renewal does.
pub fn write(root: &Root, marker: &Marker) -> Result<(), RootError> {
    root.make_directories(STATE_DIRECTORY, 0o755)?;
    let text = serde_json::json!(marker).to_string();
    root.write(MARKER, text.as_bytes(), NewFile::mode(0o600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_names_one_guest_and_hides_its_machine_id() {
        let text = "0123456789abcdef0123456789abcdef";
        let mark = GuestMark::of(text.parse().unwrap());
        assert_ne!(mark, GuestMark::of("0123456789abcdef0123456789abcdee".parse().unwrap()));
        assert!(!mark.0.contains(text) && mark.0.len() == 64);
    }

    #[test]
    fn what_is_no_marker_is_said_to_be_unreadable() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        assert_eq!(find(&root).unwrap(), MarkerFound::None);
        let marker = Marker::new(GuestMark("x".into()), BTreeMap::from([("ssh-rsa".into(), "SHA256:a".into())]));
        write(&root, &marker).unwrap();
        assert_eq!(find(&root).unwrap(), MarkerFound::Read(marker));
        for text in ["", "{}", "null", r#"{"version":9,"guest":"x","fingerprints":{}}"#] {
            root.write(MARKER, text.as_bytes(), NewFile::mode(0o600)).unwrap();
            assert_eq!(find(&root).unwrap(), MarkerFound::Unreadable, "{text:?}");
        }
    }
}
