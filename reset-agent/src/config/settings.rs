//! The configuration as accepted: every value checked, every error naming its key.

use std::path::PathBuf;

use spec::ids::NodeName;

use super::budgets::Budgets;
use super::cloud_init::CloudInitSettings;
use super::fragment::Fragment;
use super::guests::GuestSettings;
use super::ledger::LedgerPlace;
use super::machine_id::MachineIdSource;
use super::members::Member;
use super::node::NodeSettings;
use super::pool::PoolSettings;
use super::secrets::SecretsSettings;
use super::serve::ServeSettings;
use super::setting::BadSetting;
use super::ssh::SshSettings;
use super::trust::ReleaseTrust;
use super::vmids::VmidRanges;
use super::wait::Patience;
use super::{budgets, cloud_init, guests, members, node, pool, secrets, serve, ssh, trust, vmids, wait};

/// Everything the agent was told about its surroundings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The node and the right to use it.
    pub node: NodeSettings,
    /// The nodes on which guests may be; the first is `node`.
    pub members: Vec<Member>,
    /// How much is asked of a node at once.
    pub budgets: Budgets,
    /// What new guests are made of.
    pub guests: GuestSettings,
    /// Which numbers they get.
    pub vmids: VmidRanges,
    /// Folders with manifests.
    pub manifests: Vec<PathBuf>,
    /// Whose goldens are restored; nobody's, where nothing is said.
    pub releases: Option<ReleaseTrust>,
    /// Where the ledger is.
    pub ledger: LedgerPlace,
    /// The helper's socket, where there is a helper.
    pub helper: Option<PathBuf>,
    /// Guests provisioned ahead of their customers.
    pub pool: PoolSettings,
    /// Who draws a new guest's machine-id.
    pub machine_id: MachineIdSource,
    /// How to log in to guests.
    pub ssh: SshSettings,
    /// Where the API is served; nowhere, where nothing is said.
    pub serve: Option<ServeSettings>,
    /// Goldens whose guests cloud-init sets up, and what it is told.
    pub cloud_init: Option<CloudInitSettings>,
    /// Where customers' secrets lie, where they get any.
    pub secrets: Option<SecretsSettings>,
    /// How long to wait.
    pub patience: Patience,
}

impl TryFrom<Fragment> for Settings {
    type Error = BadSetting;

    fn try_from(written: Fragment) -> Result<Self, BadSetting> {
        let node = node::accepted(written.node)?;
        let guests = guests::accepted(&written.guests)?;
        Ok(Self {
            members: members::accepted(&node, &guests, written.helper.socket.as_ref(), written.nodes)?,
            budgets: budgets::accepted(written.budgets)?,
            vmids: vmids::accepted(guests.vmids, written.pool.vmids.as_ref(), written.warm.vmids.as_ref())?,
            node,
            guests,
            manifests: written.goldens.manifests,
            releases: written.trust.map(trust::accepted).transpose()?,
            ledger: LedgerPlace::of(written.ledger)?,
            helper: written.helper.socket,
            pool: pool::accepted(&written.pool),
            machine_id: written.machine_id.source,
            ssh: ssh::accepted(written.ssh)?,
            serve: written.serve.map(serve::accepted).transpose()?,
            cloud_init: written.cloud_init.as_ref().map(cloud_init::accepted).transpose()?,
            secrets: written.secrets.map(secrets::accepted).transpose()?,
            patience: wait::accepted(&written.wait),
        })
    }
}

impl Settings {
    /// What holds for guests of a node: its own storage, bridge and helper where `[[nodes]]` names some. On a node that
    /// is not configured nobody can look into guests.
    #[must_use]
    pub fn at(&self, node: &NodeName) -> Self {
        let mut settings = self.clone();
        match self.members.iter().find(|member| member.name == *node) {
            Some(member) => {
                settings.guests.storage.clone_from(&member.storage);
                settings.guests.bridge.clone_from(&member.bridge);
                settings.helper.clone_from(&member.helper);
            }
            None => settings.helper = None,
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use pve_client::Fingerprint;

    use super::super::vmids::Purpose;
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
        assert_eq!(settings.guests.vmids.iter().count(), 100);
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

    #[test]
    fn further_nodes_have_what_is_said_of_them_and_the_first_ones_otherwise() {
        assert_eq!(accepted(WRITTEN).unwrap().members.len(), 1);
        let nodes = "[[nodes]]\nname = \"pve2\"\nstorage = \"tank\"\nhelper = \"/run/pve2.sock\"\n[[nodes]]\nname = \"pve3\"\n\
                     url = \"https://127.0.0.3:8006\"\nfingerprints = [\"PIN\"]\n";
        let settings = accepted(&format!("{WRITTEN}{nodes}")).unwrap();
        let second = settings.at(&"pve2".parse().unwrap());
        assert_eq!((second.guests.storage.as_str(), second.guests.bridge.as_str()), ("tank", "vmbr0"));
        assert_eq!(second.helper.as_deref(), Some(std::path::Path::new("/run/pve2.sock")));
        let back = second.at(&"pve".parse().unwrap());
        assert_eq!((back.guests.storage.as_str(), back.helper), ("local", None));
        assert!(settings.members[2].door.is_some() && settings.members[1].door.is_none());
        let cases = [
            ("\"pve2\"", "\"pve\"", "nodes.name"),
            ("\"tank\"", "\"-\"", "nodes.storage"),
            ("\nfingerprints = [\"PIN\"]", "", "nodes.fingerprints"),
            ("url = \"https://127.0.0.3:8006\"", "", "nodes.fingerprints"),
        ];
        for (from, to, key) in cases {
            let text = format!("{WRITTEN}{}", nodes.replace(from, to));
            assert_eq!(accepted(&text).unwrap_err().key, key, "{to}");
        }
    }

    #[test]
    fn every_purpose_has_numbers_of_its_own_and_an_overlap_names_both_keys() {
        let ranges = "[pool]\nvmids = \"300-399\"\n[warm]\nvmids = \"150-199\"\n";
        let settings = accepted(&format!("{WRITTEN}{ranges}")).unwrap();
        let first = |purpose| settings.vmids.of(purpose).range.from.get();
        assert_eq!([Purpose::Customer, Purpose::Pool, Purpose::Warm].map(first), [200, 300, 150]);
        assert_eq!(accepted(WRITTEN).unwrap().vmids.of(Purpose::Warm).key, "guests.vmids");
        for (from, to, key, other) in
            [("300", "299", "pool.vmids", "guests.vmids"), ("199", "300", "warm.vmids", "guests.vmids")]
        {
            let error = accepted(&format!("{WRITTEN}{}", ranges.replace(from, to))).unwrap_err();
            assert_eq!(error.key, key);
            assert!(error.why.contains(other), "{error}");
        }
        let apart = ranges.replace("150-199", "350-450");
        let error = accepted(&format!("{WRITTEN}{apart}")).unwrap_err();
        assert!(error.key == "warm.vmids" && error.why.contains("pool.vmids = 300-399"), "{error}");
    }

    #[test]
    fn a_budget_of_nothing_is_refused() {
        let error = accepted(&format!("{WRITTEN}[budgets]\nper_storage = 0\n")).unwrap_err();
        assert_eq!(error.key, "budgets.per_storage");
        assert!(!accepted(WRITTEN).unwrap().budgets.is_limited());
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
        let releases = accepted(&format!("{WRITTEN}{TRUST}")).unwrap().releases.unwrap();
        assert_eq!(releases.gates, trust::GATES);
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
