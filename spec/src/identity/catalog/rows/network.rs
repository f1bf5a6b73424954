//! Network: leases, client identities, markers.

use crate::identity::catalog::item::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::new("dhcp-leases", "DHCP leases", &[39, 41, 42, 44])
        .at(&[
            "/var/lib/dhcp/*",
            "/var/lib/dhclient/*",
            "/var/lib/NetworkManager/*.lease",
            "/var/lib/NetworkManager/dhclient-*",
            "/var/lib/systemd/network/**",
            "/var/lib/udhcpc/*",
        ])
        .collides(1, "one client identity in a lease means one address for two guests")
        .by_owner("the DHCP client"),
    Item::new("dhcp-duid", "DHCP client identity", &[40])
        .at(&["/etc/dhcpcd.duid", "/var/lib/dhcpcd/duid", "/var/lib/dhcpcd/secret"])
        .collides(1, "the DHCP server takes two guests for one client")
        .unique_file()
        .by_owner("dhcpcd"),
    Item::new("dhcpcd-leases", "dhcpcd leases", &[40])
        .at(&["/var/lib/dhcpcd/*.lease", "/var/lib/dhcpcd/*.lease6"])
        .leaks(3, "addresses of the build network")
        .by_owner("dhcpcd"),
    Item::new("networkmanager-secret", "NetworkManager secret key", &[43])
        .at(&["/var/lib/NetworkManager/secret_key"])
        .collides(1, "stable addresses and DHCP ids of two guests become equal")
        .unique_file()
        .by_owner("NetworkManager"),
    Item::new("persistent-net-rules", "persistent interface names", &[50])
        .at(&["/etc/udev/rules.d/70-persistent-net.rules", "/etc/udev/rules.d/75-persistent-net-generator.rules"])
        .breaks(2, "names are bound to the golden's MAC address")
        .never(),
    Item::new("pve-ignore", "Proxmox ignore markers", &[8])
        .at(&["/etc/.pve-ignore.*", "/etc/network/.pve-ignore.*", "/etc/systemd/network/.pve-ignore.*"])
        .breaks(2, "Proxmox silently stops to rewrite hostname, hosts or network at start")
        .forbidden()
        .never(),
];
