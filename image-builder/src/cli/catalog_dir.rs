//! `--catalog-dir`: where a site's rows of the identity catalog lie.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use spec::identity::Catalog;
use spec::identity::catalog::DropIn;

/// Where drop-ins lie when nobody says.
const DEFAULT: &str = "/etc/mintmark/catalog.d";

#[derive(Debug, Args)]
pub(super) struct CatalogArguments {
    /// Drop-ins of the identity catalog (`*.toml`) [default: /etc/mintmark/catalog.d, where it exists]
    #[arg(long, value_name = "DIR")]
    pub catalog_dir: Option<PathBuf>,
}

impl CatalogArguments {
    /// The built-in table with the site's rows.
    pub(super) fn load(&self) -> anyhow::Result<Catalog> {
        let drop_ins = match &self.catalog_dir {
            Some(dir) => {
                read(dir)?.with_context(|| format!("--catalog-dir {}: there is no such folder", dir.display()))?
            }
            None => read(Path::new(DEFAULT))?.unwrap_or_default(),
        };
        Ok(Catalog::with_drop_ins(&drop_ins)?)
    }
}

/// The drop-ins of a folder in their names' order; none where there is no folder.
fn read(dir: &Path) -> anyhow::Result<Option<Vec<DropIn>>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        entries => entries.with_context(|| format!("cannot read {}", dir.display()))?,
    };
    let mut drop_ins = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", dir.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            drop_ins.push(DropIn { name, text });
        }
    }
    drop_ins.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Some(drop_ins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drop_ins_are_read_in_order_and_a_folder_that_was_named_must_be_there() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.toml", "a.toml", "README"] {
            fs::write(dir.path().join(name), "# nothing\n").unwrap();
        }
        let load = |dir: &Path| CatalogArguments { catalog_dir: Some(dir.to_owned()) }.load();
        let names: Vec<String> = load(dir.path()).unwrap().drop_ins().keys().cloned().collect();
        assert_eq!(names, ["a.toml", "b.toml"]);
        assert!(load(&dir.path().join("x")).unwrap_err().to_string().contains("no such folder"));
    }
}
