//! Items that need no more than one file: what stands at the place, and what its content says.

use std::path::Path;

use spec::identity::reading::content_seen;
use spec::identity::{Item, Reading, Seen};

use super::survey::Survey;
use crate::root::{Kind, Root, RootError, Stat};

/// The most that is read of a small text: ids, names, configuration.
pub(crate) const TEXT_CAP: u64 = 256 * 1024;
/// The most that is read of a file whose digest is its identity.
const DIGEST_CAP: u64 = 4 * 1024 * 1024;

/// What stands at an existing place.
pub(crate) fn read_place(root: &Root, item: &Item, path: &Path, survey: &Survey) -> Result<Option<Seen>, RootError> {
    let Some(stat) = root.stat(path)? else { return Ok(None) };
    if stat.kind == Kind::Link {
        return read_link(root, item, path, survey);
    }
    if stat.kind == Kind::Directory && matches!(item.reading, Reading::Lines(_)) {
        return Ok(None);
    }
    if item.reading == Reading::Presence || stat.kind != Kind::File {
        return Ok(Some(presence(&stat)));
    }
    let cap = if item.reading == Reading::ContentDigest { DIGEST_CAP } else { TEXT_CAP };
    Ok(root.read(path, cap)?.map(|bytes| content_seen(item, &bytes, stat.modified, &survey.names)))
}

/// A link is what it is where a link is what the rule speaks of or where nothing is compared; otherwise what it
/// leads to inside the tree counts.
fn read_link(root: &Root, item: &Item, path: &Path, survey: &Survey) -> Result<Option<Seen>, RootError> {
    let Some(target) = root.read_link(path)? else { return Ok(None) };
    let link = Seen::Link { target: target.to_string_lossy().into_owned() };
    if matches!(item.reading, Reading::DbusMachineId | Reading::Presence) {
        return Ok(Some(link));
    }
    match root.stat_followed(path)? {
        Some(stat) if stat.kind == Kind::File => {
            Ok(root.read(path, DIGEST_CAP)?.map(|bytes| content_seen(item, &bytes, stat.modified, &survey.names)))
        }
        _ => Ok(Some(link)),
    }
}

pub(crate) fn presence(stat: &Stat) -> Seen {
    match stat.kind {
        Kind::File if stat.size == 0 => Seen::Empty,
        Kind::File => Seen::Present { bytes: stat.size, note: None },
        other => Seen::Present { bytes: 0, note: Some(other.in_words().to_owned()) },
    }
}
