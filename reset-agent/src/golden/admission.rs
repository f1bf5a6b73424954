//! The configuration inside an archive: what a customer's guest would inherit from it, refused before a restore.
//!
//! Proxmox carries nearly everything over: features unchecked, hooks, passed-through devices, raw `lxc.*` for root.
//! The builder refuses these too; the agent does not rely on having built the archive.

use std::collections::{BTreeMap, BTreeSet};

use spec::identity::{Identity, IdentityKind};
use spec::pct::{Features, Ip4Config, Ip6Config, MountSource, Net, PctConf, PropertyError};

/// What the agent takes from an archive's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Every interface by its key (`net0`): each gets its own MAC at restore.
    pub nics: BTreeMap<String, Net>,
    /// The features that the guest will have.
    pub features: Features,
    /// Identities of the golden itself.
    pub identities: BTreeSet<Identity>,
}

/// Why an archive's configuration is refused. All reasons at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the archive's configuration must not reach a customer's guest: {}", .reasons.join("; "))]
pub struct Inadmissible {
    /// One line each, naming the key.
    pub reasons: Vec<String>,
}

/// Keys that no golden may carry, and why.
const REFUSED: &[(&str, &str)] = &[
    ("hookscript", "would run a program of the node at every start"),
    ("lock", "would lock the new guest"),
    ("env", "may hold secrets and a machine-id"),
    ("entrypoint", "replaces init"),
];

/// Flags that must be off.
const FLAGS: &[(&str, &str)] = &[
    ("onboot", "would start the golden's identity with the node"),
    ("template", "would make a template of the new guest"),
    ("protection", "would keep the new guest from being undone"),
];

/// Judges the text that `extractconfig` gives.
///
/// # Errors
/// [`Inadmissible`] with every reason.
pub fn admit(text: &str) -> Result<Admitted, Inadmissible> {
    let config = PctConf::parse(text);
    let mut reasons = key_reasons(&config);
    reasons.extend(mount_reasons(&config));
    let nets = take("net", config.nets(), &mut reasons).unwrap_or_default();
    reasons.extend(nets.iter().filter_map(|(index, net)| net_reason(*index, net)));
    if nets.is_empty() {
        reasons.push("it has no interface: a guest could never be reached".into());
    }
    let features = take("features", config.features(), &mut reasons).unwrap_or_default();
    if !reasons.is_empty() {
        return Err(Inadmissible { reasons });
    }
    let identities = identities(&config, &nets);
    let nics = nets.into_iter().map(|(index, net)| (format!("net{index}"), net)).collect();
    Ok(Admitted { nics, features, identities })
}

fn take<T>(key: &str, read: Result<T, PropertyError>, reasons: &mut Vec<String>) -> Option<T> {
    read.map_err(|error| reasons.push(format!("{key} cannot be read ({error})"))).ok()
}

fn key_reasons(config: &PctConf) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    if !config.flag("unprivileged") {
        reasons.push("it is privileged: root in the guest would be root on the node".into());
    }
    reasons
        .extend(REFUSED.iter().filter(|(key, _)| config.get(key).is_some()).map(|(key, why)| format!("{key} {why}")));
    reasons.extend(FLAGS.iter().filter(|(key, _)| config.flag(key)).map(|(key, why)| format!("{key} {why}")));
    reasons.extend(config.raw_lxc().iter().map(|raw| format!("{} is a raw line that bypasses Proxmox", raw.key)));
    let devices = config.current().entries().filter(|(key, _)| is_device(key));
    reasons.extend(devices.map(|(key, _)| format!("{key} passes a device of the node through")));
    if config.pending().is_some() || !config.snapshots().is_empty() {
        reasons.push("it has snapshots or pending changes".into());
    }
    reasons
}

fn is_device(key: &str) -> bool {
    key.strip_prefix("dev").is_some_and(|index| !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()))
}

fn mount_reasons(config: &PctConf) -> Vec<String> {
    let mut reasons = Vec::new();
    let rootfs = take("rootfs", config.rootfs(), &mut reasons).flatten();
    if rootfs.is_some_and(|rootfs| rootfs.source() != MountSource::Volume) {
        reasons.push("rootfs is a folder or device of the node".into());
    }
    let mounts = take("mp", config.mounts(), &mut reasons).unwrap_or_default();
    reasons.extend(mounts.iter().map(|(index, _)| format!("mp{index} would be dropped by the restore, data and all")));
    reasons
}

fn net_reason(index: u8, net: &Net) -> Option<String> {
    let fixed = matches!(net.ip(), Some(Ip4Config::Static(..))) || matches!(net.ip6(), Some(Ip6Config::Static(..)));
    fixed.then(|| format!("net{index} has a fixed address that every guest would claim"))
}

fn identities(config: &PctConf, nets: &[(u8, Net)]) -> BTreeSet<Identity> {
    let macs = nets.iter().filter_map(|(_, net)| net.hwaddr());
    let mut identities: BTreeSet<Identity> =
        macs.map(|mac| Identity::new(IdentityKind::Mac, &mac.to_string())).collect();
    if let Some(hostname) = config.get("hostname") {
        identities.insert(Identity::new(IdentityKind::Hostname, hostname));
    }
    identities
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "arch: amd64\ncores: 2\nfeatures: keyctl=1,nesting=1\nhostname: golden\nmemory: 2048\n\
        net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:AA:BB:CC,ip=dhcp,type=veth\nostype: debian\n\
        rootfs: local:9000/vm-9000-disk-0.raw,size=8G\nswap: 512\nunprivileged: 1\n";

    #[test]
    fn a_clean_golden_is_admitted_with_its_identities() {
        let admitted = admit(CLEAN).unwrap();
        assert_eq!(admitted.nics.keys().collect::<Vec<_>>(), ["net0"]);
        assert!(admitted.features.keyctl() && admitted.features.nesting());
        let identities: Vec<String> = admitted.identities.iter().map(|i| i.value.clone()).collect();
        assert_eq!(identities, ["BC:24:11:AA:BB:CC", "golden"]);
    }

    #[test]
    fn everything_dangerous_is_refused_by_name() {
        let cases = [
            ("unprivileged: 1\n", "", "privileged"),
            ("cores: 2", "onboot: 1", "onboot"),
            ("cores: 2", "template: 1", "template"),
            ("cores: 2", "protection: 1", "protection"),
            ("cores: 2", "hookscript: local:snippets/x.pl", "hookscript"),
            ("cores: 2", "lock: backup", "lock"),
            ("cores: 2", "dev0: /dev/kvm", "dev0"),
            ("cores: 2", "mp0: local:9000/vm-9000-disk-1.raw,mp=/srv,size=1G", "mp0"),
            ("cores: 2", "lxc.apparmor.profile: unconfined", "lxc.apparmor.profile"),
            ("rootfs: local:9000/vm-9000-disk-0.raw", "rootfs: /srv/tree", "rootfs"),
            ("ip=dhcp", "ip=10.0.0.5/24", "net0"),
            ("name=eth0,", "", "net"),
        ];
        for (from, to, key) in cases {
            let error = admit(&CLEAN.replace(from, to)).unwrap_err();
            assert!(error.reasons.iter().any(|reason| reason.contains(key)), "{key}: {error}");
        }
    }
}
