//! First boot and provisioning: state that would stop it, or that tells how the golden was made.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::Renewer;

pub(super) const ITEMS: &[Item] = &[
    Item::new("cloud-init-state", "cloud-init state", &[60, 61])
        .at(&["/var/lib/cloud/**"])
        .breaks(1, "modules do not run again, and user-data may hold secrets")
        .by_owner("cloud-init"),
    Item::new("vzdump-leftovers", "vzdump leftovers", &[54, 71])
        .at(&["/etc/vzdump/**"])
        .leaks(2, "the build guest's configuration and firewall inside the guest"),
    Item::new("policy-rc-d", "policy-rc.d", &[69])
        .at(&["/usr/sbin/policy-rc.d"])
        .breaks(1, "services installed later never start")
        .never(),
    Item::new("firstboot-record", "first-boot record", &[14])
        .at(&["/var/lib/mintmark/firstboot.json", "/var/lib/mintmark/firstboot-status.json"])
        .breaks(1, "a record of another guest")
        .by(Renewer::Firstboot),
    Item::new("package-leftovers", "editor and package leftovers", &[67, 68])
        .at(&["/etc/*.dpkg-old", "/etc/*.dpkg-dist", "/etc/*.dpkg-new", "/etc/*~", "/etc/.pwd.lock"])
        .leaks(3, "older versions of configuration"),
    Item::new("debconf-passwords", "debconf passwords", &[90, 91])
        .at(&["/var/cache/debconf/passwords.dat", "/var/cache/debconf/*-old"])
        .leaks(1, "answers given to packages at build time")
        .by_owner("debconf"),
    Item::new("apt-lists", "apt lists", &[88])
        .at(&["/var/lib/apt/lists/**"])
        .bloats(4, "stale indexes")
        .directories_only()
        .by_owner("apt"),
    Item::new("apt-caches", "apt caches", &[88])
        .at(&["/var/cache/apt/**"])
        .bloats(4, "downloaded packages")
        .directories_only()
        .by_owner("apt"),
    Item::new("dpkg-leftovers", "dpkg back-ups", &[90])
        .at(&["/var/lib/dpkg/available", "/var/lib/dpkg/*-old"])
        .bloats(4, "copies of the package database")
        .by_owner("dpkg"),
];
