//! A restore that was on its way while its run was given up: its guest is found, and removed where nobody has touched it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use reset_agent::agent::{Agent, Tells};
use reset_agent::config::{Fragment, Settings};
use reset_agent::orphans::{Found, Standing};
use reset_agent::serve::serve;
use reset_agent::verbs::orphans::survey;
use saga::{JournalError, RunError};
use spec::exit::Exit;
use spec::ids::CustomerId;
use uuid::Uuid;

use crate::bench::{Bench, expect_unwound, input};
use crate::commands::exit_of;
use crate::world::World;

/// What somebody does with a guest.
type Touch = fn(&mut World);

const RESTORE: &str = "POST /nodes/pve/lxc";

/// A run that dies while its restore is on its way; another process gives it up, and then the request arrives.
async fn late(bench: &Bench) {
    bench.node.world().hold = Some(RESTORE);
    let (agent, run) = (bench.another_agent().await, bench.run.clone());
    let victim = tokio::spawn(async move { agent.start("provision", &run, input()).await });
    while bench.node.world().held.is_none() {
        assert!(!victim.is_finished(), "the run never came to its restore");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    victim.abort();
    assert!(victim.await.unwrap_err().is_cancelled());
    let other = bench.another_agent().await;
    let undone = loop {
        match other.abandon(&bench.run, "given up").await {
            // On a server: until the dead agent's lease has ended.
            Err(RunError::Journal(JournalError::Held { .. })) => tokio::time::sleep(Duration::from_millis(50)).await,
            finished => break finished.unwrap(),
        }
    };
    expect_unwound(&undone.end, "given up");
    bench.expect_clean_slate("given up").await;
    let mut world = bench.node.world();
    let params: BTreeMap<String, String> = world.held.take().unwrap();
    world.call(&Method::POST, "/nodes/pve/lxc", &params).unwrap();
    assert!(world.guests.contains_key("200"));
}

/// The program's own agent, with all its plans.
async fn opened(bench: &Bench, more: &str) -> Agent {
    let written = std::fs::read_to_string(&bench.config).unwrap() + more;
    let settings = Settings::try_from(toml::from_str::<Fragment>(&written).unwrap()).unwrap();
    let Ok(agent) = Agent::open(settings, Tells::Nobody).await else { panic!("the agent does not open") };
    agent
}

async fn found(bench: &Bench) -> Vec<Found> {
    survey(&opened(bench, "").await).await.unwrap_or_else(|stop| panic!("{:#}", stop.error))
}

fn deletions(bench: &Bench) -> usize {
    bench.node.world().changes.iter().filter(|(method, ..)| method == "DELETE").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_the_guest_of_a_late_restore_is_found_and_removed_once() {
    for bench in [Bench::new().await, Bench::on_a_server("vmids = \"200-299\"").await] {
        assert_eq!(found(&bench).await, []);
        late(&bench).await;
        let [one] = &found(&bench).await[..] else { panic!("one orphan") };
        assert!(one.standing.is_removable() && one.run.as_str() == bench.run, "{one:?}");
        assert_eq!(one.customer.as_ref().map(CustomerId::as_str), Some("acme"));
        assert_eq!(exit_of(&bench, &["orphans"]).await, Exit::Done);
        assert_eq!(deletions(&bench), 0, "it was only looked at");
        // Two agents at once: one run.
        let remove = ["orphans", "--remove"];
        let exits = tokio::join!(exit_of(&bench, &remove), exit_of(&bench, &remove));
        assert_eq!(exits, (Exit::Done, Exit::Done));
        assert_eq!(deletions(&bench), 1);
        bench.expect_clean_slate("removed").await;
        assert_eq!(exit_of(&bench, &remove).await, Exit::Done);
        let log = bench.context.ledger.audit_log(0, 100).await.unwrap();
        assert!(
            log.iter().any(|row| row.entry.contains("orphan.remove") && row.entry.contains("guest 200")),
            "{log:?}"
        );
    }
}

/// A second request of the same run may be late as well.
#[tokio::test]
async fn i2_another_orphan_of_the_same_run_and_number_is_removed_too() {
    let bench = Bench::new().await;
    late(&bench).await;
    let first = bench.node.world().changes.iter().find(|(_, path, _)| path == "/nodes/pve/lxc").unwrap().2.clone();
    for time in ["the first", "the second"] {
        assert_eq!(exit_of(&bench, &["orphans", "--remove"]).await, Exit::Done, "{time}");
        bench.expect_clean_slate(time).await;
        bench.node.world().call(&Method::POST, "/nodes/pve/lxc", &first).unwrap();
    }
}

#[tokio::test]
async fn i2_an_orphan_that_somebody_touched_is_told_and_left_alone() {
    let touched: [(&str, Touch); 5] = [
        ("it runs", |world| world.guests.get_mut("200").unwrap().running = true),
        ("it was started", |world| drop(world.task("vzstart", "200", "OK"))),
        ("the link of net0 is not down", |world| set(world, "net0", |net| net.replace(",link_down=1", ""))),
        ("onboot is set", |world| set(world, "onboot", |_| "1".to_owned())),
        ("no task of this agent's token", |world| world.tasks.clear()),
    ];
    for (why, touch) in touched {
        let bench = Bench::new().await;
        late(&bench).await;
        touch(&mut bench.node.world());
        let all = found(&bench).await;
        let Standing::Orphan { hindrances } = &all[0].standing else { panic!("{why}: {all:?}") };
        assert!(hindrances.iter().any(|said| said.contains(why)), "{why}: {hindrances:?}");
        assert_eq!(exit_of(&bench, &["orphans", "--remove"]).await, Exit::Done, "{why}");
        assert_eq!(deletions(&bench), 0, "{why}");
    }
}

#[tokio::test]
async fn i2_a_guest_with_the_mark_of_another_ledgers_run_is_never_removed() {
    let bench = Bench::new().await;
    late(&bench).await;
    let (ours, theirs) = (bench.run.clone(), Uuid::now_v7().to_string());
    set(&mut bench.node.world(), "description", |text| text.replace(&ours, &theirs));
    assert_eq!(found(&bench).await[0].standing, Standing::Theirs);
    assert_eq!(exit_of(&bench, &["orphans", "--remove"]).await, Exit::Done);
    assert_eq!(deletions(&bench), 0);
}

fn set(world: &mut World, key: &str, change: impl Fn(&str) -> String) {
    let value = world.guests.get_mut("200").unwrap().config.entry(key.to_owned()).or_default();
    *value = change(value);
}

/// The service looks at its start, and removes where it is told to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_the_service_finds_and_removes_an_orphan() {
    let bench = Bench::new().await;
    late(&bench).await;
    let socket = bench.config.with_file_name("agent.sock");
    let more = format!("[serve]\nsocket = \"{}\"\nremove_orphans = true\n", socket.display());
    let agent = opened(&bench, &more).await;
    let settings = agent.context.settings.serve.clone().unwrap();
    let gone = async {
        while bench.node.world().guests.contains_key("200") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let served = serve(agent, settings, |_| (), gone);
    tokio::time::timeout(Duration::from_secs(30), served).await.expect("it was not removed").unwrap();
    bench.expect_clean_slate("served").await;
}
