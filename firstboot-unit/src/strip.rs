//! Strip: every item of the catalog put to sleep in the tree of an image that is stopped.
//!
//! The tree must not be running: a live process rewrites what was removed. Twice the same: a second strip finds
//! nothing to change.

use serde::{Deserialize, Serialize};
use spec::identity::{Catalog, MachineIdState};

use crate::items::clear::clear;
use crate::items::survey::Survey;
use crate::root::{Root, RootError, Tally};

/// What to leave, and what state to bring the machine-id into.
#[derive(Debug, Clone, Default)]
pub struct StripOptions {
    /// Catalog items that stay as they are.
    pub keep: Vec<String>,
    /// What `/etc/machine-id` holds afterwards.
    pub machine_id: MachineIdState,
    /// Names that the build guest went by, besides the one in its `/etc/hostname`.
    pub build_names: Vec<String>,
}

/// What strip did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripReport {
    /// The items that were not as an image must be, in the catalog's order.
    pub items: Vec<Stripped>,
    /// Items that were left because the caller said so.
    pub kept: Vec<String>,
}

/// One item's changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stripped {
    /// The catalog item's id.
    pub item: String,
    /// What changed, place by place.
    pub changes: Vec<Changed>,
}

/// One place's change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The path inside the tree; a directory where what is below it changed.
    pub place: String,
    /// What was done.
    #[serde(flatten)]
    pub change: Change,
}

/// What was done to a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// Files went.
    Removed {
        /// Files, links and special files.
        files: u64,
        /// Directories.
        directories: u64,
        /// Bytes of regular files.
        bytes: u64,
    },
    /// The file was cut to nothing.
    Emptied,
    /// A link stands there now.
    Linked {
        /// Its target.
        target: String,
    },
    /// The content was changed.
    Rewritten {
        /// Lines that were changed or went.
        lines: usize,
    },
}

impl Change {
    /// A removal, unless nothing was there.
    pub(crate) fn removed(tally: Tally) -> Option<Self> {
        let Tally { files, directories, bytes } = tally;
        (files + directories > 0).then_some(Self::Removed { files, directories, bytes })
    }
}

/// Why a tree could not be stripped. What was done before stays done; strip again after mending the cause.
#[derive(Debug, thiserror::Error)]
pub enum StripError {
    /// `keep` names an item that the catalog does not have.
    #[error("keep: {item:?} is no item of the identity catalog")]
    UnknownItem {
        /// The name as given.
        item: String,
    },
    /// The tree could not be surveyed.
    #[error("cannot survey the image")]
    Survey(#[source] RootError),
    /// An item could not be put to sleep.
    #[error("cannot strip the {title} ({item})")]
    Item {
        /// The catalog item's id.
        item: &'static str,
        /// Its title.
        title: &'static str,
        /// Why not.
        #[source]
        source: RootError,
    },
}

/// Strips the tree of a stopped image.
pub fn strip(root: &Root, catalog: &Catalog, options: &StripOptions) -> Result<StripReport, StripError> {
    if let Some(unknown) = options.keep.iter().find(|id| catalog.item(id).is_none()) {
        return Err(StripError::UnknownItem { item: unknown.clone() });
    }
    let survey = Survey::of(root, &options.build_names).map_err(StripError::Survey)?;
    let mut report = StripReport::default();
    for item in catalog.looked_at() {
        if options.keep.iter().any(|id| id == item.id) {
            report.kept.push(item.id.to_owned());
            continue;
        }
        let changes = clear(root, catalog, item, &survey, options).map_err(|source| StripError::Item {
            item: item.id,
            title: item.title,
            source,
        })?;
        if !changes.is_empty() {
            report.items.push(Stripped { item: item.id.to_owned(), changes });
        }
    }
    Ok(report)
}
