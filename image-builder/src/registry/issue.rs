//! A channel issued: its line in the log first, then its document, which names the line.

use jiff::{SignedDuration, Timestamp};
use spec::ids::ChannelName;
use spec::release::{Action, Channel, Document, EvidenceRef, Gate, Namespace, Target, Withdrawal, Withdrawn};

use super::folder::{Folder, Locked};
use super::log_file::{Log, LogFileError};
use super::sealed::{WriteSealedError, write_sealed};
use crate::phases::pretty;
use crate::releases::Release;
use crate::signing::Signatory;

/// Why a channel was not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Its line could not be written.
    #[error("the channel is not issued: the log has no line for it")]
    Log(#[from] LogFileError),
    /// Its document has no JSON form.
    #[error("the channel has no JSON form")]
    Form(#[from] serde_json::Error),
    /// Its document was not written.
    #[error("the channel's line is in the log, its document was not written: run the command again")]
    Write(#[from] WriteSealedError),
    /// Its end is no time.
    #[error("a channel cannot last for {lifetime:?}")]
    Lifetime {
        /// As asked for.
        lifetime: SignedDuration,
        /// Why not.
        #[source]
        source: jiff::Error,
    },
}

/// Why a channel is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It points at another release, or is to last longer.
    Promotion,
    /// It says of another release that it was withdrawn.
    Withdrawal,
}

/// What a channel is to say.
#[derive(Debug)]
pub struct Issue<'a> {
    /// The channel.
    pub channel: ChannelName,
    /// What it points at.
    pub release: &'a Release,
    /// The same, by content.
    pub target: Target,
    /// The gates that it had to pass.
    pub gates: Vec<Gate>,
    /// The evidence that it did.
    pub evidence: Vec<EvidenceRef>,
    /// How long the document counts.
    pub lifetime: SignedDuration,
    /// When the golden ends.
    pub end_of_life: Option<Timestamp>,
    /// Why it is issued.
    pub why: Why,
}

/// Issues a channel. Whoever dies in between leaves a line and the old document, which still counts.
///
/// # Errors
/// [`IssueError`].
pub fn issue(
    alone: &Locked,
    log: &mut Log,
    issue: Issue<'_>,
    signatory: &Signatory,
    now: Timestamp,
) -> Result<Channel, IssueError> {
    let Issue { channel, release, target, gates, evidence, lifetime, end_of_life, why } = issue;
    let expires = now.checked_add(lifetime).map_err(|source| IssueError::Lifetime { lifetime, source })?;
    let action = match why {
        Why::Promotion => Action::Promoted { channel: channel.clone(), evidence: evidence.clone() },
        Why::Withdrawal => Action::Reissued { channel: channel.clone() },
    };
    let line = log.append(alone, release, action, signatory, now)?;
    let document = Channel {
        version: Channel::VERSION,
        golden: release.manifest.golden.clone(),
        channel,
        serial: line.entry.seq,
        log: line.sha256,
        issued: now,
        expires,
        target,
        gates,
        evidence,
        withdrawn: withdrawn(log),
        end_of_life,
    };
    let path = Folder::of_archive(&release.archive()).channel(&document.golden, &document.channel);
    write_sealed(&path, &pretty(&document)?, Namespace::Channel, signatory, now)?;
    Ok(document)
}

/// The releases that the log says were withdrawn; one that was revoked stays revoked.
fn withdrawn(log: &Log) -> Vec<Withdrawal> {
    let mut withdrawn: Vec<Withdrawal> = Vec::new();
    for line in log.chain.lines() {
        let (how, reason) = match &line.entry.action {
            Action::Revoked { reason } => (Withdrawn::Revoked, reason),
            Action::Retired { reason } => (Withdrawn::Retired, reason),
            _ => continue,
        };
        let entry = &line.entry;
        let known = withdrawn.iter_mut().find(|known| known.manifest == entry.manifest);
        let (release, manifest) = (entry.release.clone(), entry.manifest.clone());
        let new = Withdrawal { release, manifest, how, reason: reason.clone(), at: entry.at };
        match known {
            None => withdrawn.push(new),
            Some(known) if known.how == Withdrawn::Retired => *known = new,
            Some(_) => {}
        }
    }
    withdrawn
}
