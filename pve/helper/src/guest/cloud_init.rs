//! How cloud-init stands in a guest's tree.

use firstboot_unit::root::{Root, RootError};
use spec::cloud_init::{CloudInit, PROGRAM, RUN, Written};

/// Errors with their traces; more is no record.
const CAP: u64 = 1 << 20;

/// How it stands; none where it is not installed.
pub(super) fn cloud_init(root: &Root) -> Option<CloudInit> {
    match written(root) {
        Ok(written) => written.map(|written| CloudInit::of(&written)),
        Err(error) => Some(CloudInit::Unreadable { why: error.to_string() }),
    }
}

fn written(root: &Root) -> Result<Option<Written>, RootError> {
    if root.stat_followed(PROGRAM)?.is_none() {
        return Ok(None);
    }
    let text = |name: &str| root.read_text(format!("{RUN}/{name}"), CAP);
    let enabled = root.stat_followed(format!("{RUN}/enabled"))?.is_some();
    Ok(Some(Written { enabled, status: text("status.json")?, result: text("result.json")? }))
}
