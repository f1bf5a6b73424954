//! Builds that were cut off, by a signal, a kill or a node that fails twice: what they leave, and who clears it away.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stand_in;

use std::fs;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use stand_in::{Node, said};

#[test]
fn a_guest_that_cannot_be_removed_is_parked_and_removed_by_the_next_build() {
    let node = Node::new();
    node.write("fail-pct-start", "");
    node.write("fail-pct-destroy", "");
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(4), "{}", said(&built));
    assert!(said(&built).contains("or run: pct destroy 9000 --force 1"), "{}", said(&built));
    fs::remove_file(node.path("fail-pct-start")).unwrap();
    fs::remove_file(node.path("fail-pct-destroy")).unwrap();
    let again = node.build(&[]);
    assert!(again.status.success(), "{}", said(&again));
    assert!(said(&again).contains("removed guest 9000"), "{}", said(&again));
    assert_eq!(node.names("guests"), Vec::<String>::new());
}

#[test]
fn what_a_killed_build_left_is_removed_but_not_a_stranger_with_its_number() {
    let node = Node::new();
    node.write("hold-pct-start", "");
    for stranger in [false, true] {
        let recipe = node.path("recipe.toml");
        let mut killed = node.command(&["build", recipe.to_str().unwrap()]).spawn().unwrap();
        until(|| node.read("calls").contains("pct start 9000"));
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert_eq!((node.names("guests").len(), node.names("mintmark-builds").len()), (1, 1));
        node.write("calls", "");
        if stranger {
            node.write("guests/9000", "hostname: a-customer\ndescription: not a build\n");
        }
        node.write("fail-pct-create", "");
        let next = node.build(&[]);
        assert_eq!(said(&next).contains("removed guest 9000"), !stranger, "{}", said(&next));
        assert_eq!(node.names("guests").len(), usize::from(stranger));
        assert_eq!(node.names("mintmark-builds"), Vec::<String>::new());
        fs::remove_file(node.path("fail-pct-create")).unwrap();
    }
    // The held call of the killed build may end now.
    fs::remove_file(node.path("hold-pct-start")).unwrap();
}

#[test]
fn a_signal_cuts_commands_in_the_guest_short_and_leaves_nothing() {
    for signal in [Signal::INT, Signal::TERM] {
        let node = Node::new();
        node.write("hold-pct-exec", "");
        let built = interrupted(&node, "pct exec 9000", signal, || ());
        assert_eq!(built.status.code(), Some(1), "{}", said(&built));
        assert!(said(&built).contains("was interrupted"), "{}", said(&built));
        node.assert_empty();
    }
}

#[test]
fn a_signal_lets_what_changes_a_guest_end_and_leaves_nothing() {
    for verb in ["pct-create", "pct-mount", "vzdump"] {
        let node = Node::new();
        node.write(&format!("hold-{verb}"), "");
        let call = verb.replace('-', " ");
        let built =
            interrupted(&node, &call, Signal::TERM, || fs::remove_file(node.path(&format!("hold-{verb}"))).unwrap());
        assert_eq!(built.status.code(), Some(1), "{verb}: {}", said(&built));
        assert!(said(&built).contains("interrupted"), "{verb}: {}", said(&built));
        node.assert_empty();
    }
}

#[test]
fn a_half_made_guest_without_a_mark_is_left_even_after_a_reboot() {
    let node = Node::new();
    node.write("guests/9000", "hostname: a-customer\n");
    node.write("create-9000", "");
    let owner = r#"{"pid":1,"started":1,"boot":"an earlier one"}"#;
    let nonce = "6bb21a35-9579-427a-aa4b-d78bc9eef5ed";
    let record = format!(r#"{{"version":1,"nonce":"{nonce}","vmid":9000,"owner":{owner}}}"#);
    node.write(&format!("mintmark-builds/{nonce}.json"), &record);
    node.write("fail-pct-create", "");
    let next = node.build(&[]);
    assert!(said(&next).contains("guest 9000 stands half made"), "{}", said(&next));
    assert_eq!(node.names("guests"), ["9000"]);
    assert_eq!(node.names("mintmark-builds").len(), 1);
}

#[test]
fn the_archive_of_a_killed_build_is_no_release_and_removed_by_the_next_build() {
    let node = Node::new();
    node.write("hold-archive", "");
    let recipe = node.path("recipe.toml");
    let mut killed = node.command(&["build", recipe.to_str().unwrap()]).spawn().unwrap();
    // A record counts from its rename on.
    until(|| node.names("mintmark-builds").iter().filter(|name| !name.ends_with("new")).count() == 2);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let archive = "vzdump-lxc-9000-2026_11_20-13_45_00";
    for ending in ["tar.dat", "tar.zst", "tar.zst.notes", "tar.zst.manifest.json.new"] {
        node.write(&format!("dump/{archive}.{ending}"), "half");
    }
    let listed: Value = serde_json::from_slice(&node.run(&["releases", "--json"]).stdout).unwrap();
    assert_eq!(listed["releases"], serde_json::json!([]));
    // As long as the guest is there, its archive is left alone too.
    node.write("fail-pct-create", "");
    node.write("fail-pct-destroy", "");
    assert!(said(&node.build(&[])).contains("9000 of a build that died could not be removed"));
    assert!(node.names("dump").contains(&format!("{archive}.tar.zst")));
    fs::remove_file(node.path("fail-pct-destroy")).unwrap();
    // The lock of the vzdump that outlived its build goes while the next build looks at it.
    node.write("backup-9000", "");
    let next = node.build(&[]);
    assert!(said(&next).contains(&format!("{archive}.tar.zst, no release,")), "{}", said(&next));
    node.assert_empty();
    // The held call of the killed build may end now.
    fs::remove_file(node.path("hold-archive")).unwrap();
}

/// A build that gets a signal while the node carries out `call`; the signal is handled before `then` goes on.
fn interrupted(node: &Node, call: &str, signal: Signal, then: impl FnOnce()) -> Output {
    let recipe = node.path("recipe.toml");
    let build = node.command(&["build", recipe.to_str().unwrap()]).spawn().unwrap();
    until(|| node.read("calls").contains(call));
    let pid = Pid::from_raw(build.id().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
    until(|| has_no_thread(build.id(), "signals"));
    then();
    build.wait_with_output().unwrap()
}

/// Whether a process has no thread of that name any more.
fn has_no_thread(process: u32, name: &str) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
    let mut names = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("comm")).unwrap_or_default());
    !names.any(|found| found.trim() == name)
}

/// Waits for a condition, at most 20 seconds.
fn until(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "it took too long");
        thread::park_timeout(Duration::from_millis(10));
    }
}
