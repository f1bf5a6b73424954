//! What was seen of a catalog item at one place, wherever it was read from.

use serde::{Deserialize, Serialize};

use super::value::Identity;

/// One look at one place. An item whose places hold nothing yields a single observation with [`Seen::Absent`];
/// an item nobody looked at yields none, and the judge says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The catalog item's id.
    pub item: String,
    /// The path inside the guest, or the key of its configuration (`net0`).
    pub place: String,
    /// What was there.
    pub seen: Seen,
}

/// What was at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Seen {
    /// Nothing.
    Absent,
    /// A file of zero bytes or white space only, or a directory tree that holds no file.
    Empty,
    /// A symbolic link, not followed.
    Link {
        /// Its target as written.
        target: String,
    },
    /// Something without a comparable value.
    Present {
        /// Bytes of content, over all files where the place is a tree.
        bytes: u64,
        /// A word on what it is, never a secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A value that can be compared.
    Identity {
        /// Kind and value.
        identity: Identity,
        /// The file's modification time, in seconds since 1970, where there is a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        modified: Option<i64>,
    },
    /// Content that is not what belongs there: an unparsable key, a dummy machine-id.
    Malformed {
        /// What is wrong with it.
        why: String,
    },
    /// It could not be looked at. Never the same as absent.
    Unreadable {
        /// Why not.
        why: String,
    },
}

impl Seen {
    /// The comparable value, if this is one.
    pub fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Identity { identity, .. } => Some(identity),
            _ => None,
        }
    }

    /// What was seen, in a few words without secrets.
    pub fn in_words(&self) -> String {
        match self {
            Self::Absent => "absent".into(),
            Self::Empty => "empty".into(),
            Self::Link { target } => format!("a link to {target}"),
            Self::Present { bytes, note: Some(note) } => format!("{note}, {bytes} bytes"),
            Self::Present { bytes, note: None } => format!("present, {bytes} bytes"),
            Self::Identity { identity, .. } => format!("{} {}", identity.kind.title(), identity.shown()),
            Self::Malformed { why } => format!("malformed: {why}"),
            Self::Unreadable { why } => format!("could not be read: {why}"),
        }
    }
}
