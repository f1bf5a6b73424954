//! A drill against a node without containers: what it refuses, and that nothing is left, whatever its end. What twins
//! become is told by the stories, on real ones.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "what only builds need")]
mod stand_in;

use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use stand_in::{Node, said};

/// A node with a release of the recipe.
fn node() -> Node {
    let node = Node::new();
    let built = node.build(&[]);
    assert!(built.status.success(), "{}", said(&built));
    node
}

/// The arguments of a drill whose known hosts are the test's own.
fn arguments(node: &Node) -> Vec<String> {
    let known_hosts = node.path("known_hosts").to_string_lossy().into_owned();
    ["drill", "small", "--bridge", "vmbr9", "--known-hosts", &known_hosts].map(str::to_owned).into()
}

fn drill(node: &Node, more: &[&str]) -> Output {
    let arguments = arguments(node);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    node.run(&arguments)
}

fn assert_nothing_of_a_drill_is_left(node: &Node) {
    for folder in ["guests", "mintmark-builds"] {
        assert_eq!(node.names(folder), Vec::<String>::new(), "{folder}; calls:\n{}", node.read("calls"));
    }
}

#[test]
fn s2_14_each_kind_of_residue_makes_a_clean_room_drill_refuse_by_name() {
    let owner = r#"{"pid":1,"started":1,"boot":"an earlier one"}"#;
    let nonce = "6bb21a35-9579-427a-aa4b-d78bc9eef5ed";
    let record = format!(r#"{{"version":1,"nonce":"{nonce}","vmid":9142,"owner":{owner}}}"#);
    // The last one is `mintmark-drill-9101` as `ssh-keygen -H` writes it.
    let hashed = "|1|5gN1zZQcLBH9l+ToZCZ/Tv6Ipb0=|fu4wI0y9f+VJwQGCG6USD2FW68E= ssh-ed25519 AAAA\n";
    let kinds: [(&str, &str, &str); 6] = [
        ("guests/9100", "hostname: left\n", "guest 9100"),
        ("volumes", "local:9101/vm-9101-disk-0.raw raw rootdir 1000 9101\n", "volume local:9101/vm-9101-disk-0.raw"),
        ("firewall/9102.fw", "", "firewall file"),
        (&format!("mintmark-builds/{nonce}.json"), &record, "record of scratch guest 9142"),
        ("known_hosts", "mintmark-drill-9199,10.0.0.1 ssh-ed25519 AAAA\n", "known host mintmark-drill-9199"),
        ("known_hosts", hashed, "known host mintmark-drill-9101"),
    ];
    for (path, text, named) in kinds {
        let node = node();
        node.write(path, text);
        let calls = node.read("calls");
        let refused = drill(&node, &["--clean-room"]);
        assert_eq!(refused.status.code(), Some(1), "{path}: {}", said(&refused));
        assert!(
            said(&refused).contains("the room is not clean") && said(&refused).contains(named),
            "{}",
            said(&refused)
        );
        assert_eq!(said(&refused).matches("\n      ").count(), 0, "one residue, one line: {}", said(&refused));
        assert!(!node.read("calls")[calls.len()..].contains("pct restore"), "nothing was made");
        assert_eq!(node.read(path), text, "what was found is untouched");
    }
}

#[test]
fn s2_14_in_a_clean_room_the_drill_goes_on() {
    let node = node();
    // Numbers outside of the range are nobody's business, and others' hosts neither.
    node.write("guests/101", "hostname: a-customer\n");
    node.write("firewall/101.fw", "");
    node.write("known_hosts", "mintmark-drill-9200 ssh-ed25519 AAAA\nacme ssh-ed25519 AAAA\n");
    node.write("fail-pct-restore", "");
    let failed = drill(&node, &["--clean-room"]);
    assert!(
        said(&failed).contains("restore failed") && !said(&failed).contains("room is not clean"),
        "{}",
        said(&failed)
    );
}

#[test]
fn s2_19_whatever_fails_nothing_is_left_and_the_exit_code_says_so() {
    for verb in ["pct-restore", "pct-mount", "pct-start"] {
        let node = node();
        node.write(&format!("fail-{verb}"), "");
        let failed = drill(&node, &[]);
        assert_eq!(failed.status.code(), Some(1), "{verb}: {}", said(&failed));
        assert!(said(&failed).contains("refused by the test"), "{verb}: {}", said(&failed));
        assert!(failed.stdout.is_empty(), "{verb}");
        assert_nothing_of_a_drill_is_left(&node);
    }
}

#[test]
fn twins_are_born_with_names_and_addresses_of_their_own_on_the_drills_bridge() {
    let node = node();
    node.write("fail-pct-start", "");
    drill(&node, &[]);
    let calls = node.read("calls");
    // A description has two lines.
    let restores: Vec<&str> = calls.split("\npct ").filter(|call| call.starts_with("restore")).collect();
    assert_eq!(restores.len(), 2, "{calls}");
    for (restore, vmid) in restores.iter().zip([9100, 9101]) {
        assert!(restore.contains(&format!("restore {vmid} local:backup/")), "{restore}");
        assert!(restore.contains(&format!("--hostname mintmark-drill-{vmid}")), "{restore}");
        assert!(restore.contains("bridge=vmbr9") && restore.contains("hwaddr=02:"), "{restore}");
        assert!(restore.contains("--onboot 0 --protection 0"), "{restore}");
        assert!(!restore.contains("BC:24:11:00:00:01"), "the build guest's address: {restore}");
    }
    let address = |call: &str| call.split("hwaddr=").nth(1).unwrap()[..17].to_owned();
    assert_ne!(address(restores[0]), address(restores[1]));
}

#[test]
fn s2_20_a_signal_ends_a_drill_in_order_and_a_killed_one_is_cleared_away_by_the_next() {
    let node = node();
    node.write("hold-pct-start", "");
    let started = arguments(&node);
    let started: Vec<&str> = started.iter().map(String::as_str).collect();
    let begin = || {
        let begun = node.read("calls").matches("pct start").count();
        let drill = node.command(&started).spawn().unwrap();
        until(|| node.read("calls").matches("pct start").count() > begun);
        drill
    };
    let ended = begin();
    kill_process(Pid::from_raw(ended.id().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    std::fs::remove_file(node.path("hold-pct-start")).unwrap();
    // The held start fails on this node, where nothing runs: what counts is that the twins are gone.
    let ended = ended.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", said(&ended));
    assert_nothing_of_a_drill_is_left(&node);

    node.write("hold-pct-start", "");
    let mut killed = begin();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!((node.names("guests").len(), node.names("mintmark-builds").len()), (2, 2));
    std::fs::remove_file(node.path("hold-pct-start")).unwrap();
    // The start that outlived its drill is done.
    until(|| node.path("running-9100").exists());
    node.write("fail-pct-restore", "");
    let next = drill(&node, &[]);
    for vmid in [9100, 9101] {
        assert!(said(&next).contains(&format!("removed guest {vmid}")), "{}", said(&next));
    }
    assert_nothing_of_a_drill_is_left(&node);
}

#[test]
fn a_drill_needs_a_bridge_and_the_archive_that_the_manifest_means() {
    let node = node();
    let nowhere = node.run(&["drill", "small"]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", said(&nowhere));
    assert!(said(&nowhere).contains("--bridge"), "{}", said(&nowhere));
    let unknown = node.run(&["drill", "other", "--bridge", "vmbr9"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
    let archive = node.names("dump").into_iter().find(|name| name.ends_with(".tar.zst")).unwrap();
    node.write(&format!("dump/{archive}"), "another archive");
    let other = drill(&node, &[]);
    assert_eq!(other.status.code(), Some(1));
    assert!(said(&other).contains("its manifest says"), "{}", said(&other));
    assert!(!node.read("calls").contains("pct restore"));
}

#[test]
fn the_releases_own_bridge_is_taken_only_by_name_and_told() {
    let node = node();
    node.write("fail-pct-restore", "");
    let arguments = arguments(&node);
    let arguments: Vec<&str> = arguments.iter().map(|word| if word == "vmbr9" { "vmbr0" } else { word }).collect();
    let drilled = node.run(&arguments);
    assert!(said(&drilled).contains("vmbr0 is the release's own bridge"), "{}", said(&drilled));
}

/// Waits for a condition, at most 20 seconds.
fn until(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "it took too long");
        thread::park_timeout(Duration::from_millis(10));
    }
}
