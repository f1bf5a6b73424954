//! Putting an item to sleep by its row's rule.

use std::path::{Path, PathBuf};

use spec::identity::reading::{accounts, hosts, lines, names};
use spec::identity::{Catalog, ImageRule, Item, Reading, Rewrite};

use super::places::{Place, not_nested, places};
use super::plain::TEXT_CAP;
use super::survey::Survey;
use super::{journal, machine_id, postgres};
use crate::root::{Kind, NewFile, Root, RootError, Tally};
use crate::strip::{Change, Changed, StripOptions};

/// Makes one item what its rule says, and answers what changed.
pub(crate) fn clear(
    root: &Root,
    catalog: &Catalog,
    item: &Item,
    survey: &Survey,
    options: &StripOptions,
) -> Result<Vec<Changed>, RootError> {
    let mut changes = Vec::new();
    let mut note = |place: &Path, change: Option<Change>| {
        changes.extend(change.map(|change| Changed { place: place.to_string_lossy().into_owned(), change }));
    };
    match item.in_image {
        ImageRule::Forbidden | ImageRule::Recorded | ImageRule::Report | ImageRule::Keep => {}
        ImageRule::Empty => {
            for place in item.places.iter().map(Path::new) {
                note(place, machine_id::put_to_sleep(root, place, options.machine_id)?);
            }
        }
        ImageRule::AbsentOrLink(target) => {
            for place in item.places.iter().map(Path::new) {
                note(place, machine_id::link_to(root, place, target)?);
            }
        }
        ImageRule::Rewritten(rewrite) => {
            for place in places(root, catalog, item, survey)? {
                let Place::At(path) = place else { continue };
                note(&path, rewritten(root, item, &path, rewrite, survey)?);
            }
        }
        rule @ (ImageRule::Absent | ImageRule::LinksOnly | ImageRule::DirectoriesOnly) => {
            for place in places(root, catalog, item, survey)? {
                let (path, removed) = removed(root, catalog, item, rule, place)?;
                note(&path, Change::removed(removed));
            }
        }
    }
    Ok(changes)
}

fn removed(
    root: &Root,
    catalog: &Catalog,
    item: &Item,
    rule: ImageRule,
    place: Place,
) -> Result<(PathBuf, Tally), RootError> {
    let tally = match (&place, rule) {
        (Place::At(path), ImageRule::LinksOnly) if root.stat(path)?.is_none_or(|stat| stat.kind == Kind::Link) => {
            Tally::default()
        }
        (Place::At(path), _) if item.reading == Reading::SshHostKey => remove_with_target(root, path)?,
        (Place::At(path), _) => root.remove(path)?,
        (Place::Below(directory), ImageRule::DirectoriesOnly) => {
            let mut tally = root.remove_files_below(directory, not_nested(catalog, item))?;
            if item.id == journal::ITEM {
                tally += journal::remove_named_directories(root, directory)?;
            }
            tally
        }
        (Place::Below(directory), _) => root.remove_all_below(directory, not_nested(catalog, item))?,
    };
    let (Place::At(path) | Place::Below(path)) = place;
    Ok((path, tally))
}

/// A key that is a link hides the file that holds the secret: both go.
fn remove_with_target(root: &Root, path: &Path) -> Result<Tally, RootError> {
    let mut tally = Tally::default();
    for path in root.chain(path)? {
        if root.stat(&path)?.is_some_and(|stat| stat.kind != Kind::Directory) {
            tally += root.remove(&path)?;
        }
    }
    Ok(tally)
}

/// Changes the content where it is: behind a link, the file that the link leads to.
fn rewritten(
    root: &Root,
    item: &Item,
    path: &Path,
    rewrite: Rewrite,
    survey: &Survey,
) -> Result<Option<Change>, RootError> {
    match rewrite {
        Rewrite::Emptied => return emptied(root, path),
        Rewrite::ClusterAsleep => return postgres::put_to_sleep(root, path),
        _ => {}
    }
    let Some(stat) = root.stat_followed(path)?.filter(|stat| stat.kind == Kind::File) else { return Ok(None) };
    let Some(text) = root.read_text(path, TEXT_CAP)? else { return Ok(None) };
    let (after, lines) = match rewrite {
        Rewrite::HostsResidue => hosts::without_residue(&text, &survey.names),
        Rewrite::PasswordsLocked => {
            let (after, locked) = accounts::locked(&text);
            (after, locked.len())
        }
        Rewrite::LinesDropped => match item.reading {
            Reading::Lines(wanted) => lines::without(&text, wanted),
            _ => return Ok(None),
        },
        Rewrite::NamesDropped => match item.reading {
            Reading::Names(keys) => names::without(&text, keys, &survey.names),
            _ => return Ok(None),
        },
        Rewrite::Emptied | Rewrite::ClusterAsleep => return Ok(None),
    };
    if lines == 0 {
        return Ok(None);
    }
    let chain = root.chain(path)?;
    root.write(chain.last().map_or(path, PathBuf::as_path), after.as_bytes(), NewFile::like(&stat))?;
    Ok(Some(Change::Rewritten { lines }))
}

/// A link leads to what another program makes, so what it leads to is not touched.
fn emptied(root: &Root, path: &Path) -> Result<Option<Change>, RootError> {
    match root.stat(path)? {
        Some(stat) if stat.kind == Kind::File && stat.size > 0 => root.truncate(path).map(|()| Some(Change::Emptied)),
        _ => Ok(None),
    }
}
