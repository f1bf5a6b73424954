//! Between a guest's birth and its first start: what it must have kept, and when its identity may be written.

use reset_agent::context::Context;
use reset_agent::sagas::provision;
use reset_agent::steps::{Reserve, Reset, Resize, Resolve, Restore, Start};
use saga::{Executor, MemoryJournal, Plan, Recorder, RunEnd, Step, StepError};
use serde_json::Value;

use crate::bench::{Bench, expect_done, expect_unwound, input, plan};
use crate::plans;

async fn run(bench: &Bench, plan: &Plan<Context>) -> RunEnd {
    let journal = MemoryJournal::new();
    Executor::new(&journal, plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap().end
}

#[tokio::test]
async fn s4_19_a_restore_that_forgets_what_the_golden_has_is_undone() {
    for (forgotten, told) in [("features", "its features are not the golden's"), ("unprivileged", "it is privileged")] {
        let bench = Bench::new().await;
        bench.node.world().forgets = Some(forgotten);
        let end = run(&bench, &plan()).await;
        expect_unwound(&end, forgotten);
        assert!(format!("{end:?}").contains(told), "{end:?}");
        bench.expect_clean_slate(forgotten).await;
        let world = bench.node.world();
        let written = world.changes.iter().filter(|(method, ..)| method == "PUT").count();
        assert_eq!((world.restores, written), (1, 0), "it was reset first");
    }
}

#[tokio::test]
async fn s2_23_identity_is_written_before_the_guest_starts_and_never_after() {
    let bench = Bench::whole().await;
    let finished = plans::run(&bench, &bench.run, &provision(), input()).await;
    expect_done(&finished.end, "a whole run");
    let world = bench.node.world();
    let at = |end: &str| world.changes.iter().position(|(_, path, _)| path.ends_with(end)).unwrap();
    let (born, started) = (at("/lxc"), at("/status/start"));
    let names = |key: &String| key == "hostname" || key.starts_with("net");
    let written = |(_, path, body): &(String, String, _)| {
        let body: &std::collections::BTreeMap<String, String> = body;
        path.ends_with("/config") && body.keys().any(names)
    };
    let places: Vec<usize> = (0..world.changes.len()).filter(|at| written(&world.changes[*at])).collect();
    assert!(!places.is_empty() && places.iter().all(|place| born < *place && *place < started), "{:?}", world.changes);
    assert_eq!(world.changes.iter().filter(|(_, path, _)| path.ends_with("/status/start")).count(), 1);
}

/// Somebody starts the guest before its reset.
struct Meddler;

impl Step<Context> for Meddler {
    fn name(&self) -> &'static str {
        "meddler"
    }

    async fn run(&self, ctx: &mut Context, _: &mut Recorder<'_>) -> Result<Value, StepError> {
        ctx.pve.start("200".parse().unwrap()).await.unwrap();
        Ok(Value::Null)
    }

    async fn undo(&self, _: &mut Context, _: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

/// Its configuration would show the new name at once, and the guest the old one until it starts again.
#[tokio::test]
async fn s2_23_a_running_guest_is_not_reset() {
    let bench = Bench::new().await;
    let plan = Plan::new("provision", 1)
        .then(Resolve)
        .then(Reserve)
        .then(Restore)
        .then(Meddler)
        .then(Reset)
        .then(Resize)
        .then(Start);
    let end = run(&bench, &plan).await;
    expect_unwound(&end, "running");
    assert!(format!("{end:?}").contains("guest 200 was started before its reset"), "{end:?}");
    assert!(bench.node.world().changes.iter().all(|(method, ..)| method != "PUT"));
    bench.expect_clean_slate("running").await;
}

/// A disk is never made smaller than the golden's, one that has its size is not asked to grow (Proxmox refuses that), and
/// one that came out smaller grows to the size that was asked for.
#[tokio::test]
async fn s4_28_a_disk_grows_to_an_absolute_size_and_never_shrinks() {
    let sized = |size: &str| {
        let mut input = input();
        input["size"] = size.into();
        input
    };
    let bench = Bench::new().await;
    let end = plans::run(&bench, &bench.run, &plan(), sized("7G")).await.end;
    expect_unwound(&end, "below the golden's");
    assert!(format!("{end:?}").contains("7G is smaller than the golden's (8G)"), "{end:?}");
    assert_eq!(bench.node.world().changes, []);
    bench.expect_clean_slate("below the golden's").await;
    for (size, small, resized) in [("8G", false, None), ("10G", false, None), ("10G", true, Some("10G"))] {
        let bench = Bench::new().await;
        bench.node.world().small_disks = small;
        expect_done(&plans::run(&bench, &bench.run, &plan(), sized(size)).await.end, size);
        let world = bench.node.world();
        let asked = world.changes.iter().find(|(_, path, _)| path.ends_with("/resize"));
        assert_eq!(asked.map(|(.., body)| body["size"].as_str()), resized, "{size}");
        let guest = world.guests.values().next().unwrap();
        assert!(guest.config["rootfs"].ends_with(&format!("size={size}")), "{guest:?}");
    }
}
