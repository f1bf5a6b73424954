//! `recover`, from its arguments to its exit code: what is kept, what is refused, and never beside the original.

use std::collections::BTreeMap;

use reset_agent::ledger::{Guest, GuestState, Scope};
use spec::exit::Exit;

use crate::bench::Bench;
use crate::commands::exit_of;
use crate::plans::BACKUP;
use crate::world::{self, VOLID};

/// A customer's guest, made by the program, backed up and lost.
async fn lost() -> (Bench, Guest, world::Guest) {
    let bench = Bench::whole().await;
    assert_eq!(exit_of(&bench, &["provision", "--customer", "acme", "--golden", "debian13"]).await, Exit::Done);
    let guest = row(&bench).await;
    let mut world = bench.node.world();
    let was = world.guests["200"].clone();
    world.back_up("200", BACKUP);
    world.guests.clear();
    world.volumes.clear();
    world.restores = 0;
    drop(world);
    (bench, guest, was)
}

async fn row(bench: &Bench) -> Guest {
    bench.context.ledger.list(Scope::All).await.unwrap().remove(0)
}

async fn recover(bench: &Bench, more: &[&str]) -> Exit {
    let words = ["recover", "--customer", "acme", "--archive", BACKUP];
    exit_of(bench, &[&words, more].concat()).await
}

fn net0(guest: &world::Guest) -> String {
    let net: spec::pct::Net = guest.config["net0"].parse().unwrap();
    net.hwaddr().unwrap().to_string()
}

/// A guest that nobody of ours made, with the lost one's address.
fn squatter(bench: &Bench, was: &world::Guest, running: bool) {
    let net0 = format!("name=eth0,bridge=vmbr0,hwaddr={},ip=dhcp", net0(was));
    let config = BTreeMap::from([("hostname".into(), "theirs".into()), ("net0".into(), net0)]);
    bench.node.world().guests.insert("150".into(), world::Guest { config, running });
}

#[tokio::test]
async fn s4_38_q03_a_lost_guest_comes_back_as_itself() {
    let (bench, before, was) = lost().await;
    let id = bench.node.world().backups[BACKUP].1.clone();
    assert_eq!(recover(&bench, &[]).await, Exit::Done);
    let (vmid, now) = bench.expect_one_guest("recovered");
    assert_eq!((net0(&now), bench.node.world().machine_id(&vmid)), (net0(&was), id));
    let after = row(&bench).await;
    assert_eq!((after.id, after.state, &after.customer), (before.id, GuestState::Active, &before.customer));
    assert_ne!(after.run, before.run);
    // It can be lost and recovered again out of the old backup, whose mark names the first run.
    bench.node.world().guests.clear();
    bench.node.world().volumes.clear();
    assert_eq!(recover(&bench, &[]).await, Exit::Done);
}

#[tokio::test]
async fn s4_38_a_destroyed_guest_comes_back_under_its_own_row() {
    let bench = Bench::whole().await;
    exit_of(&bench, &["provision", "--customer", "acme", "--golden", "debian13"]).await;
    bench.node.world().back_up("200", BACKUP);
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done);
    assert_eq!(recover(&bench, &[]).await, Exit::Done);
    let guests = bench.context.ledger.list(Scope::All).await.unwrap();
    assert_eq!(guests.iter().map(|guest| guest.state).collect::<Vec<_>>(), [GuestState::Active]);
    let owned = bench.context.ledger.identities(guests[0].id).await.unwrap();
    assert!(owned.iter().all(|owned| owned.retired_at.is_none()), "{owned:?}");
}

#[tokio::test]
async fn q03_a_golden_is_not_recovered() {
    let bench = Bench::whole().await;
    let words = ["recover", "--customer", "acme", "--archive", VOLID];
    assert_eq!(exit_of(&bench, &words).await, Exit::Usage, "it bears nobody's mark");
    assert_eq!(exit_of(&bench, &[&words[..], &["--adopt", "--hostname", "acme"]].concat()).await, Exit::Failed);
    assert_eq!(bench.node.world().restores, 0);
    bench.expect_clean_slate("a golden").await;
}

#[tokio::test]
async fn one_customers_backup_is_never_anothers_guest() {
    let (bench, ..) = lost().await;
    let words = ["recover", "--customer", "globex", "--archive", BACKUP, "--hostname", "globex", "--adopt"];
    assert_eq!(exit_of(&bench, &words).await, Exit::Usage);
    assert_eq!(bench.node.world().restores, 0);
}

#[tokio::test]
async fn a_guest_that_is_there_is_not_recovered() {
    let (bench, before, was) = lost().await;
    bench.node.world().guests.insert("200".into(), was.clone());
    assert_eq!(recover(&bench, &[]).await, Exit::Failed);
    assert_eq!(bench.node.world().restores, 0);
    assert_eq!(bench.node.world().guests["200"], was);
    let after = row(&bench).await;
    assert_eq!((after.run, after.state), (before.run, before.state));
}

/// Absent is what every node says: a guest on a node that this one cannot look into is not lost.
#[tokio::test]
async fn s1_14_a_guest_of_another_node_is_not_lost() {
    let (bench, ..) = lost().await;
    bench.node.world().elsewhere.insert("200".into());
    assert_eq!(recover(&bench, &[]).await, Exit::Parked);
    assert_eq!(bench.node.world().restores, 0);
    // The same recovery goes on when the person has mended it.
    bench.node.world().elsewhere.clear();
    assert_eq!(exit_of(&bench, &["resume"]).await, Exit::Done);
    bench.expect_one_guest("mended");
}

#[tokio::test]
async fn s4_38_an_address_that_somebody_has_is_refused_or_replaced_on_request() {
    let (bench, _, was) = lost().await;
    squatter(&bench, &was, false);
    assert_eq!(recover(&bench, &[]).await, Exit::Failed);
    assert_eq!(bench.node.world().restores, 0);
    assert_eq!(recover(&bench, &["--on-collision", "reset"]).await, Exit::Done);
    let (_, now) = bench.expect_one_guest("reset");
    assert_ne!(net0(&now), net0(&was));
}

#[tokio::test]
async fn nothing_goes_onto_the_wire_while_the_original_runs() {
    let (bench, ..) = lost().await;
    let was = bench.node.world().backups[BACKUP].0.clone();
    let mac = was.split("hwaddr=").nth(1).unwrap().split(',').next().unwrap().to_owned();
    let net0 = format!("name=eth0,bridge=vmbr0,hwaddr={mac},ip=dhcp");
    let config = BTreeMap::from([("hostname".into(), "old".into()), ("net0".into(), net0)]);
    bench.node.world().guests.insert("150".into(), world::Guest { config, running: true });
    assert_eq!(recover(&bench, &["--on-collision", "reset"]).await, Exit::Parked);
    let restored = bench.node.world().guests["201"].clone();
    assert!(!restored.running && restored.config["net0"].contains("link_down=1"), "{restored:?}");
    assert_eq!(exit_of(&bench, &["resume"]).await, Exit::Parked, "it still runs");
    bench.node.world().guests.get_mut("150").unwrap().running = false;
    assert_eq!(exit_of(&bench, &["resume"]).await, Exit::Done);
    bench.expect_one_guest("the original stopped");
}

#[tokio::test]
async fn an_aborted_recovery_gives_the_row_back_as_it_was() {
    let (bench, before, was) = lost().await;
    squatter(&bench, &was, true);
    assert_eq!(recover(&bench, &["--on-collision", "reset"]).await, Exit::Parked);
    let run = row(&bench).await.run;
    assert_ne!(run, before.run);
    assert_eq!(exit_of(&bench, &["abort", run.as_str()]).await, Exit::Done);
    let after = row(&bench).await;
    assert_eq!((after.vmid, after.state, after.run), (before.vmid, before.state, before.run));
    assert_eq!(bench.left(), Vec::<String>::new());
}
