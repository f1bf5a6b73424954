//! `image-builder gc`: what interrupted work left.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use spec::exit::Exit;

use super::node::NodeArguments;
use super::{node, print};
use crate::debris::{Debris, debris};
use crate::guest::{Record, Thing, sweep};
use crate::pipeline::tell_leftovers;
use crate::progress::Plain;
use crate::releases::all;

#[derive(Debug, Args)]
pub(super) struct GcArguments {
    #[command(flatten)]
    pub node: NodeArguments,
    /// Remove it; without, it is listed and nothing is touched
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &GcArguments) -> anyhow::Result<Exit> {
    let (host, records) = (node::host(&arguments.node)?, node::records(&arguments.node)?);
    let dead: Vec<Record> = records.all()?.into_iter().filter(|record| !record.owner.is_alive()).collect();
    // Folders without a release hold nothing of ours but what the records tell.
    let folders: BTreeSet<PathBuf> =
        all(&host)?.iter().filter_map(|release| Some(release.archive().parent()?.to_owned())).collect();
    let mut files: Vec<Debris> = Vec::new();
    for folder in &folders {
        files.extend(debris(folder, SystemTime::now()).with_context(|| format!("cannot list {}", folder.display()))?);
    }
    if arguments.yes {
        tell_leftovers(&Plain::default(), sweep(&host, &records)?);
        for file in &files {
            std::fs::remove_file(&file.path).with_context(|| format!("{} stays", file.path.display()))?;
        }
    }
    tell(&dead, &files, arguments)?;
    let left = arguments.yes && records.all()?.iter().any(|record| !record.owner.is_alive());
    Ok(if left { Exit::Parked } else { Exit::Done })
}

fn tell(dead: &[Record], files: &[Debris], arguments: &GcArguments) -> anyhow::Result<()> {
    let records = dead.iter().map(|record| match &record.thing {
        Thing::Guest { vmid } => (format!("guest {vmid}"), "of a build that died"),
        Thing::Archive { archive } => (archive.display().to_string(), "of a build that died"),
    });
    let files = files.iter().map(|file| (file.path.display().to_string(), file.why));
    let rows: Vec<(String, &str)> = records.chain(files).collect();
    if arguments.json {
        let rows: Vec<_> = rows.iter().map(|(what, why)| json!({ "what": what, "why": why })).collect();
        return print::json(&json!({ "version": 1, "removed": arguments.yes, "left": rows }));
    }
    if !arguments.yes && !rows.is_empty() {
        print::hint("nothing was touched; --yes removes it");
    }
    print::table(["LEFT BEHIND", "WHY"], rows.into_iter().map(|(what, why)| [what, why.to_owned()]))
}
