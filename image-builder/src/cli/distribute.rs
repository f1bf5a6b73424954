//! `image-builder distribute`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use pve_host::Host;
use serde_json::json;
use spec::exit::Exit;
use spec::ids::Volid;

use super::node::NodeArguments;
use super::{node, print};
use crate::distribute::distribute;
use crate::releases::find;

#[derive(Debug, Args)]
pub(super) struct DistributeArguments {
    /// NAME, NAME@RELEASE, a volume id, or a manifest's path
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Where to: a storage of the node that takes backups, or a folder (another node's `dump`, mounted here)
    #[arg(long, value_name = "STORAGE|DIR")]
    pub to: String,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &DistributeArguments) -> anyhow::Result<Exit> {
    let host = node::host(&arguments.node)?;
    let release = find(&host, &arguments.reference)?;
    let to = folder(&host, &arguments.to, &release.manifest.archive.file)?;
    let done = distribute(&release, &to)?;
    if arguments.json {
        print::json(&json!({
            "version": 1,
            "golden": release.manifest.golden,
            "release": release.manifest.release,
            "manifest": done.manifest,
            "was_there": done.was_there,
            "documents": done.documents,
        }))?;
    } else {
        print::pairs([
            ("release", format!("{}@{}", release.manifest.golden, release.manifest.release)),
            (
                "archive",
                if done.was_there { "was there, and is the same" } else { "copied, and is the same" }.to_owned(),
            ),
            ("documents", done.documents.to_string()),
            ("manifest", done.manifest.display().to_string()),
        ])?;
    }
    Ok(Exit::Done)
}

/// A folder as it is; of a storage, the folder that its backups lie in.
fn folder(host: &Host, to: &str, file: &str) -> anyhow::Result<PathBuf> {
    if Path::new(to).is_dir() {
        return Ok(to.into());
    }
    let volid: Volid = format!("{to}:backup/{file}").parse().with_context(|| format!("{to} is no folder"))?;
    let path = host.pvesm().path(&volid).with_context(|| format!("{to} is neither a folder nor a storage"))?;
    let folder = path.parent().context("a storage without a folder")?.to_owned();
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
