//! The helper as a process that may be killed at any moment.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A node whose guest 101 is stopped and has this lock.
fn node(lock: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("tree/etc")).unwrap();
    fs::write(dir.path().join("tree/etc/hostname"), "acme\n").unwrap();
    fs::write(dir.path().join("lock"), lock).unwrap();
    dir
}

fn observe(node: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mintmark-helper"));
    command.args(["observe", "101", "--node"]).arg(node.path());
    command.arg("--node-program").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-in.sh"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn read(node: &TempDir, name: &str) -> String {
    fs::read_to_string(node.path().join(name)).unwrap_or_default()
}

fn records(node: &TempDir) -> usize {
    fs::read_dir(node.path().join("mintmark-mounts")).map_or(0, Iterator::count)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A helper that was killed while it had the guest mounted.
fn killed_while_mounted(node: &TempDir) {
    fs::write(node.path().join("hold"), "").unwrap();
    let mut helper = observe(node).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while read(node, "lock") != "mounted" {
        assert!(Instant::now() < deadline, "it never mounted");
        thread::park_timeout(Duration::from_millis(10));
    }
    helper.kill().unwrap();
    helper.wait().unwrap();
    fs::remove_file(node.path().join("hold")).unwrap();
    assert_eq!(records(node), 1);
}

#[test]
fn a_look_leaves_no_record_and_no_lock() {
    let node = node("");
    let looked = observe(&node).output().unwrap();
    assert!(looked.status.success() && said(&looked).contains("\"hostname\":\"acme\""), "{}", said(&looked));
    assert_eq!((read(&node, "lock").as_str(), records(&node)), ("", 0));
}

#[test]
fn a_guest_that_a_killed_helper_left_mounted_is_unmounted_by_the_next() {
    let node = node("");
    killed_while_mounted(&node);
    assert_eq!(read(&node, "lock"), "mounted");
    let looked = observe(&node).output().unwrap();
    assert!(looked.status.success() && said(&looked).contains("\"hostname\":\"acme\""), "{}", said(&looked));
    assert!(said(&looked).contains("unmounted a guest that a dead helper left"), "{}", said(&looked));
    assert_eq!((read(&node, "lock").as_str(), records(&node)), ("", 0));
}

#[test]
fn another_lock_is_not_taken_away() {
    let node = node("");
    killed_while_mounted(&node);
    fs::write(node.path().join("lock"), "backup").unwrap();
    let looked = observe(&node).output().unwrap();
    assert!(!looked.status.success() && said(&looked).contains("locked (backup)"), "{}", said(&looked));
    assert!(!read(&node, "calls").contains("unmount"));
    assert_eq!((read(&node, "lock").as_str(), records(&node)), ("backup", 0));
}

#[test]
fn a_mount_of_somebody_else_is_not_taken_away() {
    let node = node("mounted");
    let looked = observe(&node).output().unwrap();
    assert!(!looked.status.success(), "{}", said(&looked));
    assert_eq!((read(&node, "lock").as_str(), records(&node)), ("mounted", 0));
}

/// As an SSH forced command: one request in, one answer out, and an exit code that tells the sort of answer.
#[test]
fn once_answers_the_one_request_of_its_input() {
    let node = node("");
    for (request, code, word) in [
        ("{\"verb\":\"observe\",\"vmid\":101}\n", 0, "\"hostname\":\"acme\""),
        ("{\"verb\":\"observe\",\"vmid\":101}", 0, "\"hostname\":\"acme\""),
        ("{\"verb\":\"exec\",\"vmid\":101}\n", 2, "bad-request"),
        ("{\"verb\":\"renew\",\"vmid\":101,\"items\":[\"nothing\"]}\n", 2, "no item of the identity catalog"),
        (
            "{\"verb\":\"deliver\",\"vmid\":101,\"place\":\"secrets\",\"files\":[{\"name\":\"../x\",\"content\":\"\"}]}\n",
            1,
            "escape",
        ),
        ("", 2, "bad-request"),
    ] {
        let mut helper = Command::new(env!("CARGO_BIN_EXE_mintmark-helper"));
        helper.args(["once", "--node"]).arg(node.path());
        helper.arg("--node-program").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-in.sh"));
        let mut helper = helper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        helper.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
        let done = helper.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(code), "{request}: {}", said(&done));
        assert!(String::from_utf8_lossy(&done.stdout).contains(word), "{request}: {}", said(&done));
        assert_eq!((read(&node, "lock").as_str(), records(&node)), ("", 0), "{request}");
    }
}
