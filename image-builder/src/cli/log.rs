//! `image-builder log` and `verify-log`: everything that was done to a golden's releases.

use anyhow::{Context, ensure};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::ids::GoldenName;
use spec::release::{Action, Channel, Line};

use super::bad_input::BadInput;
use super::node::NodeArguments;
use super::trust::SignersArguments;
use super::{node, print};
use crate::registry::{Folder, Log, folders, open_file};
use crate::releases::all;

#[derive(Debug, Args)]
pub(super) struct LogArguments {
    /// The golden
    #[arg(value_name = "GOLDEN")]
    pub golden: GoldenName,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct VerifyLogArguments {
    #[command(flatten)]
    pub log: LogArguments,
    #[command(flatten)]
    pub signers: SignersArguments,
}

/// Prints the log.
pub(super) fn print(arguments: &LogArguments) -> anyhow::Result<Exit> {
    let (_, log) = read(arguments).map_err(BadInput::of)?;
    if arguments.json {
        let lines: Vec<Value> =
            log.chain.lines().iter().map(|line| json!({ "entry": line.entry, "sha256": line.sha256 })).collect();
        print::json(&json!({ "version": 1, "golden": arguments.golden, "lines": lines }))?;
    } else {
        print::table(["#", "WHEN", "WHO", "RELEASE", "DID"], log.chain.lines().iter().map(row))?;
    }
    Ok(Exit::Done)
}

/// Follows the chain, asks every signature, and holds the channels against their lines.
pub(super) fn verify(arguments: &VerifyLogArguments) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let signers = arguments.signers.read().map_err(BadInput::of)?;
    let (folder, log) = read(&arguments.log)?;
    log.chain.verify_seals(&signers).context("the log is not to be believed")?;
    let golden = &arguments.log.golden;
    let channels = folder.channels(golden)?;
    for channel in &channels {
        let path = folder.channel(golden, channel);
        let sealed = open_file::<Channel>(&path, &signers, now)?;
        fits(&log, &sealed.document).with_context(|| format!("channel {golden}/{channel} is not the log's"))?;
    }
    let head = log.chain.head().map(|line| line.sha256.to_string()).unwrap_or_default();
    let lines = log.chain.lines().len();
    if arguments.log.json {
        print::json(&json!({ "version": 1, "golden": golden, "lines": lines, "channels": channels, "head": head }))?;
    } else {
        print::pairs([
            ("golden", golden.to_string()),
            ("lines, each signed and in its place", lines.to_string()),
            ("channels, each issued by its line", channels.len().to_string()),
            ("head", head),
        ])?;
    }
    Ok(Exit::Done)
}

fn read(arguments: &LogArguments) -> anyhow::Result<(Folder, Log)> {
    let golden = &arguments.golden;
    let folders = folders(&all(&node::host(&arguments.node)?)?);
    let folder = folders.into_iter().find(|folder| folder.log(golden).exists());
    let folder = folder.with_context(|| format!("golden {golden} has no log: nothing of it was ever signed"))?;
    let log = Log::read(folder.log(golden))?;
    Ok((folder, log))
}

/// A channel's serial is its line's number, and that line issued it.
fn fits(log: &Log, channel: &Channel) -> anyhow::Result<()> {
    let line = log.chain.line(channel.serial);
    let line =
        line.with_context(|| format!("serial {} is beyond its {} lines", channel.serial, log.chain.lines().len()))?;
    ensure!(line.sha256 == channel.log, "it was issued under another log");
    let issued = line.entry.action.issued() == Some(&channel.channel);
    ensure!(issued && line.entry.manifest == channel.target.manifest, "line {} did not issue it", channel.serial);
    Ok(())
}

fn row(line: &Line) -> [String; 5] {
    let entry = &line.entry;
    let did = match &entry.action {
        Action::Recorded { gate, result, evidence } => {
            format!("recorded {gate}: {result:?}, {}", evidence.short()).to_lowercase()
        }
        Action::Promoted { channel, evidence } => format!("promoted to {channel} by {} records", evidence.len()),
        Action::Reissued { channel } => format!("issued {channel} again"),
        Action::Revoked { reason } => format!("revoked: {reason}"),
        Action::Retired { reason } => format!("retired: {reason}"),
    };
    [entry.seq.to_string(), entry.at.to_string(), entry.principal.to_string(), entry.release.clone(), did]
}
