//! Package managers: caches, databases' back-ups, answers, registrations.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Distro, Lines, Rewrite};

pub(super) const ITEMS: &[Item] = &[
    Item::new("debconf-passwords", "debconf passwords", &[91])
        .at(&["/var/cache/debconf/passwords.dat"])
        .leaks(1, "answers given to packages at build time")
        .rewritten(Rewrite::Emptied)
        .copies(&["debconf-backups"])
        .by_owner("debconf"),
    Item::new("debconf-backups", "debconf back-ups", &[90])
        .at(&["/var/cache/debconf/*-old"])
        .leaks(1, "the same answers, a change earlier")
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
    Item::new("apt-stamps", "apt's periodic stamps", &[89])
        .at(&[
            "/var/lib/apt/periodic/**",
            "/var/lib/update-notifier/**",
            "/var/cache/motd-news",
            "/var/lib/apt/daily_lock",
        ])
        .breaks(3, "the whole fleet updates at the golden's hour")
        .directories_only()
        .by_owner("apt"),
    Item::new("dpkg-leftovers", "dpkg back-ups", &[90])
        .at(&["/var/lib/dpkg/available", "/var/lib/dpkg/*-old"])
        .bloats(4, "copies of the package database")
        .by_owner("dpkg"),
    Item::new("rpm-caches", "dnf, yum, zypper and apk caches", &[92])
        .at(&[
            "/var/cache/dnf/**",
            "/var/cache/libdnf5/**",
            "/var/cache/yum/**",
            "/var/cache/zypp/**",
            "/var/cache/apk/**",
            "/etc/apk/cache/**",
        ])
        .applies(&[Applies::Family(Distro::RedHat), Applies::Family(Distro::Suse), Applies::Family(Distro::Alpine)])
        .bloats(4, "downloaded packages and indexes")
        .directories_only()
        .by_owner("the package manager"),
    Item::new("rpm-history", "dnf and yum history", &[92])
        .at(&[
            "/var/lib/dnf/history*",
            "/usr/lib/sysimage/libdnf5/transaction_history*",
            "/var/lib/yum/history/**",
            "/var/lib/rpm/__db*",
        ])
        .leaks(4, "who installed what, when")
        .by_owner("dnf"),
    Item::new("whoopsie-id", "whoopsie id", &[132])
        .at(&["/var/lib/whoopsie/whoopsie-id"])
        .applies(&[Applies::Package("whoopsie")])
        .collides(3, "crash reports of the fleet come from one machine")
        .unique_file()
        .by_owner("whoopsie"),
    Item::new("ubuntu-pro", "Ubuntu Pro attachment", &[133])
        .at(&[
            "/var/lib/ubuntu-advantage/private/*",
            "/var/lib/ubuntu-pro/private/*",
            "/etc/apt/auth.conf.d/90ubuntu-advantage",
        ])
        .leaks(1, "every guest uses the builder's subscription; detach it first (pro detach)")
        .forbidden()
        .by_procedure("pro attach"),
    Item::new("landscape", "Landscape registration", &[134])
        .at(&["/var/lib/landscape/client/**"])
        .collides(1, "Landscape sees one computer")
        .directories_only()
        .stop(&["landscape-client.service"])
        .by_procedure("landscape-config"),
    Item::new("landscape-account", "Landscape account", &[134])
        .at(&["/etc/landscape/client.conf"])
        .collides(1, "the computer's title and the key that registers more of them")
        .drops(Lines::SetKeys(&["computer_title", "registration_key"]))
        .by_procedure("landscape-config"),
    Item::new("apt-credentials", "apt credentials", &[135])
        .at(&["/etc/apt/auth.conf", "/etc/apt/auth.conf.d/*"])
        .leaks(1, "passwords of private package archives")
        .forbidden(),
    Item::new("repository-passwords", "passwords in package sources", &[135])
        .at(&[
            "/etc/apt/sources.list",
            "/etc/apt/sources.list.d/*",
            "/etc/apt/apt.conf.d/*",
            "/etc/yum.repos.d/*",
            "/etc/zypp/repos.d/*",
            "/etc/apk/repositories",
            "/etc/pip.conf",
            "~/.config/pip/pip.conf",
        ])
        .leaks(1, "a password in an address")
        .forbids(Lines::UrlPasswords),
    Item::new("subscription-keys", "subscription keys", &[136])
        .at(&["/etc/subscription", "/etc/proxmox-backup/subscription", "/etc/pmg/subscription"])
        .leaks(1, "every guest claims the builder's subscription")
        .forbidden(),
    Item::new("snapd-device", "snapd's device identity", &[137])
        .at(&["/var/lib/snapd/device/**", "/var/lib/snapd/assertions/asserts-v0/serial/**"])
        .applies(&[Applies::Package("snapd")])
        .collides(2, "the store sees one device")
        .directories_only()
        .stop(&["snapd.service"])
        .by_owner("snapd"),
    Item::new("snapd-state", "snapd's state", &[137])
        .at(&["/var/lib/snapd/state.json"])
        .collides(2, "it names the device; without it no snap is known")
        .reported(),
    Item::new("rhsm-identity", "Red Hat consumer identity", &[138])
        .at(&["/etc/pki/consumer/*", "/etc/pki/entitlement/*", "/etc/pki/entitlement-host/*"])
        .applies(&[Applies::Family(Distro::RedHat)])
        .collides(1, "every guest is the builder's registered system")
        .when_shared("the vendor counts them as one registered system and may cut both off")
        .unique_file()
        .stays_in_clones()
        .by_procedure("subscription-manager register"),
    Item::new("rhsm-state", "Red Hat subscription state", &[138])
        .at(&["/var/lib/rhsm/**"])
        .leaks(2, "facts and certificates of the builder's system")
        .directories_only()
        .by_owner("rhsmcertd"),
    Item::new("rhn-systemid", "RHN, Spacewalk and Uyuni id", &[139])
        .at(&[
            "/etc/sysconfig/rhn/systemid",
            "/etc/sysconfig/rhn/osad-auth.conf",
            "/etc/salt/minion.d/susemanager*",
            "/etc/venv-salt-minion/minion.d/susemanager*",
        ])
        .collides(1, "the manager sees one system")
        .by_procedure("bootstrap with the manager again"),
    Item::new("insights-id", "Red Hat Insights id", &[140])
        .at(&["/etc/insights-client/machine-id"])
        .applies(&[Applies::Package("insights-client")])
        .collides(2, "a second machine-id, by which Insights merges the fleet into one host")
        .unique_file()
        .by_owner("insights-client"),
    Item::new("insights-state", "Red Hat Insights registration", &[140])
        .at(&[
            "/etc/insights-client/.registered",
            "/etc/insights-client/.lastupload",
            "/var/lib/insights/host-details.json",
        ])
        .collides(2, "the guest takes itself for registered")
        .by_procedure("insights-client --register"),
    Item::new("repository-ids", "ids for counting at mirrors", &[141])
        .at(&["/var/lib/yum/uuid", "/var/lib/dnf/repos/*/countme"])
        .collides(4, "mirrors count the fleet as one machine")
        .by_owner("dnf"),
    Item::new("zypper-id", "zypper's anonymous id", &[142])
        .at(&["/var/lib/zypp/AnonymousUniqueId"])
        .applies(&[Applies::Family(Distro::Suse)])
        .collides(3, "mirrors count the fleet as one machine")
        .unique_file()
        .by_owner("zypper"),
    Item::new("suse-credentials", "SUSE customer credentials", &[142])
        .at(&["/etc/zypp/credentials.d/*"])
        .leaks(1, "every guest is the builder's registered system; end it first (SUSEConnect --cleanup)")
        .forbidden()
        .by_procedure("SUSEConnect"),
    Item::new("hardware-ids", "hardware survey ids", &[143])
        .at(&["/etc/smolt/hw-uuid", "/etc/sysconfig/hw-uuid", "/etc/smolt/uuid", "/var/lib/smolt/uuid"])
        .collides(4, "a survey counts the fleet as one machine"),
    Item::new("telemetry-ids", "telemetry ids of tools", &[144])
        .at(&[
            "~/.config/configstore/*",
            "~/.config/nextjs-nodejs/config.json",
            "~/.config/gatsby/config.json",
            "~/.config/go/telemetry/**",
            "~/.config/homebrew/analytics/**",
            "~/.dotnet/TelemetryStorageService/**",
            "~/.npm/_logs/**",
            "~/.local/share/powershell/telemetry.uuid",
        ])
        .collides(4, "tools count the fleet as one user"),
];
