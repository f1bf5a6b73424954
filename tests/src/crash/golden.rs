//! The golden that the cells are played with: Debian with an SSH server and nothing else, so that a boot is short.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;
use spec::release::Manifest;

use crate::lab::Lab;
use crate::small_recipe;

/// Its name.
pub(super) const NAME: &str = "crash";

/// What makes its boot short, and its archive.
const MORE: &str = r#"[[step]]
run = "systemctl mask --now systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service"
[minimize]
profile = "small"
"#;

/// Builds and releases it; one that a kept lab has already is taken.
pub(super) fn golden(lab: &Lab, bridge: &str) -> Result<Manifest> {
    let noted = lab.layout.root().join("crash-golden");
    if !noted.exists() {
        let folder = lab.layout.root().join("recipes");
        fs::create_dir_all(&folder).context("making the recipe's folder")?;
        let path = folder.join("golden.toml");
        let user_ca = format!("{}.pub", lab.layout.user_ca().display());
        fs::write(&path, small_recipe(NAME, bridge, &user_ca, MORE)).context("writing the recipe")?;
        let built: Value = lab.builder(&["build", &path.to_string_lossy(), "--json"])?.ok()?.json()?;
        let manifest = built["manifest"].as_str().context("the build names no manifest")?;
        lab.release_undrilled(manifest)?;
        fs::write(&noted, manifest).context("noting the golden")?;
    }
    let manifest = fs::read_to_string(&noted).context("reading which golden there is")?;
    serde_json::from_slice(&fs::read(&manifest).context("reading the manifest")?).context("the manifest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipe_is_taken() {
        spec::recipe::Recipe::from_toml(&small_recipe(NAME, "vmbr9", "/etc/ca.pub", MORE)).unwrap();
    }
}
