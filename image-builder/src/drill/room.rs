//! The room that a drill happens in: what of an earlier drill is there before, and whether anything is there after.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use pve_host::Host;
use pve_host::process::CommandError;
use spec::ids::Vmid;

use super::NAMES;
use super::known_hosts;
use crate::guest::{Record, RecordError, Records};

/// Where traces of guests are, besides the node's own lists.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder of guests' firewall files, `VMID.fw`.
    pub firewall: PathBuf,
    /// Files of SSH's known hosts.
    pub known_hosts: Vec<PathBuf>,
}

/// Something of an earlier drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Residue {
    /// A guest with a number of the range.
    Guest(Vmid),
    /// A disk of such a guest.
    Volume(String),
    /// A firewall file of such a guest.
    Firewall(PathBuf),
    /// A record of a guest that a killed build or drill may have left.
    Record(Vmid),
    /// A host key that somebody remembers for a twin's name.
    KnownHost {
        /// The file.
        file: PathBuf,
        /// The line's number, counted from 1.
        line: usize,
        /// The name.
        name: String,
    },
}

impl fmt::Display for Residue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(vmid) => write!(f, "guest {vmid}; remove it with: pct destroy {vmid} --force 1 --purge 1"),
            Self::Volume(volume) => write!(f, "volume {volume}; remove it with: pvesm free {volume}"),
            Self::Firewall(file) => write!(f, "firewall file {}; remove it", file.display()),
            Self::Record(vmid) => {
                write!(f, "record of scratch guest {vmid}; a drill without --clean-room clears it away")
            }
            Self::KnownHost { file, line, name } => {
                write!(f, "known host {name} in {}, line {line}; remove it with: ssh-keygen -R {name}", file.display())
            }
        }
    }
}

/// Why the room could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// The node does not list what it has.
    #[error("the node does not tell what it has")]
    Node(#[from] CommandError),
    /// The records do not read.
    #[error("cannot look for what earlier drills left")]
    Records(#[from] RecordError),
    /// A file or folder could not be read.
    #[error("cannot read {path}")]
    Read {
        /// What.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Everything in the range that an earlier drill may have left.
pub(super) fn residue(
    host: &Host,
    records: &Records,
    places: &Places,
    vmids: &RangeInclusive<u32>,
) -> Result<Vec<Residue>, RoomError> {
    let in_range = |vmid: &Vmid| vmids.contains(&vmid.get());
    let inventory = Inventory::take(host)?;
    let mut residue: Vec<Residue> =
        inventory.guests.iter().filter(|vmid| in_range(vmid)).map(|vmid| Residue::Guest(*vmid)).collect();
    let volumes = inventory.volumes.iter().filter(|(vmid, _)| vmid.as_ref().is_some_and(in_range));
    residue.extend(volumes.map(|(_, volume)| Residue::Volume(volume.clone())));
    residue.extend(records.all()?.iter().filter_map(Record::vmid).filter(in_range).map(Residue::Record));
    residue.extend(firewall_files(&places.firewall, vmids)?.into_iter().map(Residue::Firewall));
    let names: Vec<String> = vmids.clone().map(|vmid| format!("{NAMES}{vmid}")).collect();
    for file in &places.known_hosts {
        let Some(text) = read(file)? else { continue };
        let known = known_hosts::lines_of(&text, &names).into_iter();
        residue.extend(known.map(|(line, name)| Residue::KnownHost { file: file.clone(), line, name }));
    }
    Ok(residue)
}

/// A file that need not be there.
fn read(path: &Path) -> Result<Option<String>, RoomError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RoomError::Read { path: path.to_owned(), source }),
    }
}

fn firewall_files(folder: &Path, vmids: &RangeInclusive<u32>) -> Result<Vec<PathBuf>, RoomError> {
    let unreadable = |source| RoomError::Read { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let vmid = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        if path.extension().is_some_and(|extension| extension == "fw") && vmid.is_some_and(|vmid| vmids.contains(&vmid))
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What a node has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inventory {
    guests: BTreeSet<Vmid>,
    volumes: BTreeSet<(Option<Vmid>, String)>,
}

impl Inventory {
    /// Asks the node for its containers and for the disks on its active storages.
    pub(super) fn take(host: &Host) -> Result<Self, RoomError> {
        let guests = host.pct().list()?.into_iter().map(|guest| guest.vmid).collect();
        let mut volumes = BTreeSet::new();
        for storage in host.pvesm().status()?.into_iter().filter(|storage| storage.active) {
            let listed = host.pvesm().list(&storage.storage, "rootdir")?;
            volumes.extend(listed.into_iter().map(|volume| (volume.vmid, volume.volid.to_string())));
        }
        Ok(Self { guests, volumes })
    }

    /// What is here with a number of the range and was not there before, in words.
    pub(super) fn added_since(&self, before: &Self, vmids: &RangeInclusive<u32>) -> Vec<String> {
        let guests = self.guests.difference(&before.guests).filter(|vmid| vmids.contains(&vmid.get()));
        let guests = guests.map(|vmid| format!("guest {vmid}"));
        let volumes = self.volumes.difference(&before.volumes);
        let volumes = volumes.filter(|(vmid, _)| vmid.is_none_or(|vmid| vmids.contains(&vmid.get())));
        guests.chain(volumes.map(|(_, volume)| format!("volume {volume}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_range_counts() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["9100.fw", "9200.fw", "cluster.fw", "9101.txt"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(firewall_files(dir.path(), &(9100..=9199)).unwrap(), [dir.path().join("9100.fw")]);
        assert_eq!(firewall_files(Path::new("/nowhere"), &(9100..=9199)).unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn what_others_make_meanwhile_is_not_counted() {
        let vmid = |number: u32| Vmid::try_from(number).unwrap();
        let inventory = |guests: &[u32]| Inventory {
            guests: guests.iter().map(|number| vmid(*number)).collect(),
            volumes: guests.iter().map(|number| (Some(vmid(*number)), format!("local:{number}"))).collect(),
        };
        let (before, after) = (inventory(&[101]), inventory(&[101, 102, 9100]));
        assert_eq!(after.added_since(&before, &(9100..=9199)), ["guest 9100", "volume local:9100"]);
        assert_eq!(before.added_since(&before, &(9100..=9199)), Vec::<String>::new());
    }
}
