//! `--dry-run`: it touches nothing, and the run then makes exactly the calls that were told, in that order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Output};

use reset_agent::ledger::{Guest, Scope};
use reset_agent::sagas::warm;
use serde_json::Value;
use spec::exit::Exit;
use spec::ids::{MacAddr, RunId};

use crate::bench::{Bench, expect_done, input};
use crate::commands::exit_of;
use crate::plans::{BACKUP, run, with_guest};
use crate::world;

/// A call: method, path, parameters.
type Call = (String, String, BTreeMap<String, String>);

const PROVISION: [&str; 5] = ["provision", "--customer", "globex", "--golden", "debian13"];
const RECOVER: [&str; 5] = ["recover", "--customer", "acme", "--archive", BACKUP];

/// The shipped program, with `--dry-run`: its exit code and its one JSON object.
async fn ask(bench: &Bench, words: &[&str]) -> (i32, Value) {
    let done = dry_run(bench, words, &["--json"]).await;
    let text = String::from_utf8(done.stdout).unwrap();
    let object = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
    (done.status.code().unwrap(), object)
}

async fn dry_run(bench: &Bench, words: &[&str], more: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_reset-agent"));
    program.arg("--config").arg(&bench.config).args(words).arg("--dry-run").args(more);
    tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap()
}

/// All that a run could touch.
async fn touchable(bench: &Bench) -> (Vec<Guest>, usize, usize, String, BTreeMap<String, world::Guest>, usize) {
    let guests = bench.context.ledger.list(Scope::All).await.unwrap();
    let runs = bench.store.journal().runs(1000).await.unwrap().len();
    let forbidden = bench.context.ledger.forbidden().await.unwrap().len();
    let hosts = fs::read_to_string(&bench.context.settings.ssh.known_hosts).unwrap_or_default();
    let world = bench.node.world();
    (guests, runs, forbidden, hosts, world.guests.clone(), world.changes.len())
}

fn calls(told: &Value) -> Vec<Call> {
    let acts = told["acts"].as_array().unwrap().iter().filter(|act| act["does"] == "call");
    acts.map(|act| serde_json::from_value(serde_json::json!([act["method"], act["path"], act["params"]])).unwrap())
        .collect()
}

/// The texts between names, and the names: `a<b>c` is `a`, `<b>`, `c`.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((from, to)) = rest.find('<').and_then(|from| Some((from, from + rest[from..].find('>')? + 1))) {
        pieces.extend([&rest[..from], &rest[from..to]]);
        rest = &rest[to..];
    }
    pieces.push(rest);
    pieces
}

/// Holds a text that was told against the one that came; a name means the same value wherever it stands, except those
/// whose value is another each time.
fn meets(told: &str, came: &str, names: &mut BTreeMap<String, String>) {
    let pieces = pieces(told);
    let mut rest = came;
    for (index, piece) in pieces.iter().enumerate() {
        if index % 2 == 0 {
            rest = rest.strip_prefix(piece).unwrap_or_else(|| panic!("told {told:?}, came {came:?}"));
            continue;
        }
        let after = pieces[index + 1];
        let end = if after.is_empty() { rest.len() } else { rest.find(after).unwrap_or(rest.len()) };
        let (value, tail) = rest.split_at(end);
        assert!(!value.is_empty(), "told {told:?}, came {came:?}");
        if !["<digest>", "<secret>"].contains(piece) {
            let known = names.entry((*piece).to_owned()).or_insert_with(|| value.to_owned());
            assert_eq!(known, value, "{piece} is one value: told {told:?}, came {came:?}");
        }
        rest = tail;
    }
    assert_eq!(rest, "", "told {told:?}, came {came:?}");
}

fn same(told: &[Call], came: &[Call]) -> BTreeMap<String, String> {
    let lines = |calls: &[Call]| calls.iter().map(|(method, path, _)| format!("{method} {path}")).collect::<Vec<_>>();
    assert_eq!(told.len(), came.len(), "told {:#?}, came {:#?}", lines(told), lines(came));
    let mut names = BTreeMap::new();
    for ((told_method, told_path, told), (method, path, params)) in told.iter().zip(came) {
        assert_eq!(told_method, method);
        meets(told_path, path, &mut names);
        assert_eq!(told.keys().collect::<Vec<_>>(), params.keys().collect::<Vec<_>>(), "{method} {path}");
        for (key, value) in told {
            meets(value, &params[key], &mut names);
        }
    }
    names
}

/// Tells, finds nothing touched, runs, and compares. What the names came to be, and what was told.
async fn rehearsed(bench: &Bench, words: &[&str], exit: Exit) -> (BTreeMap<String, String>, Value) {
    let before = touchable(bench).await;
    let (code, told) = ask(bench, words).await;
    assert_eq!((code, &told["version"]), (0, &1.into()), "{told}");
    assert_eq!(touchable(bench).await, before, "a dry run touched something");
    assert_eq!(exit_of(bench, words).await, exit);
    let came = bench.node.world().changes.split_off(before.5);
    let names = same(&calls(&told), &came);
    let legend: BTreeSet<&String> = told["later"].as_object().unwrap().keys().collect();
    let unexplained: Vec<&String> = names.keys().filter(|name| !legend.contains(name)).collect();
    assert!(unexplained.is_empty(), "{unexplained:?} of {told}");
    (names, told)
}

fn lines(told: &Value) -> Vec<String> {
    calls(told).iter().map(|(method, path, _)| format!("{method} {path}")).collect()
}

#[tokio::test]
async fn s0_04_a_provision_makes_exactly_the_calls_that_were_told() {
    let bench = Bench::whole().await;
    let (names, told) = rehearsed(&bench, &PROVISION, Exit::Done).await;
    let on_guest = "/nodes/pve/lxc/<VMID>";
    let (config, start) = (format!("PUT {on_guest}/config"), format!("POST {on_guest}/status/start"));
    assert_eq!(lines(&told), ["POST /nodes/pve/lxc", &config, &config, &start]);
    assert_eq!(names["<VMID>"], "200");
    assert!(names["<MAC of net0>"].parse::<MacAddr>().is_ok() && names["<run>"].parse::<RunId>().is_ok(), "{names:?}");
    // Whoever has a guest gets it back: nothing is told, and nothing done.
    let (_, told) = rehearsed(&bench, &PROVISION, Exit::Done).await;
    assert!(lines(&told).is_empty() && told["acts"][0]["does"] == "ends", "{told}");
}

#[tokio::test]
async fn s0_04_a_clone_and_its_growth_are_told() {
    let bench = Bench::whole().await;
    expect_done(&run(&bench, &bench.run, &warm(), input()).await.end, "the template");
    let words = [&PROVISION[..], &["--size", "12G"]].concat();
    let (names, told) = rehearsed(&bench, &words, Exit::Done).await;
    assert_eq!(lines(&told)[0], "POST /nodes/pve/lxc/200/clone");
    assert_eq!(lines(&told)[2], "PUT /nodes/pve/lxc/<VMID>/resize");
    assert_eq!(names["<VMID>"], "201");
}

#[tokio::test]
async fn s0_04_volumes_are_told_one_by_one() {
    let bench = Bench::whole().await;
    let words = [&PROVISION[..], &["--volume", "/srv=10G", "--volume", "/home=2G,backup=0"]].concat();
    let (_, told) = rehearsed(&bench, &words, Exit::Done).await;
    let mounts: Vec<Option<String>> =
        calls(&told)[2..4].iter().map(|(.., params)| params.get("mp0").or(params.get("mp1")).cloned()).collect();
    assert_eq!(mounts, [Some("local:10,mp=/srv,backup=1".to_owned()), Some("local:2,mp=/home".to_owned())]);
}

#[tokio::test]
async fn s0_04_an_issued_machine_id_is_told_and_never_shown() {
    let bench = Bench::whole().await;
    let written = fs::read_to_string(&bench.config).unwrap();
    fs::write(&bench.config, format!("{written}[machine_id]\nsource = \"ledger\"\n")).unwrap();
    let (_, told) = rehearsed(&bench, &PROVISION, Exit::Done).await;
    let environments: Vec<String> = calls(&told).iter().filter_map(|(.., params)| params.get("env").cloned()).collect();
    assert_eq!(environments, ["<secret>"]);
    assert!(!told.to_string().contains("container_uuid"), "{told}");
}

/// A customer's guest, backed up and lost; where asked, a stranger has its address by now.
async fn lost(taken: bool) -> Bench {
    let bench = Bench::whole().await;
    with_guest(&bench).await;
    let mut world = bench.node.world();
    world.back_up("200", BACKUP);
    let net0 = world.guests["200"].config["net0"].clone();
    world.guests.clear();
    world.volumes.clear();
    if taken {
        let config = BTreeMap::from([("hostname".into(), "theirs".into()), ("net0".into(), net0)]);
        world.guests.insert("150".into(), world::Guest { config, running: false });
    }
    drop(world);
    bench
}

#[tokio::test]
async fn s0_04_a_recovery_makes_exactly_the_calls_that_were_told() {
    let (names, told) = rehearsed(&lost(false).await, &RECOVER, Exit::Done).await;
    // It keeps its own address, which is known before.
    assert!(!names.contains_key("<MAC of net0>") && lines(&told).len() == 4, "{told}");
    let bench = lost(true).await;
    assert_eq!(ask(&bench, &RECOVER).await, (1, Value::Null), "somebody has its address");
    let words = [&RECOVER[..], &["--on-collision", "reset"]].concat();
    let (names, _) = rehearsed(&bench, &words, Exit::Done).await;
    assert!(names["<MAC of net0>"].parse::<MacAddr>().is_ok(), "{names:?}");
}

/// What the run would find out only when it starts the guest is told, too.
#[tokio::test]
async fn s0_04_a_recovery_that_will_rest_beside_its_original_is_told_to() {
    let bench = lost(true).await;
    bench.node.world().guests.get_mut("150").unwrap().running = true;
    let words = [&RECOVER[..], &["--on-collision", "reset"]].concat();
    let (_, told) = rehearsed(&bench, &words, Exit::Parked).await;
    let last = told["acts"].as_array().unwrap().last().unwrap();
    assert_eq!((lines(&told).len(), &last["does"]), (2, &"ends".into()), "{told}");
}

#[tokio::test]
async fn s0_04_a_destroy_makes_exactly_the_calls_that_were_told() {
    let bench = Bench::whole().await;
    with_guest(&bench).await;
    let (_, told) = rehearsed(&bench, &["destroy", "acme"], Exit::Done).await;
    assert_eq!(lines(&told), ["POST /nodes/pve/lxc/200/status/stop", "DELETE /nodes/pve/lxc/200"]);
    let (_, told) = rehearsed(&bench, &["destroy", "acme"], Exit::Done).await;
    assert_eq!(lines(&told), Vec::<String>::new());
}

#[tokio::test]
async fn s0_04_what_is_made_of_an_unfinished_run_is_told() {
    let bench = Bench::whole().await;
    let words = [&PROVISION[..], &["--hold-after", "verify"]].concat();
    rehearsed(&bench, &words, Exit::Parked).await;
    let (_, told) = rehearsed(&bench, &["destroy", "globex"], Exit::Done).await;
    assert_eq!((lines(&told).len(), &told["acts"][0]["does"]), (2, &"run".into()), "{told}");
    bench.expect_clean_slate("given up").await;
}

#[tokio::test]
async fn s0_04_a_strangers_guest_is_told_to_be_one() {
    let bench = Bench::whole().await;
    with_guest(&bench).await;
    bench.node.world().guests.get_mut("200").unwrap().config.remove("description");
    assert_eq!(ask(&bench, &["destroy", "acme"]).await, (4, Value::Null));
    assert_eq!(exit_of(&bench, &["destroy", "acme"]).await, Exit::Parked);
}

#[tokio::test]
async fn people_read_a_call_with_its_parameters_and_what_the_names_are() {
    let bench = Bench::whole().await;
    let text = String::from_utf8(dry_run(&bench, &PROVISION, &[]).await.stdout).unwrap();
    println!("{text}");
    let has = |wanted: &str| assert!(text.lines().any(|line| line.trim() == wanted), "{wanted:?} in {text}");
    has("restore  POST   /nodes/pve/lxc");
    has("vmid=<VMID>");
    has("start    POST   /nodes/pve/lxc/<VMID>/status/start");
    has("<VMID>: 200, unless somebody takes it before");
}

#[tokio::test]
async fn s0_04_what_would_be_refused_is_refused_and_nothing_touched() {
    let bench = Bench::whole().await;
    let before = touchable(&bench).await;
    let unknown = ["provision", "--customer", "globex", "--golden", "debian12"];
    assert_eq!(ask(&bench, &unknown).await, (2, Value::Null));
    bench.node.world().lacks = Some("VM.Allocate");
    assert_eq!(ask(&bench, &PROVISION).await, (1, Value::Null));
    assert_eq!(touchable(&bench).await, before);
}
