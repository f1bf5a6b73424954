//! Who may touch which key of a guest's configuration.

use std::collections::BTreeMap;

use spec::ids::Vmid;
use spec::pct::{MountPoint, MountSource, Net};

use crate::api::{ApiError, Call};
use crate::ops::Touched;
use crate::ops::new_guest::allocation;
use crate::state::GuestFile;

/// A guest that somebody wants to touch.
pub(super) struct Permit<'a> {
    /// Who asks.
    pub(super) call: &'a Call,
    /// The guest.
    pub(super) vmid: Vmid,
    /// How it is; none where it is made only now.
    pub(super) old: Option<&'a GuestFile>,
    /// Whether its root is an ordinary user of the host.
    pub(super) unprivileged: bool,
}

impl Permit<'_> {
    /// Refuses, key by key, what the caller may not set or remove.
    pub(super) fn check(&self, touched: Touched<'_>) -> Result<(), ApiError> {
        if self.call.who.is_root() {
            return Ok(());
        }
        match touched {
            Touched::Removed(keys) => keys.iter().try_for_each(|key| self.key(key, None)),
            Touched::Set(values) => values.iter().try_for_each(|(key, value)| self.key(key, Some(value))),
        }
    }

    fn key(&self, key: &str, value: Option<&str>) -> Result<(), ApiError> {
        match key {
            "features" => self.features(value),
            "hookscript" => Err(only_root("changing the hookscript is")),
            _ if is_family(key, "dev") => Err(only_root("configuring device passthrough is")),
            _ if key == "rootfs" || is_family(key, "mp") => {
                self.require("VM.Config.Disk")?;
                value.map_or(Ok(()), |value| self.mount(key, value))
            }
            _ if is_family(key, "net") => {
                self.require("VM.Config.Network")?;
                // Creating looks at bridges by itself, after its storages.
                let value = value.filter(|_| self.old.is_some());
                let old = self.old.and_then(|guest| guest.conf.get(key));
                old.into_iter().chain(value).try_for_each(|net| require_for_net(self.call, net))
            }
            // Whoever makes a guest has been asked for more than these.
            "unprivileged" | "template" | "lock" if self.old.is_none() => Ok(()),
            // A pool's grants do not concern tags.
            "tags" => self.call.who.require(&format!("/vms/{}", self.vmid), "VM.Config.Options"),
            "cores" | "cpuunits" | "cpulimit" => self.require("VM.Config.CPU"),
            "memory" | "swap" => self.require("VM.Config.Memory"),
            "nameserver" | "searchdomain" | "hostname" => self.require("VM.Config.Network"),
            _ => self.require("VM.Config.Options"),
        }
    }

    fn require(&self, privilege: &str) -> Result<(), ApiError> {
        self.call.who.require_vm(self.vmid.get(), self.call.params.get("pool"), privilege)
    }

    /// A volume of the guest's own, or a new one on a storage that the caller may fill.
    fn mount(&self, key: &str, value: &str) -> Result<(), ApiError> {
        let read = if key == "rootfs" { MountPoint::parse_rootfs(value) } else { value.parse::<MountPoint>() };
        let Ok(mount) = read else { return Ok(()) };
        match mount.source() {
            MountSource::Bind => return Err(only_root("mount point type bind is")),
            MountSource::Device => return Err(only_root("mount point type device is")),
            MountSource::Volume => (),
        }
        let storage = |id: &str| format!("/storage/{id}");
        let who = &self.call.who;
        match (allocation(mount.volume()), mount.volid()) {
            // Creating looks at volumes by itself, after all options: there a bare number is a size, too.
            _ if self.old.is_none() => Ok(()),
            (Some((id, _)), _) => who.require(&storage(id), "Datastore.AllocateSpace"),
            (None, Some(volid)) => {
                let own = volid.volume.starts_with(&format!("{}/", self.vmid));
                let path = storage(volid.storage.as_str());
                if own { Ok(()) } else { who.require(&path, "Datastore.Allocate") }
            }
            (None, None) => Ok(()),
        }
    }

    /// Only nesting may be changed by others than root, and only of an unprivileged guest.
    fn features(&self, value: Option<&str>) -> Result<(), ApiError> {
        if !self.unprivileged {
            return Err(only_root("changing feature flags for privileged container is"));
        }
        let before = self.old.and_then(|guest| guest.conf.get("features"));
        let changed = changed_features(before, value);
        if changed.iter().any(|feature| feature != "nesting") {
            return Err(only_root("changing feature flags (except nesting) is"));
        }
        if changed.is_empty() { Ok(()) } else { self.require("VM.Allocate") }
    }
}

fn only_root(what: &str) -> ApiError {
    ApiError::forbidden(&format!("{what} only allowed for root@pam"))
}

fn is_family(key: &str, family: &str) -> bool {
    key.strip_prefix(family).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The features that differ, as they are written; with nothing before or nothing after all that are there.
fn changed_features(before: Option<&str>, after: Option<&str>) -> Vec<String> {
    let read = |text: Option<&str>| -> BTreeMap<String, String> {
        let parts = text.unwrap_or_default().split(',').filter(|part| !part.trim().is_empty());
        parts.filter_map(|part| part.trim().split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    };
    let (old, new) = (read(before), read(after));
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    names.filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}

/// A NIC on a bridge takes the right to use that bridge, or its VLANs on it.
pub(super) fn require_for_net(call: &Call, net: &str) -> Result<(), ApiError> {
    let Some((bridge, net)) = net.parse::<Net>().ok().and_then(|net| Some((net.bridge()?.to_owned(), net))) else {
        return Ok(());
    };
    let path = format!("/sdn/zones/localnetwork/{bridge}");
    let trunks = net.get("trunks").into_iter().flat_map(|list| list.split(';')).map(str::to_owned);
    let tags: Vec<String> = net.tag().map(|tag| tag.to_string()).into_iter().chain(trunks).collect();
    if tags.is_empty() {
        return call.who.require(&path, "SDN.Use");
    }
    tags.iter().try_for_each(|tag| call.who.require(&format!("{path}/{tag}"), "SDN.Use"))
}

/// The bridges of a configuration's NICs.
pub(super) fn require_for_nets(call: &Call, config: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let nets = config.iter().filter(|(key, _)| is_family(key, "net"));
    nets.map(|(_, value)| value).try_for_each(|net| require_for_net(call, net))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_compared_as_they_are_written() {
        assert_eq!(changed_features(Some("nesting=1"), Some("nesting=0")), ["nesting"]);
        assert_eq!(changed_features(Some(" "), Some("")), Vec::<String>::new());
        assert_eq!(changed_features(None, Some("keyctl=1,nesting=1")), ["keyctl", "nesting"]);
        assert_eq!(changed_features(Some("nesting=1,keyctl=1"), None), ["keyctl", "nesting"]);
        assert_eq!(changed_features(Some("keyctl=1"), Some("keyctl=1")), Vec::<String>::new());
    }

    #[test]
    fn families_have_numbers() {
        assert!(is_family("net0", "net") && is_family("mp255", "mp"));
        assert!(!is_family("nets", "net") && !is_family("net", "net"));
    }
}
