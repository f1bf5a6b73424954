//! What becomes of an archived configuration.

use std::fs;

use crate::crafted::{CONF, Crafted};
use crate::machine::Machine;

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_restore_keeps_what_it_finds_and_leaves_the_tree_alone() {
    let machine = Machine::new();
    Crafted::backup(CONF).put(&machine);
    let log = machine.restore(&[]);
    assert_eq!(machine.conf(), CONF);
    let lines: Vec<&str> = log.lines().collect();
    let dump = machine.path("storage/local/dump/vzdump-lxc-900-2026_01_01-00_00_00.tar");
    let image = machine.path("storage/local/images/900/vm-900-disk-0.raw");
    for (index, line) in [
        (0, "recovering backed-up configuration from 'local:backup/vzdump-lxc-900-2026_01_01-00_00_00.tar'".to_owned()),
        (1, format!("Formatting '{}', fmt=raw size=20971520 preallocation=off", image.display())),
        (2, "Creating filesystem with 20480 1k blocks and 5112 inodes".to_owned()),
        (lines.len() - 4, "restoring 'local:backup/vzdump-lxc-900-2026_01_01-00_00_00.tar' now..".to_owned()),
        (lines.len() - 3, format!("extracting archive '{}'", dump.display())),
        (lines.len() - 1, "merging backed-up and given configuration..".to_owned()),
    ] {
        assert_eq!(lines.get(index), Some(&line.as_str()), "{log}");
    }
    let (id, left) = machine.look(|root| {
        (
            fs::read_to_string(root.join("etc/machine-id")).unwrap(),
            fs::read_dir(root.join("etc/vzdump")).unwrap().count(),
        )
    });
    assert_eq!((id.as_str(), left), ("0123456789abcdef0123456789abcdef\n", 0));
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn what_cannot_be_read_is_told_twice_and_kept() {
    let machine = Machine::new();
    Crafted::backup(&format!("{}frobnicate: 1\n", CONF.replace("128", "lots"))).put(&machine);
    let log = machine.restore(&[]);
    let told = "vm 900 - unable to parse value of 'frobnicate' - unknown setting 'frobnicate'";
    assert_eq!(log.lines().filter(|line| *line == told).count(), 2, "{log}");
    assert!(machine.conf().contains("frobnicate: 1\n") && machine.conf().contains("memory: lots\n"));
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_template_stays_a_template_and_a_lock_a_lock() {
    let machine = Machine::new();
    Crafted::backup(&format!("{CONF}lock: backup\ntemplate: 1\n\n[s1]\nmemory: 64\n")).put(&machine);
    let log = machine.restore(&[]);
    assert!(log.ends_with("Convert restored container to template...\n"), "{log}");
    let conf = machine.conf();
    for line in ["lock: backup", "template: 1", "rootfs: local:900/base-900-disk-0.raw,size=20M"] {
        assert!(conf.lines().any(|other| other == line), "{line} is missing in\n{conf}");
    }
    assert!(!conf.contains("[s1]"));
    let stat = fs::metadata(machine.path("storage/local/images/900/base-900-disk-0.raw")).unwrap();
    assert!(stat.permissions().readonly());
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn firewall_rules_go_to_the_node_and_an_empty_file_stays() {
    let machine = Machine::new();
    let rules = "[OPTIONS]\nenable: 1\n";
    Crafted::backup(CONF).file("./etc/vzdump/pct.fw", rules).put(&machine);
    machine.restore(&[]);
    assert_eq!(fs::read_to_string(machine.path("firewall/900.fw")).unwrap(), rules);
    assert!(!machine.look(|root| root.join("etc/vzdump/pct.fw").exists()));
    machine.destroy();
    Crafted::backup(CONF).file("./etc/vzdump/pct.fw", "").put(&machine);
    machine.restore(&[]);
    assert!(machine.look(|root| root.join("etc/vzdump/pct.fw").exists()));
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn the_first_of_two_configurations_counts() {
    let machine = Machine::new();
    let second = CONF.replace("crafted", "second");
    Crafted::backup(CONF).file("./etc/vzdump/pct.conf", &second).put(&machine);
    machine.restore(&[]);
    assert!(machine.conf().contains("hostname: crafted\n"));
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_guest_says_which_system_it_is() {
    let machine = Machine::new();
    Crafted::backup(&CONF.replace("arch: amd64\n", "").replace("ostype: debian\n", "")).put(&machine);
    let log = machine.restore(&[]);
    let said = "open '/bin/sh' failed: No such file or directory\nArchitecture detection failed: error in setup task (eval)\n\
        Falling back to amd64.\nUse `pct set VMID --arch ARCH` to change.\n";
    assert!(log.ends_with(said), "{log}");
    assert_eq!(machine.conf(), CONF);
    machine.destroy();
    Crafted::empty().file("./etc/vzdump/pct.conf", CONF).file("./etc/hosts", "").put(&machine);
    let log = machine.restore(&[]);
    assert!(log.ends_with("got unexpected ostype (unmanaged != debian)\n"), "{log}");
    assert!(machine.conf().contains("ostype: unmanaged\n"));
}
