//! One twin: restored born clean, booted, looked at.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use firstboot_unit::observe::observe;
use firstboot_unit::root::{Root, RootError};
use pve_host::pct::CreateGuest;
use pve_host::process::CommandError;
use spec::identity::Observation;
use spec::ids::{Hostname, InvalidId, MacAddr};
use spec::pct::{PctConf, PropertyError};
use uuid::Uuid;

use super::network;
use super::order::Drill;
use super::report::TwinFacts;
use crate::guest::{CreateError, Inside, MountError, MountedGuest, ScratchGuest, Source, SystemState, system_state};
use crate::wait::{Look, Overdue, until};

/// How long a system may take to come up.
const BOOT_LIMIT: Duration = Duration::from_mins(3);
/// How long DHCP may take once it is up.
const NETWORK_LIMIT: Duration = Duration::from_mins(1);
/// How long services may take to end before they are killed.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(90);

/// A throwaway guest of the golden.
pub(super) struct Twin<'d> {
    drill: &'d Drill<'d>,
    guest: ScratchGuest<'d>,
    /// `a` or `b`.
    pub(super) name: &'static str,
    pub(super) hostname: Hostname,
    /// Number of the NIC, its name inside, and its address on the wire.
    pub(super) nics: Vec<(u8, String, MacAddr)>,
    pub(super) address: Option<Ipv4Addr>,
}

/// Why there is no twin, or nothing to be learnt from it.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// The archive's configuration is not understood.
    #[error("the manifest's configuration is not understood")]
    Config(#[from] PropertyError),
    /// Its names cannot be made up.
    #[error("the twin cannot be named")]
    Name(#[from] InvalidId),
    /// It could not be restored.
    #[error("cannot restore a twin")]
    Restore(#[from] CreateError),
    /// The node does not do, or not tell, what it is asked for.
    #[error("the node does not answer for a twin")]
    Node(#[from] CommandError),
    /// Its tree cannot be reached.
    #[error("cannot reach a twin's tree")]
    Mount(#[from] MountError),
    /// Its tree cannot be read.
    #[error("cannot read a twin's tree")]
    Tree(#[from] RootError),
    /// Its system stopped in an emergency shell.
    #[error("twin {twin} did not come up: systemd says {state}")]
    Broken {
        /// Which.
        twin: &'static str,
        /// systemd's word.
        state: String,
    },
    /// Its system did not come up in time.
    #[error("a twin did not come up")]
    Overdue(#[from] Overdue),
    /// A thread of this program ended before its work.
    #[error("a thread of this program ended before its work")]
    Thread,
    /// Nobody knows its processes.
    #[error("the node names no process of twin {twin}, which runs")]
    NoProcess {
        /// Which.
        twin: &'static str,
    },
}

impl<'d> Twin<'d> {
    /// Restores a twin: stopped, with a name and addresses of its own from birth, on the drill's bridge.
    pub(super) fn restore(drill: &'d Drill<'d>, name: &'static str) -> Result<Self, TwinError> {
        let archived = PctConf::parse(&drill.manifest.config);
        let mut nets = archived.nets()?;
        for (_, net) in &mut nets {
            net.set_hwaddr(drawn_mac()?);
            net.set("bridge", drill.bridge.as_str())?;
            for key in ["tag", "trunks"] {
                net.remove(key);
            }
        }
        let rootfs = rootfs(drill, &archived)?;
        let describe = |mut guest: CreateGuest| {
            guest.hostname = Some(format!("{}{}", super::NAMES, guest.vmid));
            guest.unprivileged = Some(archived.flag("unprivileged"));
            (guest.onboot, guest.protection) = (Some(false), Some(false));
            guest.rootfs.clone_from(&rootfs);
            guest.nets = nets.iter().cloned().collect();
            guest
        };
        let purpose = format!("Drill of {}@{}, twin {name}", drill.manifest.golden, drill.manifest.release);
        let source = Source::Archive(&drill.manifest.archive.volid);
        let guest = ScratchGuest::make(drill.site, &drill.vmids, Uuid::new_v4(), &purpose, source, describe)?;
        let hostname = format!("{}{}", super::NAMES, guest.vmid()).parse()?;
        let nics = nets.iter().filter_map(|(number, net)| Some((*number, net.name().to_owned(), net.hwaddr()?)));
        Ok(Self { drill, name, hostname, nics: nics.collect(), address: None, guest })
    }

    /// Starts it.
    pub(super) fn boot(&self) -> Result<(), TwinError> {
        self.drill.site.host.pct().start(self.guest.vmid())?;
        Ok(())
    }

    /// Waits until its system is up and its first NIC has an address.
    pub(super) fn settle(&mut self) -> Result<(), TwinError> {
        let twin = self.name;
        until(BOOT_LIMIT, || match system_state(&self.inside())? {
            SystemState::Up { .. } => Ok(Look::Ready(())),
            SystemState::Broken(state) => Err(TwinError::Broken { twin, state }),
            SystemState::Coming(seen) => Ok(Look::NotYet(seen)),
        })?;
        let Some((_, nic, _)) = self.nics.first() else { return Ok(()) };
        let address = until(NETWORK_LIMIT, || {
            let shown = self.inside().ask(&["ip", "-o", "-4", "address", "show", "dev", nic, "scope", "global"])?;
            let address = network::address(&shown.stdout);
            Ok::<_, TwinError>(address.map_or_else(|| Look::NotYet(format!("{nic} has no address")), Look::Ready))
        });
        self.address = match address {
            Ok(address) => Some(address),
            // A twin without an address is a finding, not the end of the drill.
            Err(TwinError::Overdue(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(())
    }

    /// Shuts both down at once: what takes its time is their services' end.
    pub(super) fn shut_down(twins: &[Self; 2]) -> Result<(), TwinError> {
        let [first, second] = twins;
        let host = first.drill.site.host;
        let (one, other) = (first.guest.vmid(), second.guest.vmid());
        let end = move |vmid| host.pct().shutdown(vmid, SHUTDOWN_LIMIT, true);
        let (one, other) = thread::scope(|scope| {
            let one = scope.spawn(move || end(one));
            let other = end(other);
            (one.join(), other)
        });
        one.map_err(|_| TwinError::Thread)??;
        Ok(other?)
    }

    /// Lets somebody look at the stopped twin's tree.
    pub(super) fn with_tree<T>(self, look: impl FnOnce(&Root) -> T) -> Result<(Self, T), TwinError> {
        let Self { drill, guest, name, hostname, nics, address } = self;
        let mounted = MountedGuest::mount(guest)?;
        let seen = look(mounted.root());
        let guest = mounted.unmount()?;
        Ok((Self { drill, guest, name, hostname, nics, address }, seen))
    }

    /// What the catalog finds in the running twin.
    pub(super) fn observe(&self) -> Result<Vec<Observation>, TwinError> {
        let tree = Path::new("/proc").join(self.process()?.to_string()).join("root");
        Ok(observe(&Root::open(tree)?, self.drill.catalog))
    }

    /// Its first process, as the node sees it.
    pub(super) fn process(&self) -> Result<u32, TwinError> {
        let status = self.drill.site.host.pct().status(self.guest.vmid())?;
        status.pid.ok_or(TwinError::NoProcess { twin: self.name })
    }

    /// Its configuration.
    pub(super) fn config(&self) -> Result<PctConf, TwinError> {
        Ok(self.drill.site.host.pct().config(self.guest.vmid())?)
    }

    /// Commands inside it.
    pub(super) fn inside(&self) -> Inside<'_> {
        self.guest.inside()
    }

    /// What the report says of it.
    pub(super) fn facts(&self) -> TwinFacts {
        TwinFacts {
            twin: self.name.to_owned(),
            vmid: self.guest.vmid(),
            hostname: self.hostname.clone(),
            macs: self.nics.iter().map(|(_, _, mac)| *mac).collect(),
            address: self.address.map(|address| address.to_string()),
        }
    }
}

/// Storage and size: what the archive had, on the storage that the drill was told, or on its own.
fn rootfs(drill: &Drill<'_>, archived: &PctConf) -> Result<Option<(spec::ids::StorageId, u64)>, PropertyError> {
    let Some(rootfs) = archived.rootfs()? else { return Ok(None) };
    let own = rootfs.volid().map(|volid| volid.storage);
    let storage = drill.storage.cloned().or(own);
    Ok(storage.zip(rootfs.size().map(spec::pct::DiskSize::gib_rounded_up)))
}

/// A hardware address that no manufacturer and no Proxmox draws: locally administered.
fn drawn_mac() -> Result<MacAddr, InvalidId> {
    let drawn = Uuid::new_v4().into_bytes();
    format!("02:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}", drawn[0], drawn[1], drawn[2], drawn[3], drawn[4]).parse()
}

/// Both twins hold what the node's kernel says of itself; containers see it as their own.
pub(super) fn node_values() -> Vec<String> {
    let read = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    read.into_iter().map(|value| value.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_addresses_are_local_and_differ() {
        let (a, b) = (drawn_mac().unwrap(), drawn_mac().unwrap());
        assert!(a != b && a.octets()[0] == 0x02);
    }
}
