//! Observe: every item of the catalog read in a tree, running or not. What could not be read is said to be so.

use std::path::Path;

use spec::identity::{Catalog, Item, ItemId, Observation, Reading, Seen};

use crate::items::places::{Place, not_nested, places};
use crate::items::survey::{SshdPaths, Survey, machine_names};
use crate::items::{plain, ssh_host_keys, unreadable};
use crate::root::{Kind, Root, RootError};

/// More files than this below one place are an attack on the reader, not a set of identities.
const FILES_LIMIT: usize = 10_000;

/// Reads every item that lives in a tree. Each item gives at least one observation.
pub fn observe(root: &Root, catalog: &Catalog) -> Vec<Observation> {
    let (names, sshd) = (machine_names(root, &[]), SshdPaths::of(root));
    // An item whose survey failed could be missed in unusual places, and missed would look like clean.
    let failed = |item: &Item| match item.reading {
        Reading::HostsResidue => names.as_ref().err(),
        Reading::SshHostKey => sshd.as_ref().err(),
        _ => None,
    };
    let unread: Vec<(ItemId, Seen)> =
        catalog.items().filter_map(|item| Some((item.id, unreadable(failed(item)?)))).collect();
    let survey = Survey { names: names.unwrap_or_default(), sshd: sshd.unwrap_or_default() };
    let observed = catalog.looked_at().flat_map(|item| match unread.iter().find(|(id, _)| *id == item.id) {
        Some((_, seen)) => vec![observation(item, Path::new(item.first_place()), seen.clone())],
        None => observe_item(root, catalog, item, &survey),
    });
    observed.collect()
}

fn observe_item(root: &Root, catalog: &Catalog, item: &'static Item, survey: &Survey) -> Vec<Observation> {
    let observed = match item.reading {
        Reading::SshHostKey => ssh_host_keys::observe(root, item.id, &survey.sshd),
        _ => observe_places(root, catalog, item, survey),
    };
    let first = Path::new(item.first_place());
    match observed {
        Ok(observations) if observations.is_empty() => vec![observation(item, first, Seen::Absent)],
        Ok(observations) => observations,
        Err(error) => vec![observation(item, first, unreadable(&error))],
    }
}

fn observe_places(
    root: &Root,
    catalog: &Catalog,
    item: &'static Item,
    survey: &Survey,
) -> Result<Vec<Observation>, RootError> {
    let mut observations = Vec::new();
    for place in places(root, catalog, item, survey)? {
        match place {
            Place::At(path) => {
                let seen =
                    plain::read_place(root, item, &path, survey).unwrap_or_else(|error| Some(unreadable(&error)));
                observations.extend(seen.map(|seen| observation(item, &path, seen)));
            }
            Place::Below(directory) if item.reading == Reading::ContentDigest => {
                observations.extend(observe_files(root, catalog, item, &directory, survey)?);
            }
            Place::Below(directory) => {
                let seen = tree_seen(root, catalog, item, &directory).unwrap_or_else(|error| Some(unreadable(&error)));
                observations.extend(seen.map(|seen| observation(item, &directory, seen)));
            }
        }
    }
    Ok(observations)
}

/// Each file below a directory by itself.
fn observe_files(
    root: &Root,
    catalog: &Catalog,
    item: &'static Item,
    directory: &Path,
    survey: &Survey,
) -> Result<Vec<Observation>, RootError> {
    let mut files = Vec::new();
    let mut leave_out = not_nested(catalog, item);
    root.tally(directory, |path, kind| {
        if kind != Kind::Directory && files.len() < FILES_LIMIT {
            files.push(path.to_owned());
        }
        leave_out(path, kind)
    })?;
    let seen = files.iter().map(|path| {
        let seen = plain::read_place(root, item, path, survey).unwrap_or_else(|error| Some(unreadable(&error)));
        seen.map(|seen| observation(item, path, seen))
    });
    Ok(seen.flatten().collect())
}

/// What is below a directory, taken together. A directory with nothing in it is as good as none.
fn tree_seen(root: &Root, catalog: &Catalog, item: &Item, directory: &Path) -> Result<Option<Seen>, RootError> {
    let tally = root.tally(directory, not_nested(catalog, item))?;
    Ok(tally.filter(|tally| tally.files + tally.directories > 0).map(|tally| match tally.files {
        0 => Seen::Empty,
        files => Seen::Present { bytes: tally.bytes, note: Some(format!("{files} files")) },
    }))
}

fn observation(item: &Item, place: &Path, seen: Seen) -> Observation {
    Observation { item: item.id.to_owned(), place: place.to_string_lossy().into_owned(), seen }
}
