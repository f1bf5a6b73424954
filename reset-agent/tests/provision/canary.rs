//! The program as it is shipped, caught in the middle of a call: where its secrets are not.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, TOKEN};
use crate::trouble::{Kind, Trouble};

/// As a careless operator would start it: a core of any size, everything logged.
fn start(bench: &Bench, folder: &Path) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_reset-agent"), "--config"]);
    shell.arg(&bench.config).args(["provision", "--customer", "acme", "--golden", "debian13", "--size", "10G"]);
    shell.current_dir(folder).env("MINTMARK_LOG", "trace").stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.spawn().unwrap()
}

fn holds(bytes: &[u8]) -> bool {
    let secret = TOKEN.split_once('=').unwrap().1.as_bytes();
    bytes.windows(secret.len()).any(|window| window == secret)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_a_program_that_crashes_in_a_call_leaves_no_secret_anywhere() {
    let (bench, folder) = (Bench::new().await, tempfile::tempdir().unwrap());
    bench.node.world().trouble = Some(Trouble { at: "POST /nodes/pve/lxc", kind: Kind::Hang, struck: false });
    let mut child = start(&bench, folder.path());
    let began = Instant::now();
    while !bench.node.world().trouble.unwrap().struck {
        assert!(began.elapsed() < Duration::from_secs(30), "it never asked for a restore");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for shown in ["cmdline", "environ"] {
        let bytes = fs::read(format!("/proc/{}/{shown}", child.id())).unwrap_or_default();
        assert!(!holds(&bytes), "the token is in {shown}");
    }
    kill_process(Pid::from_child(&child), Signal::ABORT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!status.core_dumped(), "a core was written");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "a file was left where it crashed");
    let mut said = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut said).unwrap();
    child.stderr.take().unwrap().read_to_end(&mut said).unwrap();
    assert!(said.len() > 1000, "it logged too little to say anything: {}", String::from_utf8_lossy(&said));
    assert!(!holds(&said), "the token was logged");
    for entry in fs::read_dir(bench.config.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let own = path.file_name().unwrap().to_string_lossy().starts_with("ledger");
        assert!(!own || path.is_dir() || !holds(&fs::read(&path).unwrap()), "the token is in {}", path.display());
    }
}
