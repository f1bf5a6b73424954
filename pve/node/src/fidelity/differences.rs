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
];
