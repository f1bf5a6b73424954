//! Route files beside network scripts: the administrator's own routes stay behind the node's.

use crate::error::Die;
use crate::setup::marked::{Fresh, place};
use crate::setup::rooted::Root;

/// Puts the node's routes into a file; one that would hold nothing is removed.
pub(super) fn routes(tree: &Root, path: &str, lines: &str) -> Result<(), Die> {
    place(tree, path, lines, Fresh::Before, 0o644, true)
}
