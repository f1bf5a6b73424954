//! Every plan of the program under all laws, and its whole runs as kept outlines: `UPDATE_GOLDEN=1 cargo test` writes
//! them anew. A plan that is not on trial here fails the suite.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use axum::http::Method;
use reset_agent::context::Context;
use reset_agent::ledger::{Guest, GuestState, PoolState, Reservation, Scope};
use reset_agent::request::{DestroyRequest, OnCollision, OrphanRequest, RecoverRequest};
use reset_agent::sagas::{
    CLAIM, DESTROY, ORPHAN, PROVISION, Plans, RECOVER, STOCK, WARM, claim, destroy, orphan, provision, recover, stock,
    warm,
};
use reset_agent::volume::Volumes;
use saga::inject::{Faults, Strike};
use saga::laws::{Trial, Tried, check};
use saga::{Event, Executor, Finished, MemoryJournal, Plan, Record, RunEnd};
use serde_json::{Value, json};
use spec::identity::{Identity, IdentityKind};
use spec::ids::RunId;

use crate::bench::{Bench, expect_done, expect_unwound, input};
use crate::world::{GOLDEN, VOLID};

pub(crate) const BACKUP: &str = "local:backup/vzdump-lxc-200-2026_11_20-20_00_00.tar.zst";

/// The plans that are on trial below.
const ON_TRIAL: [&str; 7] = [PROVISION, RECOVER, DESTROY, WARM, ORPHAN, STOCK, CLAIM];

/// A plan, what stands before its run, and what it is asked.
pub(crate) struct OnTrial {
    pub(crate) bench: Bench,
    plan: &'static str,
    input: Value,
    before: Vec<GuestState>,
}

pub(crate) async fn run(bench: &Bench, run: &str, plan: &Plan<Context>, input: Value) -> Finished {
    Executor::new(&MemoryJournal::new(), plan).start(run, input, &mut bench.context.clone()).await.unwrap()
}

/// The bench's customer has a guest, made by a whole run of its own.
pub(crate) async fn with_guest(bench: &Bench) -> Guest {
    let (journal, plan, run) = (bench.store.journal(), provision(), uuid::Uuid::now_v7().to_string());
    let made = Executor::new(&journal, &plan).start(&run, input(), &mut bench.context.clone()).await.unwrap();
    expect_done(&made.end, "the guest before");
    bench.context.ledger.list(Scope::Live).await.unwrap().remove(0)
}

/// A guest that the ledger knows, that was backed up, and that is lost: as if it had been made long ago.
async fn lost(bench: &Bench) -> Value {
    let made_by: RunId = uuid::Uuid::now_v7().to_string().parse().unwrap();
    let (ledger, mac) = (&bench.context.ledger, "BC:24:11:00:00:42");
    let ask = Reservation {
        customer: "acme".parse().unwrap(),
        vmid: "200".parse().unwrap(),
        node: "pve".parse().unwrap(),
        hostname: "acme".parse().unwrap(),
        golden: "debian13".to_owned(),
        run: made_by.clone(),
        macs: vec![mac.parse().unwrap()],
    };
    let guest = ledger.reserve(&ask).await.unwrap().guest;
    let id = "0123456789abcdef0123456789abcdef";
    let identities = [(IdentityKind::Mac, mac), (IdentityKind::Hostname, "acme"), (IdentityKind::MachineId, id)];
    let identities = identities.map(|(kind, value)| Identity::new(kind, value));
    ledger.record(guest.id, &identities).await.unwrap();
    let config = GOLDEN.replace("BC:24:11:AA:BB:CC", mac).replace("hostname: golden", "hostname: acme");
    let marked = format!("#mintmark%3Arun={made_by}\n{config}");
    bench.node.world().backups.insert(BACKUP.to_owned(), (marked, id.to_owned()));
    recover_input(OnCollision::Refuse)
}

/// A guest that came to be after its run was undone.
fn orphaned(bench: &Bench) -> Value {
    let made_by: RunId = uuid::Uuid::now_v7().to_string().parse().unwrap();
    let mark = format!("mintmark:run={made_by}");
    let params = [
        ("vmid", "200"),
        ("ostemplate", VOLID),
        ("hostname", "acme"),
        ("rootfs", "local:10"),
        ("net0", "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:42,ip=dhcp,link_down=1,type=veth"),
        ("description", &mark),
    ];
    let params: BTreeMap<String, String> = params.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    bench.node.world().call(&Method::POST, "/nodes/pve/lxc", &params).unwrap();
    let request = OrphanRequest { vmid: "200".parse().unwrap(), made_by, customer: None };
    serde_json::to_value(request).unwrap()
}

pub(crate) fn recover_input(on_collision: OnCollision) -> Value {
    let request = RecoverRequest {
        customer: "acme".parse().unwrap(),
        archive: BACKUP.parse().unwrap(),
        hostname: "acme".parse().unwrap(),
        size: "10G".parse().unwrap(),
        volumes: Volumes::default(),
        on_collision,
        checks: Vec::new(),
        hold_after: None,
    };
    serde_json::to_value(request).unwrap()
}

/// What a guest for nobody yet is made by: its name until somebody gets it.
fn nobodys(name: &str) -> Value {
    let mut input = input();
    input["customer"] = json!(name);
    input["hostname"] = json!(name);
    input
}

/// One more guest waits in the pool, made by a whole run of its own.
async fn with_pooled(bench: &Bench) -> Guest {
    let (journal, plan, run) = (bench.store.journal(), stock(), uuid::Uuid::now_v7().to_string());
    let name = format!("pool-{}", &run[24..]);
    let made = Executor::new(&journal, &plan).start(&run, nobodys(&name), &mut bench.context.clone()).await.unwrap();
    expect_done(&made.end, "the guest for the pool");
    bench.context.ledger.pool().await.unwrap().remove(0).guest
}

async fn states(bench: &Bench) -> Vec<GuestState> {
    bench.context.ledger.list(Scope::All).await.unwrap().iter().map(|guest| guest.state).collect()
}

impl OnTrial {
    pub(crate) async fn new(plan: &'static str) -> Self {
        let bench = Bench::whole().await;
        let input = match plan {
            PROVISION | WARM => input(),
            STOCK => nobodys("pool-1"),
            CLAIM => {
                with_pooled(&bench).await;
                input()
            }
            RECOVER => lost(&bench).await,
            ORPHAN => orphaned(&bench),
            DESTROY => serde_json::to_value(DestroyRequest::of(&with_guest(&bench).await)).unwrap(),
            other => panic!("plan `{other}` is not on trial: say here what stands before it and what it is asked"),
        };
        let before = states(&bench).await;
        Self { bench, plan, input, before }
    }
}

impl OnTrial {
    /// After a claim that came to nothing: its guest waits on untouched where it was not taken yet, and is gone from node
    /// and ledger where it was. Either way the customer has none: the next claim hands over what waits, or finds the pool
    /// empty.
    async fn claimable_again(&self) -> Result<(), String> {
        let ledger = &self.bench.context.ledger;
        let live = ledger.list(Scope::Live).await.unwrap();
        let waiting = ledger.pool().await.unwrap();
        let told = || format!("{:?}, live {live:?}, waiting {waiting:?}", self.bench.left());
        let marked = |guest: &Guest| {
            let world = self.bench.node.world();
            let there = world.guests.get(&guest.vmid.to_string());
            there.is_some_and(|there| !there.running && there.config["description"].contains(guest.run.as_str()))
        };
        let is_waiting = match (waiting.as_slice(), live.as_slice()) {
            ([pooled], [guest]) => pooled.guest == *guest && pooled.state == PoolState::Ready && marked(guest),
            ([], []) if self.bench.left().is_empty() => false,
            _ => return Err(told()),
        };
        let second = uuid::Uuid::now_v7().to_string();
        match run(&self.bench, &second, &claim(), self.input.clone()).await.end {
            RunEnd::Done if is_waiting => Ok(()),
            RunEnd::RolledBack(failure) if !is_waiting && failure.to_string().contains("waits: fill the pool") => {
                Ok(())
            }
            end => Err(format!("the second claim is {end:?}; {}", told())),
        }
    }
}

impl Trial for OnTrial {
    type Ctx = Context;

    /// The pool's plans have `provision`'s steps but for those of their own, which are struck, with the last step before
    /// them that writes to the ledger.
    fn is_struck_at(&self, step: &str) -> bool {
        match self.plan {
            STOCK => ["record", "shelve"].contains(&step),
            CLAIM => ["reserve", "resolve", "restore", "reset", "record"].contains(&step),
            _ => true,
        }
    }

    fn plan(&self) -> Plan<Context> {
        match self.plan {
            PROVISION => provision(),
            RECOVER => recover(),
            WARM => warm(),
            ORPHAN => orphan(),
            STOCK => stock(),
            CLAIM => claim(),
            _ => destroy(),
        }
    }

    fn context(&self) -> Context {
        self.bench.context.clone()
    }

    fn input(&self) -> Value {
        self.input.clone()
    }

    fn run(&self) -> String {
        self.bench.run.clone()
    }

    /// Nothing of ours on the node, and the ledger as it was. What was destroyed does not come back: there, a second
    /// run must find all that is left and end it. What a claim had taken does not come back either.
    async fn clean_slate(&self) -> Result<(), String> {
        if self.plan == CLAIM {
            return self.claimable_again().await;
        }
        if matches!(self.plan, DESTROY | ORPHAN) {
            let second = uuid::Uuid::now_v7().to_string();
            let finished = run(&self.bench, &second, &self.plan(), self.input.clone()).await;
            expect_done(&finished.end, "the second destroy");
        }
        let left = self.bench.left();
        let live = |state: &&GuestState| state.is_live();
        let states = states(&self.bench).await;
        let as_before = self.plan == DESTROY || states.iter().filter(live).eq(self.before.iter().filter(live));
        if left.is_empty() && as_before { Ok(()) } else { Err(format!("{left:?}, the ledger has {states:?}")) }
    }

    async fn end_state(&self) -> Value {
        let states = states(&self.bench).await;
        let known =
            fs::read_to_string(&self.bench.context.settings.ssh.known_hosts).unwrap_or_default().lines().count();
        let world = self.bench.node.world();
        let guests: Vec<Value> = world
            .guests
            .iter()
            .map(|(vmid, guest)| {
                let mac_of_backup = world.backups.values().any(|(config, _)| {
                    let net0 = config.lines().find_map(|line| line.strip_prefix("net0: ")).unwrap();
                    net0.split(',')
                        .filter(|piece| piece.starts_with("hwaddr="))
                        .all(|mac| guest.config["net0"].contains(mac))
                });
                let old_id = world.machine_ids.contains_key(vmid);
                json!([
                    vmid,
                    guest.config["hostname"],
                    guest.running,
                    guest.config["net0"].contains("link_down"),
                    mac_of_backup,
                    old_id,
                    guest.config.get("template")
                ])
            })
            .collect();
        json!({"guests": guests, "restores": world.restores, "violations": world.violations, "ledger": states,
               "volumes": world.volumes.len(), "known hosts": known})
    }
}

/// Under all laws, with at least so many deaths.
async fn try_all(plan: &'static str, cuts: usize) {
    let tried: Tried =
        check(async || OnTrial::new(plan).await).await.unwrap_or_else(|broken| panic!("{plan}: {broken}"));
    assert!(tried.cuts >= cuts, "{tried:?}");
}

#[tokio::test]
async fn i2_i4_provision_keeps_all_laws() {
    try_all(PROVISION, 120).await;
}

#[tokio::test]
async fn i2_i4_recover_keeps_all_laws() {
    try_all(RECOVER, 120).await;
}

#[tokio::test]
async fn i2_i4_destroy_keeps_all_laws() {
    try_all(DESTROY, 30).await;
}

#[tokio::test]
async fn i2_i4_orphan_keeps_all_laws() {
    try_all(ORPHAN, 6).await;
}

#[tokio::test]
async fn i2_i4_warm_keeps_all_laws() {
    try_all(WARM, 60).await;
}

#[tokio::test]
async fn i2_i4_stock_keeps_all_laws() {
    try_all(STOCK, 12).await;
}

#[tokio::test]
async fn i2_i4_claim_keeps_all_laws() {
    try_all(CLAIM, 30).await;
}

#[test]
fn every_plan_is_on_trial() {
    let plans = Plans::all();
    let mut names: Vec<&str> = plans.iter().map(Plan::name).collect();
    names.dedup();
    assert_eq!(names, ON_TRIAL, "a plan has no trial: add it to `OnTrial::new` and to this list");
}

/// A run as its records, without what differs by chance: what every step leaves behind, by name.
fn shape(finished: &Finished) -> String {
    let header = finished.log.header();
    let lines = finished.log.records().iter().map(line);
    let end = finished.log.outcome().map_or("resting", |outcome| match outcome {
        saga::Outcome::Done => "done",
        saga::Outcome::RolledBack => "rolled back",
    });
    format!("{} v{}: {end}\n{}\n", header.plan, header.version, lines.collect::<Vec<_>>().join("\n"))
}

fn line(record: &Record) -> String {
    let place = record.event.step().unwrap_or("run");
    let detail = match &record.event {
        Event::Note { key, .. } => format!(" {key}"),
        Event::Succeeded { output: Value::Object(fields), .. } => {
            format!(" → {}", fields.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
        }
        Event::Opened(header) => {
            let fields = header.input.as_object().unwrap();
            format!(" ({})", fields.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    };
    format!("{place}: {}{detail}", record.event.kind().replace('_', " "))
}

fn compare(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outlines").join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, text).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, kept, "{name}: run with UPDATE_GOLDEN=1, look at the difference, and raise the plan's version");
}

#[tokio::test]
async fn whole_runs_are_the_kept_outlines() {
    for name in ON_TRIAL {
        let trial = OnTrial::new(name).await;
        let done = run(&trial.bench, &trial.bench.run, &trial.plan(), trial.input()).await;
        expect_done(&done.end, name);
        compare(&format!("{name}-done.txt"), &shape(&done));
        let trial = OnTrial::new(name).await;
        let last = trial.plan().step_names().count() - 1;
        let faults = Faults { fail: Some((last, Strike::AfterActing)), ..Faults::default() };
        let undone = run(&trial.bench, &trial.bench.run, &faults.into_plan(trial.plan()), trial.input()).await;
        expect_unwound(&undone.end, name);
        compare(&format!("{name}-undone.txt"), &shape(&undone));
    }
}
