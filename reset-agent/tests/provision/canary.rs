//! The program as it is shipped, caught in the middle of a call: where its secrets are not.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, TOKEN};
use crate::secrets::CANARIES;
use crate::trouble::{Kind, Trouble};
use crate::vault::vault;

/// As a careless operator would start it: a core of any size, everything logged.
fn start(bench: &Bench, folder: &Path) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_reset-agent"), "--config"]);
    shell.arg(&bench.config).args(["provision", "--customer", "acme", "--golden", "debian13", "--size", "10G"]);
    // Into a file: a pipe that nobody reads would hold the program up.
    let said = File::create(said(bench)).unwrap();
    shell.current_dir(folder).env("MINTMARK_LOG", "trace").stdout(said.try_clone().unwrap()).stderr(said);
    shell.spawn().unwrap()
}

/// Where all that the program says is kept.
fn said(bench: &Bench) -> PathBuf {
    bench.config.with_file_name("said")
}

fn holds(bytes: &[u8], secrets: &[&str]) -> bool {
    secrets.iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
}

/// The token's secret, and the lines of both CAs' private halves.
fn keys(bench: &Bench) -> Vec<String> {
    let read = |ca| fs::read_to_string(bench.config.with_file_name(ca)).unwrap();
    let authorities = ["user_ca", "host_ca"].map(read).concat();
    let lines = authorities.lines().filter(|line| !line.starts_with("-----"));
    lines.chain([token()]).map(str::to_owned).collect()
}

/// The API token, as everything is searched for it.
fn token() -> &'static str {
    TOKEN.split_once('=').unwrap().1
}

/// Waits until the program is where its secrets are in its memory.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_mins(1), "{what}: it never came there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Crashes the program: no secret is in its arguments, its environment, a core, its output or the ledger.
fn crash(mut child: Child, bench: &Bench, folder: &Path, secrets: &[&str]) {
    for shown in ["cmdline", "environ"] {
        let bytes = fs::read(format!("/proc/{}/{shown}", child.id())).unwrap();
        assert!(!holds(&bytes, secrets), "a secret is in {shown}");
    }
    kill_process(Pid::from_child(&child), Signal::ABORT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!status.core_dumped(), "a core was written");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "a file was left where it crashed");
    let said = fs::read(said(bench)).unwrap();
    assert!(said.len() > 1000, "it logged too little to say anything: {}", String::from_utf8_lossy(&said));
    assert!(!holds(&said, secrets), "a secret was logged");
    for entry in fs::read_dir(bench.config.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let own = path.file_name().unwrap().to_string_lossy().starts_with("ledger");
        assert!(!own || path.is_dir() || !holds(&fs::read(&path).unwrap(), secrets), "a secret in {}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_a_program_that_crashes_in_a_call_leaves_no_secret_anywhere() {
    let (bench, folder) = (Bench::certifying(true).await, tempfile::tempdir().unwrap());
    let secrets = keys(&bench);
    bench.node.world().trouble = Some(Trouble { at: "POST /nodes/pve/lxc", kind: Kind::Hang, struck: false });
    let child = start(&bench, folder.path());
    until("a restore", || bench.node.world().trouble.unwrap().struck).await;
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    crash(child, &bench, folder.path(), &secrets);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_a_program_that_crashes_with_a_customers_secrets_in_its_hands_leaves_none() {
    let ((vault, _bw), folder) = (vault().await, tempfile::tempdir().unwrap());
    vault.bench.node.world().holds_deliveries = true;
    let child = start(&vault.bench, folder.path());
    until("a delivery", || !vault.bench.node.world().unanswered.is_empty()).await;
    assert!(vault.env_file(0).contains(CANARIES[0]), "it had them");
    crash(child, &vault.bench, folder.path(), &[token(), CANARIES[0], CANARIES[1]]);
}

/// The counter-test: a program that takes no care leaves a core here, and its secret is in it.
#[test]
fn i6_a_program_without_that_care_leaves_its_secret_in_a_core() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; read -r secret; kill -ABRT $$"]).current_dir(folder.path());
    let mut child = shell.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{}\n", CANARIES[0]).as_bytes()).unwrap();
    let status = child.wait().unwrap();
    assert!(status.core_dumped(), "no core is ever written on this machine: the tests beside this one prove nothing");
    // Elsewhere than beside the program a core is not looked for.
    let cores = fs::read_dir(folder.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    assert!(cores.into_iter().all(|core| holds(&core, &[CANARIES[0]])), "the search does not find what is there");
}
