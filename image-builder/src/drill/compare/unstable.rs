//! What a twin has drawn anew at its second boot.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::reading::TreeReading;
use super::tokens::Token;

/// More new tokens than these in one file are a log or a table, not an identity.
const MOST: usize = 8;

/// Paths where the same number of tokens stands after the second boot as after the first, and some of them are others.
pub(crate) fn unstable(before: &TreeReading, after: &TreeReading) -> BTreeSet<PathBuf> {
    let changed = before.tokens.iter().filter(|(path, tokens)| has_changed(tokens, after, path));
    changed.map(|(path, _)| path.clone()).collect()
}

fn has_changed(before: &BTreeSet<Token>, after: &TreeReading, path: &Path) -> bool {
    let Some(after) = after.tokens.get(path) else { return false };
    let gone = before.difference(after).count();
    gone > 0 && gone <= MOST && gone == after.difference(before).count()
}
