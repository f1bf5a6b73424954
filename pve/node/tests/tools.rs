//! Proxmox's tools as programs: what they print where, and how they exit. Needs root, as the tools do; no guest is
//! started and no bridge is made.

use std::os::unix::fs::symlink;
use std::process::Command;

use machine::Machine;

#[path = "support/machine.rs"]
mod machine;

/// Standard output, standard error, exit code.
fn told(machine: &Machine, line: &str) -> (String, String, i32) {
    let words: Vec<&str> = line.split(' ').collect();
    let output = machine.run(&words);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

fn guest(machine: &Machine, vmid: &str) {
    let options = ["--rootfs", "local:0.1", "--hostname", "web.example.test", "--features", "nesting=1"];
    machine.ok(&[&["pct", "create", vmid, "local:vztmpl/tiny.tar.zst"][..], &options].concat());
}

#[test]
#[ignore = "needs root: the tools do"]
fn misuse_is_told_with_the_usage() {
    let machine = Machine::new();
    let start = "pct start <vmid> [OPTIONS]\n";
    for (line, why) in [
        ("pct start", format!("400 not enough arguments\n{start}")),
        ("pct start 100 101", format!("400 too many arguments\n{start}")),
        ("pct start 100 --skiplock maybe", format!("400 unable to parse boolean option\n{start}")),
        (
            "pct start 100 --nosuch 1 --other",
            format!("Unknown option: nosuch\nUnknown option: other\n400 unable to parse option\n{start}"),
        ),
        (
            "pct start x",
            format!("400 Parameter verification failed.\nvmid: type check ('integer') failed - got 'x'\n{start}"),
        ),
        ("pct pending 100", "Configuration file 'nodes/pve/lxc/100.conf' does not exist\n".to_owned()),
        ("pvesh set /nodes/pve/lxc/100/config --memory", "Option memory requires an argument\n400 unable to parse option\npvesh set <api_path> [OPTIONS] [FORMAT_OPTIONS]\n".to_owned()),
    ] {
        assert_eq!(told(&machine, line), (String::new(), why, 255), "{line}");
    }
    let (out, err, code) = told(&machine, "pct frobnicate");
    assert!(err.starts_with(
        "ERROR: unknown command 'pct frobnicate'\nUSAGE: pct <COMMAND> [ARGS] [OPTIONS]\n\n       pct clone "
    ));
    assert_eq!((out.as_str(), code), ("", 255));
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn pct_prints_as_proxmox_does() {
    let machine = Machine::new();
    assert_eq!(machine.ok(&["pct", "list"]), "");
    guest(&machine, "101");
    assert_eq!(
        machine.ok(&["pct", "list"]),
        "VMID       Status     Lock         Name                \n101        stopped                 web.example.test    \n"
    );
    assert_eq!(machine.ok(&["pct", "stat", "101"]), "status: stopped\n");
    let verbose = machine.ok(&["pct", "status", "101", "--verbose"]);
    assert!(verbose.contains("\nname: web.example.test\n") && verbose.contains("\nstatus: stopped\n"), "{verbose}");
    assert!(verbose.lines().is_sorted(), "{verbose}");
    machine.ok(&["pct", "set", "101", "-memory", "256", "--onboot", "--description=a: b"]);
    assert_eq!(
        machine.ok(&["pct", "config", "101"]),
        "arch: amd64\ndescription: a%3A b%0A\nfeatures: nesting=1\nhostname: web.example.test\nmemory: 256\nonboot: 1\n\
         ostype: debian\nrootfs: local:101/vm-101-disk-0.raw,size=102M\nswap: 512\nunprivileged: 1\n"
    );
    assert!(machine.ok(&["pct", "pending", "101"]).contains("cur memory: 256\n"));
    assert!(machine.ok(&["pct", "df", "101"]).starts_with("MP     Volume "));
    assert_eq!(machine.ok(&["pct", "rescan"]), "rescan volumes...\n");
    assert_eq!(machine.ok(&["pct", "cpusets"]), "no running containers\n");
    assert_eq!(machine.refused(&["pct", "exec", "101", "--", "true"]), "container '101' not running!");
    assert_eq!(machine.refused(&["pct", "push", "101", "/etc/hostname", "/x"]), "can only push files to a running CT");
    assert_eq!(machine.refused(&["pct", "unlock", "101"]), "no lock found trying to remove any lock");
    assert_eq!(machine.refused(&["pct", "stop", "101"]), "CT 101 not running");
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_failed_resize_exits_with_0_once_it_began() {
    let machine = Machine::new();
    guest(&machine, "101");
    let (_, err, code) = told(&machine, "pct resize 101 rootfs 10M");
    assert_eq!((err.as_str(), code), ("unable to shrink disk size\n", 255));
    let (out, _, code) = told(&machine, "pct resize 101 rootfs +50M");
    assert!(out.contains("resize2fs") || out.contains("Resizing the filesystem"), "{out}");
    assert_eq!(code, 0);
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn pvesh_is_the_face_of_every_call() {
    let machine = Machine::new();
    guest(&machine, "101");
    let json = machine.ok(&["pvesh", "get", "/nodes/pve/lxc/101/config", "--output-format", "json"]);
    assert!(json.starts_with("{\"arch\":\"amd64\",\"digest\":\"") && json.ends_with("}\n"), "{json}");
    let plain = machine.ok(&["pvesh", "get", "/cluster/nextid"]);
    assert_eq!(plain, "100\n");
    machine.ok(&["pvesh", "set", "/nodes/pve/lxc/101/config", "--memory", "300"]);
    assert!(machine.ok(&["pct", "config", "101"]).contains("\nmemory: 300\n"));
    assert_eq!(machine.ok(&["pvesh", "ls", "/nodes/pve/lxc"]).split_whitespace().nth(1), Some("101"));
    assert_eq!(
        told(&machine, "pvesh get /nosuch"),
        (String::new(), "No 'get' handler defined for '/nosuch'\n".to_owned(), 1)
    );
    // What becomes of the task does not show in the exit code, as on Proxmox.
    let (out, err, code) = told(&machine, "pvesh create /nodes/pve/vzdump --vmid 999 --storage local");
    assert_eq!((err.as_str(), code), ("job errors\n", 0));
    assert!(out.contains("\nUPID:pve:") && out.ends_with(":vzdump:999:root@pam:\n"), "{out}");
}

#[test]
#[ignore = "needs root: the tools do"]
fn a_link_by_a_tools_name_is_the_tool() {
    let machine = Machine::new();
    let link = machine.path("pvesm");
    symlink(env!("CARGO_BIN_EXE_pve-node"), &link).unwrap();
    let output = Command::new(&link).arg("status").env("PVE_NODE_STATE", machine.path("")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with("Name         Type     Status     Total (KiB)"), "{text}");
    assert!(text.contains("\nlocal         dir     active "), "{text}");
}
