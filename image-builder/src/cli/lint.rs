//! `image-builder lint`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use spec::exit::Exit;

use super::bad_input::BadInput;
use super::print;
use crate::recipe_file::Setting;
use crate::recipe_lint::lint_recipe;

#[derive(Debug, Args)]
pub(super) struct LintArguments {
    /// The recipe
    #[arg(value_name = "RECIPE")]
    pub recipe: PathBuf,
    /// Set a key of the recipe (`access.user_ca=/etc/mintmark/ca.pub`); may be given again
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<Setting>,
    /// Print the mistakes as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &LintArguments) -> anyhow::Result<Exit> {
    let problems = lint_recipe(&arguments.recipe, &arguments.settings).map_err(BadInput::of)?;
    if arguments.json {
        let rows = problems.iter().map(|problem| json!({ "key": problem.path, "why": problem.text }));
        print::json(&json!({ "version": 1, "recipe": arguments.recipe, "mistakes": rows.collect::<Vec<_>>() }))?;
    } else if problems.is_empty() {
        print::pairs([("recipe", arguments.recipe.display().to_string()), ("mistakes", "none".to_owned())])?;
    } else {
        print::table(["KEY", "MISTAKE"], problems.iter().map(|problem| [problem.path.clone(), problem.text.clone()]))?;
    }
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Usage })
}
