//! Debian and Devuan.

use crate::tree::Tree;

const SYSTEMD: &[(&str, &str)] = &[
    ("/etc/debian_version", "13.1\n"),
    ("/etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n"),
    ("/usr/lib/systemd/systemd", "#!\0libsystemd-shared-257.8-1~deb13u2.so\0"),
    ("/lib", "-> usr/lib"),
    ("/sbin/init", "-> /lib/systemd/systemd"),
    ("/usr/lib/systemd/system/container-getty@.service", "ConditionPathExists=/dev/pts/%I\nTTYPath=/dev/pts/%I\n"),
    ("/etc/systemd/system/getty.target.wants/getty@tty1.service", "-> /usr/lib/systemd/system/getty@.service"),
    ("/etc/hosts", "127.0.0.1\tlocalhost\n::1\t\tlocalhost\n\n"),
    ("/etc/resolv.conf", "nameserver 192.0.2.1\n"),
];

const WANTS: &str = "/etc/systemd/system/getty.target.wants";

#[test]
fn a_current_debian_is_set_up_as_recorded() {
    let conf = "hostname: hooks.example.test\nnet0: name=eth0,ip=10.213.0.170/24,gw=10.213.0.1\n\
                net1: name=eth1,ip=dhcp,ip6=auto\ntty: 3\nunprivileged: 1\nfeatures: nesting=1\n";
    let tree = Tree::new(SYSTEMD).with(conf).created();
    assert_eq!(tree.text("/etc/hostname"), "hooks\n");
    assert_eq!(
        tree.text("/etc/hosts"),
        "127.0.0.1\tlocalhost\n::1\t\tlocalhost\n# --- BEGIN PVE ---\n10.213.0.170 hooks.example.test hooks\n# --- END PVE ---\n"
    );
    assert_eq!(
        tree.text("/etc/resolv.conf"),
        "# --- BEGIN PVE ---\nsearch a.test\nnameserver 10.0.0.53\n# --- END PVE ---\n"
    );
    assert_eq!(
        tree.text("/etc/network/interfaces"),
        "auto lo\niface lo inet loopback\niface lo inet6 loopback\n\nauto eth0\niface eth0 inet static\n\
         \taddress 10.213.0.170/24\n\tgateway 10.213.0.1\n\nauto eth1\niface eth1 inet dhcp\n\niface eth1 inet6 auto\n\n"
    );
    let template = "/lib/systemd/system/container-getty@.service";
    assert_eq!(tree.text(template), "ConditionPathExists=/dev/tty%I\nTTYPath=/dev/tty%I\n");
    assert_eq!(tree.text(&format!("{WANTS}/container-getty@3.service")), format!("-> {template}"));
    assert_eq!(tree.text(&format!("{WANTS}/container-getty@4.service")), "");
    assert_eq!(tree.text(&format!("{WANTS}/getty@tty1.service")), "");
    assert!(tree.text("/etc/systemd/system-preset/00-pve.preset").ends_with("disable systemd-networkd.service\n"));
    assert_eq!(tree.said(), Vec::<String>::new());
}

#[test]
fn without_nesting_a_warning_counts() {
    let tree = Tree::new(SYSTEMD).with("hostname: web\n").started();
    assert_eq!(tree.said(), ["WARN: Systemd 257 detected. You may need to enable nesting."]);
    assert!(tree.text("/etc/hosts").contains("\n127.0.1.1 web.a.test web\n"));
    assert_eq!(tree.text("/etc/network/interfaces"), "", "nothing is written about no interfaces");
}

#[test]
fn a_start_makes_fastboot_and_obeys_the_administrator() {
    let kept = [SYSTEMD, &[("/etc/.pve-ignore.hostname", ""), ("/etc/hostname", "mine\n")]].concat();
    let tree = Tree::new(&kept).with("hostname: web\ntimezone: Mars/Phobos\nfeatures: nesting=1\n").started();
    assert_eq!(tree.text("/etc/hostname"), "mine\n");
    assert_eq!(tree.mode("/fastboot"), 0o644);
    assert_eq!(tree.said(), ["container does not have /usr/share/zoneinfo/Mars/Phobos, timezone can not be modified"]);
}

#[test]
fn the_time_zone_is_linked_where_the_guest_has_it() {
    let files = [SYSTEMD, &[("/usr/share/zoneinfo/Europe/Berlin", "TZif"), ("/etc/timezone", "Etc/UTC\n")]].concat();
    let tree = Tree::new(&files).with("timezone: Europe/Berlin\nfeatures: nesting=1\n").started();
    assert_eq!(tree.text("/etc/localtime"), "-> /usr/share/zoneinfo/Europe/Berlin");
    assert_eq!(tree.text("/etc/timezone"), "Europe/Berlin\n");
}

#[test]
fn system_v_init_gets_its_terminals_and_old_addresses_their_netmask() {
    let inittab =
        "id:2:initdefault:\n1:2345:respawn:/sbin/getty 38400 tty1\npf::powerwait:/etc/init.d/powerfail start\n";
    let files = [("/etc/debian_version", "9.13\n"), ("/etc/inittab", inittab)];
    let tree =
        Tree::new(&files).with("net0: name=eth0,ip=10.0.0.5/20,gw=10.9.0.1,ip6=fd00::5/64,gw6=fd00::1\n").created();
    assert_eq!(
        tree.text("/etc/inittab"),
        "id:2:initdefault:\np0::powerfail:/sbin/init 0\n1:2345:respawn:/sbin/getty --noclear 38400 tty1\n\
         2:23:respawn:/sbin/getty --noclear 38400 tty2\n"
    );
    let interfaces = tree.text("/etc/network/interfaces");
    assert!(interfaces.contains("\taddress 10.0.0.5\n\tnetmask 255.255.240.0\n# --- BEGIN PVE ---\n"), "{interfaces}");
    assert!(interfaces.contains("\taddress fd00::5\n\tnetmask 64\n\tgateway fd00::1\n"), "{interfaces}");
    assert!(tree.text("/etc/hosts").contains("10.0.0.5 localhost.a.test localhost\n"));
}

#[test]
fn devuan_is_an_older_debian() {
    let files = [("/etc/devuan_version", "Daedalus\n"), ("/etc/os-release", "ID=devuan\n")];
    let tree = Tree::new(&files).with("net0: name=eth0,ip=10.0.0.5/24\n").created();
    assert!(tree.text("/etc/network/interfaces").contains("\taddress 10.0.0.5\n\tnetmask 255.255.255.0\n"));
    assert_eq!(tree.found(), "devuan/amd64");
}

#[test]
fn versions_are_refused_or_warned_about() {
    let of = |version: &str| Tree::new(&[("/etc/debian_version", version)]).with("");
    assert_eq!(of("3.1\n").refused(), "Container Debian version '3' is too old");
    assert_eq!(of("").refused(), "unable to read version info");
    let new = of("duke/sid\n").started();
    assert!(new.said()[0].starts_with("WARN: The container's Debian version '15' is newer"));
}
