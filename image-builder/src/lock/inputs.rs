//! What a build is given, by content.

use std::io;
use std::path::Path;

use spec::identity::catalog;
use spec::ids::Sha256Hex;
use spec::release::Inputs;

use crate::digest;
use crate::login::Login;
use crate::recipe_file::RecipeFile;

/// Digests everything that a build of this recipe is given.
pub fn inputs(recipe: &RecipeFile, firstboot: Option<&Path>) -> io::Result<Inputs> {
    Ok(Inputs {
        recipe: recipe.digest.clone(),
        settings: recipe.settings.clone(),
        access: Sha256Hex::of(keys(&recipe.login).as_bytes()),
        files: recipe.files.clone(),
        firstboot: firstboot.map(digest::of_file).transpose()?,
        builder: env!("CARGO_PKG_VERSION").to_owned(),
        catalog: catalog::VERSION,
    })
}

/// The keys as lines, under the word of what they are for.
fn keys(login: &Login) -> String {
    match login {
        Login::None => "none\n".to_owned(),
        Login::UserCa(key) => format!("user-ca\n{key}\n"),
        Login::AdminKeys(keys) => {
            let lines: Vec<String> = keys.iter().map(ToString::to_string).collect();
            format!("admin-keys\n{}\n", lines.join("\n"))
        }
    }
}
