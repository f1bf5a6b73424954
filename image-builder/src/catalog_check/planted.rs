//! A family's rows planted together, in a tree and in an archive of it.

use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use firstboot_unit::observe::observe;
use firstboot_unit::root::{Root, RootError};
use firstboot_unit::strip::{self, StripOptions, strip};
use pve_archive::pack::{PackError, PackOptions, pack};
use pve_archive::{ArchiveError, Limits, Terms, inspect};
use spec::identity::catalog::{FAMILIES, Proof};
use spec::identity::{Catalog, Finding, Item, MachineIdState, judge_image};

use super::row::{Outcome, RowProof, gone, seen, unplanted};

/// The machine's name in what is planted.
const NAME: &str = "left";
/// What the archives bring along.
const CONF: &[u8] = b"arch: amd64\nhostname: left\nostype: debian\nunprivileged: 1\n";

/// Why the check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Nothing can be planted.
    #[error("cannot plant {path} in a temporary folder")]
    Plant {
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The tree cannot be read.
    #[error("cannot read the planted tree")]
    Tree(#[from] RootError),
    /// The tree cannot be stripped.
    #[error("cannot strip the planted tree")]
    Strip(#[from] strip::StripError),
    /// The tree cannot be packed.
    #[error("cannot pack the planted tree")]
    Pack(#[from] PackError),
    /// The archive cannot be read.
    #[error("cannot read the archive of the planted tree")]
    Archive(#[from] ArchiveError),
}

/// Proves every row of a catalog, in its order by families; rows of drop-ins come last.
///
/// # Errors
/// The check could not be made. A row that does not hold is part of the result.
pub fn check(catalog: &Catalog) -> Result<Vec<RowProof>, CheckError> {
    let mut proofs = Vec::new();
    let built_in: Vec<&str> = FAMILIES.iter().flat_map(|family| family.items).map(|item| item.id).collect();
    let families = FAMILIES.iter().map(|family| family.items.iter().filter_map(|item| catalog.item(item.id)).collect());
    let added = catalog.items().filter(|item| !built_in.contains(&item.id)).collect();
    for rows in families.chain([added]) {
        proofs.extend(family(catalog, rows)?);
    }
    Ok(proofs)
}

fn family(catalog: &Catalog, rows: Vec<&'static Item>) -> Result<Vec<RowProof>, CheckError> {
    let plantable = |item: &Item| item.is_looked_at() && matches!(item.proof, Proof::Planted | Proof::Live(_));
    let dir = tempfile::tempdir().map_err(|source| CheckError::Plant { path: std::env::temp_dir(), source })?;
    let planted: Vec<&'static Item> = rows.iter().copied().filter(|item| plantable(item)).collect();
    plant(dir.path(), &planted)?;
    let before = look(catalog, dir.path())?;
    let options = StripOptions { build_names: vec![NAME.to_owned()], ..StripOptions::default() };
    strip(&Root::open(dir.path())?, catalog, &options)?;
    let after = look(catalog, dir.path())?;
    let proof = |item: &'static Item| {
        let outcome = if plantable(item) { held(item, &before, &after) } else { unplanted(item) };
        RowProof { item: item.id, outcome }
    };
    Ok(rows.into_iter().map(proof).collect())
}

/// What the judge finds in a tree and in its archive.
struct Look {
    tree: Vec<Finding>,
    archive: Vec<Finding>,
}

fn look(catalog: &Catalog, dir: &Path) -> Result<Look, CheckError> {
    let judge = |observations: &[_]| judge_image(catalog, observations, MachineIdState::Empty, &[]);
    let mut archive = Vec::new();
    pack(dir, Some(CONF), PackOptions { newest: None, id_base: 0, threads: 1 }, &mut archive)?;
    let inspection = inspect(Cursor::new(archive), catalog, Terms::new(Limits::default()))?;
    Ok(Look { tree: judge(&observe(&Root::open(dir)?, catalog)), archive: judge(&inspection.observations) })
}

/// Every place of every row; several rows may look at one file.
fn plant(dir: &Path, items: &[&Item]) -> Result<(), CheckError> {
    let put = |path: &str, content: &[u8]| {
        let path = dir.join(path.trim_start_matches('/'));
        let written = (|| {
            fs::create_dir_all(path.parent().unwrap_or(dir))?;
            let mut all = fs::read(&path).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(Vec::new()),
                _ => Err(error),
            })?;
            all.extend_from_slice(content);
            fs::write(&path, all)
        })();
        written.map_err(|source| CheckError::Plant { path, source })
    };
    for item in items {
        for path in item.samples() {
            put(&path, &item.sample_content())?;
        }
    }
    if items.iter().any(|item| item.id == "hostname") { Ok(()) } else { put("/etc/hostname", b"left\n") }
}

fn held(item: &Item, before: &Look, after: &Look) -> Outcome {
    let samples = item.samples();
    let steps = seen(item, &samples, &before.tree, "tree")
        .and_then(|()| seen(item, &samples, &before.archive, "archive"))
        .and_then(|()| gone(item, &after.tree, "tree"))
        .and_then(|()| gone(item, &after.archive, "archive"));
    match (steps, item.proof) {
        (Err(why), _) => Outcome::Failed { why },
        (Ok(()), Proof::Live(package)) => {
            Outcome::Proven { how: format!("planted at {} places; made by {package} in guests' tests", samples.len()) }
        }
        (Ok(()), _) => Outcome::Proven { how: format!("planted at {} places", samples.len()) },
    }
}

#[cfg(test)]
mod tests {
    use spec::identity::catalog::DropIn;

    use super::*;

    #[test]
    fn s4_36_every_row_of_the_catalog_is_proven_or_says_why_not() {
        let proofs = check(Catalog::builtin()).unwrap();
        let failed: Vec<_> = proofs.iter().filter(|proof| matches!(proof.outcome, Outcome::Failed { .. })).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        assert_eq!(proofs.len(), Catalog::builtin().items().count());
        let unproven = proofs.iter().filter(|proof| matches!(proof.outcome, Outcome::Unproven { .. })).count();
        assert!(unproven * 10 < proofs.len(), "{unproven} of {} rows have no proof", proofs.len());
    }

    #[test]
    fn a_row_whose_places_are_taken_by_another_does_not_hold() {
        // `/var/log/**` has a row; a tree inside it that keeps nothing of its own is never seen as the outer row's.
        let text = "[[item]]\nid = \"shadowed\"\ntitle = \"x\"\nplaces = [\"/etc/machine-id/**\"]\nbecause = \"x\"\n\
            severity = 1\nin_image = \"absent\"\n[[item]]\nid = \"acme\"\ntitle = \"x\"\nplaces = [\"/var/lib/acme/*\"]\n\
            because = \"x\"\nseverity = 1\nin_image = \"absent\"\nexcept = [\"/var/lib/acme/left\"]\n";
        let catalog = Catalog::with_drop_ins(&[DropIn { name: "x.toml".into(), text: text.into() }]).unwrap();
        let proofs = check(&catalog).unwrap();
        let outcome = &proofs.iter().find(|proof| proof.item == "acme").unwrap().outcome;
        assert!(matches!(outcome, Outcome::Failed { why } if why.contains("not seen in the tree")), "{outcome:?}");
    }
}
