//! `image-builder revoke` and `retire`: nobody makes a guest of that release any more.

use anyhow::{bail, ensure};
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use spec::exit::Exit;
use spec::release::{Action, Channel, Namespace, Sealed, State, Withdrawn};

use super::bad_input::BadInput;
use super::node::NodeArguments;
use super::trust::SignerArguments;
use super::{node, print};
use crate::registry::{Folder, Issue, Locked, Log, Stands, Why, issue, open_file};
use crate::releases::{Release, all, find};
use crate::signing::Signatory;

#[derive(Debug, Args)]
pub(super) struct WithdrawArguments {
    /// NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Why; every channel of the golden tells it
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub signer: SignerArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &WithdrawArguments, how: Withdrawn) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let prepared = (|| {
        ensure!(!arguments.reason.trim().is_empty(), "--reason is empty: say why, every user will read it");
        let host = node::host(&arguments.node)?;
        let release = find(&host, &arguments.reference)?;
        let signatory = arguments.signer.signatory()?;
        for namespace in [Namespace::Channel, Namespace::Log] {
            signatory.principal(namespace, now)?;
        }
        let alone = Folder::of_archive(&release.archive()).lock(&release.manifest.golden)?;
        let stands = Stands::of(&release, signatory.signers(), now)?;
        ensure_not_withdrawn(&stands, &release, how)?;
        anyhow::Ok((all(&host)?, release, signatory, alone, stands.log))
    })();
    let (releases, release, signatory, alone, mut log) = prepared.map_err(BadInput::of)?;
    let reason = arguments.reason.clone();
    let action = match how {
        Withdrawn::Revoked => Action::Revoked { reason },
        Withdrawn::Retired => Action::Retired { reason },
    };
    log.append(&alone, &release, action, &signatory, now)?;
    let mut reissued = Vec::new();
    let mut left = Vec::new();
    for channel in channels(&release, &signatory, now)? {
        match channel.and_then(|channel| reissue(&alone, &mut log, &releases, channel, &signatory, now)) {
            Ok(channel) => reissued.push(channel),
            Err(error) => left.push(error),
        }
    }
    tell(arguments.json, &release, how, &reissued)?;
    left.iter().for_each(print::report);
    // The log says it, and who reads the log obeys; a channel that does not must be mended by a person.
    Ok(if left.is_empty() { Exit::Done } else { Exit::Parked })
}

fn ensure_not_withdrawn(stands: &Stands, release: &Release, how: Withdrawn) -> anyhow::Result<()> {
    let title = format!("{}@{}", release.manifest.golden, release.manifest.release);
    match (stands.state, how) {
        (State::Revoked, _) => bail!("{title} is revoked already"),
        (State::Retired, Withdrawn::Retired) => bail!("{title} is retired already"),
        _ => Ok(()),
    }
}

type Read = anyhow::Result<Sealed<Channel>>;

fn channels(release: &Release, signatory: &Signatory, now: Timestamp) -> anyhow::Result<Vec<Read>> {
    let folder = Folder::of_archive(&release.archive());
    let golden = &release.manifest.golden;
    let channels = folder.channels(golden)?.into_iter();
    Ok(channels.map(|channel| Ok(open_file(&folder.channel(golden, &channel), signatory.signers(), now)?)).collect())
}

/// The same pointer, with a higher serial and with what was withdrawn.
fn reissue(
    alone: &Locked,
    log: &mut Log,
    releases: &[Release],
    channel: Sealed<Channel>,
    signatory: &Signatory,
    now: Timestamp,
) -> anyhow::Result<Channel> {
    let Channel { golden, channel, issued, expires, target, gates, evidence, end_of_life, .. } = channel.document;
    let Some(release) = releases.iter().find(|release| release.sha256 == target.manifest) else {
        bail!("channel {golden}/{channel} points at {}, which is not there any more: promote another", target.release);
    };
    let lifetime = expires.duration_since(issued);
    let why = Why::Withdrawal;
    let issued = Issue { channel, release, target, gates, evidence, lifetime, end_of_life, why };
    Ok(issue(alone, log, issued, signatory, now)?)
}

fn tell(as_json: bool, release: &Release, how: Withdrawn, reissued: &[Channel]) -> anyhow::Result<()> {
    let manifest = &release.manifest;
    if as_json {
        let channels = reissued.iter().map(|channel| json!({ "channel": channel.channel, "serial": channel.serial }));
        return print::json(&json!({
            "version": 1,
            "golden": manifest.golden,
            "release": manifest.release,
            "how": how,
            "channels": channels.collect::<Vec<_>>(),
        }));
    }
    print::pairs([("release", format!("{}@{}", manifest.golden, manifest.release)), ("is now", how.to_string())])?;
    let rows = reissued.iter().map(|channel| {
        let points = if channel.target.manifest == release.sha256 { "at it: promote another" } else { "elsewhere" };
        [channel.channel.to_string(), channel.serial.to_string(), points.to_owned()]
    });
    print::table(["CHANNEL", "SERIAL", "POINTS"], rows)
}
