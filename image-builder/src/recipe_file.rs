//! A recipe read from its file, with what the command line changes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use spec::ids::Sha256Hex;
use spec::recipe::{Recipe, RecipeError, Script, Step};
use toml::{Table, Value};

use crate::digest;
use crate::login::{Login, LoginError};

/// A recipe and where it came from.
#[derive(Debug)]
pub struct RecipeFile {
    /// The recipe.
    pub recipe: Recipe,
    /// The keys that its access names.
    pub login: Login,
    /// SHA-256 of the file.
    pub digest: Sha256Hex,
    /// The folder that its relative paths start from.
    pub dir: PathBuf,
    /// What the command line changed, by key; without what only says where things are, and without the access, whose
    /// keys count and not their paths.
    pub settings: BTreeMap<String, String>,
    /// SHA-256 of each file that steps and checks need, by its path beside the recipe.
    pub files: BTreeMap<String, Sha256Hex>,
}

/// A key of the recipe with another value: `access.user_ca=/etc/ca.pub`.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    path: Vec<String>,
    value: Value,
}

/// Why there is no recipe.
#[derive(Debug, thiserror::Error)]
pub enum RecipeFileError {
    /// The file could not be read.
    #[error("cannot read the recipe {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file is no recipe.
    #[error("{path} is no recipe")]
    Recipe {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: RecipeError,
    },
    /// A key that it names is none.
    #[error("{path} gives access to nobody")]
    Login {
        /// The recipe.
        path: PathBuf,
        /// Why.
        #[source]
        source: LoginError,
    },
    /// A script or a file to copy is not there.
    #[error("the recipe names {path}, which is no readable file")]
    Missing {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A setting leads through something that is no table.
    #[error("--set {key}: {part} is no table of the recipe")]
    Setting {
        /// The setting's key.
        key: String,
        /// The part of it that is something else.
        part: String,
    },
}

/// Why a text is no setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no setting; write KEY=VALUE, like access.user_ca=/etc/mintmark/ca.pub")]
pub struct InvalidSetting {
    /// The text as given.
    pub text: String,
}

impl std::str::FromStr for Setting {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let invalid = || InvalidSetting { text: text.to_owned() };
        let (key, value) = text.split_once('=').ok_or_else(invalid)?;
        let path: Vec<String> = key.trim().split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(invalid());
        }
        // `4` and `["a"]` mean what they mean in the recipe; a bare word or path needs no quotes here.
        let parsed = format!("v = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("v"));
        Ok(Self { path, value: parsed.unwrap_or_else(|| Value::String(value.to_owned())) })
    }
}

/// A recipe's text with the settings in it.
pub(crate) fn text_with(path: &Path, settings: &[Setting]) -> Result<String, RecipeFileError> {
    let text = fs::read_to_string(path);
    apply(text.map_err(|source| RecipeFileError::Read { path: path.to_owned(), source })?, settings)
}

/// Reads a recipe; the settings win over what it says.
pub fn read(path: &Path, settings: &[Setting]) -> Result<RecipeFile, RecipeFileError> {
    let failed = |source| RecipeFileError::Read { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(failed)?;
    let digest = digest::of_text(&text).map_err(failed)?;
    let absolute = fs::canonicalize(path).map_err(failed)?;
    let dir = absolute.parent().unwrap_or(Path::new("/")).to_owned();
    let text = apply(text, settings)?;
    let recipe = Recipe::from_toml(&text);
    let recipe = recipe.map_err(|source| RecipeFileError::Recipe { path: path.to_owned(), source })?;
    let login = Login::read(&recipe.access, &dir);
    let login = login.map_err(|source| RecipeFileError::Login { path: path.to_owned(), source })?;
    let mut digests = BTreeMap::new();
    for file in files(&recipe) {
        let path = dir.join(file);
        let digest = readable(&path).and_then(|()| digest::of_file(&path));
        digests.insert(file.to_owned(), digest.map_err(|source| RecipeFileError::Missing { path, source })?);
    }
    let settings = settings.iter().filter(|setting| setting.says_what()).map(Setting::pair).collect();
    Ok(RecipeFile { recipe, login, digest, dir, settings, files: digests })
}

impl Setting {
    /// Whether it changes what is built: neither a place of the node's own, nor the path of a key.
    fn says_what(&self) -> bool {
        let is_place = self.path.last().is_some_and(|last| last == "bridge" || last == "storage");
        !is_place && self.path.first().is_none_or(|first| first != "access")
    }

    /// Key and value as the recipe would have them.
    fn pair(&self) -> (String, String) {
        (self.path.join("."), self.value.to_string())
    }
}

/// Holds that a path is a file that can be read. It is looked at first: opening a pipe would wait for its other end.
fn readable(path: &Path) -> io::Result<()> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    fs::File::open(path).map(drop)
}

/// The files that steps and checks will need.
fn files(recipe: &Recipe) -> impl Iterator<Item = &str> {
    let steps = recipe.steps.iter().filter_map(|step| match step {
        Step::Run(run) => script_file(run),
        Step::Copy(copy) => Some(copy.from.as_str()),
        Step::Apt(_) | Step::Env(_) => None,
    });
    steps.chain(recipe.checks.iter().filter_map(|check| script_file(&check.run)))
}

fn script_file(script: &Script) -> Option<&str> {
    match script {
        Script::File(file) => Some(file),
        Script::Command(_) => None,
    }
}

/// The text with the settings in it. Without settings, or when it is no TOML, it is left as it is, so that the
/// recipe's own parser can point at the line.
fn apply(text: String, settings: &[Setting]) -> Result<String, RecipeFileError> {
    let Some(mut table) = text.parse::<Table>().ok().filter(|_| !settings.is_empty()) else { return Ok(text) };
    for setting in settings {
        set(&mut table, setting)?;
    }
    Ok(table.to_string())
}

fn set(table: &mut Table, setting: &Setting) -> Result<(), RecipeFileError> {
    let Some((last, before)) = setting.path.split_last() else { return Ok(()) };
    let mut table = table;
    for part in before {
        let below = table.entry(part.clone()).or_insert_with(|| Value::Table(Table::new()));
        table = below
            .as_table_mut()
            .ok_or_else(|| RecipeFileError::Setting { key: setting.path.join("."), part: part.clone() })?;
    }
    table.insert(last.clone(), setting.value.clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, setting: &str) -> Result<Table, RecipeFileError> {
        let text = apply(text.to_owned(), &[setting.parse().unwrap()])?;
        Ok(text.parse().unwrap())
    }

    #[test]
    fn a_setting_replaces_adds_and_keeps_its_type() {
        let text = "[access]\nuser_ca = \"keys/ca.pub\"\n[container]\nnet0 = { bridge = \"vmbr0\" }\n";
        assert_eq!(applied(text, "access.user_ca=/a/b.pub").unwrap()["access"]["user_ca"].as_str(), Some("/a/b.pub"));
        assert_eq!(applied(text, "container.cores=4").unwrap()["container"]["cores"].as_integer(), Some(4));
        let bridged = applied(text, "container.net0.bridge=vmbr66").unwrap();
        assert_eq!(bridged["container"]["net0"]["bridge"].as_str(), Some("vmbr66"));
        assert_eq!(applied(text, "release.storage=tank").unwrap()["release"]["storage"].as_str(), Some("tank"));
    }

    #[test]
    fn a_setting_without_a_value_or_through_a_value_is_refused() {
        for text in ["access.user_ca", "=x", "a..b=1"] {
            assert_eq!(text.parse::<Setting>(), Err(InvalidSetting { text: text.to_owned() }));
        }
        let error = applied("[golden]\nname = \"x\"\n", "golden.name.x=1").unwrap_err();
        assert_eq!(error.to_string(), "--set golden.name.x: name is no table of the recipe");
    }
}
