//! Who still needs a release.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pve_host::Host;
use pve_host::process::CommandError;
use spec::ids::GoldenName;
use spec::release::Channel;

use crate::dump;
use crate::registry::{Folder, FolderError};
use crate::releases::Release;

/// Proxmox's mark of a backup that must not be removed.
const PROTECTED: &str = "protected";

/// What was found out once for all releases.
#[derive(Debug)]
pub struct Needed {
    /// Descriptions of the node's guests, by number.
    guests: BTreeMap<u32, String>,
}

/// Why it is not known who needs what; nothing is removed then.
#[derive(Debug, thiserror::Error)]
pub enum NeededError {
    /// The node does not tell its guests.
    #[error("the node does not list its guests")]
    Node(#[from] CommandError),
    /// The channels cannot be listed.
    #[error("the channels are not known")]
    Folder(#[from] FolderError),
    /// A channel's document does not read, and may point at anything.
    #[error("the channel {path} does not read: what it points at is not known")]
    Channel {
        /// Its file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

impl Needed {
    /// Asks the node for its guests.
    pub fn ask(host: &Host) -> Result<Self, NeededError> {
        let mut guests = BTreeMap::new();
        for guest in host.pct().list()? {
            let config = host.pct().config(guest.vmid)?;
            guests.insert(guest.vmid.get(), config.description().unwrap_or_default().to_owned());
        }
        Ok(Self { guests })
    }

    /// Who needs a release, as words.
    pub fn by(&self, release: &Release) -> Result<Option<String>, NeededError> {
        let (manifest, archive) = (&release.manifest, release.archive());
        if dump::beside(&archive, PROTECTED).exists() {
            return Ok(Some("protected".to_owned()));
        }
        if let Some(channel) = pointing(&Folder::of_archive(&archive), &manifest.golden, &manifest.release)? {
            return Ok(Some(format!("channel {channel} points at it")));
        }
        let title = format!("{}@{}", manifest.golden, manifest.release);
        let guest = self.guests.iter().find(|(_, description)| description.contains(&title));
        Ok(guest.map(|(vmid, _)| format!("guest {vmid} was made of it")))
    }
}

/// The channel that points at a release. Signatures are not asked: whoever could write a false pointer here could as
/// well delete the archive, and a false one only keeps too much.
fn pointing(folder: &Folder, golden: &GoldenName, release: &str) -> Result<Option<String>, NeededError> {
    for channel in folder.channels(golden)? {
        let path = folder.channel(golden, &channel);
        let read = || -> std::io::Result<Channel> { Ok(serde_json::from_slice(&std::fs::read(&path)?)?) };
        let document = read().map_err(|source| NeededError::Channel { path: path.clone(), source })?;
        if document.target.release == release {
            return Ok(Some(channel.to_string()));
        }
    }
    Ok(None)
}
