//! The configuration inside an archive: what a customer's guest would inherit from it, refused before a restore.
//!
//! Proxmox carries nearly everything over: features unchecked, hooks, passed-through devices, raw `lxc.*` for root.
//! The list of what may come along is [`check_golden`]'s, the builder's own; the agent applies it again, since it need not
//! have built the archive.

use std::collections::{BTreeMap, BTreeSet};

use spec::identity::{Identity, IdentityKind};
use spec::pct::{ConfigFinding, Features, MountPoint, MountSource, Net, PctConf, PropertyError, check_golden};

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

/// Judges the text that `extractconfig` gives.
///
/// # Errors
/// [`Inadmissible`] with every reason.
pub fn admit(text: &str) -> Result<Admitted, Inadmissible> {
    admit_but(text, |_| false)
}

/// The same for a customer's own backup: what is bad in a golden because every guest would inherit it is the guest's own
/// here. Its fixed addresses come back, and its volumes; `onboot` and `protection` are set anew by whoever wants them.
///
/// # Errors
/// [`Inadmissible`] with every reason.
pub fn admit_backup(text: &str) -> Result<Admitted, Inadmissible> {
    let switch = |key: &str| matches!(key, "onboot" | "protection") || key.starts_with("net");
    admit_but(text, |found| switch(&found.key) || is_volume(found))
}

/// A volume of a storage, mounted in the guest; no folder and no device of the node.
fn is_volume(found: &ConfigFinding) -> bool {
    let mount = found.key.strip_prefix("mp").and_then(|_| MountPoint::parse_mp(&found.value).ok());
    mount.is_some_and(|mount| mount.source() == MountSource::Volume)
}

fn admit_but(text: &str, is_own: impl Fn(&ConfigFinding) -> bool) -> Result<Admitted, Inadmissible> {
    let config = PctConf::parse(text);
    let mut reasons: Vec<String> = check_golden(&config).iter().filter(|found| !is_own(found)).map(reason).collect();
    let nets = take("net", config.nets(), &mut reasons).unwrap_or_default();
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

/// What the allow-list refuses, in one line.
fn reason(found: &ConfigFinding) -> String {
    match found.value.as_str() {
        "" => format!("{}: {}", found.key, found.why),
        value => format!("{} = {value}: {}", found.key, found.why),
    }
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
            ("ip=dhcp", "ip=dhcp,gw=10.0.0.1", "net0"),
            ("name=eth0,", "", "net"),
            ("cores: 2", "env: A=1", "env"),
            ("cores: 2", "entrypoint: /bin/sh", "entrypoint"),
            ("cores: 2", "unknown: 1", "unknown"),
            ("swap: 512", "swap: 512\nunused0: local:9000/vm-9000-disk-1.raw", "unused0"),
            ("unprivileged: 1\n", "unprivileged: 1\n[snap1]\nhostname: x\n", "[snap1]"),
        ];
        for (from, to, key) in cases {
            let error = admit(&CLEAN.replace(from, to)).unwrap_err();
            assert!(error.reasons.iter().any(|reason| reason.contains(key)), "{key}: {error}");
        }
    }

    #[test]
    fn a_backup_keeps_what_is_its_own_and_brings_nothing_dangerous() {
        let own =
            CLEAN.replace("cores: 2", "onboot: 1\nprotection: 1").replace("ip=dhcp", "ip=10.0.0.5/24,gw=10.0.0.1");
        assert_eq!(admit_backup(&own).unwrap().nics["net0"].hwaddr().unwrap().to_string(), "BC:24:11:AA:BB:CC");
        let volume = CLEAN.replace("cores: 2", "mp0: local:200/vm-200-disk-1.raw,mp=/srv,backup=1,size=1G");
        assert!(admit_backup(&volume).is_ok());
        for bad in [
            "hookscript: local:snippets/x.pl",
            "lxc.apparmor.profile: unconfined",
            "dev0: /dev/kvm",
            "mp0: /srv/shared,mp=/srv",
            "mp0: /dev/sdb,mp=/srv",
        ] {
            assert!(admit_backup(&CLEAN.replace("cores: 2", bad)).is_err(), "{bad}");
        }
        assert!(admit_backup(&CLEAN.replace("unprivileged: 1\n", "")).is_err());
    }

    #[test]
    fn a_refusal_tells_key_value_and_what_to_do_and_all_at_once() {
        let text = CLEAN.replace("cores: 2", "hookscript: local:snippets/x.pl\nonboot: 1");
        let error = admit(&text).unwrap_err();
        assert_eq!(error.reasons.len(), 2, "{error}");
        assert!(error.to_string().contains("hookscript = local:snippets/x.pl: the node would run a script"), "{error}");
    }

    #[test]
    fn a_golden_without_interface_is_refused() {
        let text: String =
            CLEAN.lines().filter(|line| !line.starts_with("net0")).map(|line| line.to_owned() + "\n").collect();
        let error = admit(&text).unwrap_err();
        assert!(error.to_string().contains("no interface"), "{error}");
    }
}
