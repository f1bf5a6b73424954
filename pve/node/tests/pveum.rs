//! `pveum` as Proxmox's recorded sessions have it.

#![expect(clippy::unwrap_used, reason = "a test says what it found by failing")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use pve_node::state::{Node, NodeConfig};

/// What a command printed, what it said, and how it ended.
fn pveum(state: &Path, line: &str, typed: &str) -> (String, String, i32) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_pve-node"));
    program.arg("--state").arg(state).arg("pveum").args(line.split(' ')).env("LANG", "C.UTF-8");
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
#[ignore = "needs root: as Proxmox's tools do"]
fn the_recorded_session_is_played() {
    let dir = tempfile::tempdir().unwrap();
    Node::init(dir.path(), &NodeConfig::default()).unwrap();
    let run = |line: &str| pveum(dir.path(), line, "");
    let silent = |line: &str| assert_eq!(run(line), (String::new(), String::new(), 0), "{line}");
    silent("user delete ci@pve");
    silent("user add ci@pve --comment test");
    let (made, _, _) = run("user token add ci@pve t1 --privsep 1 --output-format json");
    assert!(made.starts_with(r#"{"full-tokenid":"ci@pve!t1","info":{"privsep":"1"},"value":""#), "{made}");
    silent("user token remove ci@pve t1");
    assert_eq!(run("user token add ci@pve t1 --privsep 0").2, 0);
    let unknown = run("role modify Rvms160 --privs VM.Allocate");
    assert_eq!(unknown.1, "update role failed: role 'Rvms160' does not exist\n");
    assert_eq!(unknown.2, 255);
    silent("role add Rvms160 --privs VM.Allocate");
    silent("role modify Rvms160 --privs VM.Allocate,VM.Audit");
    silent("acl modify /vms/160 --users ci@pve --roles Rvms160");
    silent("user modify ci@pve --enable 0");
    silent("user modify ci@pve --enable 1");
    let changed = "\
┌─────────┬────────────┐
│ key     │ value      │
╞═════════╪════════════╡
│ expire  │ 1000000000 │
├─────────┼────────────┤
│ privsep │ 0          │
└─────────┴────────────┘
";
    assert_eq!(run("user token modify ci@pve t1 --expire 1000000000").0, changed);
    let granted = "\
┌──────────┬─────────────────┐
│ ACL path │ Permissions     │
╞══════════╪═════════════════╡
│ /vms/160 │ VM.Allocate (*) │
│          │ VM.Audit (*)    │
└──────────┴─────────────────┘
Permissions marked with '(*)' have the 'propagate' flag set.
";
    assert_eq!(run("user permissions ci@pve").0, granted);
    assert_eq!(run("user token permissions ci@pve t1").0, granted);
    let bare = "/vms/160 Rvms160 user ci@pve 1\n";
    assert_eq!(run("acl list --noborder --noheader").0, bare);
    let file = std::fs::read_to_string(dir.path().join("priv/user.cfg")).unwrap();
    assert!(file.starts_with("user:ci@pve:1:0::::test::\ntoken:ci@pve!t1:1000000000:0::\nuser:root@pam:1:0::::::\n"));
}

#[test]
#[ignore = "needs root: as Proxmox's tools do"]
fn passwords_are_typed_twice_and_words_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    Node::init(dir.path(), &NodeConfig::default()).unwrap();
    let typed = |typed: &str| pveum(dir.path(), "passwd root@pam", typed);
    assert_eq!(typed("pw12345678\npw12345678\n"), (String::new(), String::new(), 0));
    assert_eq!(typed("pw12345678\nother\n").1, "passwords do not match\n");
    assert_eq!(typed("").1, "EOF while reading password\n");
    let ticket = pveum(dir.path(), "ticket root@pam", "pw12345678\n").0;
    assert!(ticket.starts_with("PVE:root@pam:"), "{ticket}");
    let said = |line: &str| pveum(dir.path(), line, "").1;
    assert_eq!(said("role add"), "400 not enough arguments\npveum role add <roleid> [OPTIONS]\n");
    let option = "Unknown option: bogus\n400 unable to parse option\npveum user add <userid> [OPTIONS]\n";
    assert_eq!(said("user add x@pve --bogus 1"), option);
    let roles = "400 Parameter verification failed.\nroles: property is missing and it is not optional\n\
        pveum acl modify <path> --roles <string> [OPTIONS]\n";
    assert_eq!(said("acl modify /vms/160 --users ci@pve"), roles);
}
