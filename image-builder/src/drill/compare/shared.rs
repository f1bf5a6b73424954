//! What both twins hold and nothing explains.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::explain::{Explained, Explanations};
use super::reading::TreeReading;
use super::tokens::Token;

/// Tokens that both twins hold at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedTokens {
    /// Where, in the first twin.
    pub(crate) path: PathBuf,
    /// What nothing explains; never empty.
    pub(crate) tokens: BTreeSet<Token>,
}

/// The comparison's outcome.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Shared identities, by path.
    pub(crate) found: Vec<SharedTokens>,
    /// How many shared tokens were explained, and by what.
    pub(crate) explained: BTreeMap<Explained, usize>,
    /// How many tokens the twins have each for itself.
    pub(crate) own: usize,
}

/// Compares two twins: what the second one holds anywhere, wherever the first one holds it.
pub(crate) fn shared(first: &TreeReading, second: &TreeReading, explanations: &Explanations<'_>) -> Shared {
    let everywhere: BTreeSet<&str> = second.tokens.values().flatten().map(|token| token.value.as_str()).collect();
    let mut shared = Shared::default();
    for (path, tokens) in &first.tokens {
        let both = tokens.iter().filter(|token| everywhere.contains(token.value.as_str()));
        let unexplained: BTreeSet<Token> =
            both.filter(|token| !shared.explains(explanations, path, token)).cloned().collect();
        if !unexplained.is_empty() {
            shared.found.push(SharedTokens { path: path.clone(), tokens: unexplained });
        }
    }
    shared.own = first.tokens.values().flatten().filter(|token| !everywhere.contains(token.value.as_str())).count();
    shared
}

impl Shared {
    fn explains(&mut self, explanations: &Explanations<'_>, path: &Path, token: &Token) -> bool {
        let explained = explanations.of(path, token);
        if let Some(explained) = explained {
            *self.explained.entry(explained).or_default() += 1;
        }
        explained.is_some()
    }
}
