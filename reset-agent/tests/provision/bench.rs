//! One trial: a node, a ledger, a golden on the shelf, and the plan as far as it needs no real guest.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use pve_client::{Client, Endpoint, Fingerprint, Trust};
use reset_agent::agent::{Agent, Tells};
use reset_agent::config::{Fragment, Settings};
use reset_agent::context::Context;
use reset_agent::guest::Helper;
use reset_agent::ledger::Scope;
use reset_agent::request::ProvisionRequest;
use reset_agent::sagas::Plans;
use reset_agent::steps::{Reserve, Reset, Resize, Resolve, Restore, Start};
use reset_agent::store::Store;
use reset_agent::volume::Volumes;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::ssh_key::{LineEnding, PrivateKey};
use saga::{Plan, RunEnd};
use serde_json::{Value, json};
use spec::identity::Verdict;
use spec::release::Gate;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::guest;
use crate::node::{Node, Shared};
use crate::release::{BUILDER, CI, Made, RELEASER, Releases};
use crate::server;
use crate::world::{GOLDEN, Guest, VOLID};

/// The API token; its secret is found wherever it does not belong.
pub(crate) const TOKEN: &str = "mint@pve!agent=canary-6f1d0c52-token";

pub(crate) struct Bench {
    pub(crate) node: Node,
    pub(crate) context: Context,
    pub(crate) run: String,
    pub(crate) store: Store,
    /// The configuration, as the program would be given it.
    pub(crate) config: PathBuf,
    pub(crate) releases: Releases,
    pub(crate) made: Made,
    _folder: tempfile::TempDir,
}

/// In what the configurations of benches differ, as TOML.
struct Written<'a> {
    guests: &'a str,
    /// A file in the bench's folder where it is empty.
    ledger: &'a str,
    inside: &'a str,
}

impl Default for Written<'_> {
    fn default() -> Self {
        Self { guests: "vmids = \"200-299\"", ledger: "", inside: "" }
    }
}

impl Bench {
    /// A node whose guests nobody can reach: plans run as far as `start`.
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// A node whose guests have an inside: plans run to their end.
    pub(crate) async fn whole() -> Self {
        Self::inhabited(tempfile::tempdir().unwrap(), "", "", 5).await
    }

    /// The same, and the agent logs in to the guests, for which it waits a second.
    pub(crate) async fn with_login() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("user_ca");
        let key = PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(&[9; 32])), "user CA").unwrap();
        fs::write(&ca, key.to_openssh(LineEnding::LF).unwrap()).unwrap();
        fs::set_permissions(&ca, fs::Permissions::from_mode(0o600)).unwrap();
        Self::inhabited(folder, "", &format!("user_ca = \"file:{}\"\n", ca.display()), 1).await
    }

    /// The same with a host CA and a file for SSHFP records; `login` says whether the agent logs in.
    pub(crate) async fn certifying(login: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut ssh = format!("sshfp = \"{}\"\n", folder.path().join("sshfp.zone").display());
        for (name, seed) in [("host_ca", 10), ("user_ca", 9)].into_iter().take(1 + usize::from(login)) {
            let ca = folder.path().join(name);
            let key = PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(&[seed; 32])), name).unwrap();
            fs::write(&ca, key.to_openssh(LineEnding::LF).unwrap()).unwrap();
            fs::set_permissions(&ca, fs::Permissions::from_mode(0o600)).unwrap();
            ssh = format!("{ssh}{name} = \"file:{}\"\n", ca.display());
        }
        Self::inhabited(folder, "", &ssh, 1).await
    }

    /// As [`Bench::whole`], with the ledger on a server.
    pub(crate) async fn whole_on_a_server() -> Self {
        Self::inhabited_with(tempfile::tempdir().unwrap(), &server::new_ledger().await, "", 5, "").await
    }

    /// As [`Bench::whole`], on the first of three nodes with one helper; `more` is the rest of the configuration.
    pub(crate) async fn in_a_cluster(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let helper = folder.path().join("helper.sock");
        let nodes =
            ["pve2", "pve3"].map(|name| format!("[[nodes]]\nname = \"{name}\"\nhelper = \"{}\"\n", helper.display()));
        let bench = Self::inhabited_with(folder, "", "", 5, &format!("{}{more}", nodes.concat())).await;
        bench.node.world().cluster = Cluster::of(&["pve", "pve2", "pve3"]);
        bench
    }

    async fn inhabited(folder: tempfile::TempDir, ledger: &str, ssh: &str, patience: u32) -> Self {
        Self::inhabited_with(folder, ledger, ssh, patience, "").await
    }

    async fn inhabited_with(folder: tempfile::TempDir, ledger: &str, ssh: &str, patience: u32, more: &str) -> Self {
        let socket = folder.path().join("helper.sock");
        let world = Shared::default();
        let port = guest::start(Arc::clone(&world), &socket).await;
        world.lock().unwrap().address = Some(guest::own_address());
        let socket = socket.display();
        let inside = format!("port = {port}\n{ssh}[helper]\nsocket = \"{socket}\"\n[wait]\nguest = {patience}\n{more}");
        Self::within(world, folder, Written { ledger, inside: &inside, ..Written::default() }).await
    }

    /// As [`Bench::new`], with the ledger on a server; `guests` is the rest of that section, as TOML.
    pub(crate) async fn on_a_server(guests: &str) -> Self {
        let written = Written { guests, ledger: &server::new_ledger().await, inside: "" };
        Self::within(Shared::default(), tempfile::tempdir().unwrap(), written).await
    }

    /// The agent that another process would be: same configuration, a store and a client of its own.
    pub(crate) async fn another_agent(&self) -> Agent {
        let Context { settings, helper, .. } = self.context.clone();
        let endpoint = endpoint(&settings, self.node.fingerprint);
        let store = Store::at(&settings.ledger).await.unwrap();
        let context = Context { settings, pve: Client::new(endpoint).unwrap(), ledger: store.ledger(), helper };
        Agent::assembled(context, &store, Plans::from(vec![plan()]), Tells::Nobody)
    }

    async fn with(inside: &str) -> Self {
        let written = Written { inside, ..Written::default() };
        Self::within(Shared::default(), tempfile::tempdir().unwrap(), written).await
    }

    async fn within(world: Shared, folder: tempfile::TempDir, differs: Written<'_>) -> Self {
        let node = Node::start(world).await;
        let path = folder.path();
        let mut releases = Releases::new(path);
        let made = releases.build("20261120T100000Z", of_this_node);
        for gate in [Gate::Built, Gate::Linted] {
            releases.record(&made, gate, BUILDER, Verdict::Pass);
        }
        releases.record(&made, Gate::Drilled, CI, Verdict::Pass);
        releases.promote(&made, "stable", |_| {});
        fs::write(path.join("token"), TOKEN).unwrap();
        fs::set_permissions(path.join("token"), fs::Permissions::from_mode(0o600)).unwrap();
        let file = format!("path = \"{}/ledger.db\"", path.display());
        let Written { guests, ledger, inside } = differs;
        let ledger = if ledger.is_empty() { &file } else { ledger };
        let written = format!(
            "[node]\nname = \"pve\"\nurl = \"https://{}\"\ntoken = \"file:{dir}/token\"\nfingerprints = [\"{}\"]\n\
             [guests]\nstorage = \"local\"\nbridge = \"vmbr0\"\n{guests}\n\
             [goldens]\nmanifests = [\"{dir}/dump\"]\n\
             [trust]\nallowed_signers = \"{dir}/allowed_signers\"\nchannels = \"{dir}/mintmark\"\n\
             builders = [\"{BUILDER}\"]\nverifiers = [\"{CI}\"]\nreleasers = [\"{RELEASER}\"]\n[ledger]\n{ledger}\n\
             [ssh]\nknown_hosts = \"{dir}/known_hosts\"\n{inside}",
            node.address,
            node.fingerprint,
            dir = path.display(),
        );
        let config = path.join("agent.toml");
        fs::write(&config, &written).unwrap();
        let settings = Settings::try_from(toml::from_str::<Fragment>(&written).unwrap()).unwrap();
        let endpoint = endpoint(&settings, node.fingerprint);
        let store = Store::at(&settings.ledger).await.unwrap();
        let pve = Client::new(endpoint).unwrap();
        let helper = settings.helper.clone().map(Helper::at);
        let context = Context { settings: Arc::new(settings), pve, ledger: store.ledger(), helper };
        Self { node, context, run: Uuid::now_v7().to_string(), store, config, releases, made, _folder: folder }
    }

    /// Exactly one guest, running, with an identity of its own; and nothing forbidden was ever seen.
    pub(crate) fn expect_one_guest(&self, place: &str) -> (String, Guest) {
        let world = self.node.world();
        assert_eq!(world.violations, Vec::<String>::new(), "{place}");
        assert_eq!(world.restores, 1, "{place}: restored more than once");
        let ours: Vec<_> = world.guests.iter().filter(|(_, guest)| is_ours(guest)).collect();
        let [(vmid, guest)] = ours[..] else { panic!("{place}: {} guests", ours.len()) };
        assert!(guest.running && guest.config["hostname"] == "acme", "{place}: {guest:?}");
        assert!(!guest.config["net0"].contains("link_down"), "{place}: {guest:?}");
        (vmid.clone(), guest.clone())
    }

    /// What of ours is on the node, and what should never have been seen.
    pub(crate) fn left(&self) -> Vec<String> {
        let world = self.node.world();
        let guests = world.guests.iter().filter(|(_, guest)| is_ours(guest)).map(|(vmid, _)| format!("guest {vmid}"));
        guests.chain(world.volumes.keys().cloned()).chain(world.violations.clone()).collect()
    }

    /// Nothing of ours on the node, and nothing live in the ledger.
    pub(crate) async fn expect_clean_slate(&self, place: &str) {
        let left = self.context.ledger.list(Scope::Live).await.unwrap();
        assert!(left.is_empty(), "{place}: {left:?}");
        let world = self.node.world();
        assert_eq!(world.violations, Vec::<String>::new(), "{place}");
        assert!(!world.guests.values().any(is_ours), "{place}: {:?}", world.guests);
        assert!(world.volumes.is_empty(), "{place}: {:?}", world.volumes);
    }
}

fn endpoint(settings: &Settings, fingerprint: Fingerprint) -> Endpoint {
    let trust = Trust::Pins(vec![fingerprint]);
    Endpoint::new(&settings.node.url, settings.node.name.clone(), trust, TOKEN).unwrap()
}

/// What the run is asked to do.
pub(crate) fn input() -> Value {
    let request = ProvisionRequest {
        customer: "acme".parse().unwrap(),
        golden: "debian13".parse().unwrap(),
        hostname: "acme".parse().unwrap(),
        size: "10G".parse().unwrap(),
        volumes: Volumes::default(),
        checks: Vec::new(),
        hold_after: None,
        cold: false,
    };
    serde_json::to_value(request).unwrap()
}

fn is_ours(guest: &Guest) -> bool {
    guest.config.get("description").is_some_and(|text| text.contains("mintmark:run="))
}

/// The plan up to a started guest.
pub(crate) fn plan() -> Plan<Context> {
    Plan::new("provision", 1).then(Resolve).then(Reserve).then(Restore).then(Reset).then(Resize).then(Start)
}

pub(crate) fn expect_done(end: &RunEnd, place: &str) {
    assert_eq!(*end, RunEnd::Done, "{place}");
}

pub(crate) fn expect_unwound(end: &RunEnd, place: &str) {
    assert!(matches!(end, RunEnd::RolledBack(_)), "{place}: {end:?}");
}

/// The archive that the pretending node lists.
pub(crate) fn of_this_node(manifest: &mut Value) {
    manifest["config"] = json!(GOLDEN);
    manifest["archive"]["file"] = json!("out-of-sight.tar.zst");
    manifest["archive"]["volid"] = json!(VOLID);
}
