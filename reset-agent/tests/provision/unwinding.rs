//! The way back: lost answers, disks that stay, and tokens that expire in the middle.

use reset_agent::context::Context;
use reset_agent::node::removal::must_be_nowhere;
use saga::inject::{Faults, Strike};
use saga::{Executor, Finished, MemoryJournal, RunEnd, StepError};
use serde_json::Value;

use crate::bench::{Bench, expect_done, expect_unwound, input, plan};
use crate::world::{Guest, Token};

/// A run whose last step fails after the guest was started.
async fn fail(bench: &Bench) -> Finished {
    let last = plan().step_names().count() - 1;
    let plan = Faults { fail: Some((last, Strike::AfterActing)), ..Faults::default() }.into_plan(plan());
    let journal = MemoryJournal::new();
    Executor::new(&journal, &plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap()
}

/// A run that rests because its token was revoked at a request; the token is good again afterwards.
async fn park(bench: &Bench, executor: &Executor<'_, MemoryJournal, Context>, at: &'static str) -> Finished {
    bench.node.world().token = Token::RevokedAt(at);
    let parked = executor.start(&bench.run, input(), &mut bench.context.clone()).await.unwrap();
    assert!(matches!(parked.end, RunEnd::Parked(_)), "{at}: {:?}", parked.end);
    assert_eq!(bench.node.world().token, Token::Revoked, "{at} was never sent");
    bench.node.world().token = Token::Good;
    parked
}

/// What the undo of the restore says about the disks.
fn left(finished: &Finished) -> Value {
    let notes = &finished.log.step("restore").unwrap().notes;
    notes.iter().rev().find(|note| note.key == "left").unwrap().value.clone()
}

#[tokio::test]
async fn a_lost_answer_on_the_way_back_is_looked_for() {
    for lost in ["POST /nodes/pve/lxc/200/status/stop", "DELETE /nodes/pve/lxc/200"] {
        let bench = Bench::new().await;
        bench.node.world().lose = Some(lost);
        expect_unwound(&fail(&bench).await.end, lost);
        assert_eq!(bench.node.world().lose, None, "{lost} was never sent");
        bench.expect_clean_slate(lost).await;
    }
}

#[tokio::test]
async fn disks_that_stay_park_the_undo_and_are_named() {
    let bench = Bench::new().await;
    bench.node.world().leak_volumes = true;
    let finished = fail(&bench).await;
    let RunEnd::Parked(rest) = &finished.end else { panic!("{:?}", finished.end) };
    assert!(rest.command.as_ref().unwrap().contains("pvesm free local:200/vm-200-disk-0.raw"), "{rest:?}");
    assert_eq!(left(&finished)["volumes"], "left");
}

#[tokio::test]
async fn a_proof_that_cannot_be_had_is_said_to_be_missing() {
    for (sees, said) in [(true, "gone"), (false, "unverified")] {
        let bench = Bench::new().await;
        bench.node.world().sees_volumes = sees;
        let finished = fail(&bench).await;
        expect_unwound(&finished.end, said);
        assert_eq!(left(&finished)["volumes"], said);
    }
}

/// A run that rested finds another's guest at its number: neither going on nor unwinding touches it.
#[tokio::test]
async fn a_stranger_at_a_resting_runs_number_is_never_touched() {
    for at in ["PUT /nodes/pve/lxc/200/config", "GET /nodes/pve/lxc/200/status/current"] {
        let (bench, journal, plan) = (Bench::new().await, MemoryJournal::new(), plan());
        let executor = Executor::new(&journal, &plan);
        park(&bench, &executor, at).await;
        let net0 = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:09,ip=dhcp".to_owned();
        let config = [("hostname".to_owned(), "theirs".to_owned()), ("net0".to_owned(), net0)].into();
        let stranger = Guest { config, running: false };
        bench.node.world().guests.insert("200".into(), stranger.clone());
        let end = executor.resume(&bench.run, &mut bench.context.clone()).await.unwrap().end;
        expect_unwound(&end, at);
        assert_eq!(bench.node.world().guests["200"], stranger, "{at}");
    }
}

/// F4: the lock is busy for longer than a task waits for it.
#[tokio::test]
async fn f4_a_power_task_that_met_a_lock_is_asked_for_again() {
    let bench = Bench::new().await;
    bench.node.world().busy = 2;
    expect_unwound(&fail(&bench).await.end, "busy");
    assert_eq!(bench.node.world().busy, 0);
    bench.expect_clean_slate("busy").await;
}

#[tokio::test]
async fn a_guest_of_another_node_is_not_gone() {
    let bench = Bench::new().await;
    let (pve, vmid) = (&bench.context.pve, "200".parse().unwrap());
    must_be_nowhere(pve, vmid).await.unwrap();
    bench.node.world().elsewhere.insert("200".into());
    assert!(matches!(must_be_nowhere(pve, vmid).await, Err(StepError::Park { .. })));
}

/// Invariant: authority parks. Unwinding would need the same token, and the guest is worth keeping.
#[tokio::test]
async fn a_token_that_expires_on_the_way_parks_and_the_run_goes_on_with_a_new_one() {
    for at in [
        "POST /nodes/pve/lxc",
        "GET /nodes/pve/lxc/200/config",
        "PUT /nodes/pve/lxc/200/config",
        "POST /nodes/pve/lxc/200/status/start",
        "GET /nodes/pve/lxc/200/status/current",
    ] {
        let (bench, journal, plan) = (Bench::new().await, MemoryJournal::new(), plan());
        let executor = Executor::new(&journal, &plan);
        let parked = park(&bench, &executor, at).await;
        assert!(parked.log.records().iter().all(|record| record.event.kind() != "undo_started"), "{at}");
        expect_done(&executor.resume(&bench.run, &mut bench.context.clone()).await.unwrap().end, at);
        bench.expect_one_guest(at);
    }
}
