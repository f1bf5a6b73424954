//! The rows, a file a family.

mod containers;
mod core;
mod hypervisor;
mod logs;
mod network;
mod provisioning;
mod renewed;
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
    Family { title: "SSH", items: ssh::ITEMS },
    Family { title: "Network", items: network::ITEMS },
    Family { title: "First boot and provisioning", items: provisioning::ITEMS },
    Family { title: "Logs, histories, caches", items: logs::ITEMS },
    Family { title: "TLS", items: tls::ITEMS },
    Family { title: "Containers", items: containers::ITEMS },
    Family { title: "Made anew at first boot", items: renewed::ITEMS },
    Family { title: "On the node", items: hypervisor::ITEMS },
];
