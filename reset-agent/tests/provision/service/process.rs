//! The program itself: told to systemd, its log, its end.

use std::fs;
use std::io::Read;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::net::UnixStream;

use super::bench::{ALL, bearer, create, token, wanted};
use super::http::Ask;
use crate::bench::Bench;

/// What systemd is told next.
async fn told(systemd: &UnixDatagram) -> String {
    let systemd = systemd.try_clone().unwrap();
    let hear = tokio::task::spawn_blocking(move || {
        let mut heard = [0; 64];
        let length = systemd.recv(&mut heard).unwrap();
        String::from_utf8_lossy(&heard[..length]).into_owned()
    });
    hear.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_tells_systemd_logs_each_line_with_its_run_and_ends_when_told() {
    let bench = Bench::new().await;
    let (_, token) = token(&bench, None, &ALL).await;
    let (socket, notify) = (bench.config.with_file_name("agent.sock"), bench.config.with_file_name("notify.sock"));
    let written = fs::read_to_string(&bench.config).unwrap();
    // The pretending node has no guest that answers: the run gives up after a second, and is undone.
    let more = format!("[wait]\nguest = 1\n[serve]\nsocket = \"{}\"\n", socket.display());
    fs::write(&bench.config, format!("{written}{more}")).unwrap();
    let systemd = UnixDatagram::bind(&notify).unwrap();
    systemd.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_reset-agent"))
        .arg("--config")
        .arg(&bench.config)
        .arg("serve")
        .env("NOTIFY_SOCKET", &notify)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(told(&systemd).await, "READY=1");
    let ask = create(&token, "order-1", &wanted("acme")).with("prefer", "wait=60");
    let failed = ask.over(UnixStream::connect(&socket).await.unwrap()).await;
    assert_eq!((failed.status, failed.problem().as_str()), (502, "failed"), "{failed:?}");
    let run = failed.value()["run"].as_str().unwrap().to_owned();
    let metrics = Ask::new("GET", "/metrics").with("authorization", bearer(&token));
    let metrics = metrics.over(UnixStream::connect(&socket).await.unwrap()).await;
    assert!(metrics.body.contains("outcome=\"rolled_back\"} 1"), "{}", metrics.body);

    let pid = rustix::process::Pid::from_child(&program);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(told(&systemd).await, "STOPPING=1");
    let ended = tokio::task::spawn_blocking(move || {
        let (mut out, mut log) = (String::new(), String::new());
        program.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        program.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (program.wait().unwrap(), out, log)
    });
    let (status, out, log) = ended.await.unwrap();
    assert!(status.success() && out.starts_with("listening on unix:"), "{status}: {out}{log}");
    assert!(!socket.exists());
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_run = |line: &&Value| line["span"]["run"] == run.as_str();
    assert!(lines.iter().filter(of_run).count() >= 2, "{log}");
    assert!(!log.contains(token.as_str()) && !log.contains("mint@pve!agent=secret"), "{log}");
    bench.expect_clean_slate("given up").await;
}
