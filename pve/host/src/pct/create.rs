//! What `pct create`, `pct restore` and `pct destroy` take.

use std::collections::BTreeMap;

use spec::ids::{StorageId, Vmid};
use spec::pct::{Features, Net};

/// A container to be made from a template or an archive. What is absent stays as Proxmox, or the archive, has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateGuest {
    /// Its number; must be free.
    pub vmid: Vmid,
    /// A template's or an archive's volume id, or the path of one.
    pub source: String,
    /// Its name.
    pub hostname: Option<String>,
    /// Free text in its configuration.
    pub description: Option<String>,
    /// Whether its root is an ordinary user of the node.
    pub unprivileged: Option<bool>,
    /// What it may do.
    pub features: Option<Features>,
    /// CPU cores.
    pub cores: Option<u16>,
    /// Memory in MiB.
    pub memory: Option<u64>,
    /// Storage and size, in whole GiB, of its root file system.
    pub rootfs: Option<(StorageId, u64)>,
    /// Whether it starts with the node.
    pub onboot: Option<bool>,
    /// Whether it is protected from being destroyed.
    pub protection: Option<bool>,
    /// Network interfaces by number.
    pub nets: BTreeMap<u8, Net>,
    /// Where volumes go that say nothing else.
    pub storage: Option<StorageId>,
}

impl CreateGuest {
    /// The guest with this number from this template or archive, everything else left open.
    pub fn new(vmid: Vmid, source: impl Into<String>) -> Self {
        Self {
            vmid,
            source: source.into(),
            hostname: None,
            description: None,
            unprivileged: None,
            features: None,
            cores: None,
            memory: None,
            rootfs: None,
            onboot: None,
            protection: None,
            nets: BTreeMap::new(),
            storage: None,
        }
    }

    /// The arguments behind `pct create` or `pct restore`.
    pub(super) fn args(&self) -> Vec<String> {
        let mut args = vec![self.vmid.to_string(), self.source.clone()];
        let mut option = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                args.extend([format!("--{key}"), value]);
            }
        };
        option("hostname", self.hostname.clone());
        option("description", self.description.clone());
        option("unprivileged", self.unprivileged.map(|flag| u8::from(flag).to_string()));
        let features = self.features.as_ref().map(Features::to_string).filter(|text| !text.is_empty());
        option("features", features);
        option("cores", self.cores.map(|cores| cores.to_string()));
        option("memory", self.memory.map(|memory| memory.to_string()));
        option("rootfs", self.rootfs.as_ref().map(|(storage, size)| format!("{storage}:{size}")));
        option("onboot", self.onboot.map(|flag| u8::from(flag).to_string()));
        option("protection", self.protection.map(|flag| u8::from(flag).to_string()));
        for (number, net) in &self.nets {
            option(&format!("net{number}"), Some(net.to_string()));
        }
        option("storage", self.storage.as_ref().map(StorageId::to_string));
        args
    }
}

/// How thoroughly a container is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DestroyOptions {
    /// Stop it first where it runs.
    pub force: bool,
    /// Remove it from backup jobs, replication and HA too.
    pub purge: bool,
}

impl DestroyOptions {
    pub(super) fn args(self) -> Vec<String> {
        let flags = [("--force", self.force), ("--purge", self.purge)];
        flags.iter().filter(|(_, on)| *on).flat_map(|(flag, _)| [(*flag).to_owned(), "1".to_owned()]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_is_passed_on() {
        let mut guest = CreateGuest::new("9000".parse().unwrap(), "local:vztmpl/debian.tar.zst");
        assert_eq!(guest.args(), ["9000", "local:vztmpl/debian.tar.zst"]);
        guest.hostname = Some("build".into());
        guest.unprivileged = Some(true);
        guest.onboot = Some(false);
        guest.rootfs = Some(("local".parse().unwrap(), 8));
        guest.nets.insert(0, "name=eth0,bridge=vmbr0,ip=dhcp".parse().unwrap());
        let args = guest.args().join(" ");
        let expected =
            "9000 local:vztmpl/debian.tar.zst --hostname build --unprivileged 1 --rootfs local:8 --onboot 0 --net0 ";
        assert!(args.starts_with(expected), "{args}");
    }

    #[test]
    fn destroying_is_plain_by_default() {
        assert!(DestroyOptions::default().args().is_empty());
        assert_eq!(DestroyOptions { force: true, purge: true }.args(), ["--force", "1", "--purge", "1"]);
    }
}
