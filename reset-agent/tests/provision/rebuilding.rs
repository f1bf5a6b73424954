//! `ledger rebuild`: the ledger held against a cluster on which somebody else was at work.

use reset_agent::ledger::{Entry, GuestState, Scope};
use reset_agent::sagas::Plans;
use saga::Plan;
use spec::exit::Exit;
use spec::identity::{Identity, IdentityKind};

use crate::bench::{Bench, expect_done};
use crate::commands::exit_of;
use crate::journals::{before, carried_out};
use crate::plans::with_guest;

const REBUILD: &[&str] = &["ledger", "rebuild"];
const ACCEPT: &[&str] = &["ledger", "rebuild", "--accept", "200"];

/// A guest made by a whole run, and how many changes the node was asked for until then.
async fn settled() -> (Bench, usize) {
    let bench = Bench::whole().await;
    with_guest(&bench).await;
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Done, "nothing happened yet");
    let changes = bench.node.world().changes.len();
    (bench, changes)
}

fn reconfigure(bench: &Bench, key: &str, from: &str, to: &str) {
    let mut world = bench.node.world();
    let value = world.guests.get_mut("200").unwrap().config.get_mut(key).unwrap();
    assert!(value.contains(from), "{value}");
    *value = value.replace(from, to);
}

fn mac(bench: &Bench) -> String {
    let net: spec::pct::Net = bench.node.world().guests["200"].config["net0"].parse().unwrap();
    net.hwaddr().unwrap().to_string()
}

async fn last_entry(bench: &Bench) -> Entry {
    let log = bench.context.ledger.audit_log(0, 100).await.unwrap();
    serde_json::from_str(&log.last().unwrap().entry).unwrap()
}

/// The ledger is whole, agrees with the cluster, and nothing was asked of the node.
async fn expect_settled(bench: &Bench, changes: usize) {
    assert_eq!(exit_of(bench, REBUILD).await, Exit::Done);
    assert_eq!(exit_of(bench, &["ledger", "verify"]).await, Exit::Done);
    assert_eq!(bench.node.world().changes.len(), changes, "a rebuild changes nothing on the node");
}

#[tokio::test]
async fn another_address_and_another_name_are_told_and_followed_where_accepted() {
    let (bench, changes) = settled().await;
    let ledger = &bench.context.ledger;
    let old = mac(&bench);
    reconfigure(&bench, "net0", &old, "BC:24:11:0A:0B:0C");
    reconfigure(&bench, "hostname", "acme", "renamed");
    let before = ledger.export().await.unwrap().to_text().unwrap();
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Parked);
    assert_eq!(ledger.export().await.unwrap().to_text().unwrap(), before, "telling writes nothing");

    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Done);
    expect_settled(&bench, changes).await;
    let guest = ledger.list(Scope::Live).await.unwrap().remove(0);
    assert_eq!((guest.hostname.as_str(), guest.state), ("renamed", GuestState::Active));
    let held = ledger.identities(guest.id).await.unwrap();
    let retired = |value: &str| held.iter().find(|owned| owned.identity.value == value).unwrap().retired_at.is_some();
    assert!(retired(&old) && retired("acme") && !retired("BC:24:11:0A:0B:0C") && !retired("renamed"));
    let entry = last_entry(&bench).await;
    assert_eq!((entry.action.as_str(), entry.object.as_str()), ("ledger.rebuild", "acme"));
    assert!(entry.outcome.contains("is called renamed, not acme") && entry.outcome.contains(&old), "{entry:?}");
}

#[tokio::test]
async fn a_guest_that_is_nowhere_is_struck_only_where_accepted() {
    let (bench, changes) = settled().await;
    bench.node.world().guests.remove("200");
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Parked);
    assert_eq!(bench.context.ledger.list(Scope::Live).await.unwrap().len(), 1);
    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Done);
    expect_settled(&bench, changes).await;
    assert_eq!(bench.context.ledger.list(Scope::All).await.unwrap()[0].state, GuestState::Destroyed);
    assert!(last_entry(&bench).await.outcome.contains("is nowhere on the cluster"));
}

/// A list without a guest is no proof that it is gone: the token may not see it where it is now.
#[tokio::test]
async fn a_guest_out_of_sight_is_unverified_and_cannot_be_struck() {
    let (bench, _) = settled().await;
    bench.node.world().guests.remove("200");
    bench.node.world().elsewhere.insert("200".into());
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Unverified);
    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Usage);
    assert_eq!(bench.context.ledger.list(Scope::Live).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_guest_of_a_lost_ledger_gets_its_row_back_and_can_be_destroyed() {
    let (bench, changes) = settled().await;
    // Another ledger: the node's guest is the same, and nothing is known of it.
    let config = std::fs::read_to_string(&bench.config).unwrap();
    std::fs::write(&bench.config, config.replace("ledger.db", "new.db")).unwrap();
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Parked);
    assert_eq!(exit_of(&bench, &["show", "acme"]).await, Exit::Usage, "nobody knows it yet");
    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Done);
    expect_settled(&bench, changes).await;
    assert_eq!(exit_of(&bench, &["show", "acme"]).await, Exit::Done);
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done);
    assert!(bench.node.world().guests.is_empty());
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Done);
}

#[tokio::test]
async fn a_strangers_guest_at_our_number_is_told_and_never_ours() {
    let (bench, changes) = settled().await;
    reconfigure(&bench, "description", "mintmark:run=", "was:");
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Parked);
    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Done);
    expect_settled(&bench, changes).await;
    assert!(bench.node.world().guests.contains_key("200"), "nothing is destroyed");
}

#[tokio::test]
async fn what_the_ledger_struck_and_a_copy_of_a_guest_are_told_and_not_accepted() {
    let (bench, _) = settled().await;
    let copy = bench.node.world().guests["200"].clone();
    bench.node.world().guests.insert("201".into(), copy.clone());
    // It has the first one's address, too.
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Collisions);
    assert_eq!(exit_of(&bench, &["ledger", "rebuild", "--accept", "201"]).await, Exit::Usage);
    bench.node.world().guests.remove("201");
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done);
    bench.node.world().guests.insert("200".into(), copy);
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Collisions, "its address belongs to the destroyed one for ever");
    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Usage);
    assert!(bench.context.ledger.list(Scope::Live).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_value_of_somebody_else_is_a_collision_and_not_accepted() {
    let (bench, _) = settled().await;
    let other = Identity::new(IdentityKind::MachineId, &"7".repeat(32));
    let ledger = &bench.context.ledger;
    let ask = reset_agent::ledger::Reservation {
        customer: "globex".parse().unwrap(),
        vmid: "250".parse().unwrap(),
        node: "pve".parse().unwrap(),
        hostname: "globex".parse().unwrap(),
        golden: "debian13".into(),
        run: uuid::Uuid::now_v7().to_string().parse().unwrap(),
        macs: Vec::new(),
    };
    let holder = ledger.reserve(&ask).await.unwrap().guest;
    ledger.record(holder.id, std::slice::from_ref(&other)).await.unwrap();
    ledger.mark(holder.id, GuestState::Destroyed).await.unwrap();
    bench.node.world().machine_ids.insert("200".into(), other.value.clone());
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Collisions);
    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Usage);
    assert_eq!(ledger.owner(&other).await.unwrap().unwrap().guest, holder.id);
    bench.node.world().machine_ids.insert("200".into(), "8".repeat(32));
    assert_eq!(exit_of(&bench, ACCEPT).await, Exit::Done, "one that nobody has can be followed");
}

#[tokio::test]
async fn a_number_without_a_difference_is_bad_input() {
    let (bench, _) = settled().await;
    for accept in ["200", "201", "200,201"] {
        assert_eq!(exit_of(&bench, &["ledger", "rebuild", "--accept", accept]).await, Exit::Usage, "{accept}");
    }
}

#[tokio::test]
async fn without_a_helper_it_is_not_verified() {
    let (bench, _) = settled().await;
    let config = std::fs::read_to_string(&bench.config).unwrap();
    let (before, after) = config.split_once("[helper]\n").unwrap();
    let rest = after.split_once('\n').unwrap().1;
    std::fs::write(&bench.config, format!("{before}{rest}")).unwrap();
    assert_eq!(exit_of(&bench, REBUILD).await, Exit::Unverified);
}

/// What every plan leaves behind is whole, and as it is on the node.
#[tokio::test]
async fn after_a_whole_run_of_any_plan_ledger_and_cluster_agree() {
    for plan in Plans::all().iter().map(Plan::name) {
        let (bench, input) = before(plan).await;
        let finished = carried_out(&bench, plan, &bench.run, input).await;
        expect_done(&finished.end, plan);
        let verification = bench.context.ledger.verify().await.unwrap();
        assert!(verification.is_sound(), "{plan}: {verification:?}");
        assert_eq!(exit_of(&bench, REBUILD).await, Exit::Done, "{plan}");
    }
}
