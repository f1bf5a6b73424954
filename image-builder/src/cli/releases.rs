//! `image-builder releases`.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use spec::exit::Exit;

use super::node::NodeArguments;
use super::trust::SignersArguments;
use super::{node, print};
use crate::registry::Stands;
use crate::releases::{Release, all};

#[derive(Debug, Args)]
pub(super) struct ReleasesArguments {
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub signers: SignersArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &ReleasesArguments) -> anyhow::Result<Exit> {
    let releases = all(&node::host(&arguments.node)?)?;
    let states: Vec<String> = states(&releases, &arguments.signers);
    if arguments.json {
        let rows = releases.iter().zip(&states).map(|(release, state)| {
            let manifest = &release.manifest;
            json!({
                "golden": manifest.golden,
                "release": manifest.release,
                "archive": manifest.archive,
                "manifest": release.path,
                "sha256": release.sha256,
                "state": state,
            })
        });
        print::json(&json!({ "version": 1, "releases": rows.collect::<Vec<_>>() }))?;
    } else {
        let rows = releases.iter().zip(&states).map(|(release, state)| {
            let manifest = &release.manifest;
            [
                manifest.golden.to_string(),
                manifest.release.clone(),
                state.clone(),
                print::mebibytes(manifest.archive.bytes),
                manifest.archive.volid.clone(),
            ]
        });
        print::table(["GOLDEN", "RELEASE", "STATE", "SIZE", "ARCHIVE"], rows)?;
    }
    Ok(Exit::Done)
}

/// How far each has come; `unknown` where nobody said whose signatures count.
fn states(releases: &[Release], signers: &SignersArguments) -> Vec<String> {
    let now = Timestamp::now();
    let signers = match signers.read() {
        Ok(signers) => signers,
        Err(error) => {
            print::hint(&format!("states are unknown: {error}"));
            return vec!["unknown".to_owned(); releases.len()];
        }
    };
    let state = |release| match Stands::of(release, &signers, now) {
        Ok(stands) => stands.state.to_string(),
        Err(error) => {
            print::report(&error.into());
            "unknown".to_owned()
        }
    };
    releases.iter().map(state).collect()
}
