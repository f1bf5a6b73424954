//! Lost answers, killed workers, and guests that are not ours.

use std::collections::BTreeMap;

use reset_agent::inventory::Inventory;
use saga::{Executor, Finished, MemoryJournal, RunEnd};

use crate::bench::{Bench, expect_done, input, plan};
use crate::world::Guest;

async fn start(bench: &Bench) -> Finished {
    let (journal, plan) = (MemoryJournal::new(), plan());
    Executor::new(&journal, &plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap()
}

#[tokio::test]
async fn fault_23_a_lost_answer_is_looked_for_and_never_asked_twice() {
    for lost in ["POST /nodes/pve/lxc", "PUT /nodes/pve/lxc/200/config", "POST /nodes/pve/lxc/200/status/start"] {
        let bench = Bench::new().await;
        bench.node.world().lose = Some(lost);
        expect_done(&start(&bench).await.end, lost);
        assert_eq!(bench.node.world().lose, None, "{lost} was never sent");
        bench.expect_one_guest(lost);
    }
}

/// A number that only the restore's refusal tells to be a virtual machine's.
#[tokio::test]
async fn a_machine_of_our_number_is_stepped_around() {
    let bench = Bench::new().await;
    bench.node.world().machines.insert("200".into());
    expect_done(&start(&bench).await.end, "machine");
    assert_eq!(bench.expect_one_guest("machine").0, "201");
}

/// Invariant: an address is unique in the whole cluster, machines included.
#[tokio::test]
async fn the_addresses_of_machines_of_other_nodes_are_taken() {
    let bench = Bench::new().await;
    bench.node.world().remote.insert("300".into(), "virtio=BC:24:11:00:00:07,bridge=vmbr0".into());
    let taken = Inventory::of_node(&bench.context.pve).await.unwrap();
    assert!(taken.macs.contains(&"BC:24:11:00:00:07".parse().unwrap()), "{taken:?}");
    assert!(taken.vmids.contains(&"300".parse().unwrap()), "{taken:?}");
}

#[tokio::test]
async fn fault_17_a_killed_restore_parks_with_the_command_to_run() {
    let bench = Bench::new().await;
    bench.node.world().kill_restores = true;
    let finished = start(&bench).await;
    let RunEnd::Parked(rest) = finished.end else { panic!("{:?}", finished.end) };
    assert!(rest.command.unwrap().contains("pct unlock 200"));
}

#[tokio::test]
async fn fault_18_a_strangers_guest_is_stepped_around_and_never_touched() {
    let bench = Bench::new().await;
    let stranger = Guest { config: BTreeMap::from([("hostname".into(), "theirs".into())]), running: true };
    bench.node.world().guests.insert("200".into(), stranger.clone());
    bench.node.world().hidden.insert("200".into());
    expect_done(&start(&bench).await.end, "stranger");
    assert_eq!(bench.expect_one_guest("stranger").0, "201");
    assert_eq!(bench.node.world().guests["200"], stranger);
}

#[tokio::test]
async fn a_hostname_that_a_neighbour_has_is_refused_before_anything_is_made() {
    let bench = Bench::new().await;
    let neighbour = Guest { config: BTreeMap::from([("hostname".into(), "ACME".into())]), running: false };
    bench.node.world().guests.insert("150".into(), neighbour);
    assert!(matches!(start(&bench).await.end, RunEnd::RolledBack(_)));
    assert_eq!(bench.node.world().restores, 0);
}
