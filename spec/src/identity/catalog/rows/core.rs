//! The machine itself: ids, names, seeds, stamps.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Reading, Renewer, Rewrite};

pub(super) const ITEMS: &[Item] = &[
    Item::new("machine-id", "machine-id", &[1, 4])
        .at(&["/etc/machine-id"])
        .collides(1, "journal, D-Bus, DHCP and networkd know the machine by it")
        .when_shared("journal, DHCP client identity and every id derived from it are equal: two leases become one and logs mix")
        .empty()
        .must_be()
        .unique(Reading::MachineId)
        .by(Renewer::Systemd)
        .copies(&["dbus-machine-id", "container-uuid"])
        .derives(&["apt-phased-draw", "application-ids", "journal"]),
    Item::new("dbus-machine-id", "D-Bus machine-id", &[2])
        .at(&["/var/lib/dbus/machine-id"])
        .collides(
            1,
            "a regular file here refills an empty /etc/machine-id at the next boot, so every guest gets one id",
        )
        .when_shared("programs that ask D-Bus take the guests for one, and an empty machine-id is refilled with the shared one at the next boot")
        .absent_or_link("/etc/machine-id")
        .unique(Reading::DbusMachineId)
        .by(Renewer::Systemd),
    Item::new("hostname", "hostname file", &[6])
        .at(&["/etc/hostname"])
        .collides(2, "two guests answer to one name")
        .when_shared("logs, DHCP and monitoring take them for one machine, and DNS answers for whichever registered last")
        .must_be()
        .unique(Reading::Hostname)
        .by(Renewer::Proxmox)
        .derives(&["avahi-name"]),
    Item::new("hosts-residue", "hosts file", &[7])
        .at(&["/etc/hosts"])
        .leaks(3, "lines outside Proxmox's block keep the build guest's name and address")
        .rewritten(Rewrite::HostsResidue)
        .read_as(Reading::HostsResidue)
        .by(Renewer::Proxmox),
    Item::new("machine-info", "machine-info", &[5])
        .at(&["/etc/machine-info"])
        .leaks(4, "pretty name, deployment and location of the build guest"),
    Item::new("os-release", "os-release with its image id", &[10])
        .at(&["/etc/os-release", "/usr/lib/os-release"])
        .breaks(4, "the ancestor of a guest is told by IMAGE_ID and IMAGE_VERSION, which all its guests share")
        .shared(),
    Item::new("random-seed", "random seed", &[11])
        .at(&[
            "/var/lib/systemd/random-seed",
            "/var/lib/urandom/random-seed",
            "/var/lib/random-seed",
            "/var/lib/misc/random-seed",
            "/var/lib/seedrng/*",
            "/boot/loader/random-seed",
            "/efi/loader/random-seed",
            "/boot/efi/loader/random-seed",
        ])
        .collides(1, "guests that start from one seed may draw the same keys")
        .when_shared("keys that both draw early may be equal or guessed from each other")
        .unique_file()
        .by_owner("systemd-random-seed"),
    Item::new("credential-secret", "systemd credential secret", &[12])
        .at(&["/var/lib/systemd/credential.secret"])
        .collides(1, "one key seals the credentials of every guest")
        .when_shared("what one of them sealed opens on the other")
        .unique_file()
        .by_owner("systemd-creds"),
    Item::new("credential-stores", "systemd credential stores", &[13])
        .at(&["/etc/credstore/**", "/etc/credstore.encrypted/**", "/usr/lib/credstore/**", "/run/credstore/**"])
        .leaks(1, "credentials of the builder, or sealed with a secret that does not travel")
        .forbidden(),
    Item::new("update-stamps", "first-boot stamps", &[14])
        .at(&["/etc/.updated", "/var/.updated"])
        .breaks(3, "they tell systemd that /etc and /var fit this /usr: without them units run once more at first boot")
        .reported(),
    Item::new("unit-state", "enable state of units", &[14])
        .at(&["/var/lib/systemd/deb-systemd-helper-enabled/**", "/var/lib/systemd/deb-systemd-helper-masked/**"])
        .breaks(3, "without it Debian's packages forget which units an administrator switched off")
        .shared(),
    Item::new("timer-stamps", "timer stamps", &[15])
        .at(&["/var/lib/systemd/timers/**"])
        .breaks(3, "persistent timers of the whole fleet fire by the golden's clock")
        .directories_only()
        .by_owner("systemd"),
    Item::new("clock-floor", "clock floor", &[16])
        .at(&["/var/lib/systemd/timesync/clock", "/var/lib/private/systemd/timesync/clock"])
        .bloats(4, "the time of the build, which changes in every image")
        .applies(&[Applies::Converted])
        .by_owner("systemd-timesyncd"),
    Item::new("linger", "lingering users", &[17])
        .at(&["/var/lib/systemd/linger/*"])
        .leaks(4, "users of the build guest whose services start at boot"),
    Item::new("crash-dumps", "crash dumps", &[18])
        .at(&[
            "/var/crash/**",
            "/var/lib/systemd/coredump/**",
            "/var/lib/systemd/pstore/**",
            "/var/lib/abrt/**",
            "/var/spool/abrt/**",
            "/core",
            "/core.*",
            "~/core",
            "~/core.*",
        ])
        .leaks(1, "memory images hold secrets")
        .directories_only(),
    Item::new("temporary-files", "temporary files", &[87])
        .at(&["/tmp/**", "/var/tmp/**"])
        .leaks(2, "whatever a build step left behind"),
    Item::new("apt-phased-draw", "apt's draw for phased updates", &[19])
        .collides(2, "equal ids put the whole fleet in one phase of every update")
        .derived("machine-id", "apt computes it from the machine-id and stores it nowhere"),
    Item::new("application-ids", "ids that programs compute from the machine-id", &[20])
        .collides(2, "DUIDs, MAC addresses of virtual links, journal directories and some licences follow it")
        .derived("machine-id", "they are computed when they are needed; the twin boot compares what comes of it"),
];
