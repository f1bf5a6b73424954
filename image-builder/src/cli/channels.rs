//! `image-builder channels`: who points where, and whether it counts.

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::ids::{ChannelName, GoldenName};
use spec::release::seal::AllowedSigners;
use spec::release::{Channel, Sealed};

use super::bad_input::BadInput;
use super::node::NodeArguments;
use super::trust::SignersArguments;
use super::{node, print};
use crate::registry::{Folder, SealedError, folders, open_file};
use crate::releases::all;

#[derive(Debug, Args)]
pub(super) struct ChannelsArguments {
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub signers: SignersArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A channel as it was found.
struct Found {
    golden: GoldenName,
    channel: ChannelName,
    read: Result<Sealed<Channel>, SealedError>,
}

pub(super) fn run(arguments: &ChannelsArguments) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let signers = arguments.signers.read().map_err(BadInput::of)?;
    let mut found = Vec::new();
    for folder in folders(&all(&node::host(&arguments.node)?)?) {
        found.extend(look(&folder, &signers, now)?);
    }
    let all_count = found.iter().all(|found| matches!(status(found, now), Status::Current));
    if arguments.json {
        let channels: Vec<Value> = found.iter().map(|found| in_json(found, now)).collect();
        print::json(&json!({ "version": 1, "channels": channels }))?;
    } else {
        let rows = found.iter().map(|found| row(found, now));
        print::table(["CHANNEL", "RELEASE", "SERIAL", "EXPIRES", "WITHDRAWN", "SIGNED BY", "STATUS"], rows)?;
    }
    Ok(if all_count { Exit::Done } else { Exit::Failed })
}

fn look(folder: &Folder, signers: &AllowedSigners, now: Timestamp) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    for golden in folder.goldens()? {
        for channel in folder.channels(&golden)? {
            let read = open_file(&folder.channel(&golden, &channel), signers, now);
            found.push(Found { golden: golden.clone(), channel, read });
        }
    }
    Ok(found)
}

/// Whether a channel's word counts.
enum Status {
    Current,
    Not(String),
}

fn status(found: &Found, now: Timestamp) -> Status {
    let channel = match &found.read {
        Ok(sealed) => &sealed.document,
        Err(error) => return Status::Not(chain(error)),
    };
    if channel.golden != found.golden || channel.channel != found.channel {
        return Status::Not(format!("it says that it is {}/{}", channel.golden, channel.channel));
    }
    if let Some(withdrawal) = channel.withdrawal(&channel.target.manifest) {
        return Status::Not(format!("its release was {}: {}", withdrawal.how, withdrawal.reason));
    }
    channel.current(now).map_or_else(|why| Status::Not(why.to_string()), |()| Status::Current)
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source()).map(|cause| format!(": {cause}"));
    format!("{error}{}", causes.collect::<String>())
}

fn words(status: &Status) -> String {
    match status {
        Status::Current => "current".to_owned(),
        Status::Not(why) => why.clone(),
    }
}

fn row(found: &Found, now: Timestamp) -> [String; 7] {
    let title = format!("{}/{}", found.golden, found.channel);
    let status = words(&status(found, now));
    match &found.read {
        Ok(Sealed { document, signer, .. }) => [
            title,
            document.target.release.clone(),
            document.serial.to_string(),
            document.expires.to_string(),
            document.withdrawn.len().to_string(),
            signer.to_string(),
            status,
        ],
        Err(_) => [title, String::new(), String::new(), String::new(), String::new(), String::new(), status],
    }
}

fn in_json(found: &Found, now: Timestamp) -> Value {
    let (document, signer) = match &found.read {
        Ok(sealed) => (Some(&sealed.document), Some(&sealed.signer)),
        Err(_) => (None, None),
    };
    json!({
        "golden": found.golden,
        "channel": found.channel,
        "status": words(&status(found, now)),
        "signed_by": signer,
        "document": document,
    })
}
