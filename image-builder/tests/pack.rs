//! `image-builder pack`, as a person calls it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const CONF: &str = "arch: amd64\nhostname: golden\nostype: debian\nrootfs: local:9000/vm-9000-disk-0.raw,size=1G\n\
    unprivileged: 1\n";

fn pack(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-builder"));
    command.current_dir(folder).env_remove("SOURCE_DATE_EPOCH").arg("pack").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn s2_12_packed_twice_it_is_one_archive_and_a_changed_file_makes_another() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir_all(folder.join("tree/etc")).unwrap();
    fs::write(folder.join("tree/etc/motd"), "hello\n").unwrap();
    fs::write(folder.join("pct.conf"), CONF).unwrap();
    let packed = |out: &str| {
        let done = pack(folder, &["tree", out, "--conf", "pct.conf", "--mtime", "1700000000"]);
        assert!(done.status.success(), "{}", said(&done));
        fs::read(folder.join(out)).unwrap()
    };
    let first = packed("first.tar.zst");
    assert_eq!(packed("second.tar.zst"), first);
    fs::write(folder.join("tree/etc/motd"), "hullo\n").unwrap();
    assert_ne!(packed("third.tar.zst"), first);
    let inspected = Command::new(env!("CARGO_BIN_EXE_image-builder"))
        .args(["inspect", folder.join("first.tar.zst").to_str().unwrap(), "--json"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&inspected.stdout).contains("\"conf_position\":1"), "{}", said(&inspected));
}

#[test]
fn bad_input_exits_2_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("tree")).unwrap();
    fs::write(folder.join("pct.conf"), CONF).unwrap();
    for (arguments, reason) in [
        (&["nowhere", "out.tar.zst"][..], "no tree in nowhere"),
        (&["pct.conf", "out.tar.zst"], "is no directory"),
        (&["tree", "out.tar.zst"], "name one with --conf"),
        (&["tree", "out.tar.zst", "--conf", "missing"], "cannot read missing"),
        (&["tree", "tree/out.tar.zst", "--conf", "pct.conf"], "lies in the tree"),
        (&["tree", "nowhere/out.tar.zst", "--conf", "pct.conf"], "no folder for"),
    ] {
        let done = pack(folder, arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", said(&done));
        assert!(said(&done).contains(reason), "{arguments:?}: {}", said(&done));
    }
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["pct.conf", "tree"]);
}
