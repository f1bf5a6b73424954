//! An item's places in one tree.

use std::path::{Path, PathBuf};

use spec::identity::{Item, Reading, catalog};

use super::glob::expand;
use super::survey::Survey;
use super::{snakeoil, ssh_host_keys};
use crate::root::{Kind, Root, RootError, Visit};

/// One place, as a row names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Something that exists.
    At(PathBuf),
    /// Everything below a directory, which may not exist.
    Below(PathBuf),
}

/// The places of an item: its row's globs, and for a few items paths that the tree itself names.
pub(crate) fn places(root: &Root, item: &Item, survey: &Survey) -> Result<Vec<Place>, RootError> {
    let mut places = Vec::new();
    for pattern in item.places {
        match pattern.strip_suffix("/**") {
            Some(directory) => places.push(Place::Below(directory.into())),
            None => places.extend(expand(root, pattern)?.into_iter().map(Place::At)),
        }
    }
    let named = match item.reading {
        Reading::SshHostKey => ssh_host_keys::configured_files(root, &survey.sshd)?,
        _ if item.id == snakeoil::ITEM => snakeoil::hash_links(root)?,
        _ => Vec::new(),
    };
    for path in named {
        if !places.contains(&Place::At(path.clone())) {
            places.push(Place::At(path));
        }
    }
    Ok(places)
}

/// Leaves out what belongs to a more special item: the journal lies below the logs, but is an item of its own, so
/// that a recipe can keep one and not the other.
pub(crate) fn not_nested(directory: &Path) -> impl FnMut(&Path, Kind) -> Visit + use<> {
    let nested: Vec<&str> = catalog()
        .flat_map(|item| item.places)
        .filter_map(|place| place.strip_suffix("/**"))
        .filter(|other| Path::new(other) != directory && Path::new(other).starts_with(directory))
        .collect();
    move |path, _| if nested.iter().any(|other| Path::new(other) == path) { Visit::Skip } else { Visit::Enter }
}
