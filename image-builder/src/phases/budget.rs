//! The size that a recipe allows, and the growth since the release before.

use spec::ids::GoldenName;
use spec::minimize::Percent;
use spec::pct::DiskSize;
use spec::recipe::Recipe;
use spec::release::{Before, Sizes};
use spec::software::Attribution;

use crate::printable::mebibytes;
use crate::releases::{self, ReleasesError};
use crate::workshop::Workshop;

/// Packages and directories that a failed budget names.
const NAMED: usize = 8;

/// Why an archive is too big.
#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    /// It is bigger than the recipe allows.
    #[error("the archive has {bytes} bytes, {over} more than release.size_budget = {budget} allows\n{greatest}")]
    Over {
        /// Its bytes.
        bytes: u64,
        /// The bytes that are too many.
        over: u64,
        /// The recipe's limit.
        budget: DiskSize,
        /// What weighs most, as lines.
        greatest: String,
    },
    /// It has grown by more than the recipe allows.
    #[error(
        "the archive has {bytes} bytes, more than minimize.max_growth = {most} above the {before} of {release}\n{greatest}"
    )]
    Grown {
        /// Its bytes.
        bytes: u64,
        /// The recipe's limit.
        most: Percent,
        /// Bytes of the release before.
        before: u64,
        /// The release before.
        release: String,
        /// What weighs most, as lines.
        greatest: String,
    },
}

/// The newest release of the same golden; where the releases cannot be read, that is told and there is none.
pub(super) fn before(workshop: &Workshop<'_>) -> Option<Before> {
    let newest = |name: &GoldenName| -> Result<Option<Before>, ReleasesError> {
        let releases = releases::all(workshop.host)?.into_iter().map(|release| release.manifest);
        let same = releases.filter(|manifest| manifest.golden == *name);
        let newest = same.max_by(|a, b| a.release.cmp(&b.release));
        Ok(newest.map(|manifest| Before { release: manifest.release, bytes: manifest.archive.bytes }))
    };
    newest(&workshop.recipe.name).unwrap_or_else(|error| {
        workshop.progress.warn(&format!("growth is not known, the release before cannot be read: {error}"));
        None
    })
}

/// Holds an archive's bytes to the recipe. A growth that only warns is the answer.
pub(super) fn within(recipe: &Recipe, bytes: u64, sizes: &Sizes) -> Result<Option<String>, BudgetError> {
    let greatest = || greatest(&sizes.attribution);
    if let Some(budget) = recipe.release.size_budget.filter(|budget| bytes > budget.bytes()) {
        return Err(BudgetError::Over { bytes, over: bytes - budget.bytes(), budget, greatest: greatest() });
    }
    let Some(Before { release, bytes: before }) = sizes.before.clone() else { return Ok(None) };
    let exceeded = |share: &Percent| share.is_exceeded(before, bytes);
    if let Some(most) = recipe.minimize.max_growth.filter(exceeded) {
        return Err(BudgetError::Grown { bytes, most, before, release, greatest: greatest() });
    }
    let warned = recipe.minimize.growth.filter(exceeded);
    Ok(warned.map(|share| {
        format!("{} after {} in {release}: more than minimize.growth = {share}", mebibytes(bytes), mebibytes(before))
    }))
}

fn greatest(attribution: &Attribution) -> String {
    let line = |what: &str, sums: Vec<(&str, u64)>| {
        let sums: Vec<String> = sums.iter().map(|(name, bytes)| format!("{name} {}", mebibytes(*bytes))).collect();
        format!("  {what}, unpacked: {}", sums.join(", "))
    };
    let packages = line("greatest packages", attribution.greatest_packages(NAMED));
    let directories = line("greatest directories", attribution.greatest_directories(NAMED));
    let unexplained = mebibytes(attribution.unexplained_bytes);
    format!("{packages}\n{directories}\n  in no package and by nobody known: {unexplained}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(more: &str) -> Recipe {
        Recipe::from_toml(&format!(
            "[golden]\nname = \"small\"\n[base]\nbootstrap = {{ suite = \"trixie\" }}\n[container]\n\
             rootfs = {{ storage = \"local\", size = \"2G\" }}\n{more}"
        ))
        .unwrap()
    }

    fn grown() -> Sizes {
        let attribution =
            Attribution { packages: [("docker.io".to_owned(), 200 << 20)].into(), ..Attribution::default() };
        let before = Some(Before { release: "20260101T000000Z".into(), bytes: 100 });
        Sizes { attribution, before, ..Sizes::default() }
    }

    #[test]
    fn the_budget_is_a_limit_to_the_byte_and_what_weighs_most_is_named() {
        let recipe = recipe("[release]\nsize_budget = \"400M\"\n");
        assert_eq!(within(&recipe, 400 << 20, &Sizes::default()).unwrap(), None);
        let error = within(&recipe, (400 << 20) + 1, &grown()).unwrap_err().to_string();
        assert!(error.starts_with("the archive has 419430401 bytes, 1 more than release.size_budget = 400M allows\n"));
        assert!(error.contains("docker.io 200.0 MiB"), "{error}");
    }

    #[test]
    fn s4_18_growth_past_a_share_warns_and_past_another_refuses() {
        let recipe = recipe("[minimize]\ngrowth = \"10%\"\nmax_growth = \"50%\"\n");
        assert_eq!(within(&recipe, 110, &grown()).unwrap(), None);
        let warned = within(&recipe, 111, &grown()).unwrap().unwrap();
        assert!(warned.contains("minimize.growth = 10%") && warned.contains("20260101T000000Z"), "{warned}");
        let refused = within(&recipe, 151, &grown()).unwrap_err().to_string();
        assert!(refused.contains("minimize.max_growth = 50%"), "{refused}");
        assert_eq!(within(&recipe, 151, &Sizes::default()).unwrap(), None);
    }
}
