//! The machine itself: ids, names, seeds, accounts, temporary files.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Reading, Renewer, Rewrite};

pub(super) const ITEMS: &[Item] = &[
    Item::new("machine-id", "machine-id", &[1, 4])
        .at(&["/etc/machine-id"])
        .collides(1, "journal, D-Bus, DHCP and networkd know the machine by it")
        .empty()
        .must_be()
        .unique(Reading::MachineId)
        .by(Renewer::Systemd),
    Item::new("dbus-machine-id", "D-Bus machine-id", &[2])
        .at(&["/var/lib/dbus/machine-id"])
        .collides(
            1,
            "a regular file here refills an empty /etc/machine-id at the next boot, so every guest gets one id",
        )
        .absent_or_link("/etc/machine-id")
        .unique(Reading::DbusMachineId)
        .by(Renewer::Systemd),
    Item::new("hostname", "hostname file", &[6])
        .at(&["/etc/hostname"])
        .collides(2, "two guests answer to one name")
        .must_be()
        .unique(Reading::Hostname)
        .by(Renewer::Proxmox),
    Item::new("hosts-residue", "hosts file", &[7])
        .at(&["/etc/hosts"])
        .leaks(3, "lines outside Proxmox's block keep the build guest's name and address")
        .rewritten(Rewrite::HostsResidue)
        .read_as(Reading::HostsResidue)
        .by(Renewer::Proxmox),
    Item::new("machine-info", "machine-info", &[5])
        .at(&["/etc/machine-info"])
        .leaks(4, "pretty name, deployment and location of the build guest"),
    Item::new("random-seed", "random seed", &[11])
        .at(&[
            "/var/lib/systemd/random-seed",
            "/var/lib/urandom/random-seed",
            "/var/lib/random-seed",
            "/var/lib/misc/random-seed",
            "/var/lib/seedrng/*",
        ])
        .collides(1, "guests that start from one seed may draw the same keys")
        .unique_file()
        .by_owner("systemd-random-seed"),
    Item::new("credential-secret", "systemd credential secret", &[12])
        .at(&["/var/lib/systemd/credential.secret"])
        .collides(1, "one key seals the credentials of every guest")
        .unique_file()
        .by_owner("systemd-creds"),
    Item::new("root-password", "password hashes", &[66])
        .at(&["/etc/shadow"])
        .leaks(1, "one password opens every guest of the golden")
        .rewritten(Rewrite::PasswordsLocked)
        .read_as(Reading::PasswordHashes),
    Item::new("account-backups", "account file back-ups", &[67])
        .at(&[
            "/etc/passwd-",
            "/etc/shadow-",
            "/etc/group-",
            "/etc/gshadow-",
            "/etc/subuid-",
            "/etc/subgid-",
            "/var/backups/*",
        ])
        .leaks(1, "the old password hash survives the lock"),
    Item::new("crash-dumps", "crash dumps", &[18])
        .at(&["/var/crash/**", "/var/lib/systemd/coredump/**", "/var/lib/systemd/pstore/**"])
        .leaks(1, "memory images hold secrets")
        .directories_only(),
    Item::new("timer-stamps", "timer stamps", &[15])
        .at(&["/var/lib/systemd/timers/**"])
        .breaks(3, "persistent timers of the whole fleet fire by the golden's clock")
        .directories_only()
        .by_owner("systemd"),
    Item::new("temporary-files", "temporary files", &[87])
        .at(&["/tmp/**", "/var/tmp/**"])
        .leaks(2, "whatever a build step left behind"),
];
