//! Archives that cannot be restored, and what is left of the attempt: nothing.

use tar::EntryType;

use crate::crafted::{CONF, Crafted, put};
use crate::machine::Machine;

#[test]
#[ignore = "needs root: disk images are mounted"]
fn what_the_configuration_lacks_is_told_before_anything_is_made() {
    let machine = Machine::new();
    let rootfs = "rootfs: local:900/vm-900-disk-0.raw,size=20M\n";
    for (conf, text) in [
        (CONF.replace(rootfs, ""), "rootfs configuration could not be recovered, please check and specify manually!"),
        (CONF.replace(",size=20M", ""), "unable to detect disk size - please specify rootfs (size)"),
        (
            CONF.replace("local:900/vm-900-disk-0.raw,size=20M", "/srv/x"),
            "restoring rootfs to bind mount is only possible by specifying -rootfs manually!",
        ),
        (CONF.replace("name=eth0,", ""), "format error name: property is missing and it is not optional"),
    ] {
        Crafted::backup(&conf).put(&machine);
        assert_eq!(machine.restore_refused(&[]), text);
    }
    for made in [Crafted::empty().tree(), Crafted::empty().file("etc/vzdump/pct.conf", CONF)] {
        made.put(&machine);
        assert_eq!(machine.restore_refused(&[]), "ERROR: archive contains no configuration file");
        assert_eq!(
            machine.restore_refused(&["--rootfs", "local:0.1"]),
            "ERROR: archive contains no configuration file"
        );
    }
    put(&machine, "tar", b"not an archive");
    assert_eq!(machine.restore_refused(&[]), "ERROR: archive contains no configuration file");
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn what_an_unprivileged_guest_cannot_hold_fails_and_is_taken_back() {
    let machine = Machine::new();
    let made = [
        Crafted::backup(CONF).file_of("./big", 70_000),
        Crafted::backup(CONF).member("./null", EntryType::Char, "", ""),
        Crafted::backup(CONF).file("./../../../../tmp/escape", "x"),
        Crafted::backup(CONF).member("./ln", EntryType::Symlink, "/tmp", "").file("./ln/through", "x"),
    ];
    let tar = "command 'lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- tar xpf - --totals --one-file-system -p \
        --sparse --numeric-owner --acls --xattrs '--xattrs-include=user.*' '--xattrs-include=security.capability' \
        '--warning=no-file-ignored' '--warning=no-xattr-write' -C ";
    for made in made {
        made.put(&machine);
        let text = machine.restore_refused(&[]);
        let end = "/mnt/900/rootfs --skip-old-files --anchored --exclude './dev/*'' failed: exit code 2";
        assert!(text.starts_with(tar) && text.ends_with(end), "{text}");
    }
    assert!(!std::path::Path::new("/tmp/through").exists() && !std::path::Path::new("/tmp/escape").exists());
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_damaged_archive_restores_only_for_who_insists() {
    let machine = Machine::new();
    let whole = Crafted::backup(CONF).file("./big", &"x".repeat(40_000)).bytes();
    put(&machine, "tar", &whole[..whole.len() - 20_000]);
    assert!(machine.restore_refused(&[]).ends_with("failed: exit code 2"));
    machine.restore(&["--ignore-unpack-errors", "1"]);
    assert_eq!(machine.conf(), CONF);
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_guest_is_replaced_only_by_force_and_only_when_it_is_free() {
    let machine = Machine::new();
    // Nobody sets an option of a guest whose bridge is not there.
    let offline: String = CONF.lines().filter(|line| !line.starts_with("net0")).flat_map(|line| [line, "\n"]).collect();
    Crafted::backup(&offline).put(&machine);
    machine.restore(&[]);
    let again = |options: &[&str]| {
        let restore = ["pct", "restore", "900", crate::crafted::BACKUP];
        machine.refused(&[&restore[..], options].concat())
    };
    assert_eq!(again(&[]), "CT 900 already exists on node 'pve'");
    machine.ok(&["pct", "set", "900", "--protection", "1"]);
    assert_eq!(again(&["--force", "1"]), "unable to restore CT 900 - protection mode enabled");
    machine.ok(&["pct", "set", "900", "--protection", "0", "--lock", "disk"]);
    assert_eq!(again(&["--force", "1"]), "unable to restore CT 900 - CT is locked (disk)");
    machine.ok(&["pct", "unlock", "900"]);
    let missing = "local:backup/vzdump-lxc-900-nosuch.tar";
    let text = machine.refused(&["pct", "restore", "900", missing, "--force", "1"]);
    assert_eq!(text, format!("unable to restore CT 900 - volume '{missing}' does not exist"));
    assert!(machine.conf().contains("hostname: crafted\n") && !machine.conf().contains("lock:"));
    machine.ok(&["pct", "set", "900", "--hostname", "before", "--mp5", "local:0.01,mp=/five"]);
    machine.restore(&["--force", "1"]);
    let conf = machine.conf();
    assert!(
        conf.contains("hostname: crafted\n") && conf.contains("vm-900-disk-2.raw") && !conf.contains("mp5"),
        "{conf}"
    );
    assert_eq!(std::fs::read_dir(machine.path("storage/local/images/900")).unwrap().count(), 1);
}
