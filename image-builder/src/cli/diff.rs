//! `image-builder diff`.

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use spec::compare::{Aspect, Difference, Facts, notes};
use spec::exit::Exit;

use super::node::NodeArguments;
use super::{print, sbom};
use crate::releases;
use crate::survey::survey;

/// Rows of configuration files that a table shows.
const MOST: usize = 200;

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The golden before: NAME@RELEASE, a volume id, a manifest's path, or any archive's path
    #[arg(value_name = "BEFORE")]
    pub before: String,
    /// The golden after
    #[arg(value_name = "AFTER")]
    pub after: String,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print release notes, in Markdown
    #[arg(long, conflicts_with = "json")]
    pub notes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &DiffArguments) -> anyhow::Result<Exit> {
    let before = facts(&arguments.before, &arguments.node)?;
    let after = facts(&arguments.after, &arguments.node)?;
    let difference = Difference::of(&before, &after);
    if arguments.notes {
        print::text(&notes(&difference))?;
    } else if arguments.json {
        let mut value = serde_json::to_value(&difference)?;
        if let Value::Object(fields) = &mut value {
            fields.insert("version".to_owned(), json!(1));
        }
        print::json(&value)?;
    } else {
        tell(&difference)?;
    }
    Ok(Exit::Done)
}

/// What an archive holds, and what its manifest tells besides.
fn facts(reference: &str, node: &NodeArguments) -> anyhow::Result<Facts> {
    let path = sbom::archive(reference, node)?;
    let manifest = releases::beside(&path)?.map(|release| release.manifest);
    let bytes = std::fs::metadata(&path).with_context(|| format!("cannot look at {}", path.display()))?.len();
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let title = manifest.as_ref().map_or(file, |manifest| format!("{}@{}", manifest.golden, manifest.release));
    let mut facts = survey(&path)?.facts(title, bytes).context("the package database does not read")?;
    if let Some(listening) = manifest.and_then(|manifest| manifest.listening) {
        facts.tables.insert(Aspect::Listening, listening);
    }
    Ok(facts)
}

fn tell(difference: &Difference) -> anyhow::Result<()> {
    let bytes = |(before, after): (u64, u64)| format!("{} → {}", print::mebibytes(before), print::mebibytes(after));
    print::pairs([
        ("before", difference.before.clone()),
        ("after", difference.after.clone()),
        ("archive", bytes(difference.archive_bytes)),
        ("tree", bytes(difference.tree_bytes)),
        ("not known", difference.unknown.iter().map(|aspect| aspect.title()).collect::<Vec<_>>().join(", ")),
    ])?;
    let mut rows = Vec::new();
    for (aspect, changes) in &difference.aspects {
        let lines = changes.lines();
        let more = lines.len().saturating_sub(MOST);
        rows.extend(lines.into_iter().take(MOST).map(|(what, key, value)| {
            let value = if *aspect == Aspect::Configuration { String::new() } else { value };
            [aspect.title().to_owned(), what.to_owned(), key, value]
        }));
        if more > 0 {
            rows.push([
                aspect.title().to_owned(),
                "and".to_owned(),
                format!("{more} more; --json has all"),
                String::new(),
            ]);
        }
    }
    print::table(["ASPECT", "CHANGE", "WHAT", "VALUE"], rows)?;
    let weights = difference.weights.iter();
    let weights = weights.map(|w| [w.package.clone(), print::mebibytes(w.before), print::mebibytes(w.after)]);
    print::table(["PACKAGE", "BEFORE", "AFTER"], weights)
}
