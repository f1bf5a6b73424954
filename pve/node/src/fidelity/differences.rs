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
        "shift the owners of what Proxmox writes",
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
];
