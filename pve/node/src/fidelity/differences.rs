//! What is different, and why. A difference that somebody meets and that does not stand here is a mistake.

/// One difference from Proxmox VE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Where it is met.
    pub at: &'static str,
    /// What Proxmox VE does.
    pub proxmox: &'static str,
    /// What this node does.
    pub here: &'static str,
    /// Why.
    pub why: &'static str,
}

const fn difference(at: &'static str, proxmox: &'static str, here: &'static str, why: &'static str) -> Difference {
    Difference { at, proxmox, here, why }
}

/// All of them.
pub static DIFFERENCES: &[Difference] = &[
    difference(
        "mounts of a guest",
        "stand in the host's mount table, and stay there after a killed worker",
        "stand in a mount namespace that ends with the guest or the task",
        "after a crash there must be no loop device and no mount to clean; only `pct mount` mounts on the host",
    ),
    difference(
        "network",
        "bridges from /etc/network/interfaces, SDN zones, pve-firewall",
        "one bridge with DHCP, DNS and NAT by dnsmasq and iptables; `firewall=1` is stored and has no effect",
        "one machine without a network of its own; who needs other bridges makes them",
    ),
    difference(
        "cluster",
        "corosync and pmxcfs between machines",
        "several nodes in one process (`pve-node join`), on one machine and one bridge; no migration, no HA, no quorum to lose",
        "to try an agent against several nodes, their guests and their loss",
    ),
    difference(
        "storage types",
        "a dozen",
        "`dir` and `btrfs`; others are refused when they are made",
        "what a single disk can be",
    ),
    difference("virtual machines", "QEMU", "none", "Mintmark is about containers"),
    difference(
        "certificate",
        "signed by the cluster's own CA, renewed two weeks before its end",
        "signed by itself",
        "clients pin it, or take it as their CA",
    ),
    difference(
        "a resolver on the host's loopback",
        "is written into the guest as it is",
        "is replaced by the bridge's address",
        "a guest cannot ask the host's loopback; the bridge has DNS",
    ),
    difference(
        "`host-managed=1` with DHCP",
        "runs a DHCP client on the host for the guest",
        "warns (`DHCP failed - …`) and gives no address; static addresses work",
        "there is no such client here",
    ),
    difference(
        "a start that fails while the tree is set up",
        "tells of LXC's hook that failed",
        "tells the reason",
        "there is no hook process between",
    ),
    difference(
        "raw `lxc.idmap` lines",
        "shift the owners of what Proxmox unpacks and writes",
        "go to LXC, and the owners follow the node's one map",
        "one map a node",
    ),
    difference(
        "order of parameter errors, SSH key types, keys of JSON objects",
        "the order of a Perl hash, another each time",
        "sorted",
        "nobody can have come to depend on it",
    ),
    difference(
        "`pvesh help`, `usage --verbose`",
        "print descriptions of parameters",
        "print names, types and limits",
        "the table of the API has no prose",
    ),
    difference(
        "tickets and secrets",
        "tickets signed with RSA, the key changed daily; token secrets in plain text",
        "tickets sealed with HMAC-SHA-512, the key kept; token secrets as SHA-256, passwords as SHA-512 crypt",
        "tickets are opaque to clients; nothing that is stolen from a test machine should open another",
    ),
    difference(
        "realms and second factors",
        "pam, pve, LDAP, OpenID; TOTP, WebAuthn, recovery keys",
        "`pam` and `pve`, both with passwords of their own; no second factor",
        "the system's accounts are not touched",
    ),
    difference(
        "formats of the API",
        "json, extjs, html, png, gzip on request",
        "`json`, uncompressed (a task's log is gzip, as on Proxmox)",
        "what programs ask for",
    ),
    difference(
        "errors of the JSON parser",
        "those of Perl's parser",
        "the same words for the usual mistakes, the general ones for the others",
        "another parser",
    ),
    difference(
        "HA, replication, backup jobs, firewall",
        "served",
        "not served; `ha-managed=1` is refused, `purge` prints its line",
        "nothing here would carry them out",
    ),
    difference("network list", "interfaces of every kind", "bridges", "nothing else can be given to a guest"),
    difference(
        "VLAN tags",
        "VLAN-aware bridges, or a bridge per VLAN",
        "VLAN-aware bridges where the kernel filters; on others refused with Proxmox's text for a bridge without a physical interface",
        "the node's own bridge leads to no wire",
    ),
    difference(
        "`rate`",
        "limits both ways",
        "limits what the guest receives; what it sends, only where the kernel has classifiers",
        "tc's means on a test machine",
    ),
    difference(
        "a NIC plugged in live with `mtu`",
        "gets the bridge's",
        "gets the given one",
        "it is what the next start gives",
    ),
    difference(
        "memory and cpu limits",
        "cgroup v2",
        "where the machine has the controllers; usage is summed from the guest's processes",
        "test machines often have none",
    ),
    difference(
        "a guest that reboots from inside",
        "is started anew by Proxmox, waiting changes applied",
        "is started anew by LXC; waiting changes wait for the next stop or start through the API",
        "there is no hook process between",
    ),
    difference(
        "suspend and resume",
        "by CRIU, where that works",
        "fail as where it does not",
        "experimental on Proxmox itself",
    ),
    difference(
        "extraction limits",
        "`bwlimit` by cstream, clamped by storage and datacenter",
        "`bwlimit` by the worker's own pipe; no other limits",
        "one program less",
    ),
    difference("OpenVZ and OCI archives", "restored", "refused", "no longer or not yet what goldens are made of"),
    difference(
        "backups: mail, fleecing, performance",
        "sent, used",
        "no mail; the others have no effect, as for containers on Proxmox",
        "there is no mail server",
    ),
    difference(
        "`preallocation`, `format`, `nocow`, a storage's `bwlimit`",
        "change how volumes are made",
        "are stored, without effect",
        "disks are sparse raw files",
    ),
    difference("copying a volume (`POST content`)", "goes over ssh to the node itself", "copies", "the same outcome"),
    difference(
        "subvolumes as templates",
        "read-only by mode and attribute",
        "as they were",
        "with mode 0444 on its root a copy would be nobody's but root's",
    ),
    difference(
        "a linked clone's first mount",
        "waits for the multiple mount protection to time out",
        "starts at once: the copied mark is cleared",
        "it was the other guest's",
    ),
    difference(
        "online growth of a file system",
        "by resize2fs",
        "by resize2fs, where the machine grants CAP_SYS_RESOURCE; else the task ends OK and says that it failed, as Proxmox's does",
        "the machine decides",
    ),
    difference(
        "GNU tar and zstd",
        "1.35, 1.5.7",
        "the machine's",
        "some complaints about broken archives are worded otherwise",
    ),
    difference("faults on demand", "none", "with `serve --test-faults`", "that is what tests need"),
    difference("exit codes of the tools", "255, sometimes an errno", "255", "nobody can rely on the errno"),
];
