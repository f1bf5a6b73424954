//! Which volumes a guest gets, and whose they are.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::crafted::{CONF, Crafted};
use crate::machine::Machine;

const WITH_DATA: &str = "mp0: local:900/vm-900-disk-1.raw,mp=/data,backup=1,size=10M\n";

#[test]
#[ignore = "needs root: disk images are mounted"]
fn without_parameters_the_archived_volumes_are_made_again() {
    let machine = Machine::new();
    Crafted::backup(&format!("{CONF}{WITH_DATA}")).put(&machine);
    let log = machine.restore(&[]);
    // A single backup of the superblock is not told.
    assert!(log.contains("10240 1k blocks") && !log.contains("\t8193\n"), "{log}");
    assert!(machine.conf().contains(WITH_DATA));
    let (payload, device) = machine.look(|root| {
        let device = |path: &str| fs::metadata(root.join(path)).unwrap().dev();
        (fs::read_to_string(root.join("data/file")).unwrap(), device("data") != device("etc"))
    });
    assert_eq!((payload.as_str(), device), ("payload\n", true));
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_given_root_file_system_takes_all() {
    let machine = Machine::new();
    Crafted::backup(&format!("{CONF}{WITH_DATA}")).put(&machine);
    machine.restore(&["--rootfs", "local:0.03", "--mp1", "local:0.01,mp=extra,ro=1"]);
    let conf = machine.conf();
    for line in
        ["rootfs: local:900/vm-900-disk-0.raw,size=30M", "mp1: local:900/vm-900-disk-1.raw,mp=extra,ro=1,size=10M"]
    {
        assert!(conf.lines().any(|other| other == line), "{line} is missing in\n{conf}");
    }
    assert!(!conf.contains("mp0:"), "{conf}");
    assert_eq!(machine.look(|root| fs::read_to_string(root.join("data/file")).unwrap()), "payload\n");
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_size_of_nought_makes_a_directory() {
    let machine = Machine::new();
    Crafted::backup(CONF).put(&machine);
    let log = machine.restore(&["--rootfs", "local:0"]);
    assert!(!log.contains("Formatting"), "{log}");
    assert!(machine.conf().contains("rootfs: local:900/subvol-900-disk-0.subvol,size=0T\n"));
    let directory = machine.path("storage/local/images/900/subvol-900-disk-0.subvol");
    assert_eq!(fs::metadata(&directory).unwrap().uid(), 100_000);
    assert_eq!(fs::read_to_string(directory.join("data/file")).unwrap(), "payload\n");
    machine.destroy();
    assert!(!directory.exists());
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn privilege_moves_the_owners_and_nothing_else() {
    let machine = Machine::new();
    Crafted::backup(CONF).file_of("./etc/of-a-user", 1000).put(&machine);
    for (option, root, user) in [("1", 100_000, 101_000), ("0", 0, 1000)] {
        machine.restore(&["--unprivileged", option]);
        let owner = |path: &str| machine.look(|root| fs::metadata(root.join(path)).unwrap().uid());
        assert_eq!((owner("etc"), owner("etc/of-a-user")), (root, user));
        assert_eq!(machine.conf().contains("unprivileged: 1"), option == "1");
        machine.destroy();
    }
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn directories_of_the_host_come_back_for_root_after_the_archive() {
    let machine = Machine::new();
    let source = machine.path("host");
    fs::create_dir(&source).unwrap();
    let line = format!("mp0: {},mp=/data,backup=1", source.display());
    Crafted::backup(&format!("{CONF}{line}\n")).put(&machine);
    let log = machine.restore(&[]);
    assert!(log.contains("backup was enabled for bind mount point mp0 ('/data')\n"), "{log}");
    assert!(machine.conf().lines().any(|other| other == line));
    assert_eq!(fs::read_dir(&source).unwrap().count(), 0);
}
