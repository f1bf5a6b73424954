//! What the comparison found, as the report tells it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::compare::{Shared, Token, TreeReading};
use super::report::Suspect;
use super::rows::row;

/// Characters of a value that are shown.
const SHOWN: usize = 8;

const SHARED: &str = "both twins hold it, and neither a package nor the node explains where it comes from";
const UNSTABLE: &str = "both twins drew it anew at their second boot: whoever knows the guest by it loses it";

/// Identities that both twins hold.
pub(super) fn shared(shared: &Shared) -> Vec<Suspect> {
    shared.found.iter().filter_map(|found| suspect(&found.path, &found.tokens, SHARED)).collect()
}

/// Identities that change at every boot; `last` is what stood there in the end.
pub(super) fn unstable(paths: &BTreeSet<PathBuf>, last: &TreeReading) -> Vec<Suspect> {
    paths.iter().filter_map(|path| suspect(path, last.at(path)?, UNSTABLE)).collect()
}

fn suspect(path: &Path, tokens: &BTreeSet<Token>, why: &str) -> Option<Suspect> {
    let first = tokens.first()?;
    Some(Suspect {
        path: path.to_string_lossy().into_owned(),
        looks_like: first.kind,
        begins: format!("{}…", first.value.chars().take(SHOWN).collect::<String>()),
        values: tokens.len(),
        why: why.to_owned(),
        row: row(path, why),
    })
}
