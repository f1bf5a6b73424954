//! The whole recipe, part by part.

use super::{access, base, clean, container, minimize, steps};
use crate::ids::{GoldenName, Hostname};
use crate::recipe::accepted::{Access, KeySource, Recipe, Script, Step};
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

/// The files that a recipe names, as far as it reads: also of one that is refused for something else.
pub fn named_files(text: &str) -> Vec<NamedFile> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    // Mistakes are told by the recipe itself.
    let mut ignored = Problems::default();
    let fragment = Fragment::read(table, &mut ignored);
    let access = access::access(fragment.user_ca, fragment.admin_keys, &mut ignored);
    let named = |key: String, path: &str| NamedFile { key, path: path.to_owned() };
    let keys = match access {
        Some(Access::UserCa(KeySource::File(path))) => vec![named("access.user_ca".to_owned(), &path)],
        Some(Access::AdminKeys(sources)) => {
            let files = sources.iter().filter_map(|source| match source {
                KeySource::File(path) => Some(named("access.admin_keys".to_owned(), path)),
                KeySource::Inline(_) => None,
            });
            files.collect()
        }
        _ => Vec::new(),
    };
    let steps = fragment.steps.into_iter().enumerate().flat_map(|(index, step)| {
        let accepted = steps::steps(vec![step], &mut Problems::default());
        accepted.into_iter().filter_map(move |step| match step {
            Step::Run(Script::File(path)) => Some(NamedFile { key: format!("step[{}].run", index + 1), path }),
            Step::Copy(copy) => Some(NamedFile { key: format!("step[{}].copy.from", index + 1), path: copy.from }),
            _ => None,
        })
    });
    let checks = fragment.checks.into_iter().enumerate().flat_map(|(index, check)| {
        let accepted = steps::checks(vec![check], &mut Problems::default());
        accepted.into_iter().filter_map(move |check| match check.run {
            Script::File(path) => Some(NamedFile { key: format!("check[{}].run", index + 1), path }),
            Script::Command(_) => None,
        })
    });
    keys.into_iter().chain(steps).chain(checks).collect()
}

/// A file that a recipe names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// The key that names it.
    pub key: String,
    /// Its path, relative to the recipe or absolute.
    pub path: String,
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
