//! Several recipes at once: which there are, and in which order they are built.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use spec::ids::GoldenName;
use spec::recipe::{Base, Recipe};

/// Why recipes cannot be built together.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A folder does not list.
    #[error("cannot look for recipes in {path}")]
    List {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A folder holds none.
    #[error("no recipe in {path}: neither *.toml nor */golden.toml is there")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Two recipes make the same golden.
    #[error("two recipes make the golden {0}; name one of them otherwise")]
    Twice(GoldenName),
    /// Goldens are layered on each other in a circle.
    #[error("these goldens are layered on each other in a circle: {}", .0.iter().map(GoldenName::as_str).collect::<Vec<_>>().join(", "))]
    Circle(Vec<GoldenName>),
}

/// The recipes that paths mean: a file is one; a folder holds `*.toml`, or folders with a `golden.toml` each.
pub fn recipes(paths: &[PathBuf]) -> Result<Vec<PathBuf>, BatchError> {
    let mut recipes = Vec::new();
    for path in paths {
        if path.is_dir() {
            recipes.extend(in_folder(path)?);
        } else {
            recipes.push(path.clone());
        }
    }
    Ok(recipes)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, BatchError> {
    let failed = |source| BatchError::List { path: folder.to_owned(), source };
    let mut recipes = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && path.extension().is_some_and(|ending| ending == "toml") {
            recipes.push(path);
        } else if path.join("golden.toml").is_file() {
            recipes.push(path.join("golden.toml"));
        }
    }
    recipes.sort();
    if recipes.is_empty() { Err(BatchError::Empty { path: folder.to_owned() }) } else { Ok(recipes) }
}

/// The golden that a recipe is layered on.
pub fn parent(recipe: &Recipe) -> Option<&GoldenName> {
    match &recipe.base {
        Base::Golden(golden) => Some(&golden.name),
        Base::Template { .. } | Base::Bootstrap(_) => None,
    }
}

/// The recipes' numbers in an order in which every parent comes before its children, else as given.
pub fn order(recipes: &[&Recipe]) -> Result<Vec<usize>, BatchError> {
    for (index, recipe) in recipes.iter().enumerate() {
        if recipes[..index].iter().any(|before| before.name == recipe.name) {
            return Err(BatchError::Twice(recipe.name.clone()));
        }
    }
    let mut left: Vec<usize> = (0..recipes.len()).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |index: &usize| {
            parent(recipes[*index]).is_some_and(|parent| left.iter().any(|other| recipes[*other].name == *parent))
        };
        let Some(place) = left.iter().position(|index| !waits(index)) else {
            return Err(BatchError::Circle(left.iter().map(|index| recipes[*index].name.clone()).collect()));
        };
        ordered.push(left.remove(place));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(name: &str, base: &str) -> Recipe {
        let base = match base {
            "" => "template = \"local:vztmpl/t.tar.zst\"".to_owned(),
            golden => format!("golden = \"{golden}\""),
        };
        let rest = "[container]\nrootfs = { storage = \"local\", size = \"2G\" }\nunprivileged = true\n";
        Recipe::from_toml(&format!("[golden]\nname = \"{name}\"\n[base]\n{base}\n{rest}")).unwrap()
    }

    fn ordered(recipes: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let recipes: Vec<Recipe> = recipes.iter().map(|(name, base)| recipe(name, base)).collect();
        let recipes: Vec<&Recipe> = recipes.iter().collect();
        let order = order(&recipes).map_err(|error| error.to_string())?;
        Ok(order.into_iter().map(|index| recipes[index].name.to_string()).collect())
    }

    #[test]
    fn parents_come_first_and_others_stay_where_they_are() {
        let all =
            [("web", "docker"), ("alone", ""), ("docker", "base@1"), ("base", ""), ("x", "of-another-repository")];
        assert_eq!(ordered(&all).unwrap(), ["alone", "base", "docker", "web", "x"]);
    }

    #[test]
    fn a_circle_and_twins_are_refused_by_name() {
        assert!(ordered(&[("a", "b"), ("b", "a"), ("c", "")]).unwrap_err().ends_with("in a circle: a, b"));
        assert!(ordered(&[("a", ""), ("a", "")]).unwrap_err().contains("two recipes make the golden a"));
    }

    #[test]
    fn a_folder_means_the_recipes_in_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(recipes(&[folder.path().to_owned()]).is_err());
        fs::create_dir(folder.path().join("docker")).unwrap();
        for file in ["docker/golden.toml", "base.toml", "notes.txt"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let found = recipes(&[folder.path().to_owned(), "other.toml".into()]).unwrap();
        let expected = [folder.path().join("base.toml"), folder.path().join("docker/golden.toml"), "other.toml".into()];
        assert_eq!(found, expected);
    }
}
