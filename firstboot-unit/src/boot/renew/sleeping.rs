//! Where something sleeps in this guest.

use std::path::{Path, PathBuf};

use spec::identity::item;

use super::list::{How, RENEWALS, Renewal};
use crate::items::glob::expand;
use crate::items::plain::TEXT_CAP;
use crate::items::postgres;
use crate::root::{Kind, Root, RootError};

/// One renewal at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sleeping {
    /// What is made.
    pub(super) renewal: Renewal,
    /// Where: the file to be filled or made, or the cluster's control file.
    pub(super) place: PathBuf,
}

/// Everything of the list that sleeps here.
pub(super) fn sleeping(root: &Root) -> Result<Vec<Sleeping>, RootError> {
    let mut found = Vec::new();
    for renewal in RENEWALS {
        for place in places(root, renewal)? {
            if sleeps(root, renewal, &place)? {
                found.push(Sleeping { renewal: *renewal, place });
            }
        }
    }
    Ok(found)
}

fn places(root: &Root, renewal: &Renewal) -> Result<Vec<PathBuf>, RootError> {
    if let How::Run { files, program, .. } = renewal.how {
        let installed = root.stat_followed(program)?.is_some();
        return Ok(files.iter().filter(|_| installed).map(PathBuf::from).collect());
    }
    let mut places = Vec::new();
    for pattern in item(renewal.item).map_or(&[][..], |item| item.places) {
        places.extend(expand(root, pattern)?);
    }
    Ok(places)
}

fn sleeps(root: &Root, renewal: &Renewal, place: &Path) -> Result<bool, RootError> {
    match renewal.how {
        How::Fill(content) => {
            let is_file = root.stat_followed(place)?.is_some_and(|stat| stat.kind == Kind::File);
            Ok(is_file && root.read_text(place, TEXT_CAP)?.is_some_and(|text| content.is_missing_in(&text)))
        }
        // Without the directory the package is not installed as Debian has it, and nobody would look for the file.
        How::Run { .. } => {
            let home = root.stat_followed(place.parent().unwrap_or(place))?;
            let empty = root.stat_followed(place)?.is_none_or(|stat| stat.kind == Kind::File && stat.size == 0);
            Ok(empty && home.is_some())
        }
        How::WakeClusters => cluster_sleeps(root, place),
    }
}

/// A cluster sleeps as long as it has no WAL: an identifier alone is a waking that was cut short.
fn cluster_sleeps(root: &Root, place: &Path) -> Result<bool, RootError> {
    let Some(control) = postgres::control(root, place)? else { return Ok(false) };
    let wal = postgres::wal(root, &postgres::data_directory(place))?;
    let has_wal = root.list(wal)?.unwrap_or_default().iter().any(|entry| entry.kind == Kind::File);
    Ok(control.is_shut_down() && (control.identifier().is_none() || !has_wal))
}
