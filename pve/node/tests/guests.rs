//! Guests on real disk images by the command lines: create, mount, back up, restore, destroy. Needs root, loop devices
//! and `lxc-usernsexec`; no guest is started and no bridge is made.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use machine::Machine;

#[path = "support/machine.rs"]
mod machine;

fn create(machine: &Machine) {
    let net = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp";
    let options = ["--rootfs", "local:0.1", "--hostname", "golden", "--features", "nesting=1,keyctl=1", "--net0", net];
    machine.ok(&[&["pct", "create", "9000", "local:vztmpl/tiny.tar.zst"][..], &options].concat());
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn create_takes_the_templates_identity_away_and_mount_shows_it() {
    let machine = Machine::new();
    create(&machine);
    let root = machine.path("mnt/9000/rootfs");
    assert_eq!(machine.ok(&["pct", "mount", "9000"]), format!("mounted CT 9000 in '{}'\n", root.display()));
    assert!(!root.join("etc/machine-id").exists());
    assert!(root.join("etc/ssh/ssh_host_ed25519_key.pub").exists());
    assert_eq!(fs::metadata(root.join("etc/ssh/ssh_host_ed25519_key")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&root).unwrap().uid(), 100_000);
    assert!(fs::read_to_string(root.join("etc/shadow")).unwrap().starts_with("root:*:"));
    assert_eq!(machine.refused(&["pct", "mount", "9000"]), "CT is locked (mounted)");
    machine.ok(&["pct", "unmount", "9000"]);
    assert!(!root.join("etc").exists());
    assert_eq!(machine.refused(&["pct", "unmount", "9000"]), "no lock found trying to remove 'mounted'  lock");
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_backup_holds_its_configuration_first_and_restores_under_another_identity() {
    let machine = Machine::new();
    create(&machine);
    machine.ok(&[
        "vzdump",
        "9000",
        "--mode",
        "stop",
        "--compress",
        "zstd",
        "--storage",
        "local",
        "--notes-template",
        "{{guestname}}",
    ]);
    let dump = fs::read_dir(machine.path("storage/local/dump")).unwrap();
    let names: Vec<String> = dump.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let archive = names.iter().find(|name| name.ends_with(".tar.zst")).unwrap();
    assert!(names.contains(&format!("{archive}.notes")), "{names:?}");
    let listed = Command::new("tar").arg("-tf").arg(machine.path("storage/local/dump").join(archive)).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.starts_with("./etc/vzdump/pct.conf\n./etc/vzdump/pct.fw\n./\n"), "{listed}");
    assert!(!listed.contains("residue") && !listed.contains("lost+found"), "{listed}");

    let volid = format!("local:backup/{archive}");
    let net = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,link_down=1";
    let options = ["--rootfs", "local:0.2", "--hostname", "acme", "--unprivileged", "1", "--net0", net];
    let log = machine.ok(&[&["pct", "restore", "9101", &volid][..], &options].concat());
    assert!(log.contains(&format!("restoring '{volid}' now..")), "{log}");
    let conf = fs::read_to_string(machine.path("lxc/9101.conf")).unwrap();
    for line in ["hostname: acme", "features: nesting=1,keyctl=1", "unprivileged: 1"] {
        assert!(conf.lines().any(|other| other == line), "{line} is missing in\n{conf}");
    }
    assert!(conf.contains("BC:24:11:0A:0B:0C") && conf.contains("link_down=1") && !conf.contains("00:00:01"), "{conf}");
    assert!(!conf.contains("lock:"), "{conf}");
    machine.ok(&["pct", "mount", "9101"]);
    assert!(!machine.path("mnt/9101/rootfs/etc/vzdump/pct.conf").exists());
    assert!(machine.path("mnt/9101/rootfs/etc/vzdump/pct.fw").exists());
    machine.ok(&["pct", "unmount", "9101"]);
    machine.ok(&["pct", "destroy", "9101"]);
    assert!(!machine.path("lxc/9101.conf").exists() && !machine.path("storage/local/images/9101").exists());
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_failed_restore_leaves_nothing_behind() {
    let machine = Machine::new();
    let missing = "local:backup/vzdump-lxc-999-2026_01_01-00_00_00.tar.zst";
    let text = machine.refused(&["pct", "restore", "9102", missing]);
    assert_eq!(text, format!("unable to restore CT 9102 - volume '{missing}' does not exist"));
    let damaged = machine.path("storage/local/dump/vzdump-lxc-999-2026_01_02-00_00_00.tar.zst");
    fs::copy(machine.path("storage/local/template/cache/tiny.tar.zst"), damaged).unwrap();
    let text = machine.refused(&["pct", "restore", "9102", &missing.replace("01_01", "01_02")]);
    assert_eq!(text, "unable to restore CT 9102 - ERROR: archive contains no configuration file");
    assert!(!machine.path("lxc/9102.conf").exists() && !machine.path("storage/local/images/9102").exists());
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_disk_grows_and_never_shrinks() {
    let machine = Machine::new();
    create(&machine);
    machine.ok(&["pct", "resize", "9000", "rootfs", "200M"]);
    assert!(machine.ok(&["pct", "config", "9000"]).contains("size=200M"));
    assert_eq!(machine.refused(&["pct", "resize", "9000", "rootfs", "100M"]), "unable to shrink disk size");
    assert_eq!(machine.refused(&["pct", "resize", "9000", "rootfs", "200M"]), "disk is already at specified size");
    machine.ok(&["pct", "mount", "9000"]);
    let stat = rustix::fs::statvfs(machine.path("mnt/9000/rootfs")).unwrap();
    machine.ok(&["pct", "unmount", "9000"]);
    assert!(stat.f_blocks * stat.f_frsize > 150 << 20);
}
