//! A golden's configuration against the allow-list: what it may bring into every guest. Proxmox carries nearly all of
//! it over at restore, unchecked; so the builder looks at it, and so does the agent, which need not have built it.

use serde::Serialize;

use super::document::Warning;
use super::{Ip4Config, Ip6Config, MountSource, Net, PctConf};

/// Something in a configuration that a golden must not bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigFinding {
    /// The key, or the section.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Why it is refused, and what to do.
    pub why: String,
}

/// Keys that are taken with any value that Proxmox takes.
const ALLOWED: &[&str] = &[
    "arch",
    "cmode",
    "console",
    "cores",
    "cpulimit",
    "cpuunits",
    "debug",
    "features",
    "hostname",
    "memory",
    "nameserver",
    "ostype",
    "rootfs",
    "searchdomain",
    "startup",
    "swap",
    "tags",
    "timezone",
    "tty",
];

/// Keys that are refused with a reason of their own.
const REFUSED: &[(&str, &str)] = &[
    ("entrypoint", "the guest's first program would be another; remove it"),
    ("env", "variables of one guest would reach every guest; remove it"),
    ("hookscript", "the node would run a script for every guest; remove it"),
    ("lock", "the backup was taken from a locked guest; unlock it and take another"),
    ("parent", "it names a snapshot that no restored guest has"),
    ("snaptime", "it belongs to a snapshot"),
    ("snapstate", "it belongs to a snapshot"),
];

/// Looks at a configuration; no finding means that a golden may bring it.
pub fn check_golden(conf: &PctConf) -> Vec<ConfigFinding> {
    let mut findings: Vec<ConfigFinding> = conf.warnings().iter().map(unreadable).collect();
    findings.extend(conf.current().entries().filter_map(|(key, value)| check_key(key, value)));
    for raw in conf.raw_lxc() {
        findings.push(finding(&raw.key, &raw.value, "raw LXC keys reach past Proxmox's limits; remove it"));
    }
    if !conf.flag("unprivileged") {
        let value = conf.get("unprivileged").unwrap_or("0");
        findings.push(finding("unprivileged", value, "root of the guest would be root of the node"));
    }
    findings.extend(check_rootfs(conf));
    findings.extend(check_nets(conf));
    findings.extend(check_sections(conf));
    findings
}

fn finding(key: &str, value: &str, why: &str) -> ConfigFinding {
    ConfigFinding { key: key.to_owned(), value: value.replace('\0', " "), why: why.to_owned() }
}

fn unreadable(warning: &Warning) -> ConfigFinding {
    let why = format!("Proxmox cannot read it: {}", warning.text.trim_end());
    finding("line", &warning.line.to_string(), &why)
}

fn check_key(key: &str, value: &str) -> Option<ConfigFinding> {
    let refused = REFUSED.iter().find(|(name, _)| *name == key).map(|(_, why)| *why);
    let why = refused.or_else(|| match (key.trim_end_matches(|c: char| c.is_ascii_digit()), value) {
        ("onboot" | "protection" | "template", "1") => Some("every guest would inherit it; remove it"),
        ("unprivileged" | "onboot" | "protection" | "template" | "net", _) => None,
        ("mp", _) => Some("a restore onto a volume of its own drops mount points; keep everything in the rootfs"),
        ("dev", _) => Some("a device of the node would be passed to every guest; remove it"),
        ("unused", _) => Some("a volume that is mounted nowhere does not travel; remove it"),
        _ if ALLOWED.contains(&key) => None,
        _ => Some("it is not on the list of what a golden may bring; remove it"),
    });
    why.map(|why| finding(key, value, why))
}

/// A value that does not read is among the warnings already; so here and for interfaces.
fn check_rootfs(conf: &PctConf) -> Option<ConfigFinding> {
    match conf.rootfs().ok()? {
        None => Some(finding("rootfs", "", "missing")),
        Some(rootfs) if rootfs.source() == MountSource::Volume => None,
        Some(rootfs) => Some(finding("rootfs", &rootfs.to_string(), "it is no volume of a storage")),
    }
}

fn check_nets(conf: &PctConf) -> Vec<ConfigFinding> {
    let fixed = |net: &Net| {
        let address =
            matches!(net.ip(), Some(Ip4Config::Static(..))) || matches!(net.ip6(), Some(Ip6Config::Static(..)));
        address || net.gw().is_some() || net.gw6().is_some()
    };
    let nets = conf.nets().unwrap_or_default();
    let refused = nets.iter().filter(|(_, net)| fixed(net));
    let why = "a fixed address would be every guest's; use dhcp";
    refused.map(|(index, net)| finding(&format!("net{index}"), &net.to_string(), why)).collect()
}

fn check_sections(conf: &PctConf) -> Vec<ConfigFinding> {
    let snapshots = conf.snapshots();
    let refused = snapshots.keys().map(|name| finding(&format!("[{name}]"), "", "snapshots do not travel; delete it"));
    let pending = "changes wait for a restart; restart the guest and take another backup";
    refused.chain(conf.pending().map(|_| finding("[pve:pending]", "", pending))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "#mintmark\narch: amd64\ncores: 2\nfeatures: keyctl=1,nesting=1\nhostname: golden\nmemory: 2048\n\
        net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth\nonboot: 0\nostype: debian\n\
        rootfs: local:9000/vm-9000-disk-0.raw,size=8G\nswap: 512\nunprivileged: 1\n";

    fn keys(text: &str) -> Vec<String> {
        check_golden(&PctConf::parse(text)).into_iter().map(|finding| finding.key).collect()
    }

    #[test]
    fn the_builders_own_configuration_is_clean() {
        assert_eq!(check_golden(&PctConf::parse(CLEAN)), []);
    }

    #[test]
    fn each_refused_line_is_named() {
        for (line, key) in [
            ("hookscript: local:snippets/x.sh", "hookscript"),
            ("dev0: /dev/fuse", "dev0"),
            ("mp0: local:9000/vm-9000-disk-1.raw,mp=/data", "mp0"),
            ("mp1: /dev/sdb,mp=/data", "mp1"),
            ("onboot: 1", "onboot"),
            ("protection: 1", "protection"),
            ("template: 1", "template"),
            ("env: A=1", "env"),
            ("entrypoint: /bin/sh", "entrypoint"),
            ("lock: backup", "lock"),
            ("unused0: local:9000/vm-9000-disk-1.raw", "unused0"),
            ("lxc.apparmor.profile: unconfined", "lxc.apparmor.profile"),
            ("net1: name=eth1,bridge=vmbr0,ip=10.0.0.5/24", "net1"),
            ("net1: name=eth1,bridge=vmbr0,ip=dhcp,gw=10.0.0.1", "net1"),
            ("[snap1]", "[snap1]"),
            ("[pve:pending]", "[pve:pending]"),
            ("nonsense", "line"),
        ] {
            assert_eq!(keys(&format!("{CLEAN}{line}\n")), [key], "{line}");
        }
    }

    #[test]
    fn a_privileged_guest_is_refused_said_or_unsaid() {
        assert_eq!(keys(&CLEAN.replace("unprivileged: 1\n", "")), ["unprivileged"]);
        assert_eq!(keys(&CLEAN.replace("unprivileged: 1", "unprivileged: 0")), ["unprivileged"]);
    }
}
