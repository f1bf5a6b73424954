//! The rest: Alpine, Arch Linux, SUSE, Gentoo, NixOS, and what nobody knows.

use crate::tree::Tree;

const NET: &str = "hostname: web\nnet0: name=eth0,ip=10.0.0.5/24,gw=10.0.0.1,ip6=auto\n";

#[test]
fn alpine_has_busybox() {
    let files = [
        ("/etc/alpine-release", "3.20.3\n"),
        ("/etc/inittab", "::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1\n"),
        ("/etc/runlevels/boot/hostname", "-> /etc/init.d/hostname"),
        ("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1 LXC_NAME\n"),
    ];
    let tree = Tree::new(&files).with(NET).created();
    assert_eq!(
        tree.text("/etc/network/interfaces"),
        "auto lo\niface lo inet loopback\niface lo inet6 loopback\n\nauto eth0\niface eth0 inet static\n\
         \taddress 10.0.0.5/24\n\tgateway 10.0.0.1\n\niface eth0 inet6 manual\n\n"
    );
    assert_eq!(
        tree.text("/etc/inittab"),
        "::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1\ntty2::respawn:/sbin/getty 38400 tty2\n"
    );
    assert_eq!(tree.text("/etc/runlevels/boot/networking"), "-> /etc/init.d/networking");
    assert!(!tree.text("/etc/hosts").contains("LXC_NAME"));
}

#[test]
fn arch_linux_has_networkd() {
    let tree = Tree::new(&[("/etc/os-release", "ID=arch\n")]).with(NET).created();
    assert!(tree.text("/etc/systemd/network/eth0.network").contains("Address = 10.0.0.5/24\n"));
    assert!(tree.text("/etc/systemd/system-preset/00-pve.preset").contains("enable systemd-networkd.service\n"));
    assert_eq!(tree.found(), "archlinux/amd64");
}

#[test]
fn suse_has_scripts_and_perhaps_networkd() {
    let files = [
        ("/etc/os-release", "ID=\"opensuse-leap\"\nVERSION_ID=\"15.6\"\n"),
        ("/usr/lib/systemd/systemd-networkd", "#!"),
    ];
    let tree = Tree::new(&files).with(NET).created();
    assert_eq!(
        tree.text("/etc/sysconfig/network/ifcfg-eth0"),
        "STARTMODE=onboot\nBOOTPROTO=static\nIPADDR=10.0.0.5/24\n"
    );
    assert_eq!(
        tree.text("/etc/sysconfig/network/ifroute-eth0"),
        "# --- BEGIN PVE ---\ndefault 10.0.0.1 0.0.0.0 eth0\n# --- END PVE ---\n"
    );
    assert!(tree.text("/etc/systemd/network/eth0.network").contains("IPv6AcceptRA = true\n"));
    assert_eq!(tree.text("/etc/localtime"), "-> /usr/share/zoneinfo/UTC");
    let old = Tree::new(&[("/etc/os-release", "ID=opensuse\nVERSION_ID=\"14.1\"\n")]).with("");
    assert_eq!(old.refused(), "unsupported suse release '14.1'");
}

#[test]
fn gentoo_has_a_shell_file() {
    let files = [
        ("/etc/gentoo-release", "Gentoo Base System release 2.17\n"),
        ("/etc/inittab", "c1:12345:respawn:/sbin/agetty 38400 tty1 linux\nl0:0:wait:/sbin/openrc shutdown\n"),
        ("/etc/conf.d/hostname", "hostname=\"old\"\n"),
        ("/etc/init.d/net.lo", "#!"),
    ];
    let tree = Tree::new(&files).with(NET).created();
    assert_eq!(
        tree.text("/etc/conf.d/net"),
        "# --- BEGIN PVE ---\nmodules=\"$modules ifconfig\"\nconfig_eth0=\"10.0.0.5/24\nauto\"\nroutes_eth0=\"default gw 10.0.0.1\"\n# --- END PVE ---\n"
    );
    assert_eq!(tree.text("/etc/init.d/net.eth0"), "-> net.lo");
    assert_eq!(tree.text("/etc/conf.d/hostname"), "hostname=\"web\"\n");
    assert_eq!(tree.text("/etc/hostname"), "");
    let broken = Tree::new(&files[..1]).with("");
    assert_eq!(broken.refused(), "error in setup task PVE::LXC::Setup::post_create_hook");
    assert_eq!(broken.said(), ["can't open '/etc/inittab' - No such file or directory"]);
}

#[test]
fn nixos_keeps_its_time_zone() {
    let files = [("/etc/os-release", "ID=nixos\n"), ("/usr/share/zoneinfo/Europe/Berlin", "TZif")];
    let tree = Tree::new(&files).with(&format!("{NET}timezone: Europe/Berlin\n")).created();
    assert_eq!((tree.text("/etc/localtime").as_str(), tree.text("/etc/hostname").as_str()), ("", "web\n"));
}

#[test]
fn what_nobody_knows_is_left_alone() {
    let tree = Tree::new(&[("/etc/machine-id", "0123\n"), ("/etc/ssh/x", "")]).with(NET).created();
    assert_eq!(tree.said()[0], "/etc/os-release file not found and autodetection failed, falling back to 'unmanaged'");
    assert_eq!((tree.text("/etc/machine-id").as_str(), tree.text("/etc/hostname").as_str()), ("0123\n", ""));
    assert_eq!(tree.found(), "unmanaged/amd64");
    let named = Tree::new(&[("/etc/os-release", "ID=plan9\n")]).with("");
    assert_eq!(named.refused(), "unable to detect OS distribution");
    assert_eq!(named.said(), ["unknown ID 'plan9' in /etc/os-release file, trying fallback detection"]);
    let unmanaged = Tree::new(&[("/etc/debian_version", "2\n")]).with("ostype: unmanaged\n").started();
    assert_eq!(unmanaged.said(), Vec::<String>::new());
}

#[test]
fn the_architecture_is_the_shells() {
    let elf = "\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x28\0";
    let arm = Tree::new(&[
        ("/etc/os-release", "ID=arch\n"),
        ("/usr/bin/dash", elf),
        ("/bin", "-> usr/bin"),
        ("/usr/bin/sh", "-> dash"),
    ]);
    assert_eq!(arm.found(), "archlinux/armhf");
    assert_eq!(arm.said(), ["Detected container architecture: armhf"]);
    let none = Tree::new(&[("/etc/os-release", "ID=arch\n")]);
    assert_eq!(none.found(), "archlinux/amd64");
    assert_eq!(
        none.said(),
        [
            "open '/bin/sh' failed: No such file or directory",
            "Architecture detection failed: error in setup task (eval)",
            "Falling back to amd64.",
            "Use `pct set VMID --arch ARCH` to change."
        ]
    );
}

#[test]
fn a_mistaken_ostype_is_told() {
    let tree = Tree::new(&[("/etc/debian_version", "13.1\n")]).with("ostype: ubuntu\n").started();
    assert_eq!(tree.said(), ["got unexpected ostype (debian != ubuntu)"]);
    assert_eq!(tree.found(), "debian/amd64");
}
