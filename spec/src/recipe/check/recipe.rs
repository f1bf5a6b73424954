//! The whole recipe, part by part.

use super::{access, base, clean, container, minimize, steps};
use crate::ids::{GoldenName, Hostname};
use crate::recipe::accepted::{Recipe, Step};
use crate::recipe::fragment::Fragment;
use crate::recipe::keys::Problems;
use crate::recipe::problem::RecipeError;

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// Not TOML; or every mistake in it, each with the path of its key.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| RecipeError::Syntax {
            message: error.to_string().trim_end().to_owned(),
        })?;
        let mut problems = Problems::default();
        let fragment = Fragment::read(table, &mut problems);
        let recipe = accept(fragment, &mut problems);
        match (recipe, problems.into_vec()) {
            (Some(recipe), problems) if problems.is_empty() => Ok(recipe),
            (_, problems) => Err(RecipeError::Problems { problems }),
        }
    }
}

/// Every part is looked at before any is given up, so that all mistakes are reported at once.
fn accept(fragment: Fragment, problems: &mut Problems) -> Option<Recipe> {
    let name = name(fragment.name, problems);
    let base = base::base(fragment.template, fragment.sha256, fragment.bootstrap, fragment.base_golden, problems);
    let container = container::container(fragment.container, problems);
    let access = access::access(fragment.user_ca, fragment.admin_keys, problems);
    let steps = steps::steps(fragment.steps, problems);
    let checks = steps::checks(fragment.checks, problems);
    let clean = clean::clean(fragment.host_keys.as_deref(), fragment.machine_id.as_deref(), fragment.keep, problems);
    let minimize = minimize::minimize(fragment.minimize, problems);
    let own_storage = container.as_ref().map(|container| container.rootfs.storage.clone());
    let release = clean::release(fragment.storage, fragment.size_budget, own_storage, problems);
    if steps.iter().any(|step| matches!(step, Step::Apt(_))) && container.as_ref().is_some_and(|c| c.nets.is_empty()) {
        problems.add(
            "container.net0",
            "missing; a step installs packages, which needs a network: net0 = { bridge = \"vmbr0\", ip = \"dhcp\" }",
        );
    }
    Some(Recipe {
        name: name?,
        base: base?,
        container: container?,
        access: access?,
        steps,
        checks,
        clean,
        minimize,
        release: release?,
    })
}

/// The value, or a note that the key is missing (unless it was there and of the wrong type).
pub(super) fn required<T>(value: Option<T>, path: &str, example: &str, problems: &mut Problems) -> Option<T> {
    if value.is_none() && !problems.has(path) {
        problems.add(path, format!("missing; write for instance {example}"));
    }
    value
}

fn name(text: Option<String>, problems: &mut Problems) -> Option<GoldenName> {
    let text = required(text, "golden.name", "name = \"debian13-docker\"", problems)?;
    let name = problems.accept("golden.name", text.parse::<GoldenName>())?;
    problems.accept(
        "golden.name",
        text.parse::<Hostname>().map_err(|e| format!("{e} (the build guest bears this name)")),
    )?;
    Some(name)
}
