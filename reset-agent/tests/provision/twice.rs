//! Two agents that work on one customer at the same time, and runs that are taken up after the world has moved on.

use reset_agent::ledger::{GuestState, Scope};
use spec::exit::Exit;

use crate::bench::Bench;
use crate::commands::exit_of;
use crate::plans::BACKUP;

const PROVISION: [&str; 5] = ["provision", "--customer", "acme", "--golden", "debian13"];
const RECOVER: [&str; 5] = ["recover", "--customer", "acme", "--archive", BACKUP];

async fn states(bench: &Bench) -> Vec<GuestState> {
    bench.context.ledger.list(Scope::All).await.unwrap().iter().map(|guest| guest.state).collect()
}

/// A customer's guest, backed up.
async fn backed_up() -> Bench {
    let bench = Bench::whole().await;
    assert_eq!(exit_of(&bench, &PROVISION).await, Exit::Done);
    let mut world = bench.node.world();
    world.back_up("200", BACKUP);
    world.restores = 0;
    drop(world);
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_two_provisions_of_one_customer_at_once_are_one_guest() {
    let bench = Bench::whole().await;
    let ends = tokio::join!(exit_of(&bench, &PROVISION), exit_of(&bench, &PROVISION));
    assert_eq!(ends, (Exit::Done, Exit::Done));
    bench.expect_one_guest("two provisions");
    assert_eq!(states(&bench).await.iter().filter(|state| state.is_live()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_two_recoveries_of_one_customer_at_once_are_one_guest() {
    let bench = backed_up().await;
    bench.node.world().guests.clear();
    bench.node.world().volumes.clear();
    let (one, two) = tokio::join!(exit_of(&bench, &RECOVER), exit_of(&bench, &RECOVER));
    assert!(one == Exit::Done || two == Exit::Done, "{one:?} {two:?}");
    bench.expect_one_guest("two recoveries");
    assert_eq!(states(&bench).await, [GuestState::Active]);
}

#[tokio::test(flavor = "multi_thread")]
async fn s1_14_two_destructions_of_one_guest_at_once_leave_nothing() {
    let bench = backed_up().await;
    let ends = tokio::join!(exit_of(&bench, &["destroy", "acme"]), exit_of(&bench, &["destroy", "acme"]));
    assert!(ends.0 == Exit::Done || ends.1 == Exit::Done, "{ends:?}");
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done);
    bench.expect_clean_slate("two destructions").await;
    assert_eq!(states(&bench).await, [GuestState::Destroyed]);
}

/// A destruction that rests after its guest is gone does not strike the guest that a recovery brought back meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn i2_a_destruction_that_is_resumed_leaves_the_recovered_guest_in_the_ledger() {
    let bench = backed_up().await;
    bench.node.world().leak_volumes = true;
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Parked);
    bench.node.world().leak_volumes = false;
    bench.node.world().volumes.clear();
    assert_eq!(exit_of(&bench, &RECOVER).await, Exit::Done);
    let (vmid, guest) = bench.expect_one_guest("recovered");
    exit_of(&bench, &["resume"]).await;
    assert_eq!(states(&bench).await, [GuestState::Active]);
    assert_eq!(bench.expect_one_guest("resumed"), (vmid, guest));
    let runs = bench.store.journal().runs(10).await.unwrap();
    assert!(runs.iter().all(|run| run.outcome.is_some()), "the destruction is over");
}
