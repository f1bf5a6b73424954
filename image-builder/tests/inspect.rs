//! `image-builder inspect` on archives that are no release of anybody's.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const CONF: &str = "arch: amd64\nhostname: small\nmemory: 512\nostype: debian\n\
    rootfs: local:9000/vm-9000-disk-0.raw,size=2G\nunprivileged: 1\n";

/// An archive as vzdump writes it, of a tree with an empty machine-id and `more`.
fn archive(dir: &TempDir, conf: &str, more: &[(&str, &str)]) -> PathBuf {
    let path = dir.path().join("vzdump-lxc-9000-x.tar");
    let mut builder = tar::Builder::new(fs::File::create(&path).unwrap());
    let fixed = [("./etc/vzdump/pct.conf", conf), ("./etc/vzdump/pct.fw", ""), ("./etc/machine-id", "")];
    for (name, content) in fixed.iter().chain(more) {
        // Names that end so are of programs that run as root, whoever starts them.
        let bits = if name.ends_with("-suid") { 0o4755 } else { 0o644 };
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(bits);
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap();
    path
}

fn inspect(path: &Path, json: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-builder"));
    command.arg("inspect").arg(path).args(json.then_some("--json")).output().unwrap()
}

#[test]
fn a_clean_archive_exits_0_and_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let done = inspect(&archive(&dir, CONF, &[]), true);
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(done.status.success(), "{report:#}");
    assert_eq!(report["clean"], true);
    assert_eq!(report["release"], Value::Null);
    assert_eq!(report["examination"]["verdict"], "pass");
    assert_eq!(report["examination"]["members"], 3);
    assert!(report["examination"]["second_reader"].as_str().unwrap().starts_with("GNU tar"), "{report:#}");
}

#[test]
fn s4_11_identity_secret_and_configuration_are_each_named() {
    let dir = tempfile::tempdir().unwrap();
    let conf = format!("{CONF}onboot: 1\nlxc.mount.entry: /srv srv none bind\n");
    let planted = [("./etc/hostname", "builder\n"), ("./srv/app/.env", "TOKEN=x\n")];
    let done = inspect(&archive(&dir, &conf, &planted), false);
    let table = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(1), "{table}");
    for named in ["/etc/hostname", "/srv/app/.env", "onboot", "lxc.mount.entry"] {
        assert!(table.contains(named), "{named} is not in\n{table}");
    }
    assert!(!table.contains("TOKEN=x"), "{table}");
}

#[test]
fn a_name_in_an_archive_cannot_write_to_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let name = "./root/.ssh/id_\u{1b}]0;owned\u{7}\nCLEAN";
    let done = inspect(&archive(&dir, CONF, &[(name, "x"), ("./etc/ssh/ssh_host_\u{1b}[2J_key", "x")]), false);
    let table = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(1), "{table}");
    assert!(!table.contains('\u{1b}') && !table.contains('\u{7}'), "{table:?}");
    assert!(table.lines().all(|line| !line.starts_with("CLEAN")), "{table}");
}

#[test]
fn s4_16_a_refused_archive_prints_no_report() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, CONF, &[("./../escape", "x")]);
    let done = inspect(&path, true);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&done.stderr).contains(".."), "{}", String::from_utf8_lossy(&done.stderr));
    let whole = fs::read(archive(&dir, CONF, &[])).unwrap();
    fs::write(&path, &whole[..600]).unwrap();
    assert_eq!(inspect(&path, true).status.code(), Some(1));
}

#[test]
fn a_program_that_runs_as_root_comes_from_a_package() {
    let dir = tempfile::tempdir().unwrap();
    let program = ("./usr/bin/x-suid", "program");
    // Nobody can say: unverified, and never passed.
    let done = inspect(&archive(&dir, CONF, &[program]), false);
    assert_eq!(done.status.code(), Some(3), "{}", String::from_utf8_lossy(&done.stdout));
    let of = |list: &str| inspect(&archive(&dir, CONF, &[program, ("./var/lib/dpkg/info/x.list", list)]), false);
    let stray = of("/.\n/usr/bin/other\n");
    let table = String::from_utf8(stray.stdout).unwrap();
    assert_eq!(stray.status.code(), Some(1), "{table}");
    assert!(table.contains("/usr/bin/x-suid") && table.contains("no package"), "{table}");
    assert_eq!(of("/.\n/usr/bin/x-suid\n").status.code(), Some(0));
}

/// Without GNU tar on the machine only one reader looks, and that is said.
#[test]
fn one_reader_alone_is_not_enough() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, CONF, &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-builder"));
    let done = command.arg("inspect").arg(path).env("PATH", dir.path()).output().unwrap();
    let table = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(3), "{table}");
    assert!(table.contains("only one reader"), "{table}");
}
