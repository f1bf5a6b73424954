//! The rows, a file a family.

mod accounts;
mod agents;
mod applications;
mod brokers;
mod containers;
mod core;
mod databases;
mod directory;
mod hypervisor;
mod logs;
mod management;
mod meshes;
mod monitoring;
mod network;
mod packages;
mod provisioning;
mod renewed;
mod secrets;
mod ssh;
mod tls;

use super::item::Item;

/// Rows that belong together.
#[derive(Debug)]
pub struct Family {
    /// The family's name.
    pub title: &'static str,
    /// Its rows.
    pub items: &'static [Item],
}

/// All rows, family by family.
pub const FAMILIES: &[Family] = &[
    Family { title: "Machine", items: core::ITEMS },
    Family { title: "Accounts", items: accounts::ITEMS },
    Family { title: "SSH", items: ssh::ITEMS },
    Family { title: "Network", items: network::ITEMS },
    Family { title: "First boot and provisioning", items: provisioning::ITEMS },
    Family { title: "Packages", items: packages::ITEMS },
    Family { title: "Logs, histories, caches", items: logs::ITEMS },
    Family { title: "TLS and keys", items: tls::ITEMS },
    Family { title: "Directories, mail names, disks", items: directory::ITEMS },
    Family { title: "Made anew at first boot", items: renewed::ITEMS },
    Family { title: "Containers", items: containers::ITEMS },
    Family { title: "Meshes and tunnels", items: meshes::ITEMS },
    Family { title: "Secrets", items: secrets::ITEMS },
    Family { title: "Configuration management", items: management::ITEMS },
    Family { title: "Monitoring", items: monitoring::ITEMS },
    Family { title: "Agents", items: agents::ITEMS },
    Family { title: "Databases and storage", items: databases::ITEMS },
    Family { title: "Brokers", items: brokers::ITEMS },
    Family { title: "Applications", items: applications::ITEMS },
    Family { title: "On the node and beyond", items: hypervisor::ITEMS },
];
