//! Identity of a guest outside its tree: its configuration on the node, and what others know of it.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::Reading;

pub(super) const ITEMS: &[Item] = &[
    Item::new("nic-mac", "NIC hardware address", &[36])
        .at(&["net*.hwaddr"])
        .collides(1, "two guests on one bridge receive each other's frames")
        .when_shared("the bridge sends each one's frames to whichever spoke last")
        .unique(Reading::Configuration)
        .configured()
        .must_be(),
    Item::new("configured-hostname", "configured hostname", &[206])
        .at(&["hostname"])
        .collides(2, "Proxmox writes it into the guest at every start")
        .when_shared("Proxmox writes one name into both, and DNS answers for whichever registered last")
        .unique(Reading::Configuration)
        .configured()
        .must_be(),
    Item::new("ip-address", "IP address", &[37])
        .at(&["net*.ip", "net*.ip6", "net*.gw"])
        .collides(1, "two guests answer for one address; a golden asks DHCP")
        .when_shared("connections reach whichever answers first")
        .unique(Reading::Configuration)
        .configured()
        .must_be()
        .by_owner("DHCP"),
    Item::new("container-uuid", "machine-id given from outside", &[3])
        .at(&["env", "lxc.environment"])
        .collides(1, "container_uuid in an archived env becomes every guest's machine-id")
        .configured()
        .forbidden(),
    Item::new("guest-environment", "environment and entry point", &[165, 211])
        .at(&["env", "entrypoint", "lxc.*"])
        .leaks(1, "secrets that any process reads, and settings that bind a guest to its node")
        .configured()
        .forbidden(),
    Item::new("vmid", "VMID", &[205])
        .at(&["vmid"])
        .collides(
            2,
            "monitoring, backups and firewall rules of an earlier tenant fit again; the ledger gives none twice",
        )
        .configured(),
    Item::new("guest-notes", "notes", &[207])
        .at(&["description"])
        .leaks(2, "notes often hold passwords, and a mark of one guest would name another")
        .configured(),
    Item::new("guest-tags", "tags", &[208])
        .at(&["tags"])
        .breaks(2, "a guest that is tagged as a golden is treated as one")
        .configured(),
    Item::new("start-settings", "start at boot, order, protection", &[209])
        .at(&["onboot", "startup", "protection"])
        .breaks(2, "a guest that cannot be destroyed, or starts in the wrong order")
        .configured(),
    Item::new("hook-script", "hook script", &[210])
        .at(&["hookscript"])
        .breaks(1, "a program that runs as root on the node")
        .configured()
        .forbidden(),
    Item::new("devices-and-mounts", "devices and mount points", &[212])
        .at(&["dev*", "mp*"])
        .breaks(1, "what belongs to the build guest's node")
        .configured()
        .forbidden(),
    Item::new("resolver-settings", "name servers, search domain, time zone", &[213])
        .at(&["nameserver", "searchdomain", "timezone"])
        .leaks(3, "settings of the build network")
        .configured(),
    Item::new("bridge-and-vlan", "bridge and VLAN", &[214])
        .at(&["net*.bridge", "net*.tag", "net*.trunks"])
        .breaks(2, "a customer's guest on the build network")
        .configured(),
    Item::new("address-registrations", "registrations of addresses and names", &[215])
        .collides(1, "a stale or missing lease in SDN's address management and DNS")
        .outside("they lie in the cluster's network services; provisioning sets the address, the node registers it"),
    Item::new("datacenter-memberships", "HA, replication, backup jobs, pools, permissions", &[216])
        .breaks(2, "a new guest inherits them by its pool or number")
        .outside("they are the cluster's configuration, not the guest's"),
    Item::new("backup-group", "backup group of the golden", &[217])
        .breaks(2, "pruning takes goldens by their VMID")
        .outside("it is a setting of the storage; releases are protected and pruned by Mintmark"),
    Item::new("firewall-file", "firewall file on the node", &[218])
        .at(&["pct.fw"])
        .leaks(2, "the build guest's rules applied to a customer")
        .configured()
        .forbidden(),
    Item::new("node-records", "graphs, task history, monitoring of the node", &[219])
        .leaks(4, "what an earlier guest with this number did")
        .outside("they are the node's records; a VMID that is never used twice keeps them apart"),
    Item::new("external-records", "records elsewhere", &[220])
        .collides(1, "DNS, DHCP reservations, inventories, VPNs, known_hosts, issued certificates, licence servers")
        .outside("they are other systems' records; a hook after verification and one before destruction serve them"),
];
