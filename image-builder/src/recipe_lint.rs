//! A recipe linted: everything that is wrong with it and with the files that it names, at once and without a node.

use std::fs;
use std::io;
use std::path::Path;

use spec::recipe::{Problem, PublicKey, Recipe, RecipeError, named_files};

use crate::recipe_file::{RecipeFileError, Setting, text_with};

/// More than any public key has.
const KEY_BYTES: u64 = 64 << 10;

/// Every mistake. Only what keeps the recipe from being looked at is an error: no file, or a setting that fits nowhere.
pub fn lint_recipe(path: &Path, settings: &[Setting]) -> Result<Vec<Problem>, RecipeFileError> {
    let text = text_with(path, settings)?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut problems = match Recipe::from_toml(&text) {
        Ok(recipe) => budget(&recipe).into_iter().collect(),
        Err(RecipeError::Problems { problems }) => problems,
        Err(RecipeError::Syntax { message }) => {
            return Ok(vec![problem("the file", format!("is not TOML: {message}"))]);
        }
    };
    for file in named_files(&text) {
        let is_key = file.key.starts_with("access.");
        if let Err(why) = if is_key { key(&dir.join(&file.path)) } else { readable(&dir.join(&file.path)) } {
            problems.push(problem(&file.key, format!("{:?} {why}", file.path)));
        }
    }
    Ok(problems)
}

/// A budget that the whole disk would fit into limits nothing.
fn budget(recipe: &Recipe) -> Option<Problem> {
    let (budget, disk) = (recipe.release.size_budget?, recipe.container.rootfs.size);
    let why = format!("{budget} is more than the whole disk (container.rootfs, {disk}): it limits nothing");
    (budget.bytes() > disk.bytes()).then(|| problem("release.size_budget", why))
}

fn readable(path: &Path) -> Result<(), String> {
    looked_at(path).map_err(|error| format!("cannot be read: {error}"))
}

/// A file that can be read. It is looked at first: opening a pipe would wait for its other end.
fn looked_at(path: &Path) -> io::Result<()> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    fs::File::open(path).map(drop)
}

/// Its content is never part of the message: it may be the private half.
fn key(path: &Path) -> Result<(), String> {
    readable(path)?;
    let too_big = fs::metadata(path).is_ok_and(|metadata| metadata.len() > KEY_BYTES);
    let text = if too_big { None } else { fs::read_to_string(path).ok() };
    match text.map(|text| text.parse::<PublicKey>()) {
        Some(Ok(_)) => Ok(()),
        Some(Err(why)) => Err(format!("holds no public key: {why}")),
        None => Err("holds no public key".to_owned()),
    }
}

fn problem(path: &str, text: String) -> Problem {
    Problem { path: path.to_owned(), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(recipe: &str, files: &[(&str, &str)]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let path = dir.path().join("golden.toml");
        fs::write(&path, recipe).unwrap();
        lint_recipe(&path, &[]).unwrap().iter().map(|problem| problem.path.clone()).collect()
    }

    const SOUND: &str = "[golden]\nname = \"small\"\n[base]\nbootstrap = { suite = \"trixie\" }\n[container]\nunprivileged = true\n\
                         rootfs = { storage = \"local\", size = \"4G\" }\n[access]\nuser_ca = \"ca.pub\"\n[[step]]\nrun = \"./slim.sh\"\n\
                         [[check]]\nrun = \"true\"\n[release]\nsize_budget = \"400M\"\n";
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ca\n";

    #[test]
    fn a_sound_recipe_has_nothing_told() {
        assert_eq!(told(SOUND, &[("ca.pub", KEY), ("slim.sh", "")]), Vec::<String>::new());
    }

    #[test]
    fn mistakes_of_the_recipe_and_of_its_files_come_together() {
        let recipe = SOUND.replace("unprivileged = true", "unprivileged = false").replace(
            "[[check]]\nrun = \"true\"",
            "[[check]]\nrun = \"checks/gone.sh\"\n[clean]\nkeep = [{ item = \"no-such\", reason = \"x\" }]",
        );
        let told = told(&recipe, &[("ca.pub", "-----BEGIN OPENSSH PRIVATE KEY-----\n")]);
        assert_eq!(
            told,
            ["container.unprivileged", "clean.keep[1].item", "access.user_ca", "step[1].run", "check[1].run"]
        );
    }

    #[test]
    fn a_budget_beyond_the_disk_and_a_text_that_is_no_toml_are_told() {
        let files = [("ca.pub", KEY), ("slim.sh", "")];
        assert_eq!(told(&SOUND.replace("400M", "5G"), &files), ["release.size_budget"]);
        assert_eq!(told("[golden", &files), ["the file"]);
    }
}
