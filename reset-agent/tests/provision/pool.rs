//! The pool when a release is withdrawn: nobody gets its guests, others are made in their place, and they are cleared
//! away by name.

use reset_agent::ledger::{GuestState, PoolState};
use serde_json::json;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::release::{Action, Gate, Withdrawn};

use crate::bench::{Bench, of_this_node};
use crate::commands::exit_of;
use crate::plans::with_guest;
use crate::release::{BUILDER, CI, withdrawal};

const FILL: [&str; 6] = ["pool", "fill", "--golden", "debian13", "--size", "1"];

async fn pool(bench: &Bench) -> Vec<(String, PoolState)> {
    let pool = bench.context.ledger.pool().await.unwrap();
    pool.into_iter().map(|pooled| (pooled.guest.vmid.to_string(), pooled.state)).collect()
}

fn guests(bench: &Bench) -> Vec<String> {
    bench.node.world().guests.keys().cloned().collect()
}

/// The release is revoked, and the channel points at the next one.
fn revoke(bench: &mut Bench) {
    let bad = bench.made.clone();
    bench.releases.line(&bad, Action::Revoked { reason: "a hole".into() });
    let good = bench.releases.build("20261121T100000Z", of_this_node);
    for gate in [Gate::Built, Gate::Linted] {
        bench.releases.record(&good, gate, BUILDER, Verdict::Pass);
    }
    bench.releases.record(&good, Gate::Drilled, CI, Verdict::Pass);
    bench.releases.promote(&good, "stable", |channel| channel.withdrawn.push(withdrawal(&bad, Withdrawn::Revoked)));
}

#[tokio::test]
async fn guests_of_a_revoked_release_are_replaced_and_go_to_nobody() {
    let mut bench = Bench::whole().await;
    assert_eq!(exit_of(&bench, &FILL).await, Exit::Done);
    assert_eq!(pool(&bench).await, [("200".to_owned(), PoolState::Ready)]);
    assert_eq!(exit_of(&bench, &["pool", "drain", "--withdrawn"]).await, Exit::Done, "none is");
    assert_eq!(guests(&bench), ["200"]);
    revoke(&mut bench);
    // All guests of the pretending node have one host key, so the second is found to be not its own, and rests. That it was
    // made is what counts here; that a claim passes the first one over, the ledger's tests say.
    assert_eq!(exit_of(&bench, &FILL).await, Exit::Parked);
    assert_eq!(pool(&bench).await, [("200".to_owned(), PoolState::Spoiled)]);
    assert_eq!(exit_of(&bench, &["pool", "drain", "--failed"]).await, Exit::Done, "it did not fail");
    assert_eq!(exit_of(&bench, &["pool", "drain", "--withdrawn", "--golden", "debian12"]).await, Exit::Done);
    assert_eq!(guests(&bench), ["200", "201"]);
    assert_eq!(exit_of(&bench, &["pool", "drain", "--withdrawn"]).await, Exit::Done);
    assert_eq!(guests(&bench), ["201"]);
    assert_eq!(pool(&bench).await, []);
}

/// A claim that comes before anybody filled or drained: it gets no guest, and none of the revoked release is touched.
#[tokio::test]
async fn a_claim_never_gets_a_guest_of_a_revoked_release() {
    let mut bench = Bench::whole().await;
    assert_eq!(exit_of(&bench, &FILL).await, Exit::Done);
    revoke(&mut bench);
    assert_eq!(exit_of(&bench, &["claim", "--customer", "acme", "--golden", "debian13"]).await, Exit::Failed);
    assert_eq!(pool(&bench).await, [("200".to_owned(), PoolState::Spoiled)]);
    assert_eq!(guests(&bench), ["200"]);
}

#[tokio::test]
async fn a_guest_that_failed_for_the_pool_is_kept_until_it_is_drained() {
    let bench = Bench::whole().await;
    let guest = with_guest(&bench).await;
    let guest = bench.context.ledger.mark(guest.id, GuestState::Quarantined).await.unwrap();
    bench.context.ledger.enter_pool(&guest, "debian13", &json!({})).await.unwrap();
    assert_eq!(exit_of(&bench, &["pool", "drain", "--withdrawn"]).await, Exit::Done);
    assert_eq!(pool(&bench).await, [("200".to_owned(), PoolState::Filling)]);
    assert_eq!(exit_of(&bench, &["pool", "drain", "--failed"]).await, Exit::Done);
    assert_eq!((pool(&bench).await, guests(&bench)), (Vec::new(), Vec::new()));
}
