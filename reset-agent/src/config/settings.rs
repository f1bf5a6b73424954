//! The configuration as accepted: every value checked, every error naming its key.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use pve_client::{Fingerprint, Trust};
use spec::ids::{BridgeName, NodeName, Principal, StorageId, Vmid};
use spec::pct::DiskSize;
use spec::release::Gate;

use super::fragment::{self, Fragment};
use super::secret::SecretRef;
use crate::guest::AddressRange;
use crate::inventory::MacPrefix;

/// Everything the agent was told about its surroundings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The node and the right to use it.
    pub node: NodeSettings,
    /// Storage for the guests' disks.
    pub storage: StorageId,
    /// Bridge for the guests' interfaces.
    pub bridge: BridgeName,
    /// The VMIDs that the agent may give.
    pub vmids: VmidRange,
    /// Prefix of the MAC addresses that the ledger issues.
    pub mac_prefix: MacPrefix,
    /// Size of a root disk unless a request says otherwise.
    pub rootfs: DiskSize,
    /// Networks in which a guest's address must lie; empty means any.
    pub addresses: Vec<AddressRange>,
    /// Folders with manifests.
    pub manifests: Vec<PathBuf>,
    /// Whose goldens are restored; nobody's, where nothing is said.
    pub releases: Option<ReleaseTrust>,
    /// The ledger's file.
    pub ledger: PathBuf,
    /// The helper's socket, where there is a helper.
    pub helper: Option<PathBuf>,
    /// How to log in to guests.
    pub ssh: SshSettings,
    /// Longest wait for a task of the node.
    pub task_deadline: Duration,
    /// Longest wait for a started guest.
    pub guest_deadline: Duration,
}

/// The node and the right to use it.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// Its name in the cluster.
    pub name: NodeName,
    /// Its API's address.
    pub url: String,
    /// Where the API token lies.
    pub token: SecretRef,
    /// Whose certificate is accepted.
    pub trust: TrustSource,
}

/// Whose certificate is accepted, before any file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustSource {
    /// Pinned certificates.
    Pins(Vec<Fingerprint>),
    /// The authority in this PEM file.
    Authority(PathBuf),
}

impl TrustSource {
    /// The trust itself, with the authority's file read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn load(&self) -> std::io::Result<Trust> {
        match self {
            Self::Pins(pins) => Ok(Trust::Pins(pins.clone())),
            Self::Authority(path) => std::fs::read_to_string(path).map(Trust::Authority),
        }
    }
}

/// Whose goldens are restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTrust {
    /// An OpenSSH `allowed_signers` file.
    pub allowed_signers: PathBuf,
    /// The folder with `channels/` and `log/`.
    pub channels: PathBuf,
    /// Who may sign manifests and verdicts, and record that a release was built, linted or drilled.
    pub builders: Vec<Principal>,
    /// Who may record that a release was drilled or verified.
    pub verifiers: Vec<Principal>,
    /// Who may sign channels.
    pub releasers: Vec<Principal>,
    /// The gates that a release must have passed.
    pub gates: Vec<Gate>,
}

/// How to log in to guests.
#[derive(Debug, Clone)]
pub struct SshSettings {
    /// Who to log in as.
    pub user: String,
    /// Where the operator's user CA lies; without it the agent checks host keys and does not log in.
    pub user_ca: Option<SecretRef>,
    /// The known_hosts file that the agent keeps.
    pub known_hosts: PathBuf,
    /// The guests' SSH port.
    pub port: u16,
}

/// VMIDs from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VmidRange {
    /// The first.
    pub from: Vmid,
    /// The last.
    pub to: Vmid,
}

impl VmidRange {
    /// All numbers of the range, rising.
    pub fn iter(self) -> impl Iterator<Item = Vmid> {
        (self.from.get()..=self.to.get()).filter_map(|number| Vmid::try_from(number).ok())
    }

    /// Whether a number lies inside.
    pub fn contains(self, vmid: Vmid) -> bool {
        (self.from..=self.to).contains(&vmid)
    }
}

impl FromStr for VmidRange {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('-').ok_or("write FROM-TO, like 200-999")?;
        let vmid = |part: &str| part.trim().parse().map_err(|_| "a VMID is a number from 100 to 999999999");
        let range = Self { from: vmid(from)?, to: vmid(to)? };
        if range.from <= range.to { Ok(range) } else { Err("the first VMID must not be larger than the last") }
    }
}

/// A value that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} = {value:?} is not accepted: {why}")]
pub struct BadSetting {
    /// The key with its table: `node.url`.
    pub key: &'static str,
    /// The value as written.
    pub value: String,
    /// What is wrong and what to write.
    pub why: String,
}

fn accept<T: FromStr<Err: Display>>(key: &'static str, value: &str) -> Result<T, BadSetting> {
    value.parse().map_err(|why: T::Err| BadSetting { key, value: value.to_owned(), why: why.to_string() })
}

impl TryFrom<Fragment> for Settings {
    type Error = BadSetting;

    fn try_from(written: Fragment) -> Result<Self, BadSetting> {
        let Fragment { node, guests, goldens, trust, ledger, helper, ssh, wait } = written;
        let addresses = guests.addresses.iter().map(|range| accept("guests.addresses", range));
        Ok(Self {
            node: accept_node(node)?,
            storage: accept("guests.storage", &guests.storage)?,
            bridge: accept("guests.bridge", &guests.bridge)?,
            vmids: accept("guests.vmids", &guests.vmids)?,
            mac_prefix: match &guests.mac_prefix {
                Some(prefix) => accept("guests.mac_prefix", prefix)?,
                None => MacPrefix::default(),
            },
            rootfs: accept("guests.rootfs", guests.rootfs.as_deref().unwrap_or("8G"))?,
            addresses: addresses.collect::<Result<_, _>>()?,
            manifests: goldens.manifests,
            releases: trust.map(accept_trust).transpose()?,
            ledger: ledger.path,
            helper: helper.socket,
            ssh: accept_ssh(ssh)?,
            task_deadline: Duration::from_secs(wait.task.unwrap_or(600)),
            guest_deadline: Duration::from_secs(wait.guest.unwrap_or(180)),
        })
    }
}

fn accept_node(node: fragment::Node) -> Result<NodeSettings, BadSetting> {
    let refuse = |value: String, why: &str| BadSetting { key: "node.fingerprints", value, why: why.into() };
    let trust = match (node.fingerprints.as_slice(), node.ca) {
        ([], Some(path)) => TrustSource::Authority(path),
        ([], None) => {
            return Err(refuse(String::new(), "pin the node's certificate, or name its authority in node.ca"));
        }
        (pins, None) => {
            let pins = pins.iter().map(|pin| accept("node.fingerprints", pin));
            TrustSource::Pins(pins.collect::<Result<_, _>>()?)
        }
        (_, Some(path)) => {
            return Err(refuse(path.display().to_string(), "choose one: fingerprints, or node.ca"));
        }
    };
    Ok(NodeSettings {
        name: accept("node.name", &node.name)?,
        url: node.url,
        token: accept("node.token", &node.token)?,
        trust,
    })
}

/// The gates unless the configuration says otherwise.
const GATES: [Gate; 3] = [Gate::Built, Gate::Linted, Gate::Drilled];

fn accept_trust(trust: fragment::Trust) -> Result<ReleaseTrust, BadSetting> {
    let principals = |key: &'static str, names: &[String]| {
        if names.is_empty() {
            let why = "name at least one principal of allowed_signers".to_owned();
            return Err(BadSetting { key, value: "[]".to_owned(), why });
        }
        names.iter().map(|name| accept(key, name)).collect::<Result<Vec<Principal>, _>>()
    };
    let builders = principals("trust.builders", &trust.builders)?;
    let verifiers = principals("trust.verifiers", &trust.verifiers)?;
    if let Some(both) = verifiers.iter().find(|verifier| builders.contains(verifier)) {
        let why = "it is a builder too: whoever verifies must be another".to_owned();
        return Err(BadSetting { key: "trust.verifiers", value: both.to_string(), why });
    }
    let gates = match &trust.gates {
        Some(gates) => gates.iter().map(|gate| accept("trust.gates", gate)).collect::<Result<_, _>>()?,
        None => GATES.to_vec(),
    };
    Ok(ReleaseTrust {
        allowed_signers: trust.allowed_signers,
        channels: trust.channels,
        builders,
        verifiers,
        releasers: principals("trust.releasers", &trust.releasers)?,
        gates,
    })
}

fn accept_ssh(ssh: fragment::Ssh) -> Result<SshSettings, BadSetting> {
    Ok(SshSettings {
        user: ssh.user.unwrap_or_else(|| "root".into()),
        user_ca: ssh.user_ca.as_deref().map(|reference| accept("ssh.user_ca", reference)).transpose()?,
        known_hosts: ssh.known_hosts,
        port: ssh.port.unwrap_or(22),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = r#"
        [node]
        name = "pve"
        url = "https://127.0.0.1:8006"
        token = "file:/etc/mintmark/token"
        fingerprints = ["PIN"]
        [guests]
        storage = "local"
        bridge = "vmbr0"
        vmids = "200-299"
        [ledger]
        path = "/var/lib/mintmark/ledger.db"
        [ssh]
        known_hosts = "/var/lib/mintmark/known_hosts"
    "#;

    fn accepted(text: &str) -> Result<Settings, BadSetting> {
        let text = text.replace("PIN", &Fingerprint::of(b"node").to_string());
        toml::from_str::<Fragment>(&text).unwrap().try_into()
    }

    #[test]
    fn the_least_that_counts_is_enough() {
        let settings = accepted(WRITTEN).unwrap();
        assert_eq!(settings.vmids.iter().count(), 100);
        assert_eq!(settings.ssh.user, "root");
        assert_eq!(settings.helper, None);
    }

    #[test]
    fn a_refusal_names_the_key_and_the_value() {
        let cases = [
            ("200-299", "300-200", "guests.vmids"),
            ("200-299", "200", "guests.vmids"),
            ("\"vmbr0\"", "\"a/b\"", "guests.bridge"),
            ("file:/etc/mintmark/token", "mint@pve!x=secret", "node.token"),
            ("[\"PIN\"]", "[]", "node.fingerprints"),
            ("\"PIN\"", "\"AA:BB\"", "node.fingerprints"),
        ];
        for (from, to, key) in cases {
            assert_eq!(accepted(&WRITTEN.replace(from, to)).unwrap_err().key, key, "{to}");
        }
    }

    const TRUST: &str = r#"
        [trust]
        allowed_signers = "/etc/mintmark/allowed_signers"
        channels = "/srv/mintmark"
        builders = ["builder@example.org"]
        verifiers = ["ci@example.org"]
        releasers = ["release@example.org"]
    "#;

    #[test]
    fn without_trust_nobody_is_trusted_and_with_it_three_gates_are_asked_for() {
        assert_eq!(accepted(WRITTEN).unwrap().releases, None);
        let trust = accepted(&format!("{WRITTEN}{TRUST}")).unwrap().releases.unwrap();
        assert_eq!(trust.gates, GATES);
        let cases = [
            ("[\"ci@example.org\"]", "[\"builder@example.org\"]", "trust.verifiers"),
            ("[\"release@example.org\"]", "[]", "trust.releasers"),
            ("[\"builder@example.org\"]", "[\"*\"]", "trust.builders"),
            ("releasers", "gates = [\"soaked\"]\nreleasers", "trust.gates"),
        ];
        for (from, to, key) in cases {
            let text = format!("{WRITTEN}{}", TRUST.replace(from, to));
            assert_eq!(accepted(&text).unwrap_err().key, key, "{to}");
        }
    }

    #[test]
    fn unknown_keys_are_refused_with_their_name() {
        let error = toml::from_str::<Fragment>(&WRITTEN.replace("bridge =", "brigde =")).unwrap_err();
        assert!(error.to_string().contains("brigde"), "{error}");
    }

    #[test]
    fn the_printed_example_is_accepted() {
        let written: Fragment = toml::from_str(include_str!("../../agent.example.toml")).unwrap();
        let settings = Settings::try_from(written).unwrap();
        assert_eq!(settings.helper.as_deref(), Some(std::path::Path::new("/run/mintmark/helper.sock")));
    }
}
