//! Several nodes: on which of them guests are made, and what a node that is down stands in the way of.

use pve_client::CallError;
use reset_agent::audit::of_fleet;
use reset_agent::doctor::examine;
use reset_agent::ledger::{Guest, Scope};
use reset_agent::sagas::provision;
use saga::{Executor, RunEnd};
use serde_json::json;
use spec::exit::Exit;
use spec::identity::Verdict;

use crate::bench::{Bench, expect_done, input};
use crate::commands::exit_of;

const GIB: u64 = 1 << 30;

async fn provisioned(bench: &Bench) -> RunEnd {
    let journal = bench.store.journal();
    let plan = provision();
    Executor::new(&journal, &plan).start(&bench.run, input(), &mut bench.context.of_run(&bench.run)).await.unwrap().end
}

async fn made(bench: &Bench) -> Guest {
    expect_done(&provisioned(bench).await, "a guest");
    bench.context.ledger.list(Scope::Live).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_guest_is_made_where_most_is_free_and_the_ledger_says_where() {
    let bench = Bench::in_a_cluster("").await;
    bench.node.world().cluster.change("pve3", |has| has.memory = 60 * GIB);
    let guest = made(&bench).await;
    assert_eq!(guest.node.as_str(), "pve3");
    {
        let world = bench.node.world();
        assert_eq!(world.seat(&guest.vmid.to_string()), "pve3");
        assert!(world.changes.iter().all(|(_, path, _)| path.starts_with("/nodes/pve3/")), "{:?}", world.changes);
    }
    let log = bench.store.journal().log(&bench.run).await.unwrap();
    let reserved = log.step("reserve").unwrap();
    assert!(format!("{reserved:?}").contains("pve3"), "{reserved:?}");
}

#[tokio::test]
async fn a_node_that_is_down_or_lacks_the_archive_is_passed_over() {
    let bench = Bench::in_a_cluster("").await;
    bench.node.world().cluster.down.insert("pve2");
    bench.node.world().cluster.change("pve2", |has| has.memory = 60 * GIB);
    bench.node.world().cluster.change("pve3", |has| has.archive = false);
    assert_eq!(made(&bench).await.node.as_str(), "pve");
}

#[tokio::test]
async fn where_no_node_does_the_refusal_names_each_with_its_reason_and_nothing_is_made() {
    let bench = Bench::in_a_cluster("").await;
    {
        let mut world = bench.node.world();
        world.cluster.change("pve", |has| has.disk = GIB);
        world.cluster.change("pve2", |has| has.memory = GIB / 4);
        world.cluster.change("pve3", |has| has.archive = false);
    }
    let RunEnd::RolledBack(failure) = provisioned(&bench).await else { panic!("it was placed") };
    let text = format!("{failure:?}");
    for told in [
        "pve: 1024 MiB are free on its storage",
        "pve2: 256 MiB of memory are free",
        "pve3: it does not have the archive",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(bench.node.world().changes, []);
    bench.expect_clean_slate("no place").await;
}

/// What a dry run tells, the run then does, on the node that it named.
#[tokio::test]
async fn a_dry_run_makes_the_choice_too() {
    let bench = Bench::in_a_cluster("").await;
    bench.node.world().cluster.change("pve2", |has| has.memory = 60 * GIB);
    let words = ["provision", "--customer", "acme", "--golden", "debian13", "--hostname", "acme", "--size", "10G"];
    let dry: Vec<&str> = words.iter().copied().chain(["--dry-run"]).collect();
    assert_eq!(exit_of(&bench, &dry).await, Exit::Done);
    assert_eq!(bench.node.world().changes, []);
    assert_eq!(exit_of(&bench, &words).await, Exit::Done);
    let guest = bench.context.ledger.list(Scope::Live).await.unwrap().remove(0);
    assert_eq!(guest.node.as_str(), "pve2");
    assert_eq!(exit_of(&bench, &["destroy", "acme", "--dry-run"]).await, Exit::Done);
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done);
    bench.expect_clean_slate("on the second node").await;
}

#[tokio::test]
async fn the_audit_looks_on_every_node_and_a_node_that_is_down_is_unverified() {
    let bench = Bench::in_a_cluster("").await;
    bench.node.world().cluster.change("pve2", |has| has.memory = 60 * GIB);
    let guest = made(&bench).await;
    let report = of_fleet(&bench.context).await.unwrap();
    assert_eq!(json!(report)["guests"], json!(1), "{report:?}");
    bench.node.world().cluster.down.insert("pve2");
    let report = of_fleet(&bench.context).await.unwrap();
    assert_eq!(report.exit(), Exit::Unverified, "{report:?}");
    assert!(report.findings.iter().any(|finding| finding.value == "pve2" && finding.kind == "node"), "{report:?}");
    assert_eq!(guest.node.as_str(), "pve2");
}

#[tokio::test]
async fn the_doctor_names_every_node_and_what_it_lacks() {
    let bench = Bench::in_a_cluster("").await;
    bench.node.world().cluster.down.insert("pve3");
    let diagnosis = examine(&bench.context.settings, &bench.context.pve, bench.context.helper.as_ref()).await;
    let verdict = |what: &str| diagnosis.checks.iter().find(|check| check.what == what).map(|check| check.verdict);
    assert_eq!(verdict("storage local on pve2"), Some(Verdict::Pass), "{diagnosis:?}");
    assert_eq!(verdict("memory of pve2"), Some(Verdict::Pass));
    assert_eq!(verdict("memory of pve3"), Some(Verdict::Fail));
    assert!(diagnosis.checks.iter().any(|check| check.why == "pve3 is offline"), "{diagnosis:?}");
}

/// A node that is not reached proves nothing about its guests.
#[tokio::test]
async fn a_look_at_a_node_that_is_down_is_an_error_and_no_absence() {
    let bench = Bench::in_a_cluster("").await;
    bench.node.world().cluster.change("pve2", |has| has.memory = 60 * GIB);
    let guest = made(&bench).await;
    bench.node.world().cluster.down.insert("pve2");
    let there = bench.context.at(&guest.node);
    let looked: Result<_, CallError> = there.pve.config(guest.vmid).await;
    let error = looked.unwrap_err();
    assert!(matches!(reset_agent::node::called(&error), saga::StepError::Park { .. }), "{error:?}");
}

#[tokio::test]
async fn the_pool_draws_its_own_numbers() {
    let bench = Bench::in_a_cluster("[pool]\nvmids = \"400-401\"\n").await;
    assert_eq!(exit_of(&bench, &["pool", "fill", "--golden", "debian13", "--size", "1"]).await, Exit::Done);
    let guest = bench.context.ledger.list(Scope::Live).await.unwrap().remove(0);
    assert_eq!(guest.vmid.get(), 400);
}
