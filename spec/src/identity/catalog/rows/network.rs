//! Network: client identities, leases, hardware addresses in configurations.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Distro, Lines, Reading, Renewer, Rewrite};

pub(super) const ITEMS: &[Item] = &[
    Item::new("pve-ignore", "Proxmox ignore markers", &[8])
        .at(&["/etc/.pve-ignore.*", "/etc/network/.pve-ignore.*", "/etc/systemd/network/.pve-ignore.*"])
        .breaks(2, "Proxmox silently stops to rewrite hostname, hosts or network at start")
        .forbidden()
        .never(),
    Item::new("ipv6-stable-secret", "secret of stable IPv6 addresses", &[38])
        .at(&["/etc/sysctl.conf", "/etc/sysctl.d/*.conf"])
        .collides(2, "two guests compute one interface identifier")
        .drops(Lines::Keys(&["net.ipv6.conf.*.stable_secret", "net/ipv6/conf/*/stable_secret"]))
        .by(Renewer::Systemd),
    Item::new("dhcp-leases", "DHCP leases", &[39, 41, 42])
        .at(&[
            "/var/lib/dhcp/*",
            "/var/lib/dhclient/*",
            "/var/lib/NetworkManager/dhclient-*",
            "/var/lib/systemd/network/**",
            "/run/systemd/netif/**",
            "/var/lib/udhcpc/*",
        ])
        .collides(1, "one client identity in a lease (default-duid) means one address for two guests")
        .stop(&["networking.service", "systemd-networkd.service"])
        .by_owner("the DHCP client"),
    Item::new("dhcp-duid", "DHCP client identity", &[40])
        .at(&["/etc/dhcpcd.duid", "/var/lib/dhcpcd/duid"])
        .applies(&[Applies::Package("dhcpcd"), Applies::Family(Distro::Alpine)])
        .collides(1, "the DHCP server takes two guests for one client")
        .when_shared("the DHCP server takes them for one client and gives both one address")
        .unique(Reading::DhcpDuid)
        .stop(&["dhcpcd.service"])
        .by_owner("dhcpcd"),
    Item::new("dhcpcd-secret", "secret of dhcpcd's stable addresses", &[38])
        .at(&["/etc/dhcpcd.secret", "/var/lib/dhcpcd/secret"])
        .applies(&[Applies::Package("dhcpcd"), Applies::Family(Distro::Alpine)])
        .collides(2, "two guests compute one interface identifier")
        .unique_file()
        .stop(&["dhcpcd.service"])
        .by_owner("dhcpcd"),
    Item::new("dhcpcd-leases", "dhcpcd leases", &[40])
        .at(&["/var/lib/dhcpcd/*.lease*", "/var/lib/dhcpcd/rdm_monotonic", "/var/lib/dhcpcd5/*"])
        .leaks(3, "addresses of the build network")
        .by_owner("dhcpcd"),
    Item::new("networkd-duid", "DUID written into networkd's configuration", &[41])
        .at(&["/etc/systemd/networkd.conf", "/etc/systemd/networkd.conf.d/*.conf"])
        .collides(1, "a DUID that is written down does not follow the machine-id")
        .drops(Lines::Keys(&["DUIDRawData"]))
        .by(Renewer::Systemd),
    Item::new("networkd-macs", "hardware addresses in networkd's configuration", &[48])
        .at(&["/etc/systemd/network/*.link", "/etc/systemd/network/*.network", "/etc/systemd/network/*.netdev"])
        .breaks(1, "a match by the golden's MAC fits no guest; a MAC that is set here wins over the node's")
        .drops(Lines::Keys(&["MACAddress", "PermanentMACAddress", "DUIDRawData"]))
        .by(Renewer::Proxmox),
    Item::new("networkmanager-secret", "NetworkManager secret key", &[43])
        .at(&["/var/lib/NetworkManager/secret_key"])
        .applies(&[Applies::Package("network-manager"), Applies::Family(Distro::RedHat)])
        .collides(1, "stable addresses and DHCP ids of two guests become equal")
        .unique_file()
        .stop(&["NetworkManager.service"])
        .by_owner("NetworkManager"),
    Item::new("networkmanager-state", "NetworkManager state", &[44])
        .at(&[
            "/var/lib/NetworkManager/*.lease",
            "/var/lib/NetworkManager/timestamps",
            "/var/lib/NetworkManager/seen-bssids",
            "/var/lib/NetworkManager/NetworkManager-intern.conf",
            "/var/lib/NetworkManager/NetworkManager.state",
        ])
        .leaks(3, "addresses and networks of the build site")
        .stop(&["NetworkManager.service"])
        .by_owner("NetworkManager"),
    Item::new("networkmanager-profiles", "ids in NetworkManager's profiles", &[45])
        .at(&["/etc/NetworkManager/system-connections/*"])
        .collides(2, "one connection id and a hardware address of the build guest")
        .drops(Lines::Keys(&["uuid", "mac-address", "cloned-mac-address"]))
        .by_owner("NetworkManager"),
    Item::new("network-passwords", "passwords of networks", &[45])
        .at(&["/etc/NetworkManager/system-connections/*", "/etc/wpa_supplicant/*.conf", "/etc/netplan/*.yaml"])
        .leaks(1, "the build site's network keys")
        .forbids(Lines::SetKeys(&["psk", "wep-key*", "password", "private-key-password"])),
    Item::new("ifcfg-ids", "HWADDR and UUID in ifcfg files", &[46])
        .at(&["/etc/sysconfig/network-scripts/ifcfg-*"])
        .breaks(2, "the interface is not configured where its MAC is another")
        .drops(Lines::Keys(&["HWADDR", "UUID", "MACADDR", "DHCP_CLIENT_ID"]))
        .by(Renewer::Proxmox),
    Item::new("netplan-macs", "hardware addresses in netplan", &[47])
        .at(&["/etc/netplan/*.yaml"])
        .applies(&[Applies::Family(Distro::Ubuntu)])
        .breaks(1, "no network once the MAC is another")
        .drops(Lines::Keys(&["macaddress", "set-name"]))
        .by(Renewer::Proxmox),
    Item::new("interfaces-macs", "hardware addresses in /etc/network", &[42, 49])
        .at(&["/etc/network/interfaces", "/etc/network/interfaces.d/*"])
        .collides(1, "a hardware address or DHCP client id that is written down wins over the node's")
        .drops(Lines::Keys(&["hwaddress", "client", "clientid"]))
        .by(Renewer::Proxmox),
    Item::new("interfaces-static", "static addresses in /etc/network", &[49])
        .at(&["/etc/network/interfaces", "/etc/network/interfaces.d/*"])
        .collides(2, "an address of the build network; Proxmox rewrites only its own stanzas")
        .read_as(Reading::Lines(Lines::Keys(&["address", "gateway"])))
        .reported(),
    Item::new("interfaces-copies", "copies of the interfaces file", &[49])
        .at(&["/etc/network/interfaces.new", "/etc/network/interfaces.bak", "/etc/network/interfaces.old"])
        .leaks(4, "addresses of the build network"),
    Item::new("persistent-net-rules", "persistent device names", &[50])
        .at(&[
            "/etc/udev/rules.d/70-persistent-net.rules",
            "/etc/udev/rules.d/70-persistent-cd.rules",
            "/etc/udev/rules.d/75-persistent-net-generator.rules",
            "/etc/udev/rules.d/75-cd-aliases-generator.rules",
        ])
        .applies(&[Applies::Converted])
        .breaks(2, "names are bound to the golden's MAC address")
        .never(),
    Item::new("resolver", "resolv.conf", &[51])
        .at(&["/etc/resolv.conf"])
        .leaks(3, "name servers and search domain of the build network")
        .rewritten(Rewrite::Emptied)
        .by(Renewer::Proxmox),
    Item::new("resolvconf-state", "resolvconf state", &[52])
        .at(&["/etc/resolvconf/resolv.conf.d/original", "/run/resolvconf/**"])
        .leaks(4, "name servers of the build network")
        .by_owner("resolvconf"),
    Item::new("guest-firewall", "firewall inside the guest", &[53])
        .at(&[
            "/etc/iptables/*",
            "/etc/nftables.conf",
            "/etc/ufw/*.rules",
            "/var/lib/ufw/**",
            "/etc/firewalld/zones/*",
            "/etc/firewalld/direct.xml",
        ])
        .leaks(3, "rules that name addresses of the build network")
        .reported(),
    Item::new("avahi-name", "avahi's host name", &[55])
        .collides(3, "two guests announce one name and both get another")
        .derived("hostname", "avahi takes it from the hostname when it starts"),
    Item::new("avahi-services", "avahi's static services", &[55])
        .at(&["/etc/avahi/services/*"])
        .leaks(4, "what every guest announces")
        .reported(),
    Item::new("snmp-engine", "SNMP engine id and users", &[56])
        .at(&["/var/lib/snmp/*.conf", "/var/lib/net-snmp/*.conf"])
        .applies(&[Applies::Package("snmpd"), Applies::Package("net-snmp")])
        .collides(2, "SNMPv3 replay windows are kept per engine id, and users' keys are localised to it")
        .when_shared(
            "a manager drops the messages of one as replays of the other, and users' keys of one fit the other",
        )
        .unique_file()
        .stays_in_clones()
        .stop(&["snmpd.service", "snmptrapd.service"])
        .by_owner("snmpd; users by net-snmp-create-v3-user")
        .live("snmpd"),
    Item::new("router-ids", "router and VRRP ids", &[57])
        .at(&[
            "/etc/keepalived/keepalived.conf",
            "/etc/frr/*.conf",
            "/etc/bird/*.conf",
            "/etc/bird.conf",
            "/etc/bird6.conf",
        ])
        .collides(1, "two routers with one id tear each other's sessions down")
        .forbids(Lines::Keys(&[
            "router_id",
            "virtual_router_id",
            "router id",
            "router-id",
            "bgp router-id",
            "ospf router-id",
            "ospf6 router-id",
        ])),
    Item::new("proxy-settings", "proxies of the build site", &[58])
        .at(&[
            "/etc/environment",
            "/etc/apt/apt.conf",
            "/etc/apt/apt.conf.d/*",
            "/etc/dnf/dnf.conf",
            "/etc/yum.conf",
            "/etc/profile.d/*",
            "/etc/systemd/system/*.service.d/*.conf",
            "/etc/systemd/system.conf.d/*.conf",
            "/etc/wgetrc",
            "/etc/gitconfig",
            "/etc/pip.conf",
            "~/.gitconfig",
            "~/.wgetrc",
            "~/.curlrc",
            "~/.config/pip/pip.conf",
        ])
        .leaks(3, "guests reach the internet through a machine of the build site, or not at all")
        .drops(Lines::Keys(&[
            "http_proxy",
            "https_proxy",
            "ftp_proxy",
            "all_proxy",
            "no_proxy",
            "proxy",
            "Acquire::http::Proxy",
            "Acquire::https::Proxy",
            "Acquire::ftp::Proxy",
        ])),
    Item::new("added-ca-certificates", "added certificate authorities", &[59])
        .at(&[
            "/usr/local/share/ca-certificates/**/*.crt",
            "/etc/pki/ca-trust/source/anchors/*",
            "/etc/ca-certificates/trust-source/anchors/*",
        ])
        .leaks(2, "an authority of the build site that every customer trusts; keep it by name where it is meant")
        .forbidden(),
];
