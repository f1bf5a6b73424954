//! Whole commands, from their arguments to their exit code.

use std::collections::BTreeMap;
use std::fs;

use clap::Parser;
use reset_agent::cli::Cli;
use reset_agent::commands;
use reset_agent::config::{Fragment, Settings};
use reset_agent::context::Context;
use reset_agent::ledger::{GuestState, Scope};
use reset_agent::steps::{Reserve, Reset, Resize, Resolve, Restore, Start};
use saga::{Executor, MemoryJournal, Plan, Recorder, Step, StepError};
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::identity::{Identity, IdentityKind, Observation, Seen, Verdict};
use spec::release::Action;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;

use crate::bench::{Bench, expect_done, expect_unwound, input, plan};
use crate::world::Guest;

/// A bench with a guest whose run has ended.
async fn with_guest() -> Bench {
    let bench = Bench::new().await;
    let (journal, plan) = (bench.store.journal(), plan());
    let made = Executor::new(&journal, &plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap();
    expect_done(&made.end, "a guest");
    bench
}

pub(crate) async fn exit_of(bench: &Bench, words: &[&str]) -> Exit {
    let config = bench.config.to_str().unwrap();
    let arguments = ["reset-agent", "--config", config, "--json"].into_iter().chain(words.iter().copied());
    commands::run(Cli::parse_from(arguments)).await.unwrap_or_else(|stop| stop.exit)
}

async fn is_live(bench: &Bench) -> bool {
    !bench.context.ledger.list(Scope::Live).await.unwrap().is_empty()
}

#[tokio::test]
async fn destroying_once_or_twice_leaves_nothing() {
    let bench = with_guest().await;
    for time in ["once", "twice"] {
        assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Done, "{time}");
        bench.expect_clean_slate(time).await;
    }
    let gone = bench.context.ledger.list(Scope::All).await.unwrap();
    assert_eq!(gone[0].state, GuestState::Destroyed);
}

#[tokio::test]
async fn a_destroy_that_leaves_disks_parks_and_the_guest_stays_in_the_ledger() {
    let bench = with_guest().await;
    bench.node.world().leak_volumes = true;
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Parked);
    assert!(is_live(&bench).await);
}

#[tokio::test]
async fn a_guest_that_was_migrated_is_not_destroyed() {
    let bench = with_guest().await;
    bench.node.world().guests.remove("200");
    bench.node.world().elsewhere.insert("200".into());
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Parked);
    assert!(is_live(&bench).await);
}

#[tokio::test]
async fn a_stranger_with_our_number_is_not_destroyed() {
    let bench = with_guest().await;
    let stranger = Guest { config: BTreeMap::from([("hostname".into(), "theirs".into())]), running: true };
    bench.node.world().guests.insert("200".into(), stranger.clone());
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Parked);
    assert_eq!(bench.node.world().guests["200"], stranger);
    assert!(is_live(&bench).await);
}

/// Exit 3, not 1: the audit still tells what it found.
#[tokio::test]
async fn an_audit_without_its_manifests_is_unverified() {
    let bench = with_guest().await;
    let written = fs::read_to_string(&bench.config).unwrap();
    fs::write(&bench.config, written.replace("manifests = [", "manifests = [\"/nonexistent/goldens\", ")).unwrap();
    assert_eq!(exit_of(&bench, &["audit"]).await, Exit::Unverified);
}

/// A helper that sees a machine-id in every guest, made from its number, or nothing at all.
fn helper(bench: &Bench, awake: bool) {
    let socket = bench.config.with_file_name("helper.sock");
    let written = fs::read_to_string(&bench.config).unwrap();
    fs::write(&bench.config, format!("{written}[helper]\nsocket = \"{}\"\n", socket.display())).unwrap();
    let listener = UnixListener::bind(socket).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut asked = String::new();
            stream.read_line(&mut asked).await.unwrap();
            let asked: Value = serde_json::from_str(&asked).unwrap();
            let id = format!("{:032x}", asked["vmid"].as_u64().unwrap());
            let identity = Identity::new(IdentityKind::MachineId, &id);
            let seen = Seen::Identity { identity, modified: None };
            let seen = Observation { item: "machine-id".into(), place: "/etc/machine-id".into(), seen };
            let observations: Vec<Observation> = [seen].into_iter().filter(|_| awake).collect();
            let answer = json!({"observations": observations, "firstboot": {"state": "never"}});
            stream.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
        }
    });
}

#[tokio::test]
async fn an_audit_of_a_clean_fleet_exits_0_and_one_that_saw_nothing_does_not() {
    for (sees, exit) in [(true, Exit::Done), (false, Exit::Unverified)] {
        let bench = with_guest().await;
        let net0 = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:09,ip=dhcp".to_owned();
        let config = BTreeMap::from([("hostname".into(), "other".into()), ("net0".into(), net0)]);
        bench.node.world().guests.insert("150".into(), Guest { config, running: true });
        helper(&bench, sees);
        assert_eq!(exit_of(&bench, &["audit"]).await, exit);
    }
}

#[tokio::test]
async fn an_audit_finds_two_guests_with_one_address() {
    let bench = with_guest().await;
    helper(&bench, true);
    let twin = bench.node.world().guests["200"].clone();
    bench.node.world().guests.insert("150".into(), twin);
    assert_eq!(exit_of(&bench, &["audit"]).await, Exit::Collisions);
}

/// Nothing is touched: no run, no guest, exit 2.
async fn expect_refused(bench: &Bench, golden: &str) {
    let words = ["provision", "--customer", "umbrella", "--golden", golden];
    assert_eq!(exit_of(bench, &words).await, Exit::Usage, "{golden}");
    assert!(!is_live(bench).await, "{golden}");
    assert_eq!(bench.node.world().restores, 0, "{golden}");
}

#[tokio::test]
async fn without_trust_nobodys_golden_is_restored() {
    let bench = Bench::new().await;
    let written = fs::read_to_string(&bench.config).unwrap();
    let start = written.find("[trust]").unwrap();
    let end = written.find("[ledger]").unwrap();
    fs::write(&bench.config, format!("{}{}", &written[..start], &written[end..])).unwrap();
    expect_refused(&bench, "debian13").await;
    assert_eq!(exit_of(&bench, &["list"]).await, Exit::Done);
}

#[tokio::test]
async fn the_doctor_names_who_has_no_key_and_a_configuration_without_trust() {
    let bench = Bench::new().await;
    let written = fs::read_to_string(&bench.config).unwrap();
    let told = async |config: &str| {
        let settings: Settings = toml::from_str::<Fragment>(config).unwrap().try_into().unwrap();
        let diagnosis = reset_agent::doctor::examine(&settings, &bench.context.pve, None).await;
        let check = diagnosis.checks.into_iter().find(|check| check.what == "trust in goldens").unwrap();
        (check.verdict, check.why)
    };
    assert_eq!(told(&written).await.0, Verdict::Pass);
    let (verdict, why) = told(&written.replace("[\"ci\"]", "[\"nobody\"]")).await;
    assert!(verdict == Verdict::Fail && why.contains("no line for nobody"), "{why}");
    let (start, end) = (written.find("[trust]").unwrap(), written.find("[ledger]").unwrap());
    let (verdict, why) = told(&format!("{}{}", &written[..start], &written[end..])).await;
    assert!(verdict == Verdict::Fail && why.contains("no [trust]"), "{why}");
}

#[tokio::test]
async fn i5_a_golden_without_a_word_for_it_is_bad_input() {
    let bench = Bench::new().await;
    expect_refused(&bench, "debian13/canary").await;
    expect_refused(&bench, "debian12").await;
    fs::remove_file(bench.made.manifest.with_added_extension("sig")).unwrap();
    expect_refused(&bench, "debian13").await;
    expect_refused(&bench, bench.made.manifest.to_str().unwrap()).await;
}

/// Writes the release log anew while a run is under way.
struct Meanwhile {
    path: std::path::PathBuf,
    text: String,
}

impl Step<Context> for Meanwhile {
    fn name(&self) -> &'static str {
        "meanwhile"
    }

    async fn run(&self, _: &mut Context, _: &mut Recorder<'_>) -> Result<Value, StepError> {
        fs::write(&self.path, &self.text).unwrap();
        Ok(Value::Null)
    }

    async fn undo(&self, _: &mut Context, _: &mut Recorder<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

/// Fault 109: revoked between its resolution and its start.
#[tokio::test]
async fn a_golden_revoked_under_a_run_is_not_started() {
    let mut bench = Bench::new().await;
    let (path, made) = (bench.releases.log_path(), bench.made.clone());
    let before = fs::read_to_string(&path).unwrap();
    bench.releases.line(&made, Action::Revoked { reason: "a hole".into() });
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, before).unwrap();
    let plan = Plan::new("provision", 1)
        .then(Resolve)
        .then(Reserve)
        .then(Restore)
        .then(Reset)
        .then(Resize)
        .then(Meanwhile { path, text })
        .then(Start);
    let journal = MemoryJournal::new();
    let ended = Executor::new(&journal, &plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap();
    expect_unwound(&ended.end, "revoked");
    assert_eq!(bench.node.world().restores, 1);
    bench.expect_clean_slate("revoked").await;
}

/// Fault 30, S4-04: nothing is reserved and nothing asked for where the node would refuse it anyway.
#[tokio::test]
async fn s4_04_a_missing_privilege_is_named_before_anything_is_made() {
    for lacking in ["VM.Allocate", "VM.PowerMgmt", "VM.Backup", "Datastore.AllocateSpace", "SDN.Use"] {
        let bench = Bench::new().await;
        bench.node.world().lacks = Some(lacking);
        let (journal, plan) = (bench.store.journal(), plan());
        let ended =
            Executor::new(&journal, &plan).start(&bench.run, input(), &mut bench.context.clone()).await.unwrap();
        expect_unwound(&ended.end, lacking);
        let told = format!("{:?}", ended.end);
        assert!(told.contains(lacking) && told.contains("--print-roles"), "{told}");
        assert_eq!(bench.node.world().restores, 0, "{lacking}");
        bench.expect_clean_slate(lacking).await;
    }
}
