//! Holding before the handing over, and the two ways on: `resume` and `abort`.

use reset_agent::ledger::{GuestState, Scope};
use saga::Journal;
use spec::exit::Exit;

use crate::bench::Bench;
use crate::commands::exit_of;
use crate::world::Guest;

const ASK: &[&str] = &["provision", "--customer", "acme", "--golden", "debian13", "--hold-after", "verify"];

/// A guest that is verified and held, and the run that holds it.
async fn held() -> (Bench, String) {
    let bench = Bench::whole().await;
    assert_eq!(exit_of(&bench, ASK).await, Exit::Parked);
    let run = bench.store.journal().unfinished().await.unwrap().remove(0).run;
    (bench, run)
}

async fn state(bench: &Bench) -> GuestState {
    bench.context.ledger.list(Scope::All).await.unwrap().remove(0).state
}

#[tokio::test]
async fn s0_16_a_held_run_goes_on_when_a_person_resumes_it() {
    let (bench, run) = held().await;
    assert_eq!(state(&bench).await, GuestState::Provisioned);
    let log = bench.store.journal().log(&run).await.unwrap();
    let rest = log.rest().unwrap();
    assert!(rest.reason.contains(&crate::guest::own_address().to_string()), "{rest:?}");
    assert!(rest.command.as_ref().unwrap().contains(&format!("reset-agent resume {run}")), "{rest:?}");
    assert_eq!(exit_of(&bench, ASK).await, Exit::Parked, "asking again does not hand it over");
    assert_eq!(exit_of(&bench, &["resume", &run]).await, Exit::Done);
    assert_eq!(state(&bench).await, GuestState::Active);
    bench.expect_one_guest("resumed");
}

#[tokio::test]
async fn s0_17_abort_destroys_what_the_run_made_and_nothing_else() {
    let (bench, run) = held().await;
    let neighbour = Guest { config: [("hostname".into(), "theirs".into())].into(), running: true };
    bench.node.world().guests.insert("150".into(), neighbour.clone());
    bench.node.world().changes.clear();
    assert_eq!(exit_of(&bench, &["abort", &run]).await, Exit::Done);
    let changes = std::mem::take(&mut bench.node.world().changes);
    let made: Vec<_> = changes.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(made, ["POST /nodes/pve/lxc/200/status/stop", "DELETE /nodes/pve/lxc/200"]);
    assert_eq!(bench.node.world().guests["150"], neighbour);
    bench.node.world().guests.clear();
    bench.expect_clean_slate("aborted").await;
}

#[tokio::test]
async fn without_a_hold_nothing_rests() {
    let bench = Bench::whole().await;
    assert_eq!(exit_of(&bench, &ASK[..5]).await, Exit::Done);
    assert_eq!(state(&bench).await, GuestState::Active);
}
