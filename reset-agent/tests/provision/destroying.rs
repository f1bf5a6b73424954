//! `destroy`: absent is proven, never inferred; what was cut off is taken up and never begun anew.

use reset_agent::ledger::{GuestState, Scope};
use reset_agent::request::DestroyRequest;
use reset_agent::sagas::{DESTROY, destroy as saga_of_destroy};
use saga::inject::{Cut, Dying};
use saga::{Executor, Journal};
use spec::exit::Exit;

use crate::bench::Bench;
use crate::commands::exit_of;
use crate::plans::{run, with_guest};
use crate::world::Token;

async fn destroy(bench: &Bench) -> Exit {
    exit_of(bench, &["destroy", "acme"]).await
}

async fn state(bench: &Bench) -> GuestState {
    bench.context.ledger.list(Scope::All).await.unwrap().remove(0).state
}

async fn destructions(bench: &Bench) -> usize {
    let runs = bench.store.journal().runs(100).await.unwrap();
    runs.iter().filter(|run| run.header.plan == DESTROY).count()
}

#[tokio::test]
async fn s1_14_a_destroy_that_truly_failed_is_an_error_and_the_guest_stays_known() {
    let bench = Bench::whole().await;
    with_guest(&bench).await;
    bench.node.world().protected = true;
    assert_eq!(destroy(&bench).await, Exit::Failed);
    assert_eq!(state(&bench).await, GuestState::Active);
    bench.node.world().protected = false;
    for time in ["once", "twice"] {
        assert_eq!(destroy(&bench).await, Exit::Done, "{time}");
        bench.expect_clean_slate(time).await;
    }
}

/// Requirements §2.3: an outage must not pass for an absent guest.
#[tokio::test]
async fn s1_14_a_look_that_failed_proves_nothing_and_the_same_run_ends_it() {
    for at in ["GET /nodes/pve/lxc/200/config", "DELETE /nodes/pve/lxc/200", "GET /cluster/nextid"] {
        let bench = Bench::whole().await;
        with_guest(&bench).await;
        bench.node.world().token = Token::RevokedAt(at);
        assert_eq!(destroy(&bench).await, Exit::Parked, "{at}");
        assert_eq!(state(&bench).await, GuestState::Active, "{at}");
        bench.node.world().token = Token::Good;
        assert_eq!(destroy(&bench).await, Exit::Done, "{at}");
        assert_eq!((state(&bench).await, destructions(&bench).await), (GuestState::Destroyed, 1), "{at}");
        bench.expect_clean_slate(at).await;
    }
}

/// Crash matrix, `destroy: record, done unsaved`: the ledger had the guest as destroyed, and the run stayed open.
#[tokio::test]
async fn i7_a_destruction_that_was_cut_off_after_the_ledger_is_closed_by_the_next() {
    let whole = Bench::whole().await;
    let input = serde_json::to_value(DestroyRequest::of(&with_guest(&whole).await)).unwrap();
    let records = run(&whole, &whole.run, &saga_of_destroy(), input).await.log.next_seq();
    for cut in [Cut::Before(records - 2), Cut::Before(records - 1)] {
        let bench = Bench::whole().await;
        let input = serde_json::to_value(DestroyRequest::of(&with_guest(&bench).await)).unwrap();
        let (journal, plan) = (bench.store.journal(), saga_of_destroy());
        let dying = Dying::new(&journal, cut);
        let died = Executor::new(&dying, &plan).start(&bench.run, input, &mut bench.context.clone()).await;
        assert!(died.is_err() && !journal.unfinished().await.unwrap().is_empty(), "{cut:?}");
        assert_eq!(state(&bench).await, GuestState::Destroyed, "{cut:?}");
        assert_eq!(destroy(&bench).await, Exit::Done, "{cut:?}");
        assert!(journal.unfinished().await.unwrap().is_empty(), "{cut:?}");
        assert_eq!(destructions(&bench).await, 1, "{cut:?}");
    }
}

#[tokio::test]
async fn s3_20_destroy_takes_guest_host_keys_and_row() {
    let bench = Bench::whole().await;
    with_guest(&bench).await;
    let known_hosts = bench.context.settings.ssh.known_hosts.clone();
    assert!(std::fs::read_to_string(&known_hosts).unwrap().contains("acme"));
    assert_eq!(destroy(&bench).await, Exit::Done);
    assert!(!std::fs::read_to_string(&known_hosts).unwrap().contains("acme"));
    bench.expect_clean_slate("destroyed").await;
}
