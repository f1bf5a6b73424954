//! CentOS and its rebuilds, Fedora.

use crate::tree::Tree;

const NET: &str = "hostname: web.b.test\nnet0: name=eth0,ip=10.0.0.5/24,gw=10.0.0.1,ip6=fd00::5/64,gw6=fd01::1\n";

fn without_id(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.to_lowercase().starts_with("uuid=")).collect()
}

#[test]
fn from_10_on_network_manager_is_configured() {
    let files = [
        ("/etc/os-release", "ID=\"rocky\"\n"),
        ("/etc/redhat-release", "Rocky Linux release 10.0 (Red Quartz)\n"),
        ("/etc/systemd/system/x", ""),
    ];
    let tree = Tree::new(&files).with(NET).created();
    let path = "/etc/NetworkManager/system-connections/eth0.nmconnection";
    assert_eq!(
        without_id(&tree.text(path)),
        "[connection]\nid=eth0\ntype=ethernet\ninterface-name=eth0\n[ipv4]\nmethod=manual\naddresses=10.0.0.5/24\n\
         gateway=10.0.0.1\ndns=10.0.0.53\ndns-search=a.test\n[ipv6]\nmethod=manual\naddress=fd00::5/64\nroutes=fd01::1\n"
    );
    assert_eq!(tree.mode(path), 0o600);
    assert_eq!(tree.text("/etc/hostname"), "web.b.test\n");
    assert_eq!(tree.text("/etc/locale.conf"), "LANG=C.utf8");
    assert_eq!(tree.text("/etc/systemd/system/sys-kernel-debug.mount"), "-> /dev/null");
    assert_eq!(tree.found(), "centos/amd64");
}

#[test]
fn before_10_there_are_network_scripts() {
    let files = [
        ("/etc/redhat-release", "CentOS Linux release 8.5.2111\n"),
        ("/etc/sysconfig/network", "NETWORKING=no\nHOSTNAME=old\n"),
        ("/etc/sysconfig/network-scripts/route6-eth0", "fd02::/64 dev eth0\n"),
        ("/etc/securetty", "console\n"),
    ];
    let tree = Tree::new(&[&files[..], &[("/etc/systemd/system/x", "")]].concat()).with(NET).created();
    assert_eq!(
        without_id(&tree.text("/etc/sysconfig/network-scripts/ifcfg-eth0")),
        "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.0.0.5\nNETMASK=255.255.255.0\nGATEWAY=10.0.0.1\nIPV6INIT=yes\n\
         IPV6ADDR=fd00::5/64\nIPV6_AUTOCONF=no\nDNS1=10.0.0.53\nDOMAIN=a.test\n"
    );
    assert_eq!(
        tree.text("/etc/sysconfig/network-scripts/route6-eth0"),
        "# --- BEGIN PVE ---\nfd01::1 dev eth0\ndefault via fd01::1 dev eth0\n# --- END PVE ---\nfd02::/64 dev eth0\n"
    );
    assert_eq!(tree.text("/etc/sysconfig/network"), "NETWORKING=yes\nHOSTNAME=web.b.test\nNETWORKING_IPV6=yes\n");
    assert_eq!(
        tree.text("/etc/securetty"),
        "console\nlxc/console\nlxc/tty1\nlxc/tty2\nlxc/tty3\nlxc/tty4\n",
        "a privileged guest's terminals are in a directory"
    );
}

#[test]
fn fedora_has_networkd() {
    let files = [("/etc/os-release", "ID=fedora\nVERSION_ID=42\n")];
    let tree = Tree::new(&files).with("net0: name=eth0,ip=dhcp\n").created();
    assert!(tree.text("/etc/systemd/network/eth0.network").ends_with("DHCP = ipv4\nIPv6AcceptRA = false\n"));
    assert!(tree.text("/etc/systemd/system-preset/00-pve.preset").contains("enable systemd-networkd.service\n"));
    let old = Tree::new(&[("/etc/os-release", "ID=fedora\nVERSION_ID=21\n")]).with("");
    assert_eq!(old.refused(), "unsupported Fedora release '21'");
}
