//! An item's places in one tree.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use spec::identity::catalog::{Glob, Search};
use spec::identity::{Catalog, Item, Reading};

use super::glob::{expand, expand_deep};
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
pub(crate) fn places(root: &Root, catalog: &Catalog, item: &Item, survey: &Survey) -> Result<Vec<Place>, RootError> {
    let mut places = Vec::new();
    for glob in Glob::all(item.places) {
        match glob.search() {
            Search::Below(pattern) if !pattern.contains(['*', '?']) => places.push(Place::Below(pattern.into())),
            Search::Below(pattern) => places.extend(expand(root, &pattern)?.into_iter().map(Place::Below)),
            Search::At(pattern) => places.extend(meant(catalog, item, expand(root, &pattern)?)),
            Search::Deep { directory, ending } => {
                places.extend(meant(catalog, item, expand_deep(root, &directory, &ending)?));
            }
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

/// Those that a more particular row does not claim, and that are not excepted.
fn meant(catalog: &Catalog, item: &Item, paths: Vec<PathBuf>) -> impl Iterator<Item = Place> {
    let own =
        |path: &PathBuf| catalog.claims(path.as_os_str().as_bytes()).at.iter().any(|claimed| claimed.id == item.id);
    let paths: Vec<PathBuf> = paths.into_iter().filter(own).collect();
    paths.into_iter().map(Place::At)
}

/// Leaves out what belongs to another item: the journal lies below the logs, but is an item of its own, so that a
/// recipe can keep one and not the other.
pub(crate) fn not_nested<'a>(catalog: &'a Catalog, item: &'a Item) -> impl FnMut(&Path, Kind) -> Visit + 'a {
    move |path, kind| {
        let claims = catalog.claims(path.as_os_str().as_bytes());
        let claimed_here = claims.at.iter().any(|claimed| claimed.id == item.id);
        let visited = match kind {
            _ if !claims.at.is_empty() => claimed_here,
            Kind::Directory => !catalog.holds_nothing_of(path.as_os_str().as_bytes(), item),
            _ => claims.below.is_some_and(|(of, _)| of.id == item.id),
        };
        if visited { Visit::Enter } else { Visit::Skip }
    }
}
