//! Files that no package brings, and who is known to make them.

use std::sync::LazyLock;

use crate::minimize::Pattern;

/// Who makes what, by the first pattern that fits.
const MAKERS: &[(&str, &str)] = &[
    ("the package manager", "/var/lib/dpkg/**"),
    ("the package manager", "/var/lib/apt/**"),
    ("the package manager", "/var/cache/apt/**"),
    ("the package manager", "/var/cache/debconf/**"),
    ("the package manager", "/var/lib/ucf/**"),
    ("the package manager", "/var/lib/pam/**"),
    ("the package manager", "/lib/apk/**"),
    ("the package manager", "/usr/lib/apk/**"),
    ("the package manager", "/etc/apk/**"),
    ("debootstrap", "/etc/apt/sources.list"),
    ("debootstrap", "/etc/apt/sources.list.d/*"),
    ("debootstrap", "/etc/apt/trusted.gpg.d/*"),
    ("debootstrap", "/etc/apt/apt.conf.d/*"),
    ("debootstrap", "/etc/fstab"),
    ("debootstrap", "/etc/networks"),
    ("debootstrap", "/bin"),
    ("debootstrap", "/sbin"),
    ("debootstrap", "/lib"),
    ("debootstrap", "/lib32"),
    ("debootstrap", "/lib64"),
    ("debootstrap", "/libx32"),
    ("alternatives", "/etc/alternatives/*"),
    ("alternatives", "/var/lib/alternatives/**"),
    ("ca-certificates", "/etc/ssl/certs/*"),
    ("ca-certificates", "/etc/ca-certificates.conf"),
    ("ldconfig", "/etc/ld.so.cache"),
    ("ldconfig", "/var/cache/ldconfig/*"),
    ("python", "/**/__pycache__/*"),
    ("accounts", "/etc/passwd"),
    ("accounts", "/etc/passwd-"),
    ("accounts", "/etc/group"),
    ("accounts", "/etc/group-"),
    ("accounts", "/etc/shadow"),
    ("accounts", "/etc/shadow-"),
    ("accounts", "/etc/gshadow"),
    ("accounts", "/etc/gshadow-"),
    ("accounts", "/etc/subuid"),
    ("accounts", "/etc/subuid-"),
    ("accounts", "/etc/subgid"),
    ("accounts", "/etc/subgid-"),
    ("accounts", "/etc/shells"),
    ("accounts", "/root/.bashrc"),
    ("accounts", "/root/.profile"),
    ("accounts", "/home/*/.bashrc"),
    ("accounts", "/home/*/.profile"),
    ("accounts", "/home/*/.bash_logout"),
    ("enabled units", "/etc/systemd/system/*"),
    ("enabled units", "/etc/systemd/system/*.wants/*"),
    ("enabled units", "/etc/systemd/system/*.requires/*"),
    ("enabled units", "/etc/systemd/user/*.wants/*"),
    ("enabled units", "/etc/rc?.d/*"),
    ("enabled units", "/etc/runlevels/*/*"),
    ("enabled units", "/var/lib/systemd/deb-systemd-*/**"),
    ("systemd", "/var/lib/systemd/**"),
    ("systemd", "/etc/.updated"),
    ("systemd", "/var/.updated"),
    ("systemd", "/etc/machine-id"),
    ("systemd", "/var/lib/dbus/machine-id"),
    ("systemd", "/usr/lib/systemd/catalog/*"),
    ("systemd", "/etc/udev/hwdb.bin"),
    ("systemd", "/usr/lib/udev/hwdb.bin"),
    ("systemd", "/usr/lib/locale/**"),
    ("the node", "/etc/hosts"),
    ("the node", "/etc/hostname"),
    ("the node", "/etc/resolv.conf"),
    ("the node", "/etc/network/interfaces"),
    ("the node", "/etc/vzdump/*"),
    ("the node", "/etc/systemd/system-preset/00-pve.preset"),
    ("the node", "/fastboot"),
    ("maintainer scripts", "/etc/ssh/sshd_config"),
    ("maintainer scripts", "/etc/nsswitch.conf"),
    ("maintainer scripts", "/etc/profile"),
    ("maintainer scripts", "/etc/pam.d/common-*"),
    ("maintainer scripts", "/etc/default/*"),
    ("maintainer scripts", "/etc/timezone"),
    ("maintainer scripts", "/etc/localtime"),
    ("maintainer scripts", "/etc/environment"),
    ("maintainer scripts", "/etc/locale.conf"),
    ("maintainer scripts", "/etc/locale.gen"),
    ("maintainer scripts", "/etc/motd"),
    ("maintainer scripts", "/etc/mtab"),
    ("maintainer scripts", "/etc/os-release"),
    ("maintainer scripts", "/etc/iproute2/**"),
    ("maintainer scripts", "/etc/ssl/openssl.cnf"),
    ("maintainer scripts", "/etc/dhcp/**"),
    ("maintainer scripts", "/etc/hosts.allow"),
    ("maintainer scripts", "/etc/hosts.deny"),
    ("maintainer scripts", "/etc/vconsole.conf"),
    ("maintainer scripts", "/etc/security/opasswd"),
    ("maintainer scripts", "/etc/apparmor.d/local/*"),
    ("maintainer scripts", "/etc/dpkg/origins/default"),
    ("maintainer scripts", "/var/lib/shells.state"),
    ("maintainer scripts", "/var/spool/mail"),
    ("maintainer scripts", "/usr/local/man"),
    ("maintainer scripts", "/usr/share/info/dir"),
    ("mintmark", "/etc/dpkg/dpkg.cfg.d/90-mintmark-minimize"),
    ("mintmark", "/etc/ssh/mintmark_user_ca.pub"),
    ("mintmark", "/etc/ssh/sshd_config.d/10-mintmark.conf"),
    ("mintmark", "/usr/lib/mintmark/**"),
    ("mintmark", "/usr/lib/systemd/system/mintmark-firstboot.service"),
    ("mintmark", "/usr/lib/systemd/system/*.wants/mintmark-firstboot.service"),
    ("mintmark", "/etc/mintmark/**"),
    ("mintmark", "/var/lib/mintmark/**"),
    ("mintmark", "/root/.ssh/authorized_keys"),
];

static PATTERNS: LazyLock<Vec<(&str, Pattern)>> =
    LazyLock::new(|| MAKERS.iter().filter_map(|(maker, text)| Some((*maker, text.parse().ok()?))).collect());

/// Who is known to make a file that belongs to no package.
pub fn maker(path: &str) -> Option<&'static str> {
    PATTERNS.iter().find(|(_, pattern)| pattern.matches(path)).map(|(maker, _)| *maker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one_and_what_nobody_is_known_to_make_has_no_maker() {
        assert_eq!(PATTERNS.len(), MAKERS.len());
        assert_eq!(maker("/etc/ssl/certs/ca.pem"), Some("ca-certificates"));
        assert_eq!(maker("/usr/lib/python3/dist-packages/x/__pycache__/y.pyc"), Some("python"));
        assert_eq!(maker("/opt/leftover"), None);
    }
}
