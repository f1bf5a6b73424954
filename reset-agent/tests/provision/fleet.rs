//! Two agents on one PostgreSQL ledger, asked for many guests at once, with few names and few addresses to go round:
//! every guest its own identity, every run at its end, nothing left of those that were undone.
//!
//! The plan ends at `start`: what comes after it looks into one guest and takes nothing that another could want.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reset_agent::ledger::{GuestState, Scope};
use reset_agent::request::ProvisionRequest;
use reset_agent::volume::Volumes;
use saga::{Journal, RunEnd};
use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::bench::Bench;

const PROVISIONS: usize = 200;

/// One in twenty asks for a name that another asks for, too.
const NAMES: usize = 190;

/// 256 addresses, and a few more numbers than guests.
const GUESTS: &str = "vmids = \"200-419\"\nmac_prefix = \"BC:24:11:5A:0C\"";

fn request(n: usize) -> Value {
    let request = ProvisionRequest {
        customer: format!("customer-{n}").parse().unwrap(),
        golden: "debian13".parse().unwrap(),
        hostname: format!("web-{}", n % NAMES).parse().unwrap(),
        size: "10G".parse().unwrap(),
        volumes: Volumes::default(),
        checks: Vec::new(),
        hold_after: None,
        cold: false,
    };
    serde_json::to_value(request).unwrap()
}

/// How the runs ended: done, and why the others did not.
async fn provision_all(bench: &Bench) -> (usize, Vec<String>) {
    let agents = [Arc::new(bench.another_agent().await), Arc::new(bench.another_agent().await)];
    let mut runs = JoinSet::new();
    for n in 0..PROVISIONS {
        let agent = Arc::clone(&agents[n % 2]);
        runs.spawn(async move { agent.start("provision", &Uuid::now_v7().to_string(), request(n)).await.unwrap().end });
    }
    let (mut done, mut undone) = (0, Vec::new());
    for end in runs.join_all().await {
        match end {
            RunEnd::Done => done += 1,
            RunEnd::RolledBack(failure) => undone.push(failure.message),
            RunEnd::Parked(rest) => panic!("a run rests: {rest:?}"),
        }
    }
    (done, undone)
}

/// All values, and each only once.
fn all_differ(what: &str, values: impl Iterator<Item = String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for value in values {
        assert!(seen.insert(value.clone()), "{what} {value} twice");
    }
    seen
}

/// Acceptance 3, the fake node's part.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_i2_i4_two_agents_of_a_hundred_provisions_each_double_and_leak_none() {
    let bench = Bench::on_a_server(GUESTS).await;
    let (done, undone) = provision_all(&bench).await;
    println!("{PROVISIONS} provisions, {NAMES} names, 256 addresses: {done} done, {} undone", undone.len());

    assert!(bench.store.journal().unfinished().await.unwrap().is_empty());
    let ledger = &bench.context.ledger;
    let live = ledger.list(Scope::Live).await.unwrap();
    assert_eq!((live.len(), done + undone.len()), (done, PROVISIONS));
    for why in &undone {
        assert!(why.contains("ostname"), "undone for another reason than its name: {why}");
    }
    assert_eq!(done, NAMES, "each name went to one");
    all_differ("customer", live.iter().map(|guest| guest.customer.to_string()));
    all_differ("hostname", live.iter().map(|guest| guest.hostname.to_string()));
    let vmids = all_differ("VMID", live.iter().map(|guest| guest.vmid.to_string()));
    assert!(
        ledger.list(Scope::All).await.unwrap().iter().all(|guest| {
            matches!(guest.state, GuestState::Provisioned | GuestState::Reserved | GuestState::Released)
        })
    );

    let world = bench.node.world();
    assert_eq!(world.violations, Vec::<String>::new());
    assert_eq!(world.guests.keys().cloned().collect::<BTreeSet<_>>(), vmids, "the node has what the ledger has");
    assert_eq!(world.volumes.values().cloned().collect::<BTreeSet<_>>(), vmids, "and no disks beside");
    let configs: Vec<&BTreeMap<String, String>> = world.guests.values().map(|guest| &guest.config).collect();
    all_differ("hostname on the node", configs.iter().map(|config| config["hostname"].clone()));
    all_differ("address on the node", configs.iter().map(|config| mac_of(config)));
    assert!(world.guests.values().all(|guest| guest.running));
}

fn mac_of(config: &BTreeMap<String, String>) -> String {
    let net0: spec::pct::Net = config["net0"].parse().unwrap();
    net0.hwaddr().unwrap().to_string()
}
