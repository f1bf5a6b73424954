//! The plan carried out. New keys are whole before the first old one is replaced, and the marker comes last: whoever
//! is interrupted starts again at the next boot.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spec::identity::Catalog;
use spec::identity::reading::hostname::hostname;

use super::facts::SeenKey;
use super::plan::{Reason, Renewal, Work};
use super::programs::{GuestPrograms, KeyRequest, NewKey, ProgramError};
use super::renew::renew;
use crate::items::clear::clear;
use crate::items::glob::expand;
use crate::items::plain::TEXT_CAP;
use crate::items::ssh_host_keys::{KeyFile, host_keys, look_at_key, with_suffix};
use crate::items::survey::Survey;
use crate::keys::{KeyFault, PrivateHalf, PublicHalf, examine_private};
use crate::marker::{self, Marker};
use crate::root::{NewFile, Root, RootError};
use crate::strip::StripOptions;

const PRIVATE: NewFile = NewFile::mode(0o600);
const PUBLIC: NewFile = NewFile::mode(0o644);
/// systemd's encrypted credentials die with the secret that seals them.
const SEALED_CREDENTIALS: &str = "/etc/credstore.encrypted/*";
const CREDENTIAL_SECRET: &str = "credential-secret";

/// Why a boot could not look after the guest's identity.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The guest has no machine-id, so nothing says whose keys these would be.
    #[error("/etc/machine-id holds no machine-id")]
    NoMachineId,
    /// A file of the guest.
    #[error("the guest's files do not allow it")]
    Tree(#[from] RootError),
    /// A program of the guest.
    #[error("a program of the guest failed")]
    Program(#[from] ProgramError),
    /// ssh-keygen made something else than was asked for.
    #[error("ssh-keygen made no usable key for {path:?}")]
    Made {
        /// Where it was meant to go.
        path: PathBuf,
        /// What is wrong with it, if its private half is.
        #[source]
        fault: Option<KeyFault>,
    },
}

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// Paths and catalog items that are new.
    pub(super) renewed: Vec<String>,
    /// Catalog items that could not be made, with the reason.
    pub(super) failed: Vec<(String, String)>,
    /// Fingerprint of every host key, by type.
    pub(super) fingerprints: BTreeMap<String, String>,
}

/// Carries out the plan.
pub(super) fn act(root: &Root, work: &Work, programs: &dyn GuestPrograms) -> Result<Done, ActError> {
    let mut done = Done::default();
    // Keys first: whatever fails after them, nobody answers with another guest's key.
    make_keys(root, work, programs, &mut done)?;
    for key in &work.mend {
        mend(root, key)?;
    }
    for id in &work.end {
        if end_copied(root, id)? {
            done.renewed.push((*id).to_owned());
        }
    }
    if work.snakeoil {
        programs.make_snakeoil()?;
        done.renewed.push("snakeoil-key".to_owned());
    }
    make_others(root, &work.renew, programs, &mut done)?;
    for key in host_keys(root)? {
        done.fingerprints.insert(key.algorithm, key.fingerprint);
    }
    let mut pending: Vec<String> = done.failed.iter().map(|(item, _)| item.clone()).collect();
    pending.dedup();
    let marker = Marker::new(work.guest.clone(), done.fingerprints.clone()).with_pending(pending);
    if marker::find(root)? != marker::MarkerFound::Read(marker.clone()) {
        marker::write(root, &marker)?;
    }
    Ok(done)
}

/// What nobody else makes again. One that fails does not keep the others from being made.
fn make_others(root: &Root, renewal: &Renewal, programs: &dyn GuestPrograms, done: &mut Done) -> Result<(), RootError> {
    let renewed = match renewal {
        Renewal::Nothing => return Ok(()),
        Renewal::All => renew(root, None, programs)?,
        Renewal::Only(items) => renew(root, Some(items), programs)?,
    };
    // A clone's item that was ended and made again is one that is new.
    let new = renewed.made.into_iter().filter(|item| !done.renewed.contains(item)).collect::<Vec<_>>();
    done.renewed.extend(new);
    done.failed = renewed.failed;
    Ok(())
}

/// Ends an item that was copied from another guest; whether there was anything to end.
fn end_copied(root: &Root, id: &str) -> Result<bool, RootError> {
    if id == CREDENTIAL_SECRET && !expand(root, SEALED_CREDENTIALS)?.is_empty() {
        return Ok(false);
    }
    let catalog = Catalog::builtin();
    let Some(item) = catalog.item(id) else { return Ok(false) };
    Ok(!clear(root, catalog, item, &Survey::default(), &StripOptions::default())?.is_empty())
}

fn make_keys(root: &Root, work: &Work, programs: &dyn GuestPrograms, done: &mut Done) -> Result<(), ActError> {
    if work.make.is_empty() {
        return Ok(());
    }
    let name = root.read_text("/etc/hostname", TEXT_CAP)?.and_then(|text| hostname(&text));
    let comment = format!("root@{}", name.as_deref().unwrap_or("localhost"));
    let requests: Vec<KeyRequest> =
        work.make.iter().map(|key| KeyRequest { algorithm: key.algorithm, comment: comment.clone() }).collect();
    let made = programs.make_keys(&requests)?;
    for (key, new) in work.make.iter().zip(&made) {
        check(key, new)?;
    }
    for (key, new) in work.make.iter().zip(&made) {
        install(root, &key.path, new)?;
        done.renewed.push(key.path.to_string_lossy().into_owned());
    }
    if work.reason == Reason::Clone {
        remove_unused(root, &work.make)?;
    }
    Ok(())
}

/// A new key is whole, its halves belong together, and it is not the old one.
fn check(key: &SeenKey, new: &NewKey) -> Result<(), ActError> {
    let unusable = |fault| ActError::Made { path: key.path.clone(), fault };
    let half = examine_private(&new.private).map_err(|fault| unusable(Some(fault)))?;
    let line = PublicHalf::from_line(&String::from_utf8_lossy(&new.public)).map_err(|_| unusable(None))?;
    let same = matches!(&half, PrivateHalf::OpenSsh(public) if *public == line);
    let old = matches!(&key.file, KeyFile::Whole { public, .. } if *public == line);
    if same && !old { Ok(()) } else { Err(unusable(None)) }
}

/// The private half first: without it the public half would name a key that nobody has. A certificate of the old key
/// goes, since it vouches for a key that is no more.
fn install(root: &Root, path: &Path, new: &NewKey) -> Result<(), RootError> {
    if let Some(parent) = path.parent() {
        root.make_directories(parent, 0o755)?;
    }
    root.remove(with_suffix(path, "-cert.pub"))?;
    root.write(path, &new.private, PRIVATE)?;
    root.write(with_suffix(path, ".pub"), &new.public, PUBLIC)
}

/// Host keys of a clone that sshd does not use any more: nothing renews them, and they are another guest's.
fn remove_unused(root: &Root, made: &[SeenKey]) -> Result<(), RootError> {
    let ours = |path: &Path| made.iter().any(|key| key.path == path || with_suffix(&key.path, ".pub") == path);
    for path in expand(root, "/etc/ssh/ssh_host_*")? {
        if !ours(&path) {
            root.remove(&path)?;
        }
    }
    Ok(())
}

/// Closes a key that others could read, and writes its `.pub` file again. The key itself stays.
fn mend(root: &Root, key: &SeenKey) -> Result<(), RootError> {
    let KeyFile::Whole { public, mode, published, .. } = look_at_key(root, &key.path)? else { return Ok(()) };
    if mode & 0o077 != 0 {
        root.set_mode(&key.path, mode & 0o700)?;
    }
    if !published {
        root.write(with_suffix(&key.path, ".pub"), format!("{}\n", public.line()).as_bytes(), PUBLIC)?;
    }
    Ok(())
}
