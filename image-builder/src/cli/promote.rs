//! `image-builder promote`: a channel points at a release that passed its gates.

use anyhow::{Context, bail, ensure};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use spec::exit::Exit;
use spec::ids::ChannelName;
use spec::release::{Action, Channel, Gate, Namespace, State, Target, VERIFY_WITHIN};

use super::bad_input::BadInput;
use super::lifetime::{Lifetime, moment};
use super::node::NodeArguments;
use super::trust::SignerArguments;
use super::{node, print};
use crate::registry::{Folder, Issue, Locked, Log, Signed, Stands, Why, issue, open_file};
use crate::releases::{Release, find};
use crate::signing::Signatory;

#[derive(Debug, Args)]
pub(super) struct PromoteArguments {
    /// NAME, NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub reference: String,
    /// The channel
    #[arg(long, default_value = "stable")]
    pub channel: ChannelName,
    /// How long the channel's word counts: it must be issued again before, so that nobody can hide a newer one
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub expires: Lifetime,
    /// The gates that a release must have passed
    #[arg(long, value_delimiter = ',', default_value = "built,linted,drilled")]
    pub gates: Vec<Gate>,
    /// When the golden ends, as a day or a moment: no guest is made of it from then on
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub end_of_life: Option<Timestamp>,
    /// The release is older than the one that the channel points at, and that is meant
    #[arg(long)]
    pub rollback: bool,
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub signer: SignerArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &PromoteArguments) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let prepared = (|| {
        let release = find(&node::host(&arguments.node)?, &arguments.reference)?;
        let signatory = arguments.signer.signatory()?;
        for namespace in [Namespace::Channel, Namespace::Log] {
            signatory.principal(namespace, now)?;
        }
        let alone = Folder::of_archive(&release.archive()).lock(&release.manifest.golden)?;
        let admitted = admitted(arguments, &release, &signatory, now)?;
        anyhow::Ok((release, signatory, alone, admitted))
    })();
    let (release, signatory, alone, admitted) = prepared.map_err(BadInput::of)?;
    let (signed, channel) = promote(arguments, &release, &signatory, &alone, admitted, now)?;
    tell(arguments.json, &signed, &channel)?;
    Ok(Exit::Done)
}

/// A release that may be promoted, its golden's log, and what the channel says now.
struct Admitted {
    signed: Signed,
    log: Log,
    before: Option<Channel>,
}

fn admitted(
    arguments: &PromoteArguments,
    release: &Release,
    signatory: &Signatory,
    now: Timestamp,
) -> anyhow::Result<Admitted> {
    let Stands { signed, log, history, state } = Stands::of(release, signatory.signers(), now)?;
    let title = format!("{}@{}", release.manifest.golden, release.manifest.release);
    if state >= State::Retired {
        let why = history.iter().rev().find_map(|reached| reached.about.as_deref()).unwrap_or_default();
        bail!("{title} was {state}: {why}; promote another release");
    }
    let signed = signed?;
    let missing = signed.standing.missing(&arguments.gates);
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(|missing| format!("\n  {missing}")).collect();
        bail!("{title} has not passed all gates of channel {}:{}", arguments.channel, missing.concat());
    }
    if state < State::Promoted
        && arguments.gates.contains(&Gate::Verified)
        && let Some(verified) = signed.standing.passed(Gate::Verified)
    {
        let age = now.duration_since(verified.at);
        ensure!(
            age <= VERIFY_WITHIN,
            "{title} was verified on {}, more than 24 hours ago: verify it again",
            verified.at
        );
    }
    let path = Folder::of_archive(&release.archive()).channel(&release.manifest.golden, &arguments.channel);
    let before = if path.exists() { Some(before(&path, signatory, now)?) } else { None };
    if let Some(before) = &before
        && before.target.release > release.manifest.release
        && !arguments.rollback
    {
        bail!(
            "channel {} points at {}, which is newer: say --rollback to go back",
            before.channel,
            before.target.release
        );
    }
    Ok(Admitted { signed, log, before })
}

/// The channel as it is; an attacker's must not decide anything.
fn before(path: &std::path::Path, signatory: &Signatory, now: Timestamp) -> anyhow::Result<Channel> {
    let sealed = open_file::<Channel>(path, signatory.signers(), now);
    Ok(sealed.context("the channel as it is does not count: move its file away if you know why")?.document)
}

fn promote(
    arguments: &PromoteArguments,
    release: &Release,
    signatory: &Signatory,
    alone: &Locked,
    Admitted { signed, mut log, before }: Admitted,
    now: Timestamp,
) -> anyhow::Result<(Signed, Channel)> {
    let manifest = &signed.manifest;
    let target = Target {
        release: manifest.document.release.clone(),
        manifest: manifest.sha256.clone(),
        verdict: signed.verdict.sha256.clone(),
        archive: manifest.document.archive.sha256.clone(),
    };
    let issued = Issue {
        channel: arguments.channel.clone(),
        release,
        target,
        evidence: signed.standing.evidence(&arguments.gates),
        gates: arguments.gates.clone(),
        lifetime: SignedDuration::from(arguments.expires),
        end_of_life: arguments.end_of_life.or_else(|| before.and_then(|before| before.end_of_life)),
        why: Why::Promotion,
    };
    let channel = issue(alone, &mut log, issued, signatory, now)?;
    debug_assert!(matches!(log.chain.head().map(|line| &line.entry.action), Some(Action::Promoted { .. })));
    Ok((signed, channel))
}

/// S4-37: the promotion lists each gate with its evidence.
fn tell(as_json: bool, signed: &Signed, channel: &Channel) -> anyhow::Result<()> {
    if as_json {
        return print::json(&json!({ "version": 1, "channel": channel }));
    }
    print::pairs([
        ("channel", format!("{}/{}", channel.golden, channel.channel)),
        ("release", channel.target.release.clone()),
        ("serial", channel.serial.to_string()),
        ("expires", channel.expires.to_string()),
        ("end of life", channel.end_of_life.map_or("not set".to_owned(), |end| end.to_string())),
    ])?;
    let gates = channel.evidence.iter().map(|evidence| {
        let at = signed.standing.passed(evidence.gate).map_or_else(String::new, |passed| passed.at.to_string());
        [evidence.gate.to_string(), evidence.principal.to_string(), at, evidence.sha256.to_string()]
    });
    print::table(["GATE", "BY", "WHEN", "EVIDENCE"], gates)
}
