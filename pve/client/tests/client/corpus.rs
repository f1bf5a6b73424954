//! Every refusal and every failed task that real Proxmox code was seen to answer has a meaning and a class.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

use std::collections::BTreeSet;
use std::fs;

use pve_client::wire::ExitStatus;
use pve_client::{Class, Meaning, Refusal, class_of_task};
use serde_json::Value;

pub(crate) fn fixture(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn refusals() -> Vec<(Refusal, Value)> {
    let read = |row: Value| {
        let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
        let body = row["body"].as_str().unwrap_or_default().as_bytes();
        (Refusal::read(status, row["reason"].as_str().unwrap(), body), row)
    };
    fixture("errors.jsonl").into_iter().map(read).collect()
}

#[test]
fn the_texts_are_the_same_with_and_without_a_body() {
    for (refusal, row) in refusals() {
        let bare = Refusal::read(refusal.status, row["reason"].as_str().unwrap(), b"");
        let first_line = refusal.text.lines().next().unwrap_or_default().trim();
        assert_eq!(bare.text.trim(), first_line, "{row}");
    }
}

#[test]
fn every_parameter_error_names_its_parameter() {
    for (refusal, row) in refusals().into_iter().filter(|(refusal, _)| refusal.status == 400) {
        let named = refusal.errors.keys().all(|key| refusal.to_string().contains(&format!("{key}:")));
        assert!(named && (!refusal.errors.is_empty() || !refusal.text.is_empty()), "{row}");
    }
}

#[test]
fn what_a_provisioner_meets_is_understood() {
    let meanings = [
        ("can't lock file '/run/lock/lxc/pve-config-190.lock' - got timeout", Meaning::LockTimeout, Class::Transient),
        ("CT 100 already exists on node 'pve'", Meaning::GuestExists, Class::Conflict),
        ("CT is locked (backup)", Meaning::Locked("backup".into()), Class::Transient),
        ("CT is locked (create)", Meaning::Locked("create".into()), Class::Operator),
        ("unable to restore CT 128 - CT is locked (disk)", Meaning::Locked("disk".into()), Class::Transient),
        ("CT 140 already running", Meaning::AlreadyRunning, Class::Conflict),
        ("CT 140 not running", Meaning::NotRunning, Class::Conflict),
        ("Configuration file 'nodes/pve/lxc/191.conf' does not exist", Meaning::GuestMissing, Class::Conflict),
        (
            "detected modified configuration - file changed by other user? Try again.",
            Meaning::ModifiedConfiguration,
            Class::Conflict,
        ),
        ("disk is already at specified size", Meaning::SizeAlready, Class::Conflict),
        ("unable to shrink disk size", Meaning::ShrinkRefused, Class::Permanent),
        ("can't remove CT 128 - protection mode enabled", Meaning::Protected, Class::Permanent),
        ("unable to destroy CT 140 - container is running", Meaning::StillRunning, Class::Conflict),
        ("storage 'nosuch' does not exist", Meaning::StorageMissing, Class::Permanent),
        ("volume 'local:backup/x.tar.zst' does not exist", Meaning::VolumeMissing, Class::Permanent),
        ("bridge 'nosuch0' does not exist", Meaning::BridgeMissing, Class::Permanent),
        ("Permission check failed (/vms/100, VM.Audit)", Meaning::PermissionMissing, Class::Authority),
        (
            "Permission check failed (changing the hookscript is only allowed for root@pam)",
            Meaning::RootOnly,
            Class::Authority,
        ),
        ("cluster not ready - no quorum?", Meaning::NoQuorum, Class::Transient),
        ("got no worker upid - start worker failed", Meaning::NoWorker, Class::Ambiguous),
    ];
    for (text, meaning, class) in meanings {
        let found = Refusal::read(500, text, b"").meaning();
        assert_eq!((found.class(), &found), (class, &meaning), "{text}");
    }
    for (status, meaning) in [
        (401, Meaning::CredentialsRefused),
        (503, Meaning::Overloaded),
        (596, Meaning::ProxyLost),
        (501, Meaning::NoSuchMethod),
        (506, Meaning::NoSuchMethod),
        (502, Meaning::ProxyLost),
        (301, Meaning::NotTheNode),
    ] {
        assert_eq!(Refusal::read(status, "", b"").meaning(), meaning);
    }
}

#[test]
fn every_recorded_text_has_a_meaning() {
    for (refusal, row) in refusals() {
        assert_ne!(refusal.meaning(), Meaning::Unknown, "{row}");
    }
    for row in fixture("task-exits.jsonl") {
        let text = row["exitstatus"].as_str().unwrap().to_owned();
        if let ExitStatus::Error(text) = ExitStatus::from(text) {
            assert_ne!(Meaning::of_text(&text), Meaning::Unknown, "{text}");
        }
    }
}

/// Texts that Proxmox's sources have and the recordings have not.
#[test]
fn texts_from_the_sources_are_understood() {
    for (text, meaning) in [
        ("cfs-lock 'storage-shared' error: got lock request timeout", Meaning::LockTimeout),
        ("can't acquire lock '/var/run/vzdump.lock' - got timeout", Meaning::LockTimeout),
        ("storage 'nfs' is not online", Meaning::StorageOffline),
        (
            "unable to activate storage 'x' - directory '/mnt/x' does not exist or is unreachable",
            Meaning::StorageOffline,
        ),
        ("storage 'x' is disabled", Meaning::StorageMissing),
        ("content type 'rootdir' is not available on storage 'x'", Meaning::StorageMissing),
        ("Only root can pass arbitrary filesystem paths.", Meaning::RootOnly),
        ("zfs error: cannot create 'rpool/data/x': out of space", Meaning::StorageFull),
        ("Full clone of a running container is only possible from a snapshot", Meaning::StillRunning),
        ("snapshot name 's1' already used", Meaning::Exists),
        ("you can't convert a template to a template", Meaning::IsTemplate),
        ("can't lock file '/run/lock/lxc/pve-config-9101.lock' - got timeout", Meaning::LockTimeout),
        ("unable to create CT 9101 - can't lock file '/x.lock' - got timeout", Meaning::LockTimeout),
        (
            "hostname lookup 'n2' failed - failed to get address info for: n2: Name or service not known",
            Meaning::NodeMissing,
        ),
        ("unable to use volume x - content type needs to be 'backup'", Meaning::ParameterWrong),
        ("storage 'x' is not available on node 'n'", Meaning::StorageMissing),
        ("missing privileges to access x", Meaning::PermissionMissing),
        ("startup for container '101' failed", Meaning::StartFailed),
        ("you can't start a CT if it's a template", Meaning::IsTemplate),
        ("command 'mkfs.ext4 /dev/x' failed: received interrupt", Meaning::Interrupted),
        ("There is a max backup limit of 3 enforced by the cluster or by the vzdump parameters.", Meaning::StorageFull),
        ("cannot remove protected volume 'local:backup/x.tar' on 'local'", Meaning::Protected),
        ("unable to restore CT 101 - No space left on device", Meaning::StorageFull),
        ("snapshot 'nope' does not exist", Meaning::SnapshotMissing),
        ("unable to create CT 101 - CT 101 already exists on node 'pve'", Meaning::GuestExists),
        ("unable to remove CT 9101 - used in HA resources and purge parameter not set.", Meaning::Protected),
    ] {
        assert_eq!(Meaning::of_text(text), meaning, "{text}");
    }
    let errors = |key: &str, text: &str| [(key.to_owned(), text.to_owned())].into();
    for (map, meaning) in [
        (errors("storage", "No such storage."), Meaning::StorageMissing),
        (errors("storage", "storage 'local' does not support container directories"), Meaning::StorageMissing),
        (errors("skiplock", "Only root may use this option."), Meaning::RootOnly),
        (errors("mp2", "unable to hotplug mp2: failed to change apparmor profile"), Meaning::HotplugFailed),
        (errors("net0", "invalid format - format error\nnet0.name: property is missing"), Meaning::ParameterWrong),
    ] {
        assert_eq!(Meaning::of(400, "Parameter verification failed.", &map), meaning, "{map:?}");
    }
}

#[test]
fn recorded_statuses_never_contradict_their_class() {
    for (refusal, row) in refusals() {
        let class = refusal.class();
        match refusal.status {
            401 | 403 => assert_eq!(class, Class::Authority, "{row}"),
            // The node forgot a task: how it ended, the world shows.
            400 if refusal.meaning() == Meaning::UnknownTask => assert_eq!(class, Class::Ambiguous, "{row}"),
            400 => assert!(matches!(class, Class::Permanent | Class::Conflict | Class::Authority), "{row}"),
            // A 500 is a decided answer: nothing about it is unclear.
            500 => assert_ne!(class, Class::Ambiguous, "{row}"),
            _ => assert_eq!(class, Class::Permanent, "{row}"),
        }
    }
}

#[test]
fn failed_tasks_have_a_class_and_good_ones_have_none() {
    let mut classes = BTreeSet::new();
    for row in fixture("task-exits.jsonl") {
        let text = row["exitstatus"].as_str().unwrap().to_owned();
        let class = class_of_task(&ExitStatus::from(text.clone()));
        assert_eq!(class.is_none(), text == "OK" || text.starts_with("WARNINGS: "), "{text}");
        classes.insert(format!("{class:?}"));
    }
    assert!(classes.len() >= 4, "{classes:?}");
}
