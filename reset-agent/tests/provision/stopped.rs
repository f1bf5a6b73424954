//! An agent that is stopped (SIGSTOP, a suspended machine) in the middle of its run, and wakes when another agent has
//! carried the run to its end: it changes nothing any more, neither in journal and ledger nor on the node.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use reset_agent::agent::{Agent, Tells};
use reset_agent::config::{Fragment, Settings};
use reset_agent::ledger::{Guest, Owned, Scope};
use reset_agent::outcome::End;
use reset_agent::sagas::Plans;
use reset_agent::store::Store;
use reset_agent::verbs::provision;
use rustix::process::{Pid, Signal, kill_process};
use saga::{Finished, JournalError, Log, RunError};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::bench::{Bench, expect_done, input, plan};

/// Tell the child, which is this same program, what it works with and on.
const CONFIG: &str = "MINTMARK_TEST_STOPPED_CONFIG";
const RUN: &str = "MINTMARK_TEST_STOPPED_RUN";

/// The calls whose answers find the agent stopped: what it has in mind next is a record, a write to the ledger, or
/// another call.
const PLACES: [&str; 7] = [
    "GET /access/permissions",
    "GET /cluster/nextid",
    "POST /nodes/pve/lxc",
    "GET /nodes/pve/lxc/200/config",
    "PUT /nodes/pve/lxc/200/config",
    "POST /nodes/pve/lxc/200/status/start",
    "GET /nodes/pve/lxc/200/status/current",
];

/// A process to stop before it hears the answer to a call: `METHOD /path/end`.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) at: &'static str,
    agent: Pid,
    stopped: oneshot::Sender<()>,
}

impl Stop {
    /// Stops it, and is back when none of its threads runs.
    pub(crate) async fn now(self) {
        kill_process(self.agent, Signal::STOP).unwrap();
        while !is_stopped(self.agent) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.stopped.send(()).unwrap();
    }
}

fn is_stopped(agent: Pid) -> bool {
    let tasks = fs::read_dir(format!("/proc/{}/task", agent.as_raw_nonzero())).unwrap();
    tasks.map(|task| fs::read_to_string(task.unwrap().path().join("stat")).unwrap()).all(|stat| {
        let (_, state) = stat.rsplit_once(") ").unwrap();
        state.starts_with('T')
    })
}

#[tokio::test]
#[ignore = "the child of `i1_i2_a_stopped_agent_wakes_and_changes_nothing`: the agent that is stopped"]
async fn agent() {
    let (Some(config), Ok(run)) = (std::env::var_os(CONFIG), std::env::var(RUN)) else { return };
    let written: Fragment = toml::from_str(&fs::read_to_string(config).unwrap()).unwrap();
    let opened = Agent::open(Settings::try_from(written).unwrap(), Tells::Nobody).await;
    let Ok(Agent { context, .. }) = opened else { panic!("the child cannot open its agent") };
    let store = Store::at(&context.settings.ledger).await.unwrap();
    let context = reset_agent::context::Context { ledger: store.ledger(), ..context };
    let agent = Agent::assembled(context, &store, Plans::from(vec![plan()]), Tells::Nobody);
    let told = match agent.start("provision", &run, input()).await {
        Err(RunError::Journal(JournalError::Fenced { fence, .. })) => format!("fenced {fence}"),
        other => format!("{:?}", other.map(|finished| finished.end)),
    };
    writeln!(std::io::stdout(), "\ntold: {told}").unwrap();
}

fn start_agent(bench: &Bench) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "stopped::agent", "--ignored", "--nocapture"])
        .env(CONFIG, &bench.config)
        .env(RUN, &bench.run)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// All that an agent may change.
#[derive(Debug, PartialEq)]
struct State {
    changes: usize,
    delivered: usize,
    log: Log,
    guests: Vec<(Guest, Vec<Owned>)>,
}

async fn state(bench: &Bench) -> State {
    let (changes, delivered) = {
        let world = bench.node.world();
        (world.changes.len(), world.delivered.len())
    };
    let mut guests = Vec::new();
    for guest in bench.context.ledger.list(Scope::All).await.unwrap() {
        let identities = bench.context.ledger.identities(guest.id).await.unwrap();
        guests.push((guest, identities));
    }
    State { changes, delivered, log: bench.store.journal().log(&bench.run).await.unwrap(), guests }
}

/// Takes the run over as soon as the silent agent's lease has ended by itself.
async fn taken_over(bench: &Bench) -> Finished {
    let other = bench.another_agent().await;
    loop {
        match other.recover(&bench.run).await {
            Err(RunError::Journal(JournalError::Held { .. })) => tokio::time::sleep(Duration::from_millis(50)).await,
            finished => return finished.unwrap(),
        }
    }
}

/// Killed when the trial ends, however it does: a stopped process would stay for ever.
struct Killed(Pid);

impl Drop for Killed {
    fn drop(&mut self) {
        // It has ended by itself where all went well.
        let _ = kill_process(self.0, Signal::KILL);
    }
}

/// An agent on its way through the bench's run that does not hear the answer to this call, and what it will have told.
async fn stopped(bench: &Bench, at: &'static str) -> (Killed, JoinHandle<Output>) {
    let (tell, stopped) = oneshot::channel();
    let child = {
        // No call is answered before it is known at which one the child stops.
        let mut world = bench.node.world();
        let child = start_agent(bench);
        world.stop = Some(Stop { at, agent: Pid::from_child(&child), stopped: tell });
        child
    };
    let agent = Killed(Pid::from_child(&child));
    let mut ended = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    tokio::select! {
        told = stopped => assert!(told.is_ok()),
        ended = &mut ended => panic!("{at}: the run never came there: {ended:?}"),
    }
    (agent, ended)
}

async fn stopped_at(bench: Bench, at: &'static str) {
    let (agent, ended) = stopped(&bench, at).await;
    expect_done(&taken_over(&bench).await.end, at);
    bench.expect_one_guest(at);
    let before = state(&bench).await;
    kill_process(agent.0, Signal::CONT).unwrap();
    let told = String::from_utf8(ended.await.unwrap().stdout).unwrap();
    assert!(told.contains("\ntold: fenced 1\n"), "{at}: {told}");
    assert_eq!(state(&bench).await, before, "{at}");
    bench.expect_one_guest(at);
}

/// Whoever asks for the guest of an agent that died waits for its lease, and goes on with its run: nobody else may come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_i7_who_asks_for_a_dead_agents_guest_goes_on_with_its_run() {
    let bench = Bench::on_a_server("vmids = \"200-299\"").await;
    let (agent, ended) = stopped(&bench, "PUT /nodes/pve/lxc/200/config").await;
    drop(agent);
    assert_eq!(ended.await.unwrap().status.signal(), Some(Signal::KILL.as_raw()));
    let request = serde_json::from_value(input()).unwrap();
    let Ok(outcome) = provision(&bench.another_agent().await, &request).await else { panic!("no answer") };
    assert_eq!((outcome.run.as_str(), &outcome.end, outcome.existing), (bench.run.as_str(), &End::Done, true));
    bench.expect_one_guest("taken over");
}

/// Reliability faults 10 and 13 with real processes and a real server: whatever the agent had in mind when it was
/// stopped, it does not do it in a run that is another's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_i2_a_stopped_agent_wakes_and_changes_nothing() {
    let mut trials = JoinSet::new();
    for at in PLACES {
        trials.spawn(async move { stopped_at(Bench::on_a_server("vmids = \"200-299\"").await, at).await });
    }
    assert_eq!(trials.join_all().await.len(), PLACES.len());
}

/// The same of what the helper puts into guests: the agent had in mind to ask the other's guest for a signature.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_i2_a_stopped_agent_wakes_and_delivers_nothing() {
    stopped_at(Bench::whole_on_a_server().await, "GET /nodes/pve/lxc/200/status/current").await;
}
