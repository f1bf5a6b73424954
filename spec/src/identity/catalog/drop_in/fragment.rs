//! A drop-in as it is written.

use serde::Deserialize;

/// A file of rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The rows.
    #[serde(default)]
    pub(super) item: Vec<Fragment>,
}

/// A row, or what of it is made stricter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fragment {
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) places: Option<Vec<String>>,
    pub(super) except: Option<Vec<String>>,
    pub(super) harm: Option<String>,
    pub(super) because: Option<String>,
    pub(super) severity: Option<u8>,
    pub(super) in_image: Option<String>,
    pub(super) in_guest: Option<String>,
    pub(super) unique: Option<bool>,
    pub(super) lines: Option<Vec<String>>,
    pub(super) renewed_by: Option<String>,
    pub(super) after: Option<Vec<String>>,
    pub(super) stop_first: Option<Vec<String>>,
    pub(super) second_copies: Option<Vec<String>>,
}
