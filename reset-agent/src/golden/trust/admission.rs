//! All of it for one reference.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use spec::ids::{ChannelName, GoldenName, Sha256Hex};
use spec::release::{Channel, Gate, Sealed};

use super::papers::{mixed, passed, signed, title};
use super::pointers::Pointers;
use super::refusal::Refusal;
use super::roles::Roles;
use crate::config::ReleaseTrust;
use crate::golden::GoldenRef;
use crate::golden::shelf::{self, Shelved};
use crate::ledger::{Seen, Witnessed};

/// A golden within so long of its end is told about.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A release that may be restored.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Its manifest.
    pub shelved: Shelved,
    /// The channel by which it was asked for, where it was.
    pub channel: Option<ChannelName>,
    /// What was seen on the way; it must be remembered before anything is restored.
    pub witnessed: Witnessed,
    /// When the golden ends, where that is soon.
    pub ends_soon: Option<Timestamp>,
}

/// Which golden a reference is about, without believing a word of it yet.
///
/// # Errors
/// There is no such manifest.
pub fn golden_of(reference: &GoldenRef, folders: &[PathBuf]) -> Result<GoldenName, Refusal> {
    match reference {
        GoldenRef::Channel { golden, .. } | GoldenRef::Release { golden, .. } => Ok(golden.clone()),
        GoldenRef::Manifest(_) | GoldenRef::Archive(_) => Ok(shelf::find(reference, folders)?.manifest.golden),
    }
}

/// Resolves a reference to a release that may be restored.
///
/// # Errors
/// [`Refusal`]: it may not.
pub fn resolve(
    reference: &GoldenRef,
    golden: &GoldenName,
    folders: &[PathBuf],
    trust: &ReleaseTrust,
    seen: &Seen,
) -> Result<Admitted, Refusal> {
    let roles = Roles::read(trust)?;
    let pointers = Pointers::read(&trust.channels, golden, seen)?;
    let (channels, refused) = pointers.all(&roles, seen)?;
    let (shelved, channel) = match reference {
        GoldenRef::Channel { channel, .. } => {
            let pointer = pointers.channel(channel, &roles, seen)?;
            (pointed_at(&pointer, folders)?, Some(pointer))
        }
        _ => (shelf::find(reference, folders)?, None),
    };
    let title = title(&shelved.manifest);
    if let Some((how, reason)) = pointers.withdrawal(&shelved.sha256, &channels, &roles) {
        return Err(Refusal::Withdrawn { title, how, reason });
    }
    let (manifest, verdict) = signed(&shelved, &roles, seen.now)?;
    if let Some(pointer) = &channel {
        let target = &pointer.document.target;
        mixed("verdict", &title, &verdict.sha256, "the channel", &target.verdict)?;
        mixed("archive", &title, &manifest.document.archive.sha256, "the channel", &target.archive)?;
    }
    passed(&shelved, &gates(trust, channel.as_ref()), &roles, seen.now)?;
    somebodys_word(golden, &channels, refused)?;
    let ends = channels.iter().filter_map(|channel| channel.document.end_of_life).min();
    let witnessed = Witnessed {
        golden: golden.clone(),
        channels: channels.iter().map(|found| (found.document.channel.clone(), serial_of(found))).collect(),
        // As far as a signed channel vouches for it: lines after that could be anybody's.
        log: channels.iter().map(|found| (found.document.serial, found.document.log.clone())).max(),
    };
    let ends_soon = ends.filter(|end| end.duration_since(seen.now) < SOON);
    Ok(Admitted { shelved, channel: channel.map(|channel| channel.document.channel), witnessed, ends_soon })
}

fn serial_of(found: &Sealed<Channel>) -> (u64, Sha256Hex) {
    (found.document.serial, found.sha256.clone())
}

/// The agent's gates, and whatever else the channel asks for.
fn gates(trust: &ReleaseTrust, channel: Option<&Sealed<Channel>>) -> Vec<Gate> {
    let mut gates = trust.gates.clone();
    gates.extend(channel.map(|channel| channel.document.gates.clone()).unwrap_or_default());
    gates.sort();
    gates.dedup();
    gates
}

/// The release that a channel points at, by content.
fn pointed_at(pointer: &Sealed<Channel>, folders: &[PathBuf]) -> Result<Shelved, Refusal> {
    let Channel { golden, channel, target, .. } = &pointer.document;
    let title = format!("{golden}@{}", target.release);
    let shelf = shelf::all(folders)?;
    if let Some(found) = shelf.iter().find(|shelved| shelved.sha256 == target.manifest) {
        return Ok(found.clone());
    }
    let named =
        shelf.iter().find(|shelved| shelved.manifest.golden == *golden && shelved.manifest.release == target.release);
    if let Some(other) = named {
        mixed("manifest", &title, &other.sha256, "the channel", &target.manifest)?;
    }
    Err(Refusal::NotThere { channel: channel.clone(), title, folders: folders.to_vec() })
}

/// Somebody's word on what was withdrawn must count now: who hides every channel would hide a revocation.
fn somebodys_word(golden: &GoldenName, channels: &[Sealed<Channel>], refused: Vec<Refusal>) -> Result<(), Refusal> {
    if !channels.is_empty() {
        return Ok(());
    }
    let none = || Refusal::NoWord { golden: golden.clone() };
    Err(refused.into_iter().next().unwrap_or_else(none))
}

/// Asks again whether a release was withdrawn, for a run that has come as far as starting its guest.
///
/// # Errors
/// It was, or nobody can tell.
pub fn ensure_not_withdrawn(
    golden: &GoldenName,
    manifest: &Sha256Hex,
    title: &str,
    trust: &ReleaseTrust,
    seen: &Seen,
) -> Result<(), Refusal> {
    let roles = Roles::read(trust)?;
    let pointers = Pointers::read(&trust.channels, golden, seen)?;
    let (channels, _) = pointers.all(&roles, seen)?;
    match pointers.withdrawal(manifest, &channels, &roles) {
        Some((how, reason)) => Err(Refusal::Withdrawn { title: title.to_owned(), how, reason }),
        None => Ok(()),
    }
}
