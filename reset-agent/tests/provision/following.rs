//! A guest that is migrated under the hands of its run, or before it is destroyed.

use reset_agent::context::Context;
use reset_agent::ledger::{GuestState, Scope};
use reset_agent::sagas::provision;
use saga::inject::{Faults, Strike};
use saga::{Executor, Finished, Plan};
use spec::exit::Exit;

use crate::bench::{Bench, expect_done, expect_unwound, input};
use crate::commands::exit_of;
use crate::plans::with_guest;

async fn run(bench: &Bench, plan: &Plan<Context>) -> Finished {
    let journal = bench.store.journal();
    Executor::new(&journal, plan).start(&bench.run, input(), &mut bench.context.of_run(&bench.run)).await.unwrap()
}

fn only_on_the_first(bench: &Bench) {
    for node in ["pve2", "pve3"] {
        bench.node.world().cluster.change(node, |has| has.archive = false);
    }
}

/// Whatever call of the run finds the guest gone from its node: the run ends with that very guest, on its new node.
#[tokio::test]
async fn c32_a_guest_that_is_migrated_at_any_call_of_its_run_is_followed() {
    let mut calls = 0;
    loop {
        let bench = Bench::in_a_cluster("").await;
        only_on_the_first(&bench);
        bench.node.world().cluster.migration = Some((calls, "pve2"));
        let end = run(&bench, &provision()).await.end;
        let place = format!("migrated at call {calls}");
        if bench.node.world().cluster.migration.is_some() {
            break;
        }
        expect_done(&end, &place);
        let (vmid, _) = bench.expect_one_guest(&place);
        assert_eq!(bench.node.world().seat(&vmid), "pve2", "{place}");
        let guest = bench.context.ledger.list(Scope::Live).await.unwrap().remove(0);
        assert_eq!(guest.state, GuestState::Active, "{place}");
        calls += 1;
    }
    assert!(calls > 15, "only {calls} calls are about the guest");
}

/// And one that fails after that is undone where its guest is.
#[tokio::test]
async fn c32_a_migrated_guest_is_undone_on_its_new_node() {
    for step in ["reset", "start", "await", "verify"] {
        let at = provision().step_names().position(|name| name == step).unwrap();
        let bench = Bench::in_a_cluster("").await;
        only_on_the_first(&bench);
        let faults = Faults { fail: Some((at, Strike::AfterActing)), ..Faults::default() };
        let plan = faults.into_plan(provision());
        bench.node.world().cluster.migration = Some((3, "pve3"));
        let end = run(&bench, &plan).await.end;
        expect_unwound(&end, step);
        assert_eq!(bench.node.world().cluster.migration, None, "{step}: it was not migrated");
        bench.expect_clean_slate(step).await;
    }
}

#[tokio::test]
async fn c32_destroy_follows_a_guest_and_touches_no_strangers() {
    let bench = Bench::in_a_cluster("").await;
    let guest = with_guest(&bench).await;
    let vmid = guest.vmid.to_string();
    bench.node.world().cluster.seats.insert(vmid.clone(), "pve3".to_owned());
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done);
    bench.expect_clean_slate("followed").await;

    let bench = Bench::in_a_cluster("").await;
    let guest = with_guest(&bench).await;
    let vmid = guest.vmid.to_string();
    // Somebody gave the number to a guest of their own, on another node.
    {
        let mut world = bench.node.world();
        let stranger = world.guests.get_mut(&vmid).unwrap();
        stranger.config.insert("description".to_owned(), "mine".to_owned());
        let other = if guest.node.as_str() == "pve3" { "pve2" } else { "pve3" };
        world.cluster.seats.insert(vmid.clone(), other.to_owned());
    }
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Parked);
    assert!(bench.node.world().guests.contains_key(&vmid));
}
