//! What one drill is told.

use std::ops::RangeInclusive;

use spec::identity::Catalog;
use spec::ids::{BridgeName, StorageId};
use spec::release::Manifest;

use super::room::Places;
use crate::guest::Site;

/// One drill's surroundings. Nothing here changes while it runs.
pub struct Drill<'a> {
    /// The node, with the records of scratch guests and who is told.
    pub site: Site<'a>,
    /// The identity catalog that is judged by.
    pub catalog: &'a Catalog,
    /// The release.
    pub manifest: &'a Manifest,
    /// The bridge that the twins hang on; it should lead nowhere.
    pub bridge: BridgeName,
    /// VMIDs that twins may have.
    pub vmids: RangeInclusive<u32>,
    /// The storage for their disks; the archived guest's own where none is told.
    pub storage: Option<&'a StorageId>,
    /// Where traces of guests are.
    pub places: Places,
    /// Refuse where anything of an earlier drill is there.
    pub clean_room: bool,
}
