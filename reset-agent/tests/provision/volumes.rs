//! Further volumes: made once whatever becomes of the calls, and gone with their guest.

use std::collections::BTreeMap;

use reset_agent::context::Context;
use reset_agent::ledger::Scope;
use reset_agent::request::DestroyRequest;
use reset_agent::sagas::destroy;
use reset_agent::steps::{Mount, Reserve, Reset, Resize, Resolve, Restore, Start};
use saga::inject::{Cut, Dying, Faults, Strike};
use saga::{Executor, Finished, MemoryJournal, Plan, Recorder, RunEnd, Step, StepError};
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::pct::MountPoint;

use crate::bench::{Bench, expect_done, expect_unwound, input};
use crate::commands::exit_of;
use crate::node::Shared;
use crate::plans;
use crate::trouble::{Kind, Trouble};
use crate::world::{self, Token, World};

const CHANGE: &str = "PUT /nodes/pve/lxc/200/config";

impl World {
    /// What `STORAGE:GIB` of a change comes to be: a volume of the guest's.
    pub(crate) fn make_volumes(&mut self, vmid: &str, sets: &mut BTreeMap<String, String>) {
        for (_, value) in sets.iter_mut().filter(|(key, _)| key.starts_with("mp")) {
            let mut mount = MountPoint::parse_mp(value).unwrap();
            let (storage, gib) = mount.volume().split_once(':').unwrap();
            let Ok(gib) = gib.parse::<u64>() else { continue };
            let taken = self.volumes.values().filter(|owner| *owner == vmid).count();
            let volid = format!("{storage}:{vmid}/vm-{vmid}-disk-{taken}.raw");
            mount.set_volume(&volid).unwrap();
            mount.set("size", &format!("{gib}G")).unwrap();
            self.volumes.insert(volid, vmid.to_owned());
            *value = mount.to_string();
        }
    }
}

/// Something that happens on the node right before the volumes are made.
struct Meanwhile(Shared, fn(&mut World));

impl Step<Context> for Meanwhile {
    fn name(&self) -> &'static str {
        "meanwhile"
    }

    async fn run(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        (self.1)(&mut self.0.lock().unwrap());
        Ok(Value::Null)
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

/// The plan up to a started guest with volumes.
fn plan(bench: &Bench, meanwhile: fn(&mut World)) -> Plan<Context> {
    let world = Shared::clone(&bench.node.world);
    let plan = Plan::new("provision", 1).then(Resolve).then(Reserve).then(Restore).then(Reset).then(Resize);
    plan.then(Meanwhile(world, meanwhile)).then(Mount).then(Start)
}

fn wanted() -> Value {
    let mut input = input();
    input["volumes"] = json!([{"path": "/srv", "size": "10G"}, {"path": "/home", "size": "1536M", "storage": "fast", "backup": false}]);
    input
}

async fn start(bench: &Bench, plan: &Plan<Context>) -> Finished {
    let journal = MemoryJournal::new();
    Executor::new(&journal, plan).start(&bench.run, wanted(), &mut bench.context.clone()).await.unwrap()
}

/// One guest with each volume once, and nothing else of it on any storage.
fn expect_volumes(bench: &Bench, place: &str) {
    let (_, guest) = bench.expect_one_guest(place);
    let mounts: Vec<&str> =
        guest.config.iter().filter(|(key, _)| key.starts_with("mp")).map(|(_, value)| value.as_str()).collect();
    let made = ["local:200/vm-200-disk-1.raw,mp=/srv,backup=1,size=10G", "fast:200/vm-200-disk-2.raw,mp=/home,size=2G"];
    assert_eq!(mounts, made, "{place}");
    let world = bench.node.world();
    let volumes: Vec<&str> = world.volumes.keys().map(String::as_str).collect();
    let all = ["fast:200/vm-200-disk-2.raw", "local:200/vm-200-disk-0.raw", "local:200/vm-200-disk-1.raw"];
    assert_eq!(volumes, all, "{place}");
}

#[tokio::test]
async fn s4_34_volumes_are_made_before_the_first_start_and_told() {
    let bench = Bench::new().await;
    let done = start(&bench, &plan(&bench, |_| ())).await;
    expect_done(&done.end, "volumes");
    expect_volumes(&bench, "volumes");
    let told = done.log.step("mount").unwrap().output.clone().unwrap();
    assert_eq!((&told["volumes"], &told["unproven"]), (&json!("mounted"), &Value::Null), "{told}");
    assert_eq!(told["mounts"][0]["volid"], "local:200/vm-200-disk-1.raw");
}

#[tokio::test]
async fn fault_23_a_volume_whose_answer_was_lost_is_adopted_and_never_made_twice() {
    const ARM: [fn(&mut World); 8] = [
        |world| arm(world, Kind::Lock),
        |world| arm(world, Kind::ProxyBefore),
        |world| arm(world, Kind::ProxyAfter),
        |world| arm(world, Kind::ResetBefore),
        |world| arm(world, Kind::ResetAfter),
        |world| arm(world, Kind::Garbage),
        |world| arm(world, Kind::Unauthorized),
        |world| arm(world, Kind::Forbidden),
    ];
    fn arm(world: &mut World, kind: Kind) {
        world.trouble = Some(Trouble { at: CHANGE, kind, struck: false });
    }
    for meanwhile in ARM {
        let bench = Bench::new().await;
        let (journal, plan) = (MemoryJournal::new(), plan(&bench, meanwhile));
        let executor = Executor::new(&journal, &plan);
        let mut end = executor.start(&bench.run, wanted(), &mut bench.context.clone()).await.unwrap().end;
        let kind = {
            let mut world = bench.node.world();
            let trouble = world.trouble.take().unwrap();
            assert!(trouble.struck, "{:?} was never met", trouble.kind);
            world.token = Token::Good;
            trouble.kind
        };
        if matches!(kind, Kind::Unauthorized | Kind::Forbidden) {
            assert!(matches!(end, RunEnd::Parked(_)), "{kind:?}: {end:?}");
            end = executor.resume(&bench.run, &mut bench.context.clone()).await.unwrap().end;
        }
        expect_done(&end, kind.title());
        expect_volumes(&bench, kind.title());
    }
}

/// What was made for the guest and mounted nowhere is found, and goes with it.
#[tokio::test]
async fn a_volume_that_is_mounted_nowhere_is_told_and_removed() {
    let bench = Bench::new().await;
    let meanwhile = |world: &mut World| drop(world.volumes.insert("fast:200/vm-200-disk-9.raw".into(), "200".into()));
    let undone = start(&bench, &plan(&bench, meanwhile)).await;
    expect_unwound(&undone.end, "stray");
    let RunEnd::RolledBack(why) = &undone.end else { unreachable!() };
    assert!(format!("{why:?}").contains("fast:200/vm-200-disk-9.raw"), "{why:?}");
    bench.expect_clean_slate("stray").await;
}

#[tokio::test]
async fn i4_a_run_with_volumes_that_is_cut_anywhere_ends_with_each_once() {
    let bench = Bench::new().await;
    let records = start(&bench, &plan(&bench, |_| ())).await.log.next_seq();
    for n in 1..records {
        for cut in [Cut::Before(n), Cut::After(n)] {
            let (place, bench, journal) = (format!("{cut:?} of {records}"), Bench::new().await, MemoryJournal::new());
            let plan = plan(&bench, |_| ());
            let dying = Dying::new(&journal, cut);
            let died = Executor::new(&dying, &plan).start(&bench.run, wanted(), &mut bench.context.clone()).await;
            assert!(died.is_err(), "{place}");
            let ended = Executor::new(&journal, &plan).recover(&bench.run, &mut bench.context.clone()).await.unwrap();
            expect_done(&ended.end, &place);
            expect_volumes(&bench, &place);
        }
    }
}

#[tokio::test]
async fn i2_volumes_go_with_a_run_that_is_undone_and_those_that_stay_are_named() {
    for leaks in [false, true] {
        let bench = Bench::new().await;
        bench.node.world().leak_volumes = leaks;
        let plan = plan(&bench, |_| ());
        let last = plan.step_names().count() - 1;
        let plan = Faults { fail: Some((last, Strike::AfterActing)), ..Faults::default() }.into_plan(plan);
        let finished = start(&bench, &plan).await;
        if !leaks {
            expect_unwound(&finished.end, "undone");
            bench.expect_clean_slate("undone").await;
            continue;
        }
        let RunEnd::Parked(rest) = &finished.end else { panic!("{:?}", finished.end) };
        for volid in ["local:200/vm-200-disk-1.raw", "fast:200/vm-200-disk-2.raw"] {
            assert!(rest.reason.contains(volid), "{rest:?}");
        }
    }
}

#[tokio::test]
async fn s4_destroy_proves_that_every_volume_is_gone() {
    for leaks in [false, true] {
        let bench = Bench::new().await;
        expect_done(&start(&bench, &plan(&bench, |_| ())).await.end, "before");
        bench.node.world().leak_volumes = leaks;
        let guest = bench.context.ledger.list(Scope::Live).await.unwrap().remove(0);
        let asked = serde_json::to_value(DestroyRequest::of(&guest)).unwrap();
        let end = plans::run(&bench, &uuid::Uuid::now_v7().to_string(), &destroy(), asked).await.end;
        if leaks {
            assert!(
                matches!(&end, RunEnd::Parked(rest) if rest.reason.contains("fast:200/vm-200-disk-2.raw")),
                "{end:?}"
            );
        } else {
            expect_done(&end, "destroyed");
            bench.expect_clean_slate("destroyed").await;
        }
    }
}

#[tokio::test]
async fn a_bad_volume_is_bad_input_and_nothing_is_touched() {
    let bench = Bench::whole().await;
    let provision = ["provision", "--customer", "globex", "--golden", "debian13"];
    let words = [&provision[..], &["--volume", "/srv=1G", "--volume", "/srv/www=1G"]].concat();
    assert_eq!(exit_of(&bench, &words).await, Exit::Usage);
    assert!(bench.context.ledger.list(Scope::All).await.unwrap().is_empty());
    assert!(bench.node.world().changes.is_empty());
}

/// What was backed up comes back on volumes of its own; what was not is told.
#[tokio::test]
async fn s4_38_a_lost_guest_comes_back_with_its_volumes() {
    let bench = Bench::whole().await;
    let provision = ["provision", "--customer", "acme", "--golden", "debian13"];
    let words = [&provision[..], &["--volume", "/srv=10G", "--volume", "/cache=2G,backup=0"]].concat();
    assert_eq!(exit_of(&bench, &words).await, Exit::Done);
    let was = {
        let mut world = bench.node.world();
        world.back_up("200", plans::BACKUP);
        world.volumes.clear();
        world.restores = 0;
        std::mem::take(&mut world.guests).remove("200").unwrap()
    };
    assert_eq!(exit_of(&bench, &["recover", "--customer", "acme", "--archive", plans::BACKUP]).await, Exit::Done);
    let (vmid, now) = bench.expect_one_guest("recovered");
    let mounts = |guest: &world::Guest| ["mp0", "mp1"].map(|key| guest.config[key].replace(&vmid, "200"));
    assert_eq!(mounts(&now), mounts(&was));
    assert_eq!(bench.node.world().volumes.len(), 3);
    let run = bench.context.ledger.list(Scope::Live).await.unwrap().remove(0).run;
    let told = bench.store.journal().log(run.as_str()).await.unwrap().step("rotation").unwrap().output.clone().unwrap();
    assert!(told.to_string().contains("the volume at /cache, which the backup did not hold"), "{told}");
    assert!(!told.to_string().contains("/srv"), "{told}");
}
