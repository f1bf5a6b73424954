//! Ubuntu, before and after it changed to systemd-networkd.

use crate::tree::Tree;

fn tree(version: &str, more: &[(&str, &str)]) -> Tree {
    let lsb = format!("DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE={version}\n");
    let files = [&[("/etc/lsb-release", lsb.as_str()), ("/etc/systemd/system/x", "")], more].concat();
    Tree::new(&files).with("net0: name=eth0,ip=10.0.0.5/32,gw=10.9.0.1,ip6=auto\n")
}

#[test]
fn networkd_is_configured_and_preset() {
    let tree = tree("24.04", &[("/etc/netplan/10-lxc.yaml", "network:\n")]).created();
    assert_eq!(
        tree.text("/etc/systemd/network/eth0.network"),
        "[Match]\nName = eth0\n\n[Network]\nDescription = Interface eth0 autoconfigured by PVE\nAddress = 10.0.0.5/32\n\
         Gateway = 10.9.0.1\nDHCP = no\nIPv6AcceptRA = true\n\n[Route]\nDestination = 10.9.0.1/32\nScope = link\n"
    );
    assert_eq!(tree.text("/etc/netplan/10-lxc.yaml"), "");
    assert!(tree.text("/etc/systemd/system-preset/00-pve.preset").ends_with("enable systemd-networkd.service\n"));
    assert_eq!(tree.text("/etc/network/interfaces"), "");
}

#[test]
fn before_presets_networkd_is_enabled_by_hand() {
    let tree = tree("22.04", &[]).created();
    let wants = "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service";
    assert_eq!(tree.text(wants), "-> /lib/systemd/system/systemd-networkd.service");
    assert_eq!(tree.text("/etc/systemd/system-preset/00-pve.preset"), "");
}

#[test]
fn old_ones_have_upstart_and_ifupdown() {
    let tree = tree("14.04", &[("/etc/init/tty3.conf", "old\n"), ("/etc/init/tty1.conf", "old\n")]).created();
    assert!(tree.text("/etc/init/tty1.conf").ends_with("respawn\nexec /sbin/getty -8 38400 tty1\n"));
    assert_eq!(tree.text("/etc/init/tty3.conf"), "");
    assert!(tree.text("/etc/network/interfaces").contains("\tpost-up ip route add 10.9.0.1 dev eth0\n"));
}

#[test]
fn versions_are_refused_or_warned_about() {
    assert_eq!(tree("13.10", &[]).refused(), "unsupported ancient Ubuntu version '13.10'");
    assert!(tree("31.04", &[]).started().said()[0].starts_with("WARN: The container's Ubuntu version '31.04' is not"));
}
