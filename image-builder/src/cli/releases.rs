//! `image-builder releases`.

use clap::Args;
use serde_json::json;
use spec::exit::Exit;

use super::node::NodeArguments;
use super::{node, print};
use crate::releases::all;

#[derive(Debug, Args)]
pub(super) struct ReleasesArguments {
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &ReleasesArguments) -> anyhow::Result<Exit> {
    let releases = all(&node::host(&arguments.node)?)?;
    if arguments.json {
        let rows = releases.iter().map(|release| {
            let manifest = &release.manifest;
            json!({
                "golden": manifest.golden,
                "release": manifest.release,
                "archive": manifest.archive,
                "manifest": release.path,
            })
        });
        print::json(&json!({ "version": 1, "releases": rows.collect::<Vec<_>>() }))?;
    } else {
        let rows = releases.iter().map(|release| {
            let manifest = &release.manifest;
            [
                manifest.golden.to_string(),
                manifest.release.clone(),
                print::mebibytes(manifest.archive.bytes),
                manifest.archive.volid.clone(),
            ]
        });
        print::table(["GOLDEN", "RELEASE", "SIZE", "ARCHIVE"], rows)?;
    }
    Ok(Exit::Done)
}
